"""Ctrl-C: once to end when what is under way is through, twice to end at once."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def is_ours() -> bool:
    """Whether Ctrl-C is nobody else's business: this is the main thread, and the program has not said what it means."""
    mine = threading.current_thread() is threading.main_thread()
    return mine and signal.getsignal(signal.SIGINT) is signal.default_int_handler


@contextmanager
def interruptible(stop: Callable[[], None], end: Callable[[], object]) -> Iterator[None]:
    """
    Have Ctrl-C do something while an event loop runs in the main thread.

    Args:
        stop: is called the first time.
        end: is called the second time; a third is what it always was.
    """
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGINT)

    def interrupted(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, again)
        if sys.stderr is not None and sys.stderr.isatty():
            print("\nwaiting for what is under way, which is paid for; Ctrl-C again ends at once", file=sys.stderr)
        loop.call_soon_threadsafe(stop)

    def again(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        loop.call_soon_threadsafe(end)

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
