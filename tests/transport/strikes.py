"""Something that happens in the midst of a call, at any of the moments at which a handler of signals may run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FrameType


class InterruptError(BaseException):
    """Stands for KeyboardInterrupt, in a thread that the system does not interrupt."""


CLEANING = {"let_go", "__del__"}
"""Whoever is struck while he puts things away cannot put them away."""

MOST_STRIKES = 1_000


class Strike:
    """
    Something that happens at one of the moments at which a handler of signals may run: where a function begins, or
    where one that was called comes back.

    Args:
        number: of the moment, from 0.
    """

    def __init__(self, number: int, action: Callable[[], object]) -> None:
        self._left, self._action = number, action
        self.functions: set[str] = set()
        """In which functions it happened, one within the other."""
        self.where = ""
        """In which line it happened; empty where it did not."""

    def profile(self, frame: FrameType, event: str, _: object) -> None:
        """What `sys.setprofile` takes."""
        name, file = frame.f_code.co_name, frame.f_code.co_filename
        if "tensormesh_transport" not in file or event == "c_call":
            return
        functions = set(_functions(frame))
        if functions & CLEANING:
            return
        self._left -= 1
        if self._left < 0:
            sys.setprofile(None)
            self.functions = functions
            self.where = f"{file}:{frame.f_lineno} {name} {event}"
            self._action()


def _functions(frame: FrameType | None) -> Iterator[str]:
    while frame is not None and frame.f_code is not struck.__code__:
        yield frame.f_code.co_name
        frame = frame.f_back


def struck(strike: Strike, work: Callable[..., object], *arguments: object) -> object:
    """What comes of `work` with that in its midst."""
    sys.setprofile(strike.profile)
    try:
        return work(*arguments)
    finally:
        sys.setprofile(None)


def raise_an_interrupt() -> None:
    raise InterruptError
