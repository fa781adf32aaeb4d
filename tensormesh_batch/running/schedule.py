"""Which row goes next: leaders of groups before those who have the same beginning. No I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from tensormesh_batch.plan.record import Record

CACHE_CHARACTERS = 1 << 20
"""Beginnings that are kept warm at a time: about 262,000 tokens."""


@dataclass(eq=False, slots=True)
class Row:
    """
    A row on its way.

    Attributes:
        record: where it stands.
        shard: the part it belongs to.
        tries: how often it was sent and failed.
        doubtful: how often it was sent and may have been answered, though nothing came.
        leader: whom it waits for.
        followers: who waits for it.
        weight: the characters that they have in common, beyond what it shares with its own leader.
        remaining: how many of them are not through.
    """

    record: Record
    shard: int
    tries: int = 0
    doubtful: int = 0
    leader: Row | None = None
    followers: list[Row] = field(default_factory=list)
    weight: int = 0
    remaining: int = 0


class Schedule:
    """
    Hands out rows.

    A row waits for the one that begins as it does, which makes the host's cache ready for it. Once that one is
    through, the others go before anybody else does; and no more groups are begun than a cache has room for.

    Attributes:
        waiting: rows that were not handed out yet.
        under_way: rows that were, and are not through.
    """

    def __init__(self, cache_characters: int = CACHE_CHARACTERS) -> None:
        self.waiting = 0
        self.under_way = 0
        self._ready: deque[Row] = deque()
        self._leaders: deque[Row] = deque()
        self._room = cache_characters
        self._open = 0

    def add(self, records: Iterable[Record], shard: int, first: int, done: Container[int]) -> int:
        """
        The rows of a shard, but for those that are done.

        Args:
            first: the position of the first record in the plan.
            done: the keys of rows that are done.

        Returns:
            How many rows are still to be sent.
        """
        heads: dict[int, Row] = {}
        rows: list[Row] = []
        for position, record in enumerate(records, first):
            if record.key in done:
                continue
            row = Row(record, shard)
            rows.append(row)
            # Whoever came first may be done, or another shard's: then the next one of the group comes first.
            head = heads.setdefault(position - record.leader, row)
            heads.setdefault(position, row)
            if head is not row:
                row.leader = head
                head.followers.append(row)
                head.weight = max(head.weight, record.shared)
        for row in rows:
            row.remaining = len(row.followers)
            if row.leader is not None:
                row.weight = max(row.weight - row.record.shared, 0)
        self._leaders.extend(row for row in rows if row.leader is None)
        self.waiting += len(rows)
        return len(rows)

    def next(self) -> Row | None:
        """The row that may go now; None where all wait for others."""
        row = self._take()
        if row is not None:
            self.waiting -= 1
            self.under_way += 1
        return row

    def _take(self) -> Row | None:
        if self._ready:
            return self._ready.popleft()
        if not self._leaders or (self.under_way and self._open + self._leaders[0].weight > self._room):
            return None
        row = self._leaders.popleft()
        self._open += row.weight
        return row

    def put_back(self, row: Row) -> None:
        """A row that goes again, before any other."""
        self._ready.appendleft(row)
        self.waiting += 1
        self.under_way -= 1

    def finished(self, row: Row) -> None:
        """A row is through, well or not: who waited for it may go."""
        self.under_way -= 1
        for other in reversed(row.followers):
            (self._leaders if other.followers else self._ready).appendleft(other)
        row.followers = []
        leader = row.leader
        if leader is not None:
            leader.remaining -= 1
            if not leader.remaining:
                self._open -= leader.weight
            row.leader = None
