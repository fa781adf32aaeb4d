"""Any JSON at all, and recorded JSON and bytes with something wrong in them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

from tensormesh.errors import TensormeshError

type Place = tuple[Any, ...]

TEXTS = st.text(st.characters(codec=None), max_size=8) | st.sampled_from(
    ("", " ", "<think>", "</think>", "[DONE]", "{}", "stop", "2026-01-01T00:00:00Z", "-1", "NaN", "\ud800", "9" * 5000)
)
LEAVES = st.none() | st.booleans() | st.integers() | st.integers(-2, 2) | st.floats() | TEXTS


def any_json(names: Sequence[str], *, leaves: int = 8) -> st.SearchStrategy[Any]:
    """JSON whose objects mostly have keys of those names; and NaN and lone surrogates, which some hosts send."""
    keys = st.sampled_from(sorted(set(names))) | st.text(max_size=4)
    return st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5),
        max_leaves=leaves,
    )


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """The way to everything below a value, itself included."""
    yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*place, key))


def names(value: Any) -> set[str]:
    """Every key below a value."""
    return {key for place in places(value) for key in place if isinstance(key, str)}


@st.composite
def spoilt(draw: st.DrawFn, value: Any, other: st.SearchStrategy[Any]) -> Any:
    """The value with one to three of its parts replaced, taken away, or joined by another."""
    value = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, 3))):
        ways = [place for place in places(value) if place]
        if not ways:
            return draw(other)
        *above, last = draw(st.sampled_from(ways))
        holder = value
        for key in above:
            holder = holder[key]
        how = draw(st.sampled_from(["replace", "remove", "add"]))
        if how == "remove":
            del holder[last]
        elif how == "add" and isinstance(holder, list):
            holder.insert(last, draw(other))
        else:
            holder[last] = draw(other)
    return value


@st.composite
def scribbled(draw: st.DrawFn, content: bytes, pieces: Sequence[bytes], *, most: int = 4) -> bytes:
    """The bytes with up to `most` changes: others, fewer, `pieces` in between, some of it once more."""
    spoiled = bytearray(content)
    for _ in range(draw(st.integers(0, most))):
        begin = draw(st.integers(0, len(spoiled)))
        end = min(begin + draw(st.integers(0, 30)), len(spoiled))
        put = draw(st.sampled_from([b"", bytes(spoiled[begin:end]) * 2, *pieces]) | st.binary(max_size=3))
        spoiled[begin:end] = put
    return bytes(spoiled)


def is_ours(error: TensormeshError) -> None:
    """It says something, and travels."""
    assert str(pickle.loads(pickle.dumps(error))) == str(error) != ""
