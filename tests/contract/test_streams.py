"""Streams, event by event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.exchanges.exchange import Exchange
from tensormesh_contract.exchanges.sse import Event, read_events
from tests.contract.conftest import Find, exchange, kinds

CHOICE = {"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}
CHUNK = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [CHOICE]}
DONE = "data: [DONE]\n\n"
RESPONSE = {"id": "r1", "object": "response", "model": "m", "output": []}


def data(value: Any) -> str:
    return f"data: {json.dumps(value)}\n\n"


def named(kind: str, number: int, **fields: Any) -> str:
    return f"event: {kind}\n" + data({"type": kind, "sequence_number": number, **fields})


def chat(body: str, **options: Any) -> Exchange:
    more = {"stream_options": options} if options else {}
    return exchange(
        "/v1/chat/completions",
        body.encode(),
        method="POST",
        sent={"model": "m", "messages": [], "stream": True, **more},
        media_type="text/event-stream; charset=utf-8",
    )


def responses(body: str) -> Exchange:
    return exchange(
        "/v1/responses",
        body.encode(),
        method="POST",
        sent={"model": "m", "input": "a", "stream": True},
        media_type="text/event-stream",
    )


def test_a_stream_as_documented_is_not_mentioned(find: Find) -> None:
    assert find(chat(data(CHUNK) + ": keep-alive\n\n" + DONE)) == []
    assert (
        find(
            responses(
                named("response.created", 0, response=RESPONSE) + named("response.completed", 1, response=RESPONSE)
            )
        )
        == []
    )


def test_an_error_may_come_as_an_event(find: Find) -> None:
    assert (
        find(
            chat(data(CHUNK) + data({"error": {"message": "broken", "type": None, "param": None, "code": 500}}) + DONE)
        )
        == []
    )


def test_an_error_event_is_checked_against_what_errors_are(find: Find) -> None:
    assert kinds(find(chat(data({"error": {"code": 500}}) + DONE))) == [
        (Kind.MISSING_FIELD, "200 event error error message")
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("data: {\n\n" + DONE, (Kind.STREAM_EVENT, "200 event")),
        ("data: 7\n\n" + DONE, (Kind.STREAM_EVENT, "200 event")),
        (data(CHUNK), (Kind.STREAM_END, "200")),
        (data(CHUNK) + DONE + data(CHUNK), (Kind.STREAM_END, "200")),
        (data(CHUNK) + "data: {", (Kind.STREAM_END, "200")),
        ("", (Kind.BODY, "200")),
        (data({**CHUNK, "id": 1}) + DONE, (Kind.TYPE, "200 event id integer")),
        (data({**CHUNK, "object": "x"}) + DONE, (Kind.CONSTANT, "200 event object")),
    ],
)
def test_what_is_wrong_in_a_chat_stream_is_named(find: Find, body: str, expected: tuple[Kind, str]) -> None:
    assert expected in kinds(find(chat(body)))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (named("response.created", 0, response=RESPONSE), (Kind.STREAM_END, "200")),
        (
            named("response.thought", 0) + named("response.completed", 1, response=RESPONSE),
            (Kind.UNKNOWN_EVENT, "200 event response.thought"),
        ),
        (
            named("response.completed", 0, response=RESPONSE).replace("event: response.", "event: answer."),
            (Kind.STREAM_EVENT, "200 event name"),
        ),
        (named("response.completed", 0), (Kind.MISSING_FIELD, "200 event response.completed response")),
    ],
)
def test_what_is_wrong_in_a_responses_stream_is_named(find: Find, body: str, expected: tuple[Kind, str]) -> None:
    assert expected in kinds(find(responses(body)))


def test_done_may_follow_the_last_event_of_a_response(find: Find) -> None:
    assert find(responses(named("response.completed", 0, response=RESPONSE) + DONE)) == []


def test_a_stream_that_nobody_asked_for_is_another_content_type(find: Find) -> None:
    asked_whole = exchange(
        "/v1/chat/completions",
        (data(CHUNK) + DONE).encode(),
        method="POST",
        sent={"model": "m", "messages": []},
        media_type="text/event-stream",
    )

    assert kinds(find(asked_whole)) == [(Kind.MEDIA_TYPE, "200 text/event-stream")]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_events_are_read_with_every_line_end(end: str) -> None:
    body = end.join([": hello", "event: a", "data: 1", "data:2", "", "id: 4", "", "data", "", ""])

    assert list(read_events(body.encode())) == [Event("a", "1\n2"), Event("", "")]


def test_an_event_that_is_never_ended_is_not_complete() -> None:
    assert list(read_events(b"data: 1\n\ndata: 2")) == [Event("", "1"), Event("", "2", complete=False)]


@given(st.binary())
def test_any_bytes_can_be_read_as_a_stream(body: bytes) -> None:
    events = list(read_events(body))

    assert all(event.complete for event in events[:-1])


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1)))
def test_what_is_framed_is_read_back(texts: list[str]) -> None:
    body = "".join(f"data: {text}\n\n" for text in texts)

    assert [event.data for event in read_events(body.encode())] == texts


USAGE = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
COUNTED = {**CHUNK, "usage": USAGE}
COUNTS = {**COUNTED, "choices": []}
GOING_ON = {**COUNTED, "choices": [{**CHOICE, "finish_reason": None}]}


@pytest.mark.parametrize(
    ("pieces", "options"),
    [
        ([CHUNK], {}),
        ([{**CHUNK, "usage": None}], {}),
        ([CHUNK], {"include_usage": False}),
        ([CHUNK, COUNTS], {"include_usage": True}),
        ([{**CHUNK, "usage": None}, COUNTS], {"include_usage": True}),
        ([GOING_ON, COUNTED, COUNTS], {"include_usage": True, "continuous_usage_stats": True}),
        ([COUNTED], {"continuous_usage_stats": True}),
    ],
)
def test_usage_that_comes_as_it_was_asked_for_is_not_mentioned(find: Find, pieces: list[Any], options: Any) -> None:
    assert find(chat("".join(map(data, pieces)) + DONE, **options)) == []


@pytest.mark.parametrize(
    ("pieces", "options", "kind", "said"),
    [
        ([CHUNK], {"include_usage": True}, Kind.NOT_SENT, "no event has it"),
        ([CHUNK, COUNTS], {}, Kind.NOT_ASKED, "has not asked for it"),
        ([CHUNK, COUNTS], {"include_usage": False}, Kind.NOT_ASKED, "has not asked for it"),
        ([COUNTED, COUNTS], {"include_usage": True}, Kind.NOT_ASKED, "comes more than once"),
        ([CHUNK, COUNTS, COUNTS], {"include_usage": True}, Kind.NOT_ASKED, "comes more than once"),
        ([COUNTED], {"include_usage": True}, Kind.NOT_ASKED, "comes on an event with choices"),
        ([COUNTED, COUNTS], {"include_usage": True, "continuous_usage_stats": False}, Kind.NOT_ASKED, "more than once"),
    ],
)
def test_usage_that_comes_otherwise_is_one_finding(
    find: Find, pieces: list[Any], options: Any, kind: Kind, said: str
) -> None:
    (found,) = find(chat("".join(map(data, pieces)) + DONE, **options))

    assert (found.kind, found.subject) == (kind, "200 event usage")
    assert said in found.detail
