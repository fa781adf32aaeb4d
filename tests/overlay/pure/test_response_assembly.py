"""What the events of a response add up to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases import cases
from tests.overlay.pure.streamed_events import Json, response, result, take

# The Responses API.

BEGUN = {"id": "r-1", "object": "response", "status": "in_progress", "model": "m", "output": [], "novel": 1}
MESSAGE = {"id": "i-1", "type": "message", "role": "assistant", "content": []}


def event(kind: str, **fields: Any) -> Json:
    return {"type": f"response.{kind}", "sequence_number": 0, **fields}


def streamed_item(place: int, item: Json, *growing: tuple[str, str, Json], done: Json | None = None) -> list[Json]:
    """An item that is added, grows by deltas of a kind, and may be done."""
    events = [event("output_item.added", output_index=place, item=item)]
    for kind, delta, where in growing:
        events.append(event(f"{kind}.delta", output_index=place, item_id="i", delta=delta, **where))
    return events + ([event("output_item.done", output_index=place, item=done)] if done else [])


@cases("kind", ["completed", "incomplete", "failed", "cancelled"])
def test_the_last_event_holds_the_whole_response(kind: str) -> None:
    last = {**BEGUN, "status": kind, "output": [{**MESSAGE, "content": [{"type": "output_text", "text": "ab"}]}]}
    events = [
        event("created", response=BEGUN),
        *streamed_item(0, MESSAGE, ("output_text", "ab", {"content_index": 0})),
        event(kind, response=last),
    ]
    whole = response()

    assert result(whole, events) == last
    assert whole.complete


@pytest.mark.parametrize("given", [{}, {"output": []}, {"output": None}])
def test_a_last_event_that_leaves_out_the_items_gets_them_from_those_before(given: Json) -> None:
    done = {**MESSAGE, "content": [{"type": "output_text", "text": "ab"}]}
    events = [*streamed_item(0, MESSAGE, done=done), event("completed", response={"id": "r-1", **given})]

    assert result(response(), events) == {"id": "r-1", "output": [done]}


@pytest.mark.parametrize("content", [None, [], [{"type": "output_text", "text": ""}]])
def test_a_last_event_whose_items_say_nothing_gets_what_they_said_before(content: Any) -> None:
    said = {"content": [{"type": "output_text", "text": "ab"}]}
    call = {"id": "i-2", "type": "function_call", "name": "f", "arguments": ""}
    last = {"id": "r-1", "output": [{**MESSAGE, "content": content}, call, "junk"]}
    events = [
        *streamed_item(0, MESSAGE, ("output_text", "ab", {"content_index": 0})),
        *streamed_item(1, call, ("function_call_arguments", "{}", {})),
        event("completed", response=last),
    ]

    assert result(response(), events)["output"] == [{**MESSAGE, **said}, {**call, "arguments": "{}"}, "junk"]


def test_a_text_that_comes_as_parts_or_as_a_number_is_one_text() -> None:
    whole = response()
    pieces = [{"type": "text", "text": "a"}, [{"text": "b"}, "c"], 7, None, {"novel": 1}]
    events = [event("output_text.delta", item_id="i", delta=piece) for piece in pieces]

    assert "".join(text for one in take(whole, events) for text in whole.texts(one)) == "abc7"
    assert result(response(), events)["output"][0]["content"] == [{"type": "output_text", "text": "abc7"}]


def test_arguments_that_come_as_an_object_are_text() -> None:
    events = [event("function_call_arguments.delta", item_id="i", delta={"a": 1}), event("completed")]

    assert result(response(), events)["output"] == [{"type": "function_call", "arguments": '{"a": 1}'}]


def test_a_last_event_without_a_response_ends_the_one_before() -> None:
    whole = response()

    assert result(whole, [event("created", response=BEGUN), event("completed"), event("novel")]) == BEGUN
    assert whole.complete


@cases(
    ("item", "growing", "grown"),
    [
        (
            MESSAGE,
            [("output_text", "a", {"content_index": 0}), ("output_text", "b", {"content_index": 0})],
            {**MESSAGE, "content": [{"type": "output_text", "text": "ab"}]},
        ),
        (
            MESSAGE,
            [("output_text", "a", {"content_index": 0}), ("refusal", "b", {"content_index": 1})],
            {**MESSAGE, "content": [{"type": "output_text", "text": "a"}, {"type": "refusal", "refusal": "b"}]},
        ),
        (
            {"type": "reasoning", "content": None, "summary": []},
            [("reasoning_text", "a", {"content_index": 0}), ("reasoning_summary_text", "b", {"summary_index": 0})],
            {
                "type": "reasoning",
                "content": [{"type": "reasoning_text", "text": "a"}],
                "summary": [{"type": "summary_text", "text": "b"}],
            },
        ),
        (
            {"type": "reasoning", "summary": []},
            [
                ("reasoning_summary_text", part, {"summary_index": place})
                for place, part in ((0, "a"), (1, "b"), (0, "c"))
            ],
            {
                "type": "reasoning",
                "summary": [{"type": "summary_text", "text": "ac"}, {"type": "summary_text", "text": "b"}],
            },
        ),
        (
            MESSAGE,
            [("output_text", part, {"content_index": place}) for place, part in ((0, "a"), (1, "b"), (0, "c"))],
            {**MESSAGE, "content": [{"type": "output_text", "text": "ac"}, {"type": "output_text", "text": "b"}]},
        ),
        (
            {"type": "function_call", "call_id": "c", "name": "find", "arguments": ""},
            [("function_call_arguments", '{"a"', {}), ("function_call_arguments", ":1", {})],
            {"type": "function_call", "call_id": "c", "name": "find", "arguments": '{"a":1'},
        ),
        ({"type": "novel", "x": 1}, [], {"type": "novel", "x": 1}),
    ],
)
def test_of_a_stream_that_was_cut_off_what_came_is_there(
    item: Json, growing: list[tuple[str, str, Json]], grown: Json
) -> None:
    done = {**MESSAGE, "content": [{"type": "output_text", "text": "first"}]}
    events = [
        event("created", response=BEGUN),
        *streamed_item(0, MESSAGE, done=done),
        *streamed_item(1, item, *growing),
    ]
    whole = response()

    assert result(whole, events) == {**BEGUN, "output": [done, grown]}
    assert not whole.complete


@cases(
    ("kind", "brought", "item"),
    [
        ("output_text", {"text": "ab"}, {"type": "message", "content": [{"type": "output_text", "text": "ab"}]}),
        ("refusal", {"refusal": "ab"}, {"type": "message", "content": [{"type": "refusal", "refusal": "ab"}]}),
        ("function_call_arguments", {"arguments": "ab"}, {"type": "function_call", "arguments": "ab"}),
        ("custom_tool_call_input", {"input": "ab"}, {"type": "custom_tool_call", "input": "ab"}),
    ],
)
@cases("before", [(), ("a",), ("a", "b")])
def test_a_text_that_is_done_is_there_with_its_deltas_or_without(
    kind: str, brought: Json, item: Json, before: tuple[str, ...]
) -> None:
    events = [event(f"{kind}.delta", output_index=0, delta=part) for part in before]
    if before != ("a", "b"):
        events.append(event(f"{kind}.done", output_index=0, **brought))

    assert result(response(), events) == {"output": [item]}


def test_what_comes_after_the_whole_response_does_not_replace_it() -> None:
    last = {**BEGUN, "status": "completed", "output": [MESSAGE]}
    whole = response()

    assert result(whole, [event("completed", response=last), event("in_progress", response=BEGUN)]) == last


def test_deltas_without_a_beginning_still_make_items() -> None:
    events = [
        event("output_text.delta", output_index=1, content_index=0, delta="b"),
        event("reasoning_text.delta", output_index=0, content_index=0, delta="a"),
        event("function_call_arguments.delta", output_index=2, delta="{}"),
    ]

    assert result(response(), events) == {
        "output": [
            {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "a"}]},
            {"type": "message", "content": [{"type": "output_text", "text": "b"}]},
            {"type": "function_call", "arguments": "{}"},
        ]
    }


def test_a_snapshot_of_a_response_is_there_from_its_first_event_on() -> None:
    assert result(response(), [event("created", response=BEGUN)]) == BEGUN


def test_text_and_reasoning_of_a_response_are_told_apart() -> None:
    whole = response()
    events = [
        event("output_text.delta", delta="a"),
        event("reasoning_text.delta", delta="b"),
        event("reasoning_summary_text.delta", delta="c"),
        event("function_call_arguments.delta", delta="d"),
        event("output_text.delta", delta=None),
        event("output_text.delta"),
    ]

    assert [part for one in events for part in whole.texts(one)] == ["a"]
    assert [part for one in events for part in whole.reasonings(one)] == ["b", "c"]
