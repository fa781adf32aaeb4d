"""Streams of events, made and read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.growth.measurement import Case, Work
from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.errors import StreamError
from tensormesh_overlay.streaming.assemblies import assembly
from tensormesh_overlay.streaming.event_decoder import EventDecoder
from tensormesh_runtime.types import Streaming

CHAT, TEXT, RESPONSE, FIELDS = "chat", "completion", "response", "fields"
BY_FIELDS = Streaming("stream", pieces=(("text", "text"), ("items", "items")))
"""A stream whose events hold pieces of two fields."""

Json = dict[str, Any]


def event(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def chunk(delta: Any, index: Any = 0, **more: Any) -> Json:
    """A chunk of a chat completion with one choice."""
    return {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": index, "delta": delta, **more}]}


def content(text: Any, index: int = 0) -> Json:
    return chunk({"content": text}, index)


def read(pieces: Iterable[bytes], kind: str = CHAT, think: ThinkPolicy = "split") -> None:
    """All events of a stream, what they add up to, and what is said of its end."""
    added = assembly(kind, think, BY_FIELDS)
    decoder = EventDecoder(added)
    try:
        for piece in pieces:
            for found in decoder.feed(piece):
                added.texts(found)
                added.reasonings(found)
        for found in decoder.flush():
            added.texts(found)
    except StreamError as error:
        str(error)
    added.result()


def stream(name: str, make: Callable[[int], Iterable[bytes]], kind: str = CHAT, **limits: int) -> Case:
    """The reading of a stream of so many bytes, lines or events."""

    def prepare(size: int) -> Work:
        pieces = list(make(size))
        return lambda: read(pieces, kind)

    return Case(f"stream: {name}", prepare, **limits)


def events(name: str, make: Callable[[int], Iterable[Any]], kind: str = CHAT, **limits: int) -> Case:
    """The reading of a stream of so many events, each its JSON."""
    return stream(name, lambda size: map(event, make(size)), kind, **limits)
