"""Where a worker gets its rows from, and where it puts what becomes of them."""

from __future__ import annotations

from typing import Any, Protocol

from tensormesh_batch.money.budget import Budget
from tensormesh_batch.money.price import Tokens
from tensormesh_batch.rows.line import Line
from tensormesh_batch.running.schedule import Row, Schedule
from tensormesh_overlay.errors import TensormeshError
from tensormesh_runtime.types import Response


class Desk(Protocol):
    """A worker's desk."""

    async def fill(self, schedule: Schedule) -> bool:
        """Put more rows into the schedule; False where there are none."""
        ...

    def read(self, row: Row) -> Line:
        """The request of a row."""
        ...

    def answered(self, row: Row, line: Line, answer: Response[Any], tokens: Tokens | None, cost: int | None) -> None:
        """Keep an answer. The cost is in millionths of a millionth of a dollar."""
        ...

    async def set_aside(self, row: Row, line: Line, error: TensormeshError) -> None:
        """Keep the reason why a row failed."""
        ...

    async def lease(self, budget: Budget, amount: int) -> bool:
        """Have more allowed, and say whether there is enough for `amount` now."""
        ...
