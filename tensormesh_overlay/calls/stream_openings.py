"""
The beginning of an answer to a stream request: a stream goes on as it is; anything else is read whole.

An answer is taken for what its first bytes are: some hosts label a stream as plain text or JSON, or not at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Self

from tensormesh_overlay.calls.responses import begins_like_events, is_event_stream
from tensormesh_transport.messages import AsyncBody, Body, ResentResponse, Response

MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_ERROR_BODY_BYTES = 1024 * 1024
"""How much is read of an answer that is no stream."""


class _Look:
    """Takes pieces until it is clear what they are."""

    def __init__(self, body: Body | AsyncBody) -> None:
        self.success = 200 <= body.status_code < 300
        self.content = bytearray()
        self.streams = False

    def decides(self, piece: bytes) -> bool:
        self.content += piece
        self.streams = self.success and begins_like_events(bytes(self.content[:200]))
        return self.streams or len(self.content) > (MAX_BODY_BYTES if self.success else MAX_ERROR_BODY_BYTES)


class _Begun:
    """An answer of which some has been read."""

    def __init__(self, body: Body | AsyncBody, begin: bytes) -> None:
        self._begin = begin
        self.status_code: int = body.status_code
        self.headers: Mapping[str, str] = body.headers
        self.resent: bool = body.resent


class Resumed(_Begun):
    """A stream whose first bytes were looked at."""

    def __init__(self, body: Body, begin: bytes, rest: Iterator[bytes]) -> None:
        super().__init__(body, begin)
        self._rest = rest
        self.finish, self.close = body.finish, body.close

    def __iter__(self) -> Iterator[bytes]:
        yield self._begin
        yield from self._rest


class AsyncResumed(_Begun):
    """The asynchronous version of `Resumed`."""

    def __init__(self, body: AsyncBody, begin: bytes, rest: AsyncIterator[bytes]) -> None:
        super().__init__(body, begin)
        self._rest = rest
        self.finish, self.close = body.finish, body.close

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        begin, self._begin = self._begin, b""
        return begin or await anext(self._rest)


class Arrived(_Begun):
    """An answer that was no stream, and has arrived as a whole."""

    @property
    def response(self) -> Response:
        return (ResentResponse if self.resent else Response)(self.status_code, self.headers, self._begin)

    def __iter__(self) -> Iterator[bytes]:
        yield self._begin

    def finish(self) -> None:
        """Nothing is left."""

    def close(self) -> None:
        """Nothing is open."""


class AsyncArrived(_Begun):
    """The asynchronous version of `Arrived`."""

    @property
    def response(self) -> Response:
        return (ResentResponse if self.resent else Response)(self.status_code, self.headers, self._begin)

    _read = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._read:
            raise StopAsyncIteration
        self._read = True
        return self._begin

    async def finish(self) -> None:
        """Nothing is left."""

    async def close(self) -> None:
        """Nothing is open."""


def opened(body: Body) -> Body:
    """The stream of an answer, or all of it."""
    if is_event_stream(body):
        return body
    look = _Look(body)
    pieces = iter(body)
    try:
        for piece in pieces:
            if look.decides(piece):
                break
    finally:
        if not look.streams:
            body.close()
    return Resumed(body, bytes(look.content), pieces) if look.streams else Arrived(body, bytes(look.content))


async def opened_async(body: AsyncBody) -> AsyncBody:
    """The asynchronous version of `opened`."""
    if is_event_stream(body):
        return body
    look = _Look(body)
    pieces = aiter(body)
    try:
        async for piece in pieces:
            if look.decides(piece):
                break
    finally:
        if not look.streams:
            await body.close()
    return AsyncResumed(body, bytes(look.content), pieces) if look.streams else AsyncArrived(body, bytes(look.content))
