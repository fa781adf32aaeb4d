"""
All prompts together: what was shared, what could have been, and what keeps it from that.

Knows tokens only; what they cost is for its callers to know.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tensormesh_local.lens.moving import MovingPart, moved_last
from tensormesh_local.lens.prompt import Prompt
from tensormesh_local.lens.sharing import Cache, in_best_order
from tensormesh_local.lens.wording import kind, shortened


@dataclass(frozen=True, slots=True)
class Shares:
    """
    Tokens of some prompts.

    Args:
        prompts: how many prompts.
        tokens: all tokens.
        as_sent: those that a cache answers in the order in which they came.
        reordered: the most it could answer in another order.
        moved: the most it could answer with what moves at the end of each prompt, in the best order.
    """

    prompts: int = 0
    tokens: int = 0
    as_sent: int = 0
    reordered: int = 0
    moved: int = 0

    def __add__(self, other: "Shares") -> "Shares":
        return Shares(
            self.prompts + other.prompts,
            self.tokens + other.tokens,
            self.as_sent + other.as_sent,
            self.reordered + other.reordered,
            self.moved + other.moved,
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """
    What prompts share.

    Args:
        by_scope: by their scope.
        parts: what keeps them from sharing more, the dearest first.
    """

    by_scope: dict[str, Shares]
    parts: tuple[MovingPart, ...]

    @property
    def total(self) -> Shares:
        """All scopes together."""
        return sum(self.by_scope.values(), Shares())

    def worth(self, name: str, saved: Mapping[str, Decimal | None]) -> Decimal | None:
        """
        What the cached tokens save; None where nothing is known of that.

        Args:
            name: which of the `Shares` are meant: "as_sent".
            saved: by scope, what a million cached tokens save.
        """
        known = [(shares, price) for scope, shares in self.by_scope.items() if (price := saved[scope]) is not None]
        if not known:
            return None
        return sum((price * int(getattr(shares, name)) for shares, price in known), Decimal(0)).scaleb(-6)


def summarize(prompts: Sequence[Prompt], cache: Cache) -> Summary:
    """Sum up what prompts share, and what they could."""
    moved, parts = moved_last(prompts, cache)
    counts, tokens = Counter(prompt.scope for prompt in prompts), Counter[str]()
    for prompt in prompts:
        tokens[prompt.scope] += len(prompt)
    as_sent, reordered, best = (
        _by_scope(order, cache) for order in (prompts, in_best_order(prompts), in_best_order(moved))
    )
    found = {
        scope: Shares(
            counts[scope],
            tokens[scope],
            as_sent[scope],
            max(as_sent[scope], reordered[scope]),
            max(as_sent[scope], reordered[scope], best[scope]),
        )
        for scope in counts
    }
    return Summary(found, tuple(parts))


def _by_scope(prompts: Iterable[Prompt], cache: Cache) -> Counter[str]:
    order = [*prompts]
    found = Counter[str]()
    for prompt, cached in zip(order, cache.run(order), strict=True):
        found[prompt.scope] += cached
    return found


def part_in_words(part: MovingPart) -> str:
    """Say what moves: "a time in the system prompt at token 12: “14:05:12”, “14:05:13”"."""
    one, other = map(shortened, part.examples)
    return f"{kind(*part.examples)} in {part.label} at token {part.at:,}: “{one}”, “{other}”"
