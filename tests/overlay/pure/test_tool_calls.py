"""Tool calls that arrive in pieces are put together again, whatever a host leaves out, repeats or gets wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_overlay.streaming.tool_calls import ToolCalls
from tests.cases import cases
from tests.overlay.pure.cuts import PLACES, cut

Json = dict[str, Any]


def rebuilt(*chunks: list[Any]) -> list[Json]:
    """The calls of a message whose chunks brought these pieces."""
    calls = ToolCalls()
    for pieces in chunks:
        calls.feed(pieces)
    return calls.result()


def call(name: str, arguments: str, id_: str | None = None) -> Json:
    """A call as an answer that was not streamed holds it."""
    whole: Json = {"type": "function", "function": {"name": name, "arguments": arguments}}
    return whole if id_ is None else {"id": id_, **whole}


def piece(index: int | None = None, id_: str | None = None, name: str | None = None, arguments: Any = None) -> Json:
    """A piece as a host sends it, without what is None."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    given = (("index", index), ("id", id_), ("function", function or None))
    return {key: value for key, value in given if value is not None}


A, B = call("find", '{"a":1}', "id-a"), call("find", '{"b":2}', "id-b")
A_BARE, B_BARE = call("find", '{"a":1}'), call("find", '{"b":2}')


@cases(
    ("pieces", "calls"),
    [
        pytest.param(
            [piece(0, "id-a", "find", ""), piece(0, None, None, '{"a"'), piece(0, None, None, ":1}")],
            [A],
            id="by the book",
        ),
        pytest.param(
            [piece(1, "id-a", "find", '{"a":1}'), piece(2, "id-b", "find", '{"b":2}')], [A, B], id="from 1 on"
        ),
        pytest.param(
            [
                piece(0, "id-a", "find"),
                piece(1, "id-b", "find"),
                piece(1, arguments='{"b":2}'),
                piece(0, arguments='{"a":1}'),
            ],
            [A, B],
            id="interleaved",
        ),
        pytest.param([piece(0, "id-a", "find"), piece(0, "", None, '{"a":1}')], [A], id="an empty id"),
        pytest.param(
            [piece(0, "id-a", "find", '{"a"'), piece(0, "other", None, ":1}")], [A], id="a new id for each piece"
        ),
        pytest.param([piece(0, None, "find", '{"a"'), piece(0, "id-a", None, ":1}")], [A], id="a late id"),
        pytest.param([piece(None, "id-a", "find", '{"a"'), piece(0, "id-a", None, ":1}")], [A], id="a late index"),
        pytest.param([piece(0, "id-a", "find", '{"a"'), piece(0, "id-a", "find", ":1}")], [A], id="all repeated"),
        pytest.param(
            [piece(0, "id-a", "find", '{"a":1}'), piece(0, "id-a", "find", "")], [A], id="repeated at the end"
        ),
        pytest.param([piece(0, "id-a", "fi"), piece(0, None, "nd", '{"a":1}')], [A], id="a name in two pieces"),
        pytest.param([piece(None, "id-a", "find", '{"a"'), piece(arguments=":1}")], [A], id="no index"),
        pytest.param(
            [
                piece(None, "id-a", "find", '{"a"'),
                piece(None, "id-b", "find", '{"b"'),
                piece(None, "id-a", None, ":1}"),
                piece(None, "id-b", None, ":2}"),
            ],
            [A, B],
            id="no index, interleaved by id",
        ),
        pytest.param(
            [piece(None, None, "find", '{"a":1}'), piece(None, None, "find", '{"b":2}')],
            [A_BARE, B_BARE],
            id="neither, whole calls",
        ),
        pytest.param(
            [
                piece(None, None, "find", ""),
                piece(arguments='{"a":1}'),
                piece(None, None, "find", ""),
                piece(arguments='{"b":2}'),
            ],
            [A_BARE, B_BARE],
            id="neither, the same function twice",
        ),
        pytest.param(
            [
                piece(0, "id-a", "find", '{"a"'),
                piece(0, None, None, ":1}"),
                piece(0, "id-b", "find", '{"b"'),
                piece(0, None, None, ":2}"),
            ],
            [A, B],
            id="all at one index",
        ),
        pytest.param(
            [piece(0, None, "find", '{"a":1}'), piece(0, None, "find", '{"b":2}')],
            [A_BARE, B_BARE],
            id="all at one index, no id",
        ),
        pytest.param(
            [piece(0, "id-a", "find", '{"a":1}'), piece(0, "id-b", "find", ""), piece(1, None, None, '{"b":2}')],
            [A, B],
            id="arguments at another index than their call",
        ),
        pytest.param(
            [piece(0, "same", "find", '{"a":1}'), piece(1, "same", "find", ""), piece(1, None, None, '{"b":2}')],
            [call("find", '{"a":1}', "same"), call("find", '{"b":2}', "same")],
            id="one id for all",
        ),
        pytest.param(
            [piece(0, "id-a", "now", ""), piece(0, "id-b", "then", "")],
            [call("now", "", "id-a"), call("then", "", "id-b")],
            id="no arguments, all at one index",
        ),
        pytest.param(
            [piece(0, "id-a", "find", {"a": 1})], [call("find", '{"a": 1}', "id-a")], id="arguments as an object"
        ),
        pytest.param([piece(0, "id-a", "find", {})], [call("find", "{}", "id-a")], id="an empty object"),
        pytest.param([piece(0, "id-a", "find")], [call("find", "", "id-a")], id="no arguments at all"),
        pytest.param([piece(0, "id-a", None, '{"a":1}'), piece(0, None, "find")], [A], id="a late name"),
        pytest.param(
            [piece(0, None, "now", {})] * 2, [call("now", "{}")] * 2, id="empty objects, all at one index, no id"
        ),
        pytest.param(
            [piece(0, "id-a", "find", {"a": "é"})], [call("find", '{"a": "é"}', "id-a")], id="unicode in an object"
        ),
        pytest.param(
            [piece(0, "id-a", "find"), piece(0, None, None, '{"a"'), piece(0, "other", None, ":1}")],
            [A],
            id="a new id after pieces without",
        ),
        pytest.param(
            [piece(0, None, "find", '{"a"'), piece(0, "id-a", "find", ":1}")], [A], id="a late id, the name again"
        ),
        pytest.param(
            [piece(0, None, "find", '{"a":"}'), piece(0, None, "find", '"}')],
            [call("find", '{"a":"}"}')],
            id="a brace that ends nothing",
        ),
        pytest.param(
            [piece(None, None, "find", '{"a":1}\n'), piece(None, None, "find", '{"b":2}')],
            [call("find", '{"a":1}\n'), B_BARE],
            id="neither, blank lines between",
        ),
        pytest.param(
            [piece(0, None, "find", '{"a":1}'), piece(0, None, "find", " ")],
            [call("find", '{"a":1} ')],
            id="repeated for a blank at the end",
        ),
        pytest.param(
            [piece(0, None, "find", '{"a":1}'), piece(0, None, "get", ""), piece(0, None, None, '{"b":2}')],
            [A_BARE, call("get", '{"b":2}')],
            id="another function at the same index, no id",
        ),
        pytest.param(
            [
                {"index": 0, "id": "id-a", "function": {"name": "find", "arguments": None}},
                piece(0, None, None, '{"a":1}'),
            ],
            [A],
            id="null before the arguments",
        ),
        pytest.param(
            [piece(0, "id-a", 5, '{"a":1}'), piece(0, None, "find"), piece(0, None, 5)],  # type: ignore[arg-type]
            [{**A, "function": {"name": "find", "arguments": '{"a":1}'}}],
            id="a name that is none",
        ),
    ],
)
@cases("together", [False, True], ids=["one by one", "all in one chunk"])
def test_calls_are_told_apart_and_put_together(pieces: list[Json], calls: list[Json], together: bool) -> None:
    assert (rebuilt(pieces) if together else rebuilt(*([one] for one in pieces))) == calls


