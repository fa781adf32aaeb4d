"""Work that takes its time, done beside the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import threading
from collections.abc import Callable, Hashable
from typing import Any

from tensormesh_transport.errors import TransportError, forget_frames

type Outcome = tuple[Any, BaseException | None]
"""What a work gave, or why it gave nothing."""


class Aside:
    """
    Does work in a thread: loads modules, reads files.

    All who wait for the same at the same time share it, and whoever of them is cancelled leaves it to the others. The
    event loop may be gone before it is done.
    """

    def __init__(self) -> None:
        self._under_way: dict[tuple[asyncio.AbstractEventLoop, Hashable], asyncio.Future[Outcome]] = {}

    async def done[T](self, key: Hashable, work: Callable[[], T]) -> T:
        """
        What `work` gives.

        Args:
            key: what is the same for the same work.
        """
        loop = asyncio.get_running_loop()
        place = (loop, key)
        future = self._under_way.get(place)
        if future is None:
            for other in [one for one in self._under_way if one[0].is_closed()]:
                del self._under_way[other]
            future = self._under_way[place] = loop.create_future()
            future.add_done_callback(lambda _: self._under_way.pop(place))
            _begin(work, loop, future)
        made, error = await asyncio.shield(future)
        if error is not None:
            raise _own(error)
        result: T = made
        return result


def _begin(work: Callable[[], object], loop: asyncio.AbstractEventLoop, future: asyncio.Future[Outcome]) -> None:
    def do() -> None:
        outcome = _attempt(work)
        with contextlib.suppress(RuntimeError):  # the event loop is closed
            loop.call_soon_threadsafe(_tell, future, outcome)

    try:
        threading.Thread(target=do, daemon=True).start()
    except RuntimeError:  # there is no thread to be had
        future.set_result(_attempt(work))


def _tell(future: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not future.done():
        future.set_result(outcome)


def _attempt(work: Callable[[], object]) -> Outcome:
    try:
        return work(), None
    except BaseException as error:  # whoever waits for it gets it
        return None, error


def _own(error: BaseException) -> BaseException:
    """The error for one of several who waited: each adds its own frames to it."""
    if not isinstance(error, TransportError):
        return error
    own = copy.copy(error)
    own.__cause__ = error.__cause__
    forget_frames(own)
    return own
