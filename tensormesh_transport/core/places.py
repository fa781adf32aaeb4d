"""Who may have a connection, and who waits for one: first come, first served. No I/O."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable


class Places:
    """
    So many places.

    Who has one is known by name, so that it does no harm to give one back twice, or one that was never had.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._taken: set[Hashable] = set()
        self._waiting: OrderedDict[Hashable, Callable[[], object]] = OrderedDict()

    def __contains__(self, who: Hashable) -> bool:
        """Whether `who` has a place."""
        return who in self._taken

    def take(self, who: Hashable) -> bool:
        """Whether there is a place for `who` at once."""
        if len(self._taken) >= self._count:
            return False
        self._taken.add(who)
        return True

    def wait(self, who: Hashable, wake: Callable[[], object]) -> None:
        """There was none: `wake` is called once `who` has one, or will have none any more."""
        self._waiting[who] = wake

    def leave(self, who: Hashable) -> bool:
        """`who` neither has a place nor waits for one any more; whether it had one. The next one's turn has come."""
        had = who in self._taken
        self._taken.discard(who)
        self._waiting.pop(who, None)
        while self._waiting and len(self._taken) < self._count:
            first, wake = self._waiting.popitem(last=False)
            self._taken.add(first)
            wake()
        return had

    def clear(self) -> None:
        """All of them leave."""
        waiting = list(self._waiting.values())
        self._taken.clear()
        self._waiting.clear()
        for wake in waiting:
            wake()
