"""A worker's desk whose rows come from a file, and whose answers go into the parts of a folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from tensormesh_batch.errors import BatchError, InUseError, unreadable
from tensormesh_batch.folder.answer_line import answer_line, error_line
from tensormesh_batch.folder.part import Part, heads
from tensormesh_batch.money.budget import Budget
from tensormesh_batch.money.price import Tokens
from tensormesh_batch.plan.record import Record
from tensormesh_batch.rows.line import Line, read_line
from tensormesh_batch.running.outcome import described
from tensormesh_batch.running.schedule import Row, Schedule
from tensormesh_batch.running.settings import Settings
from tensormesh_overlay.errors import APIStatusError, TensormeshError
from tensormesh_runtime.types import Response

FLUSH_SECONDS = 0.05
FLUSH_LINES = 256
PATIENCE_SECONDS = 60.0
"""Longer than any worker goes on without hearing from its run."""


class Shard(NamedTuple):
    """
    A part of a run.

    Attributes:
        number: of its part.
        first: the position of its first row in the plan.
        records: its rows.
        skip: keys of those that are not sent, though they have no answer in the part.
        part: where their answers go.
        counted: how many rows of the part had an answer when the run began.
    """

    number: int
    first: int
    records: list[Record]
    skip: set[int]
    part: Path
    counted: int


class Office(Protocol):
    """What the desks of a run share."""

    async def next_shard(self) -> Shard | None:
        """More rows; None where there are none."""
        ...

    def through(self, shard: int) -> None:
        """All rows of a shard are through."""
        ...

    def miscounted(self) -> None:
        """A part has other answers than it had when the run began."""
        ...

    async def set_aside(self, line: bytes) -> None:
        """Write down that a row failed."""
        ...

    async def lease(self, budget: Budget, amount: int) -> bool:
        """Have more allowed, and write it down; say whether there is enough for `amount` now."""
        ...


class FolderDesk:
    """
    A desk.

    Args:
        settings: what the run is told.
        source: the input.
        office: hands out its shards.
        broken: is told where answers cannot be written.
    """

    def __init__(self, settings: Settings, source: Path, office: Office) -> None:
        self.broken: Callable[[BatchError], None] = _raise
        self._settings = settings
        try:
            self._source = source.open("rb", buffering=0)
        except OSError as error:
            raise unreadable(source, error) from error
        self._office = office
        self._loop = asyncio.get_running_loop()
        self._parts: dict[int, tuple[Part, int]] = {}
        self._flushing: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
        with ExitStack() as stack:
            stack.callback(self._source.close)
            for part, _ in self._parts.values():
                stack.callback(part.close)
            self._parts.clear()

    async def fill(self, schedule: Schedule) -> bool:
        shard = await self._office.next_shard()
        if shard is None:
            return False
        part = await _opened(shard.part)
        done = {found.key for found in heads(shard.part)}
        if len(done) != shard.counted:
            self._office.miscounted()
        rows = schedule.add(shard.records, shard.number, shard.first, done | shard.skip)
        self._parts[shard.number] = (part, rows)
        if not rows:
            self._close(shard.number)
        return True

    def read(self, row: Row) -> Line:
        """
        Raises:
            BatchError: the input is not what it was.
        """
        try:
            self._source.seek(row.record.offset)
            line = read_line(self._source.read(row.record.length), self._settings.defaults)
        except OSError as error:
            raise BatchError(f"the input cannot be read any more: {error.strerror}") from error
        except ValueError as error:
            raise BatchError("the input has changed since this run began") from error
        if line.key != row.record.key:
            raise BatchError("the input has changed since this run began")
        return line

    def answered(self, row: Row, line: Line, answer: Response[Any], tokens: Tokens | None, cost: int | None) -> None:
        part = self._parts[row.shard][0]
        part.add(
            answer_line(
                row.record.key, line.custom_id, answer.status_code, answer.request_id, answer.content, tokens, cost
            )
        )
        if part.unwritten >= FLUSH_LINES:
            self._flush()
        elif self._flushing is None:
            self._flushing = self._loop.call_later(FLUSH_SECONDS, self._flush)
        self._through(row)

    async def set_aside(self, row: Row, line: Line, error: TensormeshError) -> None:
        answer = error if isinstance(error, APIStatusError) else None
        await self._office.set_aside(
            error_line(
                row.record.key,
                line.custom_id,
                described(error),
                status=None if answer is None else answer.status_code,
                request_id=None if answer is None else answer.request_id,
                body=None if answer is None else answer.body,
                cost=None,
            )
        )
        self._through(row)

    async def lease(self, budget: Budget, amount: int) -> bool:
        return await self._office.lease(budget, amount)

    def _through(self, row: Row) -> None:
        part, left = self._parts[row.shard]
        if left > 1:
            self._parts[row.shard] = (part, left - 1)
            return
        self._close(row.shard)

    def _close(self, shard: int) -> None:
        part, _ = self._parts.pop(shard)
        try:
            part.close()
        except BatchError as error:
            self.broken(error)
        else:
            self._office.through(shard)

    def _flush(self) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        try:
            for part, _ in self._parts.values():
                part.flush()
        except BatchError as error:
            self.broken(error)


async def _opened(path: Path) -> Part:
    """A part. A worker that had it before, and was lost or lost its run, may need a moment to let go of it."""
    until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        try:
            return Part(path)
        except InUseError:
            if asyncio.get_running_loop().time() > until:
                raise
        await asyncio.sleep(0.1)


def _raise(error: BatchError) -> None:
    raise error
