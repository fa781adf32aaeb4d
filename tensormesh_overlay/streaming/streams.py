"""Streams of typed events: one decoder without I/O, and the sync and async stream that pump it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import closing
from itertools import chain
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.sent_secrets import SentSecrets, no_secrets
from tensormesh_overlay.streaming.async_reading import AsyncBatches, AsyncBytes, AsyncEvents, AsyncLines
from tensormesh_overlay.streaming.course import Course, after
from tensormesh_overlay.streaming.event_decoder import EventDecoder, broken
from tensormesh_overlay.streaming.lines import Lines
from tensormesh_overlay.streaming.reading import Reading
from tensormesh_overlay.transport_errors import as_ours
from tensormesh_runtime.publication import public
from tensormesh_runtime.types import StreamRequest
from tensormesh_transport.errors import TransportError
from tensormesh_transport.messages import MAX_BYTES, AsyncBody, Body

if TYPE_CHECKING:
    from tensormesh_overlay.streaming.watch import Watch


@public
class Stream[E, F](Reading[E, F]):
    """
    Events as they arrive, and what they add up to. Read it to its end, or use it as a context manager: either gives
    the connection back. What was not read to its end, and is not closed, is closed when it is collected.

    Raises (while reading):
        StreamEventError: the host reported an error.
        StreamTruncatedError: it stopped, or the connection broke, before it was finished.
        StreamTimeoutError: it was silent for too long.
    """

    def __init__(
        self,
        request: StreamRequest[E, F],
        think: ThinkPolicy,
        body: Body,
        place: str,
        max_bytes: int = MAX_BYTES,
        secrets: Callable[[], SentSecrets] = no_secrets,
        watch: Watch | None = None,
    ) -> None:
        super().__init__(request, think, body.status_code, body.headers, place, max_bytes, secrets, watch)
        body = body if watch is None else watch.body(body)
        self._body = body
        self._pieces = iter(body)
        self._batches = _pump(self._pieces, body, self._decoder, self._course, place)
        next(self._batches)
        self._data = chain.from_iterable(self._batches)
        self._events: Iterator[E] = chain(map(self._parse, self._data), after(self._course))

    def __iter__(self) -> Iterator[E]:
        self._course.check()
        return self._events

    def __next__(self) -> E:
        self._course.check()
        return next(self._events)

    def text_deltas(self) -> Iterator[str]:
        """
        The pieces of visible text, in place of the events; choices one after another as they come.

        Raises (at the end of the text):
            StreamEventError: the host says that it failed, or broke off its answer (`response.incomplete`).
        """
        self._course.check()
        texts = chain.from_iterable(map(self._assembly.texts, self._data))
        return chain(texts, after(self._course, self._assembly))

    def reasoning_deltas(self) -> Iterator[str]:
        """The pieces of reasoning, in place of the events."""
        self._course.check()
        reasonings = chain.from_iterable(map(self._assembly.reasonings, self._data))
        return chain(reasonings, after(self._course, self._assembly))

    def iter_bytes(self) -> Generator[bytes]:
        """The body as it comes, in place of the events."""
        try:
            yield from self._pieces
        except TransportError as error:
            if not self._course.closed:
                ours = as_ours(error, self._place)
                raise self._course.named(broken(ours)) from ours
        finally:
            self._body.close()

    def iter_lines(self) -> Iterator[str]:
        """The lines of the body as they come, in place of the events."""
        lines = Lines()
        with closing(self.iter_bytes()) as pieces:
            for piece in pieces:
                yield from lines.feed(piece)
        yield from lines.flush()

    def get_final(self) -> F:
        """
        Read to the end; what the events add up to, as if the answer had not been streamed.

        Raises:
            StreamError: there is no whole answer; `snapshot` gives the part that came.
        """
        for _ in self._data:
            if self._assembly.lost_for_good:
                self.close()
                break
        return self._final()

    def close(self) -> None:
        """Stop, and give the connection back. May be called twice, and while another thread reads."""
        self._course.closed = True
        self._body.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _pump(
    pieces: Iterator[bytes], body: Body, decoder: EventDecoder, course: Course, place: str
) -> Iterator[list[dict[str, Any]]]:
    feed, cause, piece = decoder.feed, None, b""
    try:
        yield []  # Python closes what has begun when nobody holds it any more, and only that.
        try:
            for piece in pieces:
                if batch := feed(piece):
                    yield batch
                if decoder.over:
                    break
        except TransportError as error:
            cause = as_ours(error, place)
        if not course.closed:
            for data in decoder.flush(cause):
                yield [data]
            if decoder.done:
                body.finish()
            course.ended = True
    finally:
        # An error holds the frames it went through, and must not be held by one; nor must what may not be shown.
        course.left, cause, piece = True, None, b""
        body.close()


@public
class AsyncStream[E, F](Reading[E, F]):
    """The asynchronous version of `Stream`."""

    def __init__(
        self,
        request: StreamRequest[E, F],
        think: ThinkPolicy,
        body: AsyncBody,
        place: str,
        max_bytes: int = MAX_BYTES,
        secrets: Callable[[], SentSecrets] = no_secrets,
        watch: Watch | None = None,
    ) -> None:
        super().__init__(request, think, body.status_code, body.headers, place, max_bytes, secrets, watch)
        body = body if watch is None else watch.async_body(body)
        self._body = body
        self._pieces = aiter(body)
        self._batches = AsyncBatches(self._pieces, body, self._decoder, self._course, place)
        self._events = AsyncEvents(self._batches, self._course, body, self._parse)

    def __aiter__(self) -> AsyncIterator[E]:
        self._course.check()
        return self._events

    async def __anext__(self) -> E:
        event: E = await self._events.__anext__()
        return event

    def text_deltas(self) -> AsyncIterator[str]:
        """
        The pieces of visible text, in place of the events; choices one after another as they come.

        Raises (at the end of the text):
            StreamEventError: the host says that it failed, or broke off its answer (`response.incomplete`).
        """
        self._course.check()
        return AsyncEvents(self._batches, self._course, self._body, self._assembly.texts, self._assembly)

    def reasoning_deltas(self) -> AsyncIterator[str]:
        """The pieces of reasoning, in place of the events."""
        self._course.check()
        return AsyncEvents(self._batches, self._course, self._body, self._assembly.reasonings, self._assembly)

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """The body as it comes, in place of the events."""
        return AsyncBytes(self._pieces, self._body, self._course, self._place)

    def iter_lines(self) -> AsyncIterator[str]:
        """The lines of the body as they come, in place of the events."""
        return AsyncLines(AsyncBytes(self._pieces, self._body, self._course, self._place))

    async def get_final(self) -> F:
        """
        Read to the end; what the events add up to, as if the answer had not been streamed.

        Raises:
            StreamError: there is no whole answer; `snapshot` gives the part that came.
        """
        async for _ in self._batches:
            if self._assembly.lost_for_good:
                await self.close()
                break
        return self._final()

    async def close(self) -> None:
        """Stop, and give the connection back. May be called twice, and while another task reads."""
        self._course.closed = True
        await self._body.close()

    aclose = close

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
