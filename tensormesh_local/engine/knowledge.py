"""
The little that the built-in engine knows, as data.

Knows patterns of questions and what to say to them; refuses to choose.
`{topic}` stands for what a pattern has caught.
"""

import re

CAPITALS = {
    "argentina": "Buenos Aires", "australia": "Canberra", "austria": "Vienna", "brazil": "Brasília",
    "canada": "Ottawa", "china": "Beijing", "denmark": "Copenhagen", "egypt": "Cairo", "finland": "Helsinki",
    "france": "Paris", "germany": "Berlin", "greece": "Athens", "india": "New Delhi", "ireland": "Dublin",
    "italy": "Rome", "japan": "Tokyo", "kenya": "Nairobi", "mexico": "Mexico City", "norway": "Oslo",
    "poland": "Warsaw", "portugal": "Lisbon", "spain": "Madrid", "sweden": "Stockholm", "switzerland": "Bern",
    "the united states": "Washington, D.C.",
}  # fmt: skip

PREFIX_CACHE = (
    "Most prompts begin like an earlier one: the same instructions, the same documents, or the same conversation one "
    "turn later. A prefix cache keeps what was computed for that beginning, so only the rest is computed anew. The "
    "first token comes sooner, and cached tokens cost little or nothing."
)
KV_CACHE = (
    "A key-value cache keeps the attention keys and values of every token so far, so that the next token does not "
    "have to compute them again."
)
LANGUAGE_MODEL = "A large language model continues a text token by token, each time from what it has read before."
TENSORMESH = (
    "Tensormesh serves language models over an OpenAI-compatible API and keeps the key-value caches of their prompts, "
    "so that a beginning seen before is not computed twice."
)
MYSELF = "I am the engine inside a local Tensormesh host: no weights, a few rules, and honest token counts."
HAIKU = "Tokens fall like rain,\na prefix seen once before:\nthe cache remembers."
JOKE = "Why did the token cross the context? To get to the other prompt."
POEM = (
    "I was asked for a poem on {topic},\nand I have no more than a line or two;\nbut every word of it is counted "
    "right,\nand tomorrow it will read the same to you."
)
A_STORY = (
    "Once there was a story about {topic}. Nobody had told it yet, so it waited in a quiet place. One day somebody "
    "asked for it, it began with the usual words, and before it grew too long it came to an end."
)
PROGRAM = """Here is a place to start:

```python
def main() -> None:
    print("Hello from a local host")


main()
```"""
GREETING = "Hello! This is your local Tensormesh host. What shall we try?"

_ABOUT = r"(?:.*?\babout (?P<topic>[^.?!\n]+))?"
_HELLO = r"(?:hi|hello|hey|good (?:morning|evening|day))"

ANSWERS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), answer)
    for pattern, answer in (
        (r"\bprefix cach", PREFIX_CACHE),
        (r"\bwhat is (?:a |the )?(?:kv|key-value) cache", KV_CACHE),
        (r"\bwhat is an? (?:llm|large language model)\b", LANGUAGE_MODEL),
        (r"\bwhat is tensormesh\b", TENSORMESH),
        (r"\b(?:who|what) are you\b|\byour name\b", MYSELF),
        (r"\bhaiku\b", HAIKU),
        (r"\bjoke\b", JOKE),
        (r"\bpoem\b" + _ABOUT, POEM),
        (r"\bstory\b" + _ABOUT, A_STORY),
        # Only the first of the verbs is tried: what does not come after it, comes after no other.
        (r"\A(?>.*?\b(?:write|show|give)\b).*\b(?:function|script|program|code)\b", PROGRAM),
        (r"\briver\b", "The Danube."),
        (r"\bprimary colou?rs\b", "Red, yellow and blue."),
        (r"\bplanets\b", "Mercury, Venus, Earth, Mars, Jupiter, Saturn, Uranus and Neptune."),
        (r"\bseasons\b", "Spring, summer, autumn and winter."),
        (r"^\s*(?:thanks|thank you)\b[^?]*$", "You are welcome."),
        (rf"^\s*{_HELLO}(?: (?:there|all|again|world))?[\s.!,]*$", GREETING),
    )
)
DEFAULT_TOPIC = "something small"

# What is said to everything else, {asked} being the question in quotation marks.
OTHERWISE = (
    "You asked: {asked} A local host answers from a few rules, so take this as a stand-in for what a model would say.",
    "You wrote: {asked} There is no model behind this host, so the same words always get this same answer.",
    "Here is a local answer to {asked} It is made of fixed sentences, and its token counts are real.",
    "A model would have more to say to {asked} This sentence stands in for it, and will be the same next time.",
)
NOTHING_ASKED = "You have not asked anything yet. What would you like to know?"

# The same answer in other words, for a second choice.
VARIANTS = ("{answer}", "In short: {answer}", "As far as I know: {answer}", "Once more: {answer}")

CONTINUATIONS: tuple[tuple[str, str], ...] = (
    ("roses are", " red, violets are blue, sugar is sweet, and so are you."),
    ("once upon a time", " there was a small engine that answered every prompt the same way."),
    ("one,", " two, three, four, five, six, seven, eight, nine, ten."),
    ("uno,", " dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez."),
    ("the capital of france is", " Paris, a city on the river Seine."),
    ("the quick brown fox", " jumps over the lazy dog, and the dog does not mind."),
    ("dear sir,", "\n\nThank you for your letter. We shall answer it as soon as there is somebody to read it."),
)
STORY = (
    " This is where a local host goes on with your text. It has no weights, but it counts honestly and always stops.",
    " And so the text goes on, one token after the other, until the limit or the end of this sentence is reached.",
    " What goes on from here is the same on every run, which makes it a poor novel and a good test.",
)
