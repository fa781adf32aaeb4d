"""Sends rows and writes their answers down, as many at a time as the host has room for."""

from __future__ import annotations

import asyncio
import random
from types import TracebackType
from typing import Any, Self

from tensormesh_batch.errors import BudgetError, StoppedError
from tensormesh_batch.money.budget import Budget
from tensormesh_batch.money.price import dollars, tokens_of
from tensormesh_batch.money.worst_case import worst_case
from tensormesh_batch.rate.limit import Limit
from tensormesh_batch.rate.outage import Outage
from tensormesh_batch.rate.pace import Pace
from tensormesh_batch.rows.line import CHAT, COMPLETIONS, RESPONSES, Line
from tensormesh_batch.running.desk import Desk
from tensormesh_batch.running.outcome import Outcome, is_gone, is_unseen, may_be_paid, outcome
from tensormesh_batch.running.schedule import Row, Schedule
from tensormesh_batch.running.settings import Settings
from tensormesh_batch.tally import Tally
from tensormesh_generated.api.chat.create_chat_completion import OPERATION as CREATE_CHAT_COMPLETION
from tensormesh_generated.api.completions.create_completion import OPERATION as CREATE_COMPLETION
from tensormesh_generated.api.responses.create_response import OPERATION as CREATE_RESPONSE
from tensormesh_overlay.client import AsyncTensormesh
from tensormesh_overlay.errors import APIStatusError, TensormeshError
from tensormesh_runtime.types import Request, Response

OPERATIONS = {CHAT: CREATE_CHAT_COMPLETION, COMPLETIONS: CREATE_COMPLETION, RESPONSES: CREATE_RESPONSE}

LONGEST_WAIT_SECONDS = 60.0
PATIENCE_SECONDS = 1_800.0
"""For so long a host may be away, or have no room, before the run ends. It goes on where it ended."""

HOPELESS = 100
"""So many rows set aside and none answered, or forbidden one after another: something is wrong with all of them."""


