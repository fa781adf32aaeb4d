"""Streams of typed events: one decoder without I/O, and the sync and async stream that pump it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from tensormesh_generated.types import StreamRequest
from tensormesh_overlay.errors import ModelError, StreamError, StreamEventError, StreamTruncatedError, message_of
from tensormesh_overlay.sse import Event, EventTooLongError, SSEDecoder

E = TypeVar("E")

DONE = b"[DONE]"
LAST_EVENTS = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled"})


class EventDecoder[E]:
    """Bytes in, typed events out; knows when the host has said all it had to say."""

    def __init__(self, request: StreamRequest[E]) -> None:
        self._request = request
        self._sse = SSEDecoder()
        self._open: set[Any] = set()
        self._began = False
        self.complete = False
        self.done = False

    def feed(self, piece: bytes) -> Iterator[E]:
        """
        The events that `piece` completes, one by one: those before a fault are handed out before it is raised.

        Raises:
            StreamEventError: the host reports an error.
            StreamError: an event is not JSON, or longer than any host should send.
        """
        try:
            events = self._sse.feed(piece)
        except EventTooLongError as error:
            raise StreamError(str(error)) from error
        yield from self._decode(events)

    def flush(self) -> Iterator[E]:
        """
        The events that the end of the stream completes.

        Raises:
            StreamTruncatedError: the host was not finished.
        """
        yield from self._decode(self._sse.flush())
        if not (self.done or self.complete):
            raise StreamTruncatedError(
                "the stream ended before the host said it was finished; what had arrived was handed out"
            )

    def _decode(self, events: list[Event]) -> Iterator[E]:
        for event in events:
            if self.done:
                return
            if event.data == DONE:
                self.done = True
                return
            try:
                data = json.loads(event.data)
            except (ValueError, RecursionError) as error:
                text = event.data[:200].decode("utf-8", errors="replace")
                raise StreamError(f"an event of the stream is not JSON: {text!r}") from error
            self._watch(data)
            try:
                yield self._request.parse_event(data)
            except ModelError as error:
                raise StreamError(f"an event of the stream is not the documented object: {error}") from error

    def _watch(self, data: Any) -> None:
        """Look for an error, and for the sign that nothing more will come."""
        if not isinstance(data, dict):
            return
        if data.get("error") or data.get("type") == "error":
            raise _event_error(data)
        if data.get("type") in LAST_EVENTS:
            self.complete = True
        for choice in data.get("choices") or ():
            if isinstance(choice, dict):
                self._began = True
                index = choice.get("index")
                if choice.get("finish_reason"):
                    self._open.discard(index)
                else:
                    self._open.add(index)
        if self._began:
            self.complete = not self._open


def _event_error(data: dict[str, Any]) -> StreamEventError:
    error = data.get("error")
    code = error.get("code") if isinstance(error, dict) else data.get("code")
    status = code if isinstance(code, int) else None
    message = message_of(data) or json.dumps(data, ensure_ascii=False)[:500]
    return StreamEventError(f"the host reported an error inside the stream: {message}", status_code=status, body=data)


class Body(Protocol):
    """The body of an answer, piece by piece."""

    def __iter__(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


class AsyncBody(Protocol):
    """The body of an answer, piece by piece, awaited."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def close(self) -> None: ...


class Stream[E]:
    """
    Events as they arrive. Use it as a context manager, or read it to its end: either gives the connection back.

    Raises (while iterating):
        StreamEventError: the host reported an error.
        StreamTruncatedError: it stopped before it was finished.
        APIConnectionError: the connection broke.
    """

    def __init__(self, request: StreamRequest[E], body: Body) -> None:
        self._body = body
        self._decoder = EventDecoder(request)
        self._events = self._pump()

    def _pump(self) -> Iterator[E]:
        try:
            for piece in self._body:
                # After [DONE] the rest is read, and dropped, so that the connection can be used again.
                yield from self._decoder.feed(piece)
            yield from self._decoder.flush()
        finally:
            self._body.close()

    def __iter__(self) -> Iterator[E]:
        return self._events

    def __next__(self) -> E:
        return next(self._events)

    def close(self) -> None:
        """Stop, and give the connection back. May be called twice."""
        self._body.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncStream[E]:
    """The asynchronous twin of `Stream`."""

    def __init__(self, request: StreamRequest[E], body: AsyncBody) -> None:
        self._body = body
        self._decoder = EventDecoder(request)
        self._iterator = self._pump()

    async def _pump(self) -> AsyncIterator[E]:
        try:
            async for piece in self._body:
                for event in self._decoder.feed(piece):
                    yield event
            for event in self._decoder.flush():
                yield event
        finally:
            await self._body.close()

    def __aiter__(self) -> AsyncIterator[E]:
        return self._iterator

    async def __anext__(self) -> E:
        return await anext(self._iterator)

    async def close(self) -> None:
        """Stop, and give the connection back. May be called twice."""
        await self._body.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