def test_unknown_fields_of_a_call_and_of_its_function_are_kept() -> None:
    first = {"index": 0, "id": "a", "novelty": 1, "function": {"name": "find", "deep": {"x": 1}}}
    more = {"index": 0, "novelty": None, "later": [2], "function": {"arguments": "{}", "deep": None, "strict": True}}

    assert rebuilt([first], [more]) == [
        {
            **call("find", "{}", "a"),
            "novelty": 1,
            "later": [2],
            "function": {"name": "find", "arguments": "{}", "deep": {"x": 1}, "strict": True},
        }
    ]


def test_a_call_of_another_type_keeps_it() -> None:
    assert rebuilt([{"index": 0, "id": "a", "type": "custom", "custom": {"name": "x"}}])[0]["type"] == "custom"


def test_the_input_of_a_custom_tool_arrives_in_pieces_and_it_has_no_function() -> None:
    pieces: list[Json] = [
        {"index": 0, "id": "a", "type": "custom", "custom": {"name": "x", "input": "ab"}},
        {"index": 0, "custom": {"input": "cd"}},
    ]

    assert rebuilt(pieces) == [{"id": "a", "type": "custom", "custom": {"name": "x", "input": "abcd"}}]


def test_a_blank_type_takes_nothing_back() -> None:
    first, later = {**piece(0, "id-a", "find", '{"a"'), "type": "function"}, {**piece(0, "", "", ":1}"), "type": ""}

    assert rebuilt([first, later]) == [A]


