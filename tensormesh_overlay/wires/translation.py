"""Where the errors of a library become ours, and leave behind what they should not carry."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable
from types import TracebackType


class Translated:
    """
    A block in which the errors of a library become ours.

    Args:
        meaning: our error for one of the library's, or None for one that is none of its.
        facts: what `meaning` has to know beside the error.
    """

    __slots__ = ("_facts", "_meaning")

    def __init__(self, meaning: Callable[..., Exception | None], *facts: object) -> None:
        self._meaning = meaning
        self._facts = facts

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ours = None if error is None else self._meaning(error, *self._facts)
        if ours is not None:
            raise ours from _bare(error)


def _bare(error: BaseException | None) -> BaseException | None:
    """A library's error, and those behind it, without their frames: the variables there hold headers and bytes."""
    while error is not None and hasattr(error, "request_info"):  # of aiohttp, with the headers in it
        error = error.__cause__
    running = {frame for frame, _ in traceback.walk_stack(inspect.currentframe())}
    waiting = [error]
    while waiting:
        one = waiting.pop()
        trace = None if one is None else one.__traceback__
        # What the caller is in the middle of handling is no error of the library.
        if one is not None and trace is not None and (one is error or trace.tb_frame not in running):
            one.__traceback__ = None
            waiting += [one.__cause__, one.__context__]
    return error
