"""
A prompt as tokens, and what stands where in it.

Knows how long two prompts are the same, from their beginning and from their
end. Each token is four bytes of a key, so that this is left to the comparison
of bytes, which the machine does at once.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

WIDTH = array("I").itemsize
_FIRST_STEP = 64 * WIDTH

type Spell = Callable[[Sequence[int]], Sequence[str]]


class Turn(NamedTuple):
    """
    A part of a prompt that has a name.

    Attributes:
        label: what it is, such as "the system prompt" or "message 3 (user)".
        start: its first token.
        end: the token after its last.
    """

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """
    One prompt.

    Args:
        key: its token ids, four bytes each.
        spell: gives the text that each of some ids adds.
        turns: its parts, which together are all of it.
        scope: prompts of different scopes share nothing: the model, and who keeps to themselves.
    """

    key: bytes = field(repr=False)
    spell: Spell = field(repr=False)
    turns: tuple[Turn, ...] = ()
    scope: str = ""

    @classmethod
    def of(cls, tokens: Iterable[int], spell: Spell, turns: tuple[Turn, ...] = (), scope: str = "") -> Self:
        """Make a prompt of token ids."""
        return cls(array("I", tokens).tobytes(), spell, turns, scope)

    @property
    def tokens(self) -> Sequence[int]:
        """The token ids."""
        return memoryview(self.key).cast("I")

    def __len__(self) -> int:
        """How many tokens."""
        return len(self.key) // WIDTH

    def texts(self, start: int, end: int) -> Sequence[str]:
        """The text that each of some tokens adds."""
        return self.spell(self.tokens[start:end])

    def text(self, start: int, end: int) -> str:
        """The text of some tokens."""
        return "".join(self.texts(start, end))

    def turn(self, at: int) -> Turn:
        """The part that a token stands in; the whole prompt where it has no parts."""
        return next((turn for turn in self.turns if turn.start <= at < turn.end), Turn("the prompt", 0, len(self)))

    def moved(self, start: int, end: int) -> "Prompt":
        """The same prompt with some of its tokens at the end."""
        first, last = start * WIDTH, end * WIDTH
        key = self.key[:first] + self.key[last:] + self.key[first:last]
        rest = len(self) - (end - start)
        turns = [
            Turn(turn.label, _shifted(turn.start, start, end), _shifted(turn.end, start, end)) for turn in self.turns
        ]
        return Prompt(key, self.spell, (*turns, Turn("what was moved", rest, len(self))), self.scope)


def _shifted(at: int, start: int, end: int) -> int:
    return at if at <= start else max(start, at - (end - start))


def common(one: bytes, other: bytes) -> int:
    """How many tokens two keys begin with that are the same."""
    limit, step = min(len(one), len(other)), _FIRST_STEP
    low, high = 0, min(step, limit)
    # Most keys part early: what is compared doubles as long as they do not.
    while high > low and one[low:high] == other[low:high]:
        step *= 2
        low, high = high, min(high + step, limit)
    while low < high:
        middle = _middle(low, high)
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - WIDTH
    return low // WIDTH


def common_end(one: bytes, other: bytes) -> int:
    """How many tokens two keys end with that are the same."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = _middle(low, high)
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - WIDTH
    return low // WIDTH


def _middle(low: int, high: int) -> int:
    """At least one token above the lower end."""
    return low + ((high - low) // WIDTH + 1) // 2 * WIDTH
