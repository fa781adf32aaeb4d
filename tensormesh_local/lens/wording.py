"""
Differences in words.

Knows what a moving part looks like (a date, a time, an id) and how to say what
it costs, but not where the prompts came from.
"""

import re
from dataclasses import dataclass

from tensormesh_local.lens.difference import Difference
from tensormesh_local.lens.moving import worth_moving
from tensormesh_local.lens.prompt import Prompt
from tensormesh_local.lens.sharing import Cache

SHOWN = 60
_DATE = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
_MONTH = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?\.? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
    r"(?: \d{1,2}(?:st|nd|rd|th)?,?)?(?: \d{4})?"
)
_TIME = r"\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?(?: ?[AaPp][Mm])?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
_KINDS = (
    ("a time", re.compile(_TIME)),
    ("a date", re.compile(rf"{_DATE}|{_MONTH}")),
    ("a date and time", re.compile(rf"(?:{_DATE}|{_MONTH}),?(?: at)?[ T]{_TIME}")),
    ("an id", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("a number", re.compile(r"[-+$€£#]?\d[\d.,_]*%?")),
    ("an id", re.compile(r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z_-])[\w.:/+=-]{6,}")),
    ("a word", re.compile(r"\S+")),
)
_AROUND = " \t\r\n.,;:!?'\"()[]{}<>*`"


def kind(*texts: str) -> str:
    """Say what some texts all are: "a date", "an id", "a text"."""
    bare = [text.strip(_AROUND) for text in texts]
    found = [name for name, pattern in _KINDS if all(pattern.fullmatch(text) for text in bare)]
    if found:
        return found[0]
    # One of them may be left out, and a label may stand before each.
    told = [text.split(": ")[-1].strip(_AROUND) for text in bare if text]
    return next((name for name, pattern in _KINDS if told and all(pattern.fullmatch(text) for text in told)), "a text")


def shortened(text: str) -> str:
    """A text on one line, its middle left out where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN // 2]} … {line[-SHOWN // 2 + 3 :]}"


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What keeps a prompt from being cached further.

    Args:
        kind: what moves: "a date"; empty where nothing does.
        place: in which part of the prompt: "the system prompt".
        at: how many tokens stand before it.
        here: how it reads in this prompt.
        there: how it read in the earlier one.
        free: tokens that would have been cached without it.
        cached: tokens that can be cached with it.
        length: tokens of the prompt.
        words: all that as sentences.
    """

    kind: str
    place: str
    at: int
    here: str
    there: str
    free: int
    cached: int
    length: int
    words: str


def finding(later: Prompt, earlier: Prompt, differs: Difference, cache: Cache, name: str) -> Finding:
    """
    Say how a prompt differs from one that came before it.

    Args:
        name: what the earlier one is called: "request 12".
    """
    length, able = len(later), cache.cached(differs.at, len(later))
    free = cache.cached(differs.without, length)
    place = "" if differs.turn is None else differs.turn.label
    here, there = later.text(*differs.here), earlier.text(*differs.there)
    what = "" if differs.turn is None else kind(here, there)
    words = _words(later, earlier, differs, cache, name)
    return Finding(what, place, differs.at, here, there, free, able, length, words)


def _words(later: Prompt, earlier: Prompt, differs: Difference, cache: Cache, name: str) -> str:
    length, able = len(later), cache.cached(differs.at, len(later))
    share = f"{able:,} of {length:,} tokens can come from the cache."
    if differs.turn is None:
        if length == len(earlier) == differs.at:
            return f"The same prompt as {name}: {share}"
        if differs.at == len(earlier):
            return f"It goes on where {name} ended: {share}"
        return f"It is how {name} begins: {share}"
    here, there = later.text(*differs.here), earlier.text(*differs.there)
    pair = f"here “{shortened(here)}”, in {name} “{shortened(there)}”"
    place = f"in {differs.turn.label} at token {differs.at:,}"
    if worth_moving(differs, later, cache):
        free = cache.cached(differs.without, length)
        what = kind(here, there)
        place = f"in {differs.turn.label} at token {differs.here.start:,}"
        return (
            f"{what[0].upper()}{what[1:]} {place}: {pair}. Without it {free:,} of {length:,} tokens were free; with"
            f" it {able:,} can be. It belongs at the end of the prompt."
        )
    return f"It parts from {name} {place}: {pair}. {share}"
