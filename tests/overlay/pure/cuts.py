"""Ways to cut a text, bytes or a list into pieces: all of them for short ones, arbitrary ones for long ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations_with_replacement, pairwise
from typing import Any

from hypothesis import strategies as st

PLACES = st.lists(st.integers(0, 400), max_size=16)
"""Where to cut; a place beyond the end is the end."""


def cut[T: (str, bytes, list[Any])](whole: T, places: Iterable[int]) -> list[T]:
    """The pieces between the places, some of them empty."""
    edges = [0, *sorted(min(place, len(whole)) for place in places), len(whole)]
    return [whole[begin:end] for begin, end in pairwise(edges)]


def all_cuts[T: (str, bytes)](whole: T) -> Iterator[list[T]]:
    """Every way to cut it into at most three pieces, and the one of single letters."""
    for places in combinations_with_replacement(range(len(whole) + 1), 2):
        yield cut(whole, places)
    yield cut(whole, range(len(whole)))
