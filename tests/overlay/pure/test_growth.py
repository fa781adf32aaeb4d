"""Objects that arrive in pieces, and answers so long that each piece must cost the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh_overlay.streaming.assemblies import assembly
from tensormesh_overlay.streaming.growth import grow, grown, joined
from tensormesh_overlay.streaming.sse import SSEDecoder
from tensormesh_overlay.streaming.tool_calls import ToolCalls
from tensormesh_overlay.think_blocks.splitter import ThinkSplitter
from tests.cases import cases

Json = dict[str, Any]


def whole(*pieces: Json, texts: bool = True) -> Json:
    """What pieces of one object add up to."""
    result: Json = {}
    for piece in pieces:
        for key, value in piece.items():
            grow(result, key, value, texts=texts)
    return dict(grown(result))


def test_texts_lists_and_objects_grow_where_they_may_and_other_values_are_the_last() -> None:
    pieces: list[Json] = [{"t": "a", "l": [1], "o": {"t": "b"}, "n": 1}, {"t": "c", "l": [2], "o": {"t": "d"}, "n": 2}]

    assert whole(*pieces) == {"t": "ac", "l": [1, 2], "o": {"t": "bd"}, "n": 2}
    assert whole(*pieces, texts=False) == {"t": "c", "l": [1, 2], "o": {"t": "d"}, "n": 2}


@cases("nothing", [None, ""])
@cases("key", ["role", "type", "n"])
def test_what_was_said_is_not_taken_back_by_a_piece_that_says_nothing(key: str, nothing: Any) -> None:
    assert whole({key: "x"}, {key: nothing}, texts=False) == {key: "x"}
    assert whole({key: nothing}, texts=False) == {key: nothing}


def test_what_has_grown_is_a_value_of_its_own_and_no_piece_is_changed() -> None:
    result: Json = {}
    piece: Json = {"l": [1], "t": "a"}
    grow(result, "o", piece, texts=True)
    early = grown(result)
    grow(result, "o", piece, texts=True)

    assert early == {"o": {"l": [1], "t": "a"}}
    assert grown(result) == {"o": {"l": [1, 1], "t": "aa"}}
    assert piece == {"l": [1], "t": "a"}


@cases(
    ("pieces", "text"),
    [
        (["a\ud83d", "\ude00b"], "a\U0001f600b"),
        (["\ufeff\ud83d\ude00"], "\ufeff\U0001f600"),
        (["a\ud83d"], "a\ud83d"),
        (["\ude00", "\ud83d"], "\ude00\ud83d"),
        ([], ""),
    ],
)
def test_a_character_that_was_cut_into_surrogates_is_one_again(pieces: list[str], text: str) -> None:
    assert joined(pieces) == text


def chunks(delta: Json, count: int) -> None:
    whole = assembly("chat", "split")
    for _ in range(count):
        whole.take({"choices": [{"index": 0, "delta": delta}]})
    assert whole.result() is not None


def blank_lines(begin: str, count: int) -> None:
    splitter = ThinkSplitter(inside=False)
    splitter.feed(begin)
    for _ in range(count):
        splitter.feed("\n")
    splitter.feed("a")


def names(count: int) -> None:
    calls = ToolCalls()
    calls.feed(
        [{"index": 0, "function": {"name": "find", "arguments": piece}} for piece in ('{"a":"', *["abcd"] * count)]
    )


@cases(
    "read",
    [
        pytest.param(lambda: chunks({"audio": {"data": "A" * 4000}}, 5000), id="audio"),
        pytest.param(lambda: blank_lines("", 200_000), id="blank lines before the answer"),
        pytest.param(lambda: blank_lines("<think>a", 400_000), id="blank lines of a thought"),
        pytest.param(lambda: names(60_000), id="a name with every piece of the arguments"),
        pytest.param(
            lambda: SSEDecoder().feed(b"data: [\n" + b'data: {"a":1},\n' * 10_000 + b"data: 1]\n\n"), id="lines of data"
        ),
    ],
)
def test_a_piece_costs_the_same_however_much_came_before_it(read: Callable[[], object]) -> None:
    begin = time.process_time()
    read()

    assert time.process_time() - begin < 2.5
