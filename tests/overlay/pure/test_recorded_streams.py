"""Streams of a real engine add up to what the same engine answered whole, wherever their bytes are cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.errors import StreamTruncatedError
from tensormesh_overlay.streaming.assemblies import assembly
from tensormesh_overlay.streaming.assembly import Assembly
from tensormesh_overlay.streaming.event_decoder import EventDecoder
from tests.cases import cases
from tests.generated.conftest import Transcript, _transcripts
from tests.overlay.pure.cuts import cut

EVENTS = {
    "/v1/chat/completions": "chat",
    "/v1/completions": "completion",
    "/v1/responses": "response",
}
RECORDED = [one for one in _transcripts() if one.status == 200 and one.path in EVENTS]
STREAMS = [one for one in RECORDED if one.content_type == "text/event-stream"]
PAIRS = {
    "chat_stream": "chat_basic",
    "chat_stream_usage": "chat_basic",
    "tools_auto_stream": "tools_auto",
    "tools_parallel_stream": "tools_parallel",
    "comp_stream": "comp_no_max_tokens",
    "comp_stream_usage": "comp_no_max_tokens",
    "resp_stream": "resp_basic",
}
"""Streams, and the same request answered whole by the same server."""

OF_THE_CALL = frozenset({"id", "created", "created_at"})
"""What differs between two answers to one request."""


def bare(name: str) -> str:
    return name.rpartition("/")[2]


def asked(one: Transcript) -> Any:
    """What a request asks for, streamed or not."""
    body = {key: value for key, value in (one.body or {}).items() if key not in ("stream", "stream_options")}
    if one.path == "/v1/completions":
        body.setdefault("max_tokens", 16)  # the engine's default
    return one.name.partition("/")[0], one.path, body


def read(pieces: list[bytes], whole: Assembly) -> list[Any]:
    """All events of a stream, to its end."""
    decoder = EventDecoder(whole)
    return [event for piece in pieces for event in decoder.feed(piece)] + list(decoder.flush())


def opened(stream: Transcript, think: ThinkPolicy = "split") -> Assembly:
    return assembly(EVENTS[stream.path], think)


@cache
def final(name: str) -> Any:
    """What the stream of that name adds up to."""
    (stream,) = (one for one in STREAMS if one.name == name)
    whole = opened(stream)
    read([stream.text.encode()], whole)
    return whole.result()


def comparable(value: Any) -> Any:
    """Without what belongs to one call and without nulls, which an answer may also leave out."""
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items() if item is not None and key not in OF_THE_CALL}
    return [comparable(item) for item in value] if isinstance(value, list) else value


def test_the_pairs_are_all_there_are() -> None:
    answers = [one for one in RECORDED if one not in STREAMS]
    found = {bare(stream.name): bare(one.name) for stream in STREAMS for one in answers if asked(stream) == asked(one)}

    assert found == PAIRS


@cases("stream", [one for one in STREAMS if bare(one.name) in PAIRS], ids=str)
def test_a_stream_adds_up_to_the_whole_answer(stream: Transcript) -> None:
    """
    Equal but for ids, times and nulls; for usage where the stream was not asked for it; and for the status of a
    reasoning item, which the engine gives in streams only.
    """
    (answer,) = (one for one in RECORDED if bare(one.name) == PAIRS[bare(stream.name)] and asked(one) == asked(stream))
    streamed, whole = comparable(final(stream.name)), comparable(json.loads(answer.text))
    if not (stream.body or {}).get("stream_options") and "choices" in whole:
        assert "usage" not in streamed
        del whole["usage"]
    for item in streamed.get("output", ()):
        if item["type"] == "reasoning":
            assert item.pop("status") == "completed"

    assert streamed == whole


def plain_sums(stream: Transcript) -> Iterator[tuple[str, str]]:
    """Text and reasoning of each choice or response, added up the plain way."""
    if stream.path == "/v1/responses":
        kinds = ("response.output_text.delta", "response.reasoning_text.delta")
        text, reasoning = ("".join(e["delta"] for e in stream.events if e["type"] == kind) for kind in kinds)
        yield text, reasoning
        return
    choices = [choice for event in stream.events for choice in event["choices"]]
    for index in sorted({choice["index"] for choice in choices}):
        pieces = [
            choice.get("delta") or {"content": choice.get("text")} for choice in choices if choice["index"] == index
        ]
        yield tuple("".join(piece.get(key) or "" for piece in pieces) for key in ("content", "reasoning"))  # type: ignore[misc]


@cases("stream", STREAMS, ids=str)
def test_text_and_reasoning_are_what_the_events_brought(stream: Transcript) -> None:
    whole = opened(stream)
    events = read([stream.text.encode()], whole)
    ((text, reasoning),) = plain_sums(stream)

    assert text + reasoning
    assert "".join(part for event in events for part in whole.texts(event)) == text
    assert "".join(part for event in events for part in whole.reasonings(event)) == reasoning


@settings(max_examples=8)
@given(st.lists(st.integers(0, 9_000), max_size=40))
@pytest.mark.parametrize("stream", STREAMS, ids=str)
def test_where_the_bytes_were_cut_does_not_matter(stream: Transcript, places: list[int]) -> None:
    whole, kept, pieces = opened(stream), opened(stream, "keep"), cut(stream.text.encode(), places)
    read(pieces, whole)

    assert whole.result() == final(stream.name)
    assert read(pieces, kept) == stream.events
    assert kept.result() == final(stream.name)


@cases("stream", STREAMS, ids=str)
def test_a_stream_may_come_byte_by_byte(stream: Transcript) -> None:
    whole, body = opened(stream), stream.text.encode()
    read([body[place : place + 1] for place in range(len(body))], whole)

    assert whole.result() == final(stream.name)


@cases("stream", [one for one in STREAMS if one.path == "/v1/responses"], ids=str)
def test_a_response_cut_off_before_its_last_event_holds_the_same_items(stream: Transcript) -> None:
    whole = opened(stream)
    body = stream.text.encode()
    decoder = EventDecoder(whole)
    decoder.feed(body[: body.rindex(b"event: ")])

    with pytest.raises(StreamTruncatedError):
        list(decoder.flush())
    snapshot = whole.result()
    assert snapshot is not None
    assert snapshot["output"] == final(stream.name)["output"]
    assert snapshot["status"] == "in_progress"


@cases("stream", STREAMS, ids=str)
def test_of_a_stream_cut_off_anywhere_the_text_that_came_is_there(stream: Transcript) -> None:
    body = stream.text.encode()
    for place in range(0, len(body) - 20, len(body) // 20):
        whole = opened(stream)
        events = EventDecoder(whole).feed(body[:place])
        snapshot = json.dumps(whole.result(), ensure_ascii=False)

        for pick in (whole.texts, whole.reasonings):
            came = "".join(part for event in events for part in pick(event)).strip()
            assert json.dumps(came, ensure_ascii=False)[1:-1] in snapshot
