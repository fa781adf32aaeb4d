"""One streamed call, told of from its beginning to its end: what it is read with tells what comes, and how it ends."""

from __future__ import annotations

import sys
from _thread import start_new_thread  # threading takes locks, for which a collection of garbage must not wait
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from time import perf_counter
from typing import Any, Self

from opentelemetry import context

from tensormesh_overlay.errors import APIConnectionError, StreamError
from tensormesh_overlay.streaming.assembly import Assembly
from tensormesh_overlay.streaming.event_decoder import EventDecoder, broken
from tensormesh_overlay.telemetry import conventions as names
from tensormesh_overlay.telemetry.listener import Listener, not_told
from tensormesh_overlay.telemetry.recording import Recording
from tensormesh_overlay.transport_errors import as_ours
from tensormesh_runtime.types import Request, StreamRequest
from tensormesh_transport.errors import TransportError
from tensormesh_transport.messages import AsyncBody, Body


class StreamRecording(Recording):
    """A streamed call that was begun, and what it is read with (a `Watch`)."""

    _assembly = Assembly()
    _last = 0.0

    def decoder(self, assembly: Assembly, *arguments: Any) -> EventDecoder:
        """What decodes its events."""
        self._assembly = assembly
        return RecordedDecoder(self, assembly, *arguments)

    def body(self, body: Body) -> Body:
        """What it reads from, in place of the body."""
        return RecordedBody(self, body)

    def async_body(self, body: AsyncBody) -> AsyncBody:
        """The asynchronous version of `body`."""
        return AsyncRecordedBody(self, body)

    def arrived(self) -> None:
        """Events of a stream have come."""
        now = perf_counter()
        if self._first_chunk is None:
            self._first_chunk = now - self._began
        elif self._listener.measures:
            try:
                self._listener.chunk.record(now - self._last, self._labels, self._context)
            except Exception:  # whatever those who listen raise, the stream goes on
                not_told()
        self._last = now

    def ended(self) -> None:
        """Nothing more is read of a stream, whatever the reason."""
        if not self._open:
            return
        assembly, answer = self._assembly, None
        # Another thread may close what this one reads, and then things move while they are looked at.
        with suppress(RuntimeError):
            answer = {"usage": assembly.usage()} if assembly.lost else assembly.result()
        self._end(answer)

    def collected(self) -> None:
        """
        Nobody has a stream any more.

        Collections of garbage happen anywhere, while somebody has a lock of the SDK too: it is told by another thread.
        """
        if self._open:
            with suppress(RuntimeError):  # the interpreter ends
                start_new_thread(self.ended, ())


class RecordedDecoder(EventDecoder):
    """A decoder that tells when events come, and what was wrong with them."""

    def __init__(self, call: StreamRecording, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._call = call

    def feed(self, piece: bytes) -> list[dict[str, Any]]:
        events = super().feed(piece)
        if events:
            self._call.arrived()
        return events

    def flush(self, cause: APIConnectionError | None = None) -> Iterator[dict[str, Any]]:
        try:
            yield from super().flush(cause)
        except StreamError as error:
            self._call.failed(error)
            raise


class _Recorded:
    """What is known of the answer before its body has come."""

    def __init__(self, call: StreamRecording, body: Body | AsyncBody) -> None:
        self._call = call
        self.status_code = body.status_code
        self.headers = body.headers
        self.resent = body.resent
        call.request_id = body.headers.get("x-request-id")

    def _failed(self, error: BaseException) -> None:
        self._call.failed(broken(as_ours(error, "")) if isinstance(error, TransportError) else error)


class RecordedBody(_Recorded):
    """A body that tells what breaks it, and that it is left."""

    def __init__(self, call: StreamRecording, body: Body) -> None:
        super().__init__(call, body)
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._body
        except GeneratorExit:
            raise
        except BaseException as error:
            self._failed(error)
            raise

    def finish(self) -> None:
        self._body.finish()

    def close(self) -> None:
        try:
            self._body.close()
        finally:
            # A generator that is closed from outside was collected.
            if isinstance(sys.exception(), GeneratorExit):
                self._call.collected()
            else:
                self._call.ended()


class AsyncRecordedBody(_Recorded):
    """The asynchronous version of `RecordedBody`."""

    def __init__(self, call: StreamRecording, body: AsyncBody) -> None:
        super().__init__(call, body)
        self._body = body
        self._pieces: AsyncIterator[bytes] = aiter(body)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await self._pieces.__anext__()
        except StopAsyncIteration:
            raise
        except BaseException as error:
            self._failed(error)
            raise

    async def finish(self) -> None:
        await self._body.finish()

    async def close(self) -> None:
        try:
            await self._body.close()
        finally:
            self._call.ended()

    def __del__(self) -> None:
        self._call.collected()


def begin(
    listener: Listener, request: Request[Any] | StreamRequest[Any, Any], base_url: str | None
) -> Recording | None:
    """Begin to tell of a call; None where whoever makes it wants nothing told."""
    within = context.get_current()
    if within.get(names.SUPPRESSED):
        return None
    kind = StreamRecording if isinstance(request, StreamRequest) else Recording
    try:
        return kind(listener, request, base_url, within)
    except Exception:  # whatever those who listen raise, the call is made
        not_told()
        return None
