"""A lock that no interrupt leaves held."""

from __future__ import annotations

import threading
from collections.abc import Iterator


class Lock:
    """
    A lock of the thread that takes it, which it may take again: a handler of signals, or the garbage collector, may
    come back to it in the midst of anything.

    It is taken by a loop of one round, and not by `with`: since Python 3.14 a handler may also run between the taking
    of a lock and the block of its `with`, and one that raises there would leave it held for ever.

        for _ in lock:
            try:
                ...
            finally:
                lock.release()
            break
    """

    def __init__(self) -> None:
        lock = threading.RLock()
        self._acquire = lock.acquire
        self.release = lock.release

    def __iter__(self) -> Iterator[bool]:
        return iter(self._acquire, None)
