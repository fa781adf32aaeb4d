"""A stream over a body that is not there: what is left of one that broke."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Iterator, Mapping

import pytest

from tensormesh_generated.api.chat import create_chat_completion
from tensormesh_overlay.errors import StreamTruncatedError
from tensormesh_overlay.streaming.streams import AsyncStream, Stream
from tensormesh_transport.errors import ReadError

REQUEST = create_chat_completion.build_stream_request(body={"model": "m", "messages": []})
CHUNK = b'data: {"choices": [{"index": 0, "delta": {"content": "a"}}]}\n\n'


class _Answer:
    status_code = 200
    headers: Mapping[str, str] = {}


class Broken(_Answer):
    """A body of one chunk, whose connection breaks then."""

    def __iter__(self) -> Iterator[bytes]:
        yield CHUNK
        raise ReadError("reset")

    def finish(self) -> None: ...
    def close(self) -> None: ...


class AsyncBroken(_Answer):
    """The same, awaited."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in Broken():
            yield piece

    async def finish(self) -> None: ...
    async def close(self) -> None: ...


def read() -> weakref.ref[Broken]:
    body = Broken()
    with pytest.raises(StreamTruncatedError):
        list(Stream(REQUEST, "split", body, "POST http://host"))
    return weakref.ref(body)


async def aread() -> weakref.ref[AsyncBroken]:
    body = AsyncBroken()
    stream = AsyncStream(REQUEST, "split", body, "POST http://host")
    with pytest.raises(StreamTruncatedError):
        [event async for event in stream]
    return weakref.ref(body)


def test_a_stream_that_broke_is_gone_with_its_error() -> None:
    """Without waiting for the garbage collector: the error is not held by what it went through."""
    gc.collect()
    gc.disable()
    try:
        assert read()() is None
        assert asyncio.run(aread())() is None
    finally:
        gc.enable()
