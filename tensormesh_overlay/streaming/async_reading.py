"""
What reads an asynchronous stream: pieces to batches of events, batches to single events, texts, bytes or lines.

None of it is an asynchronous generator. One that was left before its end waits for the garbage collector, which hands
it to the event loop, from whatever thread and at whatever moment; these have nothing to finish.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Self

from tensormesh_overlay.errors import StreamError
from tensormesh_overlay.streaming.assembly import Assembly
from tensormesh_overlay.streaming.course import Course, after
from tensormesh_overlay.streaming.event_decoder import EventDecoder, broken
from tensormesh_overlay.streaming.lines import Lines
from tensormesh_overlay.transport_errors import as_ours
from tensormesh_transport.errors import TransportError
from tensormesh_transport.messages import AsyncBody


class AsyncBatches:
    """Events as they arrive, those of one piece together."""

    def __init__(
        self, pieces: AsyncIterator[bytes], body: AsyncBody, decoder: EventDecoder, course: Course, place: str
    ) -> None:
        self._piece = pieces.__anext__
        self._body = body
        self._decoder = decoder
        self._course = course
        self._place = place
        self._rest: Iterator[dict[str, Any]] | None = None
        self._busy = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[dict[str, Any]]:
        if self._course.left:
            raise StopAsyncIteration
        if self._busy:
            raise self._course.named(
                StreamError("another task reads this stream already; its events go to one of them")
            )
        self._busy = True
        try:
            batch = await self._next()
        except BaseException:
            await self._leave()
            raise
        finally:
            self._busy = False
        if batch is None:
            await self._leave()
            raise StopAsyncIteration
        return batch

    async def _next(self) -> list[dict[str, Any]] | None:
        rest, decoder, piece, cause = self._rest, self._decoder, self._piece, None
        if rest is None:
            try:
                while not decoder.over:
                    if batch := decoder.feed(await piece()):
                        return batch
            except StopAsyncIteration:
                pass
            except TransportError as error:
                cause = as_ours(error, self._place)
            if self._course.closed:
                return None
            rest = self._rest = decoder.flush(cause)
        try:
            for data in rest:
                return [data]
        finally:
            cause = None  # An error holds the frames it went through, and must not be held by one.
        if decoder.done:
            await self._body.finish()
        self._course.ended = True
        return None

    async def _leave(self) -> None:
        self._course.left = True
        await self._body.close()


class AsyncEvents:
    """What `pick` makes of each event, or with an `assembly` each piece of its text, as long as the stream is read."""

    def __init__(
        self,
        batches: AsyncBatches,
        course: Course,
        body: AsyncBody,
        pick: Callable[[dict[str, Any]], Any],
        assembly: Assembly | None = None,
    ) -> None:
        self._batches = batches
        self._course = course
        self._body = body
        self._pick = pick
        self._assembly = assembly
        self._texts: Iterator[Any] = iter(())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        course, assembly = self._course, self._assembly
        if course.left:
            course.check()
        while True:
            if assembly is None:
                for data in course.ready:
                    return self._pick(data)
            else:
                for text in self._texts:
                    return text
                for data in course.ready:
                    self._texts = iter(self._pick(data))
                    for text in self._texts:
                        return text
            try:
                course.ready = iter(await self._batches.__anext__())
            except StopAsyncIteration:
                break
        for _ in after(course, assembly):
            """It raises, or there is nothing."""
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Stop, and give the connection back."""
        self._course.closed = True
        await self._body.close()


class AsyncBytes:
    """The pieces of a body as they come; when there are no more, its connection is given back."""

    def __init__(self, pieces: AsyncIterator[bytes], body: AsyncBody, course: Course, place: str) -> None:
        self._pieces = pieces
        self._body = body
        self._course = course
        self._place = place

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        self._course.check()
        try:
            return await anext(self._pieces)
        except StopAsyncIteration:
            await self._body.close()
            raise
        except TransportError as error:
            await self._leave()
            if self._course.closed:
                raise StopAsyncIteration from None
            ours = as_ours(error, self._place)
            raise self._course.named(broken(ours)) from ours
        except BaseException:
            await self._leave()
            raise

    async def aclose(self) -> None:
        """Stop, and give the connection back."""
        self._course.closed = True
        await self._body.close()

    async def _leave(self) -> None:
        self._course.left = True
        await self._body.close()


class AsyncLines:
    """The lines of such pieces."""

    def __init__(self, pieces: AsyncBytes) -> None:
        self._pieces = pieces
        self._lines = Lines()
        self._ready: Iterator[str] = iter(())
        self._over = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        while True:
            for line in self._ready:
                return line
            if self._over:
                raise StopAsyncIteration
            try:
                self._ready = iter(self._lines.feed(await anext(self._pieces)))
            except StopAsyncIteration:
                self._over, self._ready = True, iter(self._lines.flush())

    async def aclose(self) -> None:
        """Stop, and give the connection back."""
        await self._pieces.aclose()