def test_there_are_no_calls_before_the_first() -> None:
    calls = ToolCalls()
    calls.feed([])

    assert not calls
    assert calls.result() == []


def test_a_result_does_not_change_with_what_comes_later() -> None:
    calls = ToolCalls()
    calls.feed([piece(0, "a", "find", "{")])
    early = calls.result()
    calls.feed([piece(0, None, None, "}")])

    assert early == [call("find", "{", "a")]
    assert calls.result() == [call("find", "{}", "a")]


NAMES = st.text(alphabet="abc_é", min_size=1, max_size=6)
VALUES = st.recursive(st.none() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=2))
ARGUMENTS = st.dictionaries(st.text(max_size=4), VALUES, max_size=3)
CALLS = st.lists(st.tuples(NAMES, ARGUMENTS, st.booleans()), min_size=1, max_size=4)


def texts_of(calls: Iterable[tuple[str, Json, bool]]) -> list[tuple[str, str]]:
    return [(name, json.dumps(arguments, ensure_ascii=plain)) for name, arguments, plain in calls]


@given(CALLS, st.data(), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_any_calls_are_rebuilt_from_any_pieces(
    calls: list[tuple[str, Json, bool]], data: st.DataObject, index: bool, id_: bool, name_again: bool, id_again: bool
) -> None:
    """Cut anywhere, several pieces to a chunk; with or without index and id; said once or with every piece."""
    pieces = []
    for number, (name, text) in enumerate(texts_of(calls)):
        parts = [part for part in cut(text, data.draw(PLACES)) if part]
        for position, part in enumerate(parts):
            pieces.append(
                piece(
                    number if index else None,
                    f"id-{number}" if id_ and (id_again or not position) else None,
                    name if name_again or not position else None,
                    part,
                )
            )

    result = rebuilt(*cut(pieces, data.draw(PLACES)))

    assert result == [
        call(name, text, f"id-{number}" if id_ else None) for number, (name, text) in enumerate(texts_of(calls))
    ]


@given(CALLS, st.data(), st.booleans(), st.booleans())
def test_calls_may_come_interleaved_where_each_piece_says_whose_it_is(
    calls: list[tuple[str, Json, bool]], data: st.DataObject, by_index: bool, nameless: bool
) -> None:
    """Heads in order, then the pieces of the arguments in any order that keeps each call's own; ids may be missing."""
    ids = [None if by_index and nameless else f"id-{number}" for number in range(len(calls))]
    queues = [cut(text, data.draw(PLACES)) for _, text in texts_of(calls)]
    pieces = [
        piece(number if by_index else None, ids[number], name, "") for number, (name, _) in enumerate(texts_of(calls))
    ]
    while waiting := [number for number, queue in enumerate(queues) if queue]:
        number = data.draw(st.sampled_from(waiting))
        part = queues[number].pop(0)
        pieces.append(piece(number, None, None, part) if by_index else piece(None, ids[number], None, part))

    assert rebuilt(*([one] for one in pieces)) == [
        call(name, text, ids[number]) for number, (name, text) in enumerate(texts_of(calls))
    ]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("index", "id", "type", "function", "name", "arguments", "x")), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@given(st.lists(st.lists(JUNK, max_size=4), max_size=6))
def test_junk_is_survived_and_what_comes_of_it_is_a_list_of_calls(chunks: list[list[Any]]) -> None:
    for one in rebuilt(*chunks):
        assert "custom" in one or isinstance(one["function"]["arguments"], str)
        json.dumps(one)


@given(st.lists(JUNK.filter(lambda junk: not isinstance(junk, dict)), max_size=4))
def test_what_is_no_object_is_no_call(pieces: list[Any]) -> None:
    assert rebuilt(pieces) == []
