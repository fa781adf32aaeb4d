"""
Differences in words.

Knows what a moving part looks like (a date, a time, an id) and how to say what
it costs, but not where the prompts came from.
"""

import re
from dataclasses import dataclass

from tensormesh_local.lens.difference import Difference
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
        cached: tokens that can be cached with what moves.
        free: tokens that would have been cached without it.
        words: what moves, and what that costs, as sentences.
    """

    cached: int
    free: int
    words: str


def finding(later: Prompt, earlier: Prompt, differs: Difference, cache: Cache, name: str) -> Finding:
    """
    Say how a prompt differs from one that came before it.

    Args:
        name: what the earlier one is called: "request 12".
    """
    length = len(later)
    able, free = cache.cached(differs.at, length), cache.cached(differs.without, length)
    share = f"{able:,} of {length:,} tokens can come from the cache."
    if differs.turn is None:
        return Finding(able, free, f"{_whole(later, earlier, differs.at, name)}: {share}")
    here, there = later.text(*differs.here), earlier.text(*differs.there)
    pair = f"here “{shortened(here)}”, in {name} “{shortened(there)}”"
    if not cache.is_worth(free - able):
        place = f"in {differs.turn.label} at token {differs.at:,}"
        return Finding(able, free, f"It parts from {name} {place}: {pair}. {share}")
    what, place = kind(here, there), f"in {differs.turn.label} at token {differs.here.start:,}"
    words = (
        f"{what[0].upper()}{what[1:]} {place}: {pair}. Without it {free:,} of {length:,} tokens were free; with it"
        f" {able:,} can be. It belongs at the end of the prompt."
    )
    return Finding(able, free, words)


def _whole(later: Prompt, earlier: Prompt, at: int, name: str) -> str:
    """Say which of two prompts is the beginning of the other."""
    if len(later) == len(earlier) == at:
        return f"The same prompt as {name}"
    return f"It goes on where {name} ended" if at == len(earlier) else f"It is how {name} begins"
