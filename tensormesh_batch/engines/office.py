"""What all workers of a run share, in the process that has the folder."""

from __future__ import annotations

from collections.abc import Iterator

from tensormesh_batch.folder.layout import Layout, write_json
from tensormesh_batch.folder.opened import Opened
from tensormesh_batch.folder.part import Part
from tensormesh_batch.money.budget import Budget
from tensormesh_batch.plan.record import read
from tensormesh_batch.running.folder_desk import Shard


class FolderOffice:
    """
    Hands out the shards of a folder, and writes down what failed and what may be spent.

    Args:
        skip: keys of rows that are not sent, though they have no answer.
    """

    def __init__(self, opened: Opened, skip: set[int]) -> None:
        self._opened = opened
        self._skip = skip
        self._left: Iterator[int] = opened.shards()
        self._errors = Part(opened.layout.errors)

    async def next_shard(self) -> Shard | None:
        return self.take()

    def take(self) -> Shard | None:
        """The next shard that has rows to send."""
        opened, size = self._opened, self._opened.manifest.shard_rows
        for number in self._left:
            records = list(read(opened.layout.plan(opened.generation), number * size, size))
            done = {*opened.done.pop(number, ())} | opened.earlier | self._skip
            if any(record.key not in done for record in records):
                return Shard(number, number * size, records, done, opened.layout.part(opened.generation, number))
        return None

    async def set_aside(self, line: bytes) -> None:
        self._errors.add(line)
        self._errors.flush()

    async def lease(self, budget: Budget, amount: int) -> None:
        write_json(self._opened.layout.spending, {"leased": budget.lease(amount)})

    def close(self) -> None:
        self._errors.close()


def spent_before(layout: Layout, known: int) -> int:
    """What earlier runs of a folder spent, or may have: what they leased and did not account for is spent."""
    from tensormesh_batch.folder.layout import read_json

    found = read_json(layout.spending) or {}
    return max(int(found.get("spent", found.get("leased", 0))), known)


def account(layout: Layout, budget: Budget) -> None:
    """Write down what was spent, now that it is known."""
    write_json(layout.spending, {"leased": budget.spent, "spent": budget.spent})