class Worker:
    """
    One event loop's share of a run.

    Args:
        settings: what the run is told.
        desk: where the rows come from, and where their answers go.
        budget: what it may spend, where there is a limit.
        client: a client that stays open.
    """

    def __init__(
        self,
        settings: Settings,
        desk: Desk,
        budget: Budget | None = None,
        client: AsyncTensormesh | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.tally = Tally()
        self.schedule = Schedule()
        self._settings = settings
        self._clock = loop.time
        self._loop = loop
        self._desk = desk
        self._budget = budget
        self._given = client
        self._client = client or AsyncTensormesh(**settings.client)
        self._limit = Limit(self._most(settings))
        self._surface = getattr(
            self._client.with_options(max_retries=0, timeout=settings.timeout).inference, settings.surface
        )
        self._outage = Outage(self._clock())
        self._requests = Pace(settings.requests_per_minute, self._clock())
        self._tokens = Pace(settings.tokens_per_minute, self._clock())
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._waiting_again = 0
        self._forbidden = 0
        """How many rows were forbidden since the last answer."""
        self._filling: asyncio.Task[bool] | None = None
        self._exhausted = False
        self._error: BaseException | None = None
        self._stopping = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks: list[asyncio.Task[Any]] = [*self._tasks]
        if self._filling is not None:
            tasks.append(self._filling)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._given is None:
            await self._client.close()

    @property
    def in_flight(self) -> int:
        """Rows under way."""
        return len(self._tasks)

    @property
    def limit(self) -> int:
        """How many may be."""
        return self._limit.now

    def stop(self) -> None:
        """Send nothing more; what is under way is waited for, since it is paid for."""
        self._stopping = True
        self._changed.set()

    def share(self, settings: Settings) -> None:
        """Keep other limits from now on: there are fewer workers than before, or more."""
        self._limit.most = self._most(settings)
        self._requests.change(settings.requests_per_minute)
        self._tokens.change(settings.tokens_per_minute)
        self._changed.set()

    def _most(self, settings: Settings) -> int:
        """Rows that may be under way: one that waits for a connection is none, and its time runs all the same."""
        return min(settings.max_in_flight, self._client.config.max_connections)

    async def run(self) -> None:
        """
        Send all rows that the desk gives, and have kept what comes of them.

        Raises:
            BatchError: it cannot go on. What was under way has been waited for and kept.
        """
        while True:
            self._changed.clear()
            try:
                wait = await self._start()
            except Exception as error:  # raised again below: whatever went wrong, what is under way is paid for
                self.fail(error)
                wait = None
            if not self._tasks and (self._stopping or self._is_through()):
                break
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                pass
        if self._error is not None:
            raise self._error

    def _is_through(self) -> bool:
        return self._exhausted and not self._filling and not self.schedule.waiting and not self._waiting_again

    async def _start(self) -> float | None:
        """Send what may be sent now, and say for how many seconds nothing else may; None where no time will tell."""
        while not self._stopping:
            if self.schedule.waiting <= self._limit.now and not self._exhausted and self._filling is None:
                self._filling = self._loop.create_task(self._desk.fill(self.schedule))
                self._filling.add_done_callback(self._filled)
            now = self._clock()
            pause = max(
                self._limit.pause(now), self._outage.wait(now), self._requests.wait(now), self._tokens.wait(now)
            )
            if pause:
                return pause
            most = 1 if self._outage.away else self._limit.now
            if self.schedule.under_way >= most or (row := self.schedule.next()) is None:
                return None
            if not await self._send_if_affordable(row):
                return None
        return None

    def _filled(self, task: asyncio.Task[bool]) -> None:
        self._filling = None
        if not task.cancelled():
            if (error := task.exception()) is not None:
                self.fail(error)
            else:
                self._exhausted = not task.result()
        self._changed.set()

    async def _send_if_affordable(self, row: Row) -> bool:
        """Whether a row was sent; where there is no money for it now, it waits for what is under way."""
        line = self._desk.read(row)
        # What is under way now may be through, and its money free again, before the answer to the question comes.
        alone = not self._tasks and not self._waiting_again
        try:
            reserved = await self._reserve(row, line)
        except BudgetError as error:
            self.schedule.put_back(row)
            if alone:
                self.fail(error)
            return False
        self._requests.draw(1)
        self._tokens.draw(row.record.length // 4)
        task = self._loop.create_task(self._send(row, line, reserved))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return True

    async def _reserve(self, row: Row, line: Line) -> int:
        """Set the most aside that a row can cost, where there is a budget."""
        budget = self._budget
        if budget is None:
            return 0
        model = line.body["model"]
        price = self._settings.price(model)
        worst = worst_case(row.record.length, line.body, self._settings.contexts.get(model))
        if price is None or worst is None:
            raise BudgetError(f"row {line.custom_id!r} may cost any amount, so no budget can hold")
        amount = price.cost(worst)
        if not budget.can_afford(amount) and not await self._desk.lease(budget, amount):
            raise BudgetError(
                f"row {line.custom_id!r} could cost {dollars(amount):f} USD, which is more than is left of the budget"
            )
        budget.reserve(amount)
        return amount

    async def _send(self, row: Row, line: Line, reserved: int) -> None:
        began = self._clock()
        try:
            answer = await self._surface.send(Request(OPERATIONS[line.url], _as_it_is, line.url, json=line.body))
        except TensormeshError as error:
            await self._failed(row, line, reserved, began, error)
        else:
            self._answered(row, line, reserved, began, answer)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error)
        self._changed.set()

    def _answered(self, row: Row, line: Line, reserved: int, began: float, answer: Response[Any]) -> None:
        now = self._clock()
        self._limit.answered(now, self.schedule.under_way)
        self._forbidden = 0
        tokens = tokens_of(answer.parsed)
        price = self._settings.price(line.body["model"])
        cost = None if tokens is None or price is None else price.cost(tokens)
        self._outage.heard(now)
        tally = self.tally
        tally.done += 1
        tally.seconds += now - began
        tally.count(tokens, cost)
        if tokens is not None:
            if tokens.cached and price is not None:
                tally.saved += price.saved(tokens)
            self._tokens.draw(tokens.prompt + tokens.completion - row.record.length // 4)
        if self._budget is not None:
            self._budget.settle(reserved, reserved if cost is None else cost)
        self._desk.answered(row, line, answer, tokens, cost)
        self.schedule.finished(row)

    async def _failed(self, row: Row, line: Line, reserved: int, began: float, error: TensormeshError) -> None:
        now = self._clock()
        what = outcome(error)
        if self._budget is not None:
            self._budget.settle(reserved, reserved if may_be_paid(error) else 0)
        asked = error.retry_after if isinstance(error, APIStatusError) else None
        if self._outage.silent_for(now) > PATIENCE_SECONDS and what in (Outcome.TURNED_AWAY, Outcome.AGAIN):
            minutes = PATIENCE_SECONDS / 60
            self.fail(StoppedError(f"nothing was answered for {minutes:.0f} minutes: {error}"), error)
        if what is Outcome.TURNED_AWAY:
            self.tally.turned_away += 1
            self._limit.turned_away(now, began, asked)
            self._again_in(row, max(asked or 0.0, 0.5) * (1 + random.random() / 2))  # noqa: S311  (no secret)
            return
        self._forbidden = self._forbidden + 1 if what is Outcome.FORBIDDEN else self._forbidden
        gone_wrong = not self.tally.done or (self._settings.stop_after_errors is None and self._forbidden >= HOPELESS)
        if what is Outcome.STOP or (what is Outcome.FORBIDDEN and gone_wrong):
            aside = (
                "; retry_failed (--retry-failed) sends those again that were set aside" if self._forbidden > 1 else ""
            )
            self.fail(StoppedError(f"the host refuses every row: {error}{aside}"), error)
            self.schedule.put_back(row)
            return
        gone = is_gone(error)
        if gone:
            self._outage.gone(now, row.record.key)
        elif what is not Outcome.AGAIN:
            self._outage.heard(now)
        # A row that nobody saw, or that was sent to see whether somebody is there, has not failed.
        if not gone or not (is_unseen(error) or self._outage.away):
            row.tries += 1
        if what is Outcome.AGAIN and row.tries < self._settings.max_tries:
            self.tally.again += 1
            if may_be_paid(error):
                self.tally.doubtful += 1
            pause = min(2.0 ** max(row.tries, 1) / 2, LONGEST_WAIT_SECONDS) * (0.5 + random.random() / 2)  # noqa: S311
            self._again_in(row, max(pause, asked or 0.0))
            return
        await self._set_aside(row, line, error)

    async def _set_aside(self, row: Row, line: Line, error: TensormeshError) -> None:
        await self._desk.set_aside(row, line, error)
        self.tally.failed += 1
        self.schedule.finished(row)
        most = self._settings.stop_after_errors
        if most is not None and self.tally.failed > most:
            self.fail(StoppedError(f"more than {most:,} rows failed; the last one: {error}"), error)
        elif most is None and self.tally.failed >= HOPELESS and not self.tally.done:
            self.fail(StoppedError(f"{self.tally.failed} rows failed, and none was answered: {error}"), error)

    def _again_in(self, row: Row, seconds: float) -> None:
        self._waiting_again += 1
        self.schedule.under_way -= 1
        self._loop.call_later(seconds, self._return, row)

    def _return(self, row: Row) -> None:
        self._waiting_again -= 1
        self.schedule.under_way += 1
        self.schedule.put_back(row)
        self._changed.set()

    def fail(self, error: BaseException, cause: BaseException | None = None) -> None:
        """Send nothing more. The first reason is the one that is told."""
        if self._error is None:
            error.__cause__ = cause or error.__cause__
            self._error = error
        self.stop()


def _as_it_is(data: Any) -> Any:
    return data
