"""
Where two prompts part, and what they would share if that were not there.

Knows one moving part: it begins where they part, and ends where they meet
again, within the same turn. Words are left whole, so that of two times of day
it is the time that moves, and not its last digit.
"""

from dataclasses import dataclass
from typing import NamedTuple

from tensormesh_local.lens.prompt import WIDTH, Prompt, Turn, common, common_end

# So many tokens that both have in a row are no chance.
MEETING = 8
# Within so many tokens they meet again, or at the end of the turn.
_LONGEST_PART = 1_024
# A word longer than this is none.
_LONGEST_WORD = 64


class Span(NamedTuple):
    """Some tokens of a prompt: from one, up to another."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Difference:
    """
    How a prompt differs from one that came before it.

    Args:
        at: how many tokens both begin with.
        turn: in which part of the later prompt they part; None where one of them ends there.
        here: what moves in the later prompt.
        there: what stands in its place in the earlier one.
        without: how many tokens both would begin with if that were not there.
    """

    at: int
    turn: Turn | None
    here: Span
    there: Span
    without: int


def difference(later: Prompt, earlier: Prompt, at: int | None = None, *, meeting: int = MEETING) -> Difference:
    """
    Compare a prompt with one that came before it.

    Args:
        at: how many tokens both begin with, where that is known.
        meeting: how many tokens in a row both have where they meet again.
    """
    if at is None:
        at = common(later.key, earlier.key)
    if at in (len(later), len(earlier)):
        return Difference(at, None, Span(at, at), Span(at, at), at)
    turn, other = later.turn(at), earlier.turn(at)
    one_end, other_end = (at + n for n in _meet(_cut(later, at, turn.end), _cut(earlier, at, other.end), meeting))
    start = at - _word_begun(later, turn.start, at)
    more = _word_ended(later, one_end, min(turn.end, one_end + other.end - other_end))
    here, there = Span(start, one_end + more), Span(start, other_end + more)
    rest = common(_cut(later, here.end, len(later)), _cut(earlier, there.end, len(earlier)))
    return Difference(at, turn, here, there, start + rest)


def meets(prompt: Prompt, start: int, like: Prompt, at: int) -> int | None:
    """Find where a prompt has, in the turn of `start`, what another has there at `at`; None where it has not."""
    turn, other = prompt.turn(start), like.turn(start)
    wanted = _cut(like, at, min(at + MEETING, other.end))
    rest = _cut(prompt, start, turn.end)
    if len(wanted) < MEETING * WIDTH:
        return turn.end - len(wanted) // WIDTH if rest.endswith(wanted) else None
    found = rest.find(wanted)
    while found > 0 and found % WIDTH:
        found = rest.find(wanted, found + 1)
    return None if found < 0 else start + found // WIDTH


def _meet(one: bytes, other: bytes, meeting: int) -> tuple[int, int]:
    """How many tokens stand in each before both go on alike: of one as few as can be, then of the other."""
    size, window = meeting * WIDTH, (_LONGEST_PART + meeting) * WIDTH
    first: dict[bytes, int] = {}
    for place in range(min(len(other), window) - size, -1, -WIDTH):
        first[other[place : place + size]] = place
    for place in range(0, min(len(one), window) - size + 1, WIDTH):
        if (found := first.get(one[place : place + size])) is not None:
            break
    else:
        same = common_end(one, other) * WIDTH
        place, found = len(one) - same, len(other) - same
    return place // WIDTH, found // WIDTH


def _cut(prompt: Prompt, start: int, end: int) -> bytes:
    return prompt.key[start * WIDTH : end * WIDTH]


def _word_begun(prompt: Prompt, start: int, at: int) -> int:
    """How many tokens before one belong to the same word."""
    texts = prompt.texts(max(start, at - _LONGEST_WORD), at + 1)
    for back in range(len(texts)):
        if _begins(texts[-1 - back]) or back == len(texts) - 1 or _ends(texts[-2 - back]):
            return back if back < _LONGEST_WORD else 0
    return 0


def _word_ended(prompt: Prompt, at: int, end: int) -> int:
    """How many tokens from one on belong to the word that began before it."""
    texts = prompt.texts(at - 1, min(end, at + _LONGEST_WORD)) if at else ()
    for more, text in enumerate(texts[1:]):
        if _begins(text) or _ends(texts[more]):
            return more
    return 0


def _begins(text: str) -> bool:
    return text[:1].isspace() or _is_mark(text)


def _ends(text: str) -> bool:
    return text[-1:].isspace() or _is_mark(text)


def _is_mark(text: str) -> bool:
    """Tell whether a token is one that no text has, such as the end of a turn."""
    return len(text) > 2 and text[0] == "<" and text[-1] == ">"
