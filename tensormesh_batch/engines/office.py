"""What all workers of a run share, in the process that has the folder."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from tensormesh_batch.folder.layout import Layout, read_json, write_json
from tensormesh_batch.folder.opened import Opened
from tensormesh_batch.folder.part import Part
from tensormesh_batch.money.budget import Budget, Treasury
from tensormesh_batch.plan.record import Record, read
from tensormesh_batch.running.folder_desk import Shard


class FolderOffice:
    """
    Hands out the shards of a folder, and writes down what failed and what may be spent.

    Args:
        skip: keys of rows that are not sent, though they have no answer.
        treasury: what may be spent, where there is a limit.

    Attributes:
        recount: whether what was counted in the folder is no longer what lies there.
    """

    def __init__(self, opened: Opened, skip: set[int], treasury: Treasury | None) -> None:
        self.opened = opened
        self.recount = False
        self._skip = skip
        self._treasury = treasury
        self._written = 0
        self._left: Iterator[int] = opened.shards()
        self._returned: list[int] = []
        self._handed_out: set[int] = set()
        self._errors = Part(opened.layout.errors)

    def take(self) -> Shard | None:
        """The next shard that has rows to send."""
        while self._returned:
            if (shard := self._shard(self._returned.pop())) is not None:
                return shard
        for number in self._left:
            if (shard := self._shard(number)) is not None:
                return shard
        return None

    def _shard(self, number: int) -> Shard | None:
        opened, size = self.opened, self.opened.manifest.shard_rows
        records = list(read(opened.layout.plan(opened.generation), number * size, size))
        skip = {record.key for record in records if self._is_skipped(record)}
        counted = opened.done.get(number, 0)
        if counted + len(skip) >= len(records):
            return None
        self._handed_out.add(number)
        return Shard(number, number * size, records, skip, opened.layout.part(opened.generation, number), counted)

    def _is_skipped(self, record: Record) -> bool:
        return record.key in self._skip or self.opened.answered_earlier(record.key)

    def through(self, shard: int) -> None:
        """All rows of a shard are through."""
        self._handed_out.discard(shard)

    def give_back(self, shards: set[int]) -> None:
        """A worker was lost, and these shards with it."""
        self._returned.extend(shards & self._handed_out)
        self._handed_out -= shards
        self.recount = True

    @property
    def is_through(self) -> bool:
        """Whether nobody has anything left to do, as far as shards were asked for."""
        return not self._handed_out and not self._returned

    def set_aside(self, line: bytes) -> None:
        """
        Raises:
            FolderError: there is no room.
        """
        self._errors.add(line)
        self._errors.flush()

    def lease(self, worker: Hashable, held: int, amount: int) -> int:
        """
        What a worker may spend in all; that is written down.

        Args:
            held: what it has spent, and what its rows under way can cost.
            amount: what it wants to have beyond that.

        Raises:
            FolderError: it cannot be written down.
        """
        if self._treasury is None:
            return 0
        given = self._treasury.give(worker, held, amount)
        if self._treasury.leased > self._written:
            self._written = self._treasury.leased
            write_json(self.opened.layout.spending, {"leased": self._written})
        return given

    def settle(self, worker: Hashable, spent: int | None) -> None:
        """A worker has ended; None where it did not say what it spent."""
        if self._treasury is not None:
            self._treasury.settle(worker, spent)

    def close(self) -> None:
        """
        Write down what was spent, now that it is known.

        Raises:
            FolderError: there is no room.
        """
        self._errors.close()
        if self._treasury is not None:
            spent = self._treasury.leased
            write_json(self.opened.layout.spending, {"leased": spent, "spent": spent})


class OwnOffice:
    """The office of a run whose only worker is in the same process."""

    def __init__(self, office: FolderOffice) -> None:
        self._office = office

    async def next_shard(self) -> Shard | None:
        return self._office.take()

    def through(self, shard: int) -> None:
        self._office.through(shard)

    def miscounted(self) -> None:
        self._office.recount = True

    async def set_aside(self, line: bytes) -> None:
        self._office.set_aside(line)

    async def lease(self, budget: Budget, amount: int) -> bool:
        budget.allowed = self._office.lease(0, budget.spent + budget.reserved, amount)
        return budget.can_afford(amount)


def spent_before(layout: Layout, known: int) -> int:
    """What earlier runs of a folder spent, or may have: what they leased and did not account for is spent."""
    found = read_json(layout.spending) or {}
    return max(int(found.get("spent", found.get("leased", 0))), known)
