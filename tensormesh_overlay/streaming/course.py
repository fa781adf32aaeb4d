"""How far a stream was read. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tensormesh_overlay.errors import StreamError
from tensormesh_overlay.streaming.assembly import Assembly


class Course:
    """How far a stream was read. What reads it shares this with the stream, and holds nothing else of it."""

    __slots__ = ("closed", "ended", "left", "ready", "request_id")

    def __init__(self, request_id: str | None) -> None:
        self.request_id = request_id
        self.closed = False
        self.ended = False
        self.left = False
        """Whether reading stopped for good, be it by an error or by whoever read."""
        self.ready: Iterator[dict[str, Any]] = iter(())
        """Events that came in one piece with others, and were not handed out yet."""

    def check(self) -> None:
        """Reading on after an error, a cancellation or an interrupt must not look like the end of the answer."""
        if self.left and not (self.ended or self.closed):
            raise self.named(
                StreamError("the stream was broken off before its end and cannot go on; snapshot() gives what came")
            )

    def named(self, error: StreamError) -> StreamError:
        """An error with the host's name for the call."""
        error.request_id = self.request_id
        return error


def after(course: Course, assembly: Assembly | None = None) -> Iterator[Any]:
    """What comes after the last event, or the last piece of text: nothing, or why there is no more."""
    course.check()
    if assembly is not None and (fault := assembly.fault()):
        raise course.named(fault)
    yield from ()
