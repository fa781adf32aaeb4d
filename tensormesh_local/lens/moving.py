"""
What keeps prompts from sharing more, and the same prompts with that at their end.

Sorted, prompts with the same beginning stand together, and where two that stand
beside each other part, all part that share so much. The places where they do
form a tree, which is gone down from the shortest beginning: where what moves is
worth moving, it is moved in all that have the same around it.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tensormesh_local.lens.difference import Difference, Span, difference, meets
from tensormesh_local.lens.prompt import WIDTH, Prompt, common
from tensormesh_local.lens.sharing import Cache

# Each round moves one part of a prompt at most. Beyond so many it is another prompt.
_ROUNDS = 4
_APART = -1


@dataclass(frozen=True, slots=True)
class MovingPart:
    """
    A place where prompts part that would share more without it.

    Args:
        label: the part of the prompts in which it stands.
        at: how many tokens stand before it.
        examples: how it reads in two of them.
        positions: which prompts have it.
        gain: how many more tokens would be cached without it, about.
    """

    label: str
    at: int
    examples: tuple[str, str]
    positions: tuple[int, ...]
    gain: int


def moved_last(prompts: Sequence[Prompt], cache: Cache) -> tuple[list[Prompt], list[MovingPart]]:
    """
    Put at the end of each prompt what keeps it from sharing more with others.

    Returns:
        The prompts, those unchanged that nothing keeps; and what was moved, that which costs most first.
    """
    found, parts = [*prompts], list[MovingPart]()
    for _ in range(_ROUNDS):
        new = list(_round(found, cache))
        if not new:
            break
        parts += new
    return found, sorted(parts, key=lambda part: -part.gain)


def _round(prompts: list[Prompt], cache: Cache) -> Iterator[MovingPart]:
    """Move one part of prompts, in place."""
    order = sorted(range(len(prompts)), key=lambda position: (prompts[position].scope, prompts[position].key))
    ordered = [prompts[position] for position in order]
    shared = [
        common(one.key, other.key) if one.scope == other.scope else _APART for one, other in itertools.pairwise(ordered)
    ]
    left, right, root = _tree(shared)
    waiting = [(root, 0, len(ordered))] if shared else []
    while waiting:
        node, first, end = waiting.pop()
        if node is None:
            continue
        one, other = ordered[node], ordered[node + 1]
        differs = difference(one, other, shared[node]) if shared[node] > 0 else None
        gain = 0 if differs is None else _gain(differs, one, cache)
        if differs is None or not cache.is_worth(gain):
            waiting += [(left[node], first, node + 1), (right[node], node + 1, end)]
            continue
        spans = {place: span for place in range(first, end) if (span := _span(ordered[place], one, differs))}
        for place, span in spans.items():
            prompts[order[place]] = ordered[place].moved(*span)
        distinct = len({ordered[place].key[span.start * WIDTH : span.end * WIDTH] for place, span in spans.items()})
        yield MovingPart(
            one.turn(differs.at).label,
            differs.here.start,
            (one.text(*differs.here), other.text(*differs.there)),
            tuple(sorted(order[place] for place in spans)),
            gain * (distinct - 1),
        )


def _gain(differs: Difference, prompt: Prompt, cache: Cache) -> int:
    """How many more tokens of a prompt would be cached if what moves stood at its end."""
    return cache.cached(differs.without, len(prompt)) - cache.cached(differs.at, len(prompt))


def _span(prompt: Prompt, like: Prompt, differs: Difference) -> Span | None:
    """Where the part that moves stands in a prompt with the same before it; None where it is not there."""
    end = meets(prompt, differs.here.start, like, differs.here.end)
    return None if end is None else Span(differs.here.start, end)


def _tree(values: Sequence[int]) -> tuple[list[int | None], list[int | None], int | None]:
    """Make a tree of some numbers: the smallest is its root, and what stands left and right of one is below it."""
    left: list[int | None] = [None] * len(values)
    right: list[int | None] = [None] * len(values)
    open_nodes: list[int] = []
    for node, value in enumerate(values):
        last: int | None = None
        while open_nodes and values[open_nodes[-1]] > value:
            last = open_nodes.pop()
        left[node] = last
        if open_nodes:
            right[open_nodes[-1]] = node
        open_nodes.append(node)
    return left, right, open_nodes[0] if open_nodes else None
