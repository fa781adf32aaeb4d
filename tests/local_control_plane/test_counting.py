"""The counter of streams: the same count however the bytes are cut."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from tensormesh_local.accounts import Tokens
from tensormesh_local.inference.metering import Metered, StreamCount, WholeCount

USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 8}}
RESPONSES_USAGE = {"input_tokens": 9, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 8}}


def event(value: Any, end: str = "\n") -> bytes:
    """One event, with a name where the dialect gives it one."""
    name = f"event: {value['type']}{end}" if isinstance(value, dict) and "type" in value else ""
    data = value if isinstance(value, str) else json.dumps(value)
    return f"{name}data: {data}{end}{end}".encode()


def chunk(**delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta}]}


CHAT = [chunk(role="assistant", content=""), chunk(reasoning="Hm"), chunk(content="a"), chunk(tool_calls=[{}]), chunk()]
TEXT = [{"choices": [{"text": "a"}]}, {"choices": [{"text": "b"}]}, {"choices": [{"text": ""}]}]


def count(data: bytes, known: Tokens | None = None) -> tuple[Tokens, bool]:
    counter = StreamCount(known)
    over = counter.feed(data)
    return counter.tokens(), over


@pytest.mark.parametrize(("events", "pieces"), [(CHAT, 3), (TEXT, 2)])
def test_pieces_are_counted_where_no_usage_is_told(events: list[Any], pieces: int) -> None:
    assert count(b"".join(map(event, events)) + event("[DONE]")) == (Tokens(0, 0, pieces), True)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_usage_that_is_told_is_believed(end: str) -> None:
    data = b"".join(event(one, end) for one in [*CHAT, {"choices": [], "usage": USAGE}, "[DONE]"])

    assert count(data) == (Tokens(9, 8, 4), True)


@pytest.mark.parametrize("kind", ["response.completed", "response.incomplete", "response.failed"])
def test_a_response_ends_with_its_usage(kind: str) -> None:
    data = event({"type": "response.output_text.delta", "delta": "a"})
    data += event({"type": kind, "response": {"usage": RESPONSES_USAGE}})

    assert count(data) == (Tokens(9, 8, 4), True)


def test_a_whole_stream_uses_what_is_known_of_it() -> None:
    data = b"".join(map(event, CHAT)) + event("[DONE]")

    assert count(data, Tokens(9, 8, 5)) == (Tokens(9, 8, 5), True)


def test_a_broken_stream_uses_the_whole_prompt_and_the_pieces_that_were_sent() -> None:
    assert count(b"".join(map(event, CHAT[:3])), Tokens(9, 8, 5)) == (Tokens(9, 8, 2), False)


def test_a_broken_stream_with_running_usage_uses_what_it_told_last() -> None:
    data = event({**chunk(content="abc"), "usage": {"prompt_tokens": 9, "completion_tokens": 3}})

    assert count(data, Tokens(9, 8, 5)) == (Tokens(9, 8, 3), False)


def test_the_end_is_not_taken_for_reached_before_its_event_is_whole() -> None:
    data = event({"type": "response.completed", "response": {"usage": RESPONSES_USAGE}})
    name = data.index(b"data: ")
    counter = StreamCount()

    assert [counter.feed(data[:name]), counter.feed(data[name:])] == [False, True]
    assert counter.tokens() == Tokens(9, 8, 4)


def test_a_text_about_the_end_is_not_the_end() -> None:
    assert count(event(chunk(content="data: [DONE]")), Tokens(9, 8, 5)) == (Tokens(9, 8, 1), False)


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_no_bytes_break_the_count(parts: list[bytes]) -> None:
    counter = StreamCount()
    for part in parts:
        counter.feed(part)

    assert counter.tokens().completion >= 0


@given(st.data())
def test_the_count_does_not_depend_on_where_the_bytes_are_cut(data: st.DataObject) -> None:
    events = [*CHAT, "[DONE]"] if data.draw(st.booleans()) else [*CHAT, {"choices": [], "usage": USAGE}, "[DONE]"]
    whole = b": a comment\n\n" + b"".join(map(event, events))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    counter = StreamCount()
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        counter.feed(whole[start:end])

    assert counter.tokens() == count(whole)[0]


def told(status: int, kind: str, *parts: bytes) -> list[str]:
    """What happens when an answer goes out, in order: its parts as they are sent, and the payment."""
    happened: list[str] = []

    async def answer(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode())]})
        for number, part in enumerate(parts, 1):
            await send({"type": "http.response.body", "body": part, "more_body": number < len(parts)})

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        happened.append(message.get("body", b"start").decode())

    metered = Metered(answer, None, lambda tokens: happened.append(f"paid {tokens.prompt}"))
    asyncio.run(metered({"type": "http"}, receive, send))
    return happened


def test_an_answer_is_paid_before_its_end_is_sent() -> None:
    body = json.dumps({"usage": USAGE}).encode()

    assert told(200, "application/json", body[:9], body[9:]) == [
        "start",
        body[:9].decode(),
        "paid 9",
        body[9:].decode(),
    ]


def test_a_stream_is_paid_before_its_last_event_and_only_once() -> None:
    last = event({"choices": [], "usage": USAGE}) + event("[DONE]")

    assert told(200, "text/event-stream", event(CHAT[1]), last, b"") == [
        "start",
        event(CHAT[1]).decode(),
        "paid 9",
        last.decode(),
        "",
    ]


def test_a_refusal_is_not_paid() -> None:
    body = json.dumps({"usage": USAGE}).encode()

    assert told(500, "application/json", body) == ["start", body.decode()]


def test_an_answer_without_usage_is_not_billed() -> None:
    for body in (b'{"count": 3}', b"[]", b"<html>", b""):
        counter = WholeCount()
        counter.feed(body)

        assert counter.tokens() is None
