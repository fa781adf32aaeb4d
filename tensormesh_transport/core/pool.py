"""Which connections there are, and which of them are free. No I/O."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Protocol

IDLE_SECONDS = 30.0
"""How long an unused connection is kept: gateways forget theirs after a minute or so, and some do not say so."""


SOON_SECONDS = 1.0
"""A host that ends a connection so soon after its answer had not meant to keep it, and has not said so."""

SOON_TIMES = 3
"""How often a host does so until it is known for it; by chance it happens to any."""

FICKLE_SECONDS = 10.0
"""How long after that none of its connections is kept: a request over one that it is about to end is lost."""

MEMORY_SECONDS = 60.0
"""How long it is known for it without doing so again."""


class Pooled(Protocol):
    """A connection, as far as a pool has to know it."""

    free_since: float
    """When it was released last."""

    @property
    def key(self) -> Hashable:
        """Where it leads."""
        ...

    def close(self) -> None: ...


class Pool[C: Pooled]:
    """
    The connections of one transport, by where they lead.

    Args:
        limit: how many there may be, free or not. Whoever makes one sees to it that fewer are in use.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # Ordered ones, since the first of a plain dictionary is looked for behind all that were ever taken out.
        self._free: dict[Hashable, OrderedDict[C, float]] = {}
        self._oldest: OrderedDict[C, None] = OrderedDict()
        """All that are free, the one that was free longest first."""
        self._ends: dict[Hashable, tuple[int, float]] = {}
        """Where connections ended soon: how often, and when the last time was."""
        self.connections: set[C] = set()
        """All that were made and not closed."""
        self.keeps = True
        """Whether a connection that is free again waits for the next who needs one."""

    def take(self, key: Hashable, now: float) -> C | None:
        """The free connection that was used last; those that were not used for long are closed."""
        free = self._free.get(key)
        while free:
            oldest, since = next(iter(free.items()))
            if now - since <= IDLE_SECONDS:
                found = free.popitem()[0]
                self._oldest.pop(found, None)
                return found
            self.lose(oldest)
        return None

    def add(self, connection: C) -> None:
        """A new one is being made, and in use; where there are too many, the one that was free longest makes room."""
        while len(self.connections) >= self._limit and self._oldest:
            self.lose(next(iter(self._oldest)))
        self.connections.add(connection)

    def release(self, connection: C, now: float) -> None:
        """It is free again, and kept, unless nobody comes any more, or its host is known to end connections soon."""
        if not self.keeps or (self._ends and self._is_fickle(connection.key, now)):
            self.discard(connection)
            return
        connection.free_since = now
        free = self._free.get(connection.key)
        if free is None:
            free = self._free[connection.key] = OrderedDict()
        free[connection] = now
        self._oldest[connection] = None

    def ended(self, connection: C, now: float) -> None:
        """The host has ended it while it was free, or before it answered what came next."""
        if now - connection.free_since <= SOON_SECONDS:
            self._ends[connection.key] = self._times(connection.key, now) + 1, now
        self.lose(connection)

    def lose(self, connection: C) -> None:
        """It is of no use any more, though it may be free."""
        self._oldest.pop(connection, None)
        if (free := self._free.get(connection.key)) is not None:
            free.pop(connection, None)
        self.discard(connection)

    def discard(self, connection: C) -> None:
        """It was in use, and is of no use any more."""
        self.connections.discard(connection)
        connection.close()

    def clear(self) -> list[C]:
        """Close those that are free; the others are handed out, to be stopped."""
        free, self._free = self._free, {}
        self._oldest.clear()
        for connections in free.values():
            for connection in connections:
                self.discard(connection)
        return list(self.connections)

    def _is_fickle(self, key: Hashable, now: float) -> bool:
        return self._times(key, now) >= SOON_TIMES and now - self._ends[key][1] < FICKLE_SECONDS

    def _times(self, key: Hashable, now: float) -> int:
        """How often connections to one place ended soon, as far as that is remembered."""
        times, last = self._ends.get(key, (0, 0.0))
        if times and now - last >= MEMORY_SECONDS:
            del self._ends[key]
            times = 0
        return times
