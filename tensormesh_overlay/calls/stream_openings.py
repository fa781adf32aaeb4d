"""
The beginning of an answer to a stream request: a stream goes on as it is; anything else is read whole.

An answer is taken for what its first bytes are: some hosts label a stream as plain text or JSON, or not at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Self

from tensormesh_overlay.calls.responses import Beginning, ResentBeginning, begins_like_events, is_event_stream
from tensormesh_transport.messages import BEGINNING_BYTES, AsyncBody, Body, ResentResponse, Response

MAX_ERROR_BODY_BYTES = 1024 * 1024
"""How much is read of an error: a host that fails may never come to its end."""

LOOKED_AT = 200
"""How many bytes show what an answer is."""


class _Look:
    """
    Takes pieces until it is clear what they are.

    Args:
        limit: how long an answer may be that is no stream.
    """

    def __init__(self, body: Body | AsyncBody, limit: int) -> None:
        self._success = 200 <= body.status_code < 300
        self._limit = limit if self._success else min(limit, MAX_ERROR_BODY_BYTES)
        self._head = b""
        self.content = bytearray()
        self.streams = False
        self.whole = True

    def begin(self) -> bytes:
        """All of it, or as much as is kept of what is too long."""
        return bytes(self.content if self.whole else self.content[: min(self._limit, BEGINNING_BYTES)])

    def decides(self, piece: bytes) -> bool:
        try:
            self.content += piece
        except MemoryError:
            self.whole = False
            return True
        if len(self._head) < LOOKED_AT:
            # Blank lines before it only say that the host is there.
            self._head = (self._head + piece).lstrip()[:LOOKED_AT]
            self.streams = self._success and begins_like_events(self._head)
        self.whole = self.streams or len(self.content) <= self._limit
        return self.streams or not self.whole


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


class _Arrived(_Begun):
    """An answer that was no stream, and has arrived as a whole, or as much of it as may."""

    def __init__(self, body: Body | AsyncBody, look: _Look) -> None:
        super().__init__(body, look.begin())
        self._kind: type[Response] = ResentResponse if self.resent else Response
        if not look.whole:
            self._kind = ResentBeginning if self.resent else Beginning

    @property
    def response(self) -> Response:
        return self._kind(self.status_code, self.headers, self._begin)


class Arrived(_Arrived):
    """An answer that was no stream."""

    def __iter__(self) -> Iterator[bytes]:
        yield self._begin

    def finish(self) -> None:
        """Nothing is left."""

    def close(self) -> None:
        """Nothing is open."""


class AsyncArrived(_Arrived):
    """The asynchronous version of `Arrived`."""

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


def opened(body: Body, limit: int) -> Body:
    """The stream of an answer, or all of it, up to a limit."""
    if is_event_stream(body):
        return body
    look = _Look(body, limit)
    pieces = iter(body)
    try:
        for piece in pieces:
            if look.decides(piece):
                break
    finally:
        if not look.streams:
            body.close()
    return Resumed(body, bytes(look.content), pieces) if look.streams else Arrived(body, look)


async def opened_async(body: AsyncBody, limit: int) -> AsyncBody:
    """The asynchronous version of `opened`."""
    if is_event_stream(body):
        return body
    look = _Look(body, limit)
    pieces = aiter(body)
    try:
        async for piece in pieces:
            if look.decides(piece):
                break
    finally:
        if not look.streams:
            await body.close()
    return AsyncResumed(body, bytes(look.content), pieces) if look.streams else AsyncArrived(body, look)
