"""
Words to answer with: small talk, sums, a few facts, and an honest rest.

Knows sentences only; refuses tools, tokens and formats. The same question and
variant always give the same words.
"""

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction

LONGEST_QUOTE = 160
LARGEST_POWER = 64
LARGEST_BITS = 4_096
COUNT_LIMIT = 200

_SUM = re.compile(r"[\d.(][\d\s.+\-*/\u00d7x÷^()]*[\d)]")
_GREETING = re.compile(r"^\s*(hi|hello|hey|good (?:morning|evening|day))\b", re.IGNORECASE)
_SAY = re.compile(
    r"\b(?:say|repeat|reply with|answer with|echo)(?: exactly| only)?[: ]+[\"“']?(.+?)[\"”']?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_COUNT = re.compile(r"\bcount (?:from 1 )?(?:up )?to (\d{1,3})\b", re.IGNORECASE)
_FACTS: tuple[tuple[str, str], ...] = (
    (r"capital of france", "The capital of France is Paris."),
    (r"capital of japan", "The capital of Japan is Tokyo."),
    (r"capital of germany", "The capital of Germany is Berlin."),
    (r"\briver\b", "The Danube."),
    (r"\bprimary colou?rs\b", "Red, yellow and blue."),
    (r"\bhaiku\b", "Tokens fall like rain,\na prefix seen once before:\nthe cache remembers."),
    (r"\bjoke\b", "Why did the token cross the context? To get to the other prompt."),
    (r"who are you|your name", "I am the small engine of a local Tensormesh host."),
    (r"prefix cach", "A prefix cache keeps what was computed for the beginning of a prompt, for the next one."),
)
_OPENINGS = (
    "You asked: “{q}”. A local host answers from a few rules, so take this as a stand-in for what a model would say.",
    "About “{q}”: this is a deterministic answer from the local host. The same question gives the same words again.",
    "Here is a local answer to “{q}”. It is made of fixed sentences, and its token counts are real.",
    "“{q}” is a good question. A real deployment has a model to answer it; here a small engine keeps you company.",
)
_CONTINUATIONS: tuple[tuple[str, str], ...] = (
    ("roses are", " red, violets are blue, sugar is sweet, and so are you."),
    ("once upon a time", " there was a small engine that answered every prompt the same way."),
    ("one,", " two, three, four, five, six, seven, eight, nine, ten."),
    ("uno,", " dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez."),
    ("the capital of france is", " Paris, a city on the river Seine."),
)
_STORY = (
    " This is where a local host goes on with your text. It has no weights, but it counts honestly and always stops.",
    " And so the text goes on, one token after the other, until the limit or the end of this sentence is reached.",
    " What follows is the same on every run, which makes it a poor novelist and a good test.",
)

_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def _evaluated(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Fraction(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluated(node.operand)
    if isinstance(node, ast.BinOp):
        left, right = _evaluated(node.left), _evaluated(node.right)
        if isinstance(node.op, ast.Pow) and right.denominator == 1 and abs(right) <= LARGEST_POWER:
            size = max(left.numerator.bit_length(), left.denominator.bit_length())
            if size * abs(right) <= LARGEST_BITS:
                return Fraction(left ** int(right))
        if type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](left, right)
    raise ValueError("not a sum")


def _sum(text: str) -> str | None:
    """Work out the first sum in a text, if there is one."""
    for match in _SUM.finditer(text):
        shown = match.group().strip()
        written = shown.replace("\u00d7", "*").replace("x", "*").replace("÷", "/").replace("^", "**")
        if not re.search(r"\d\s*[+\-*/]", written) or re.fullmatch(r"[\d-]+", written):
            continue
        try:
            value = _evaluated(ast.parse(written, mode="eval").body)
        except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, OverflowError):
            continue
        result = value.numerator if value.denominator == 1 else float(value)
        return f"{shown} = {result}."
    return None


def _known(question: str) -> str | None:
    found = _SAY.search(question)
    if found:
        return found.group(1)
    counted = _COUNT.search(question)
    if counted:
        last = min(int(counted.group(1)), COUNT_LIMIT)
        return ", ".join(str(number) for number in range(1, last + 1)) + "."
    result = _sum(question)
    if result is not None:
        return result
    lowered = question.lower()
    for pattern, answer in _FACTS:
        if re.search(pattern, lowered):
            return answer
    if _GREETING.match(question):
        return "Hello! This is your local Tensormesh host. What shall we try?"
    return None


def quoted(question: str) -> str:
    """Shorten a question to one line that can be repeated."""
    line = " ".join(question.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1].rstrip() + "…"


def reply(question: str, variant: int = 0) -> str:
    """Answer a question; every variant of it reads differently."""
    known = _known(question)
    if known is not None:
        return known if variant == 0 else f"{known} (Said another way, no. {variant + 1}.)"
    text = _OPENINGS[variant % len(_OPENINGS)].format(q=quoted(question) or "nothing")
    again = variant // len(_OPENINGS)
    return text if again == 0 else f"{text} (Version {again + 1}.)"


def with_results(question: str, results: tuple[str, ...]) -> str:
    """Answer a question from what the tools said."""
    said = "; ".join(quoted(result) for result in results)
    return f"You asked: “{quoted(question)}”. According to the tool: {said}"


def continuation(prompt: str, variant: int = 0) -> str:
    """Go on with a text."""
    ending = prompt.rstrip().lower()
    for opening, rest in _CONTINUATIONS:
        if ending.endswith(opening):
            return rest if variant == 0 else f"{rest} ({variant + 1})"
    text = _STORY[variant % len(_STORY)]
    again = variant // len(_STORY)
    return text if again == 0 else f"{text} ({again + 1})"


def thought(question: str, *, calling: bool, effort: str | None) -> str:
    """Think aloud before an answer."""
    lines = [f"The user says: “{quoted(question)}”."]
    if effort not in ("minimal", "low"):
        lines.append("A tool fits, so I will call it." if calling else "I will answer shortly.")
    if effort in ("high", "xhigh", "max"):
        lines.append("Let me check this once more before I answer. Yes, it holds.")
    return "\n" + " ".join(lines) + "\n"
