"""A worker's desk whose rows a program hands in, and whose answers it takes as they come."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tensormesh_batch.money.budget import Budget
from tensormesh_batch.money.price import Tokens, dollars
from tensormesh_batch.plan.record import Record
from tensormesh_batch.rows.line import Line
from tensormesh_batch.running.schedule import Row, Schedule
from tensormesh_overlay.errors import TensormeshError
from tensormesh_runtime.types import Response

AHEAD = 64
"""Rows that are asked for at a time: a program may make them as it goes."""

RESULTS_KEPT = 1_000
"""So many answers that nobody took yet, and no more rows are begun."""


@dataclass(frozen=True, slots=True)
class Result:
    """
    What became of a row.

    Attributes:
        index: its place among the rows, from 0.
        row: as it was handed in.
        answer: the host's answer as plain JSON; None where there is none.
        error: why there is none.
        tokens: as the host counted them.
        cost_usd: what it cost, where that is known.
    """

    index: int
    row: Any
    answer: Any
    error: TensormeshError | None
    tokens: Tokens | None
    cost_usd: Decimal | None


class MemoryDesk:
    """
    A desk.

    Args:
        rows: what is handed in.
        ask: makes a request of a row.
        ahead: so many rows are asked for before the first of them is sent.
        measures: whether it matters how long a request is: there is a budget, or a limit for tokens.
    """

    def __init__(
        self, rows: AsyncIterator[Any], ask: Callable[[int, Any], Line], *, measures: bool, ahead: int = AHEAD
    ) -> None:
        self._ahead = ahead
        self._measures = measures
        self._rows = rows
        self._ask = ask
        self._asked: dict[int, tuple[Any, Line]] = {}
        self._count = 0
        self._results: deque[Result] = deque()
        self._came = asyncio.Event()
        self._taken = asyncio.Event()

    async def fill(self, schedule: Schedule) -> bool:
        while len(self._results) >= RESULTS_KEPT:
            self._taken.clear()
            await self._taken.wait()
        records = []
        async for row in self._rows:
            line = self._ask(self._count, row)
            self._asked[self._count] = (row, line)
            # The length of what is sent is the most tokens that it can have.
            size = _size(line.body) if self._measures else 0
            records.append(Record(self._count, 0, self._count, size, 0, 0))
            self._count += 1
            if len(records) == self._ahead:
                break
        schedule.add(records, 0, self._count, ())
        return bool(records)

    def read(self, row: Row) -> Line:
        return self._asked[row.record.key][1]

    def answered(self, row: Row, line: Line, answer: Response[Any], tokens: Tokens | None, cost: int | None) -> None:
        self._put(row, answer.parsed, None, tokens, None if cost is None else dollars(cost))

    async def set_aside(self, row: Row, line: Line, error: TensormeshError) -> None:
        self._put(row, None, error, None, None)

    async def lease(self, budget: Budget, amount: int) -> bool:
        return False  # all of it is allowed from the beginning

    def _put(
        self, row: Row, answer: Any, error: TensormeshError | None, tokens: Tokens | None, cost: Decimal | None
    ) -> None:
        given, _ = self._asked.pop(row.record.key)
        self._results.append(Result(row.record.key, given, answer, error, tokens, cost))
        self._came.set()

    async def take(self, ended: asyncio.Task[None]) -> AsyncIterator[Result]:
        """The results as they come, until the worker has ended."""
        ended.add_done_callback(lambda _: self._came.set())
        while True:
            while self._results:
                yield self._results.popleft()
                self._taken.set()
            if ended.done():
                return
            self._came.clear()
            await self._came.wait()


def _size(body: Any) -> int:
    try:
        return len(json.dumps(body))
    except (TypeError, ValueError, RecursionError):
        return 0  # it cannot be sent, which its result says
