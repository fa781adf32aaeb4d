"""Recorded streams with anything wrong in them: what came is handed out, and what ends them is an error of ours."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tensormesh.errors import TensormeshError
from tensormesh_generated.api.chat import create_chat_completion
from tensormesh_generated.api.completions import create_completion
from tensormesh_generated.api.responses import create_response
from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.streaming.assemblies import assembly
from tensormesh_overlay.streaming.event_decoder import EventDecoder
from tensormesh_overlay.streaming.streams import Stream
from tests.fuzz.spoiling import any_json, is_ours, names, scribbled, spoilt
from tests.generated.typed_reading import broken_promises
from tests.overlay.pure.cuts import PLACES, cut
from tests.overlay.recordings import STREAMS, Recording

OPERATIONS: dict[str, Any] = {
    "/v1/chat/completions": create_chat_completion,
    "/v1/completions": create_completion,
    "/v1/responses": create_response,
}
POLICIES: list[ThinkPolicy] = ["split", "keep", "open"]
ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r", b"\n")
NOISE = (
    b"\r", b"\n", b"\n\n", b"\xef\xbb\xbf", b"\xff", b"\x00", b"\xe2\x80\xa8", b": here\n\n", b"data:", b"data: {",
    b"}", b"event: error\n", b"event:\n", b"data: [DONE]\n\n", b"data: 7\n\n", b'data: {"error": 7}\n\n', b"<think>",
)  # fmt: skip


@st.composite
def spoilt_streams(draw: st.DrawFn) -> tuple[Recording, list[bytes]]:
    """A recording, and the pieces of it that come, with events changed, ends of lines too, and noise in between."""
    recording = draw(st.sampled_from(STREAMS))
    events = list(recording.events)
    for _ in range(draw(st.integers(0, 3))):
        position = draw(st.integers(0, len(events) - 1))
        events[position] = draw(spoilt(events[position], any_json(sorted(names(events[position])))))
    for _ in range(draw(st.integers(0, 2))):
        position = draw(st.integers(0, len(events) - 1))
        events[position : position + 1] = [events[position]] * draw(
            st.sampled_from([0, 2]) if events[1:] else st.just(2)
        )
    end, escaped = draw(st.sampled_from(ENDS)), draw(st.booleans())
    content = b""
    for event in events:
        kind = event.get("type") if isinstance(event, dict) else None
        name = f"event: {kind}\n" if isinstance(kind, str) and recording.path == "/v1/responses" else ""
        data = json.dumps(event, ensure_ascii=escaped)
        content += f"{name}data: {data}".encode("utf-8", "surrogatepass") + end
    content += draw(st.sampled_from([b"data: [DONE]\n\n", b""]))
    content = draw(scribbled(content, NOISE))
    return recording, cut(content, draw(st.lists(st.integers(0, len(content)), max_size=16)))


class Pieces:
    """A body that has arrived, in pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.status_code, self.headers, self._pieces = 200, {"content-type": "text/event-stream"}, pieces

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def finish(self) -> None:
        """Nothing is left."""

    def close(self) -> None:
        """Nothing is open."""


def stream_of(recording: Recording, pieces: list[bytes], think: ThinkPolicy) -> Stream[Any, Any]:
    operation = OPERATIONS[recording.path]
    return Stream(operation.build_stream_request(body=recording.asked), think, Pieces(pieces), "POST /v1")


def read_to_the_end(events: Iterable[Any]) -> list[Any]:
    """What comes out, before an error of ours or the end."""
    found: list[Any] = []
    try:
        found.extend(iter(events))
    except TensormeshError as error:
        is_ours(error)
    return found


def loop_of_the_readme(event: Any) -> None:
    for choice in event.choices:
        if choice.delta.content:
            choice.delta.content.encode()


@given(spoilt_streams(), st.sampled_from(POLICIES))
def test_a_recorded_stream_with_anything_wrong_in_it_can_be_read(
    case: tuple[Recording, list[bytes]], think: ThinkPolicy
) -> None:
    """Every way of reading ends in a value of its type, or in an error of ours."""
    recording, pieces = case
    stream = stream_of(recording, pieces, think)
    for event in read_to_the_end(stream):
        assert list(broken_promises(event)) == []
        assert isinstance(repr(event), str)
        if recording.path == "/v1/chat/completions":
            loop_of_the_readme(event)
    for texts in (
        stream_of(recording, pieces, think).text_deltas(),
        stream_of(recording, pieces, think).reasoning_deltas(),
    ):
        for text in read_to_the_end(texts):
            assert text
            text.encode()
    for whole in (stream.snapshot(), *read_to_the_end(map(Stream.get_final, [stream_of(recording, pieces, think)]))):
        if whole is not None:
            assert list(broken_promises(whole)) == []
            with contextlib.suppress(TensormeshError):  # NaN
                json.dumps(whole.to_dict())
    assert stream.usage is None or list(broken_promises(stream.usage)) == []


@given(st.binary(max_size=200) | st.lists(st.sampled_from(NOISE), max_size=20).map(b"".join), PLACES)
def test_bytes_that_are_no_stream_at_all_can_be_read(content: bytes, borders: list[int]) -> None:
    decoder = EventDecoder(assembly("chat", "split"))

    with contextlib.suppress(TensormeshError):
        for piece in cut(content, borders):
            decoder.feed(piece)
        list(decoder.flush())
