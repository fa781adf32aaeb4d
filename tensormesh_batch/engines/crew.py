"""The workers of a run in other processes: kept at work, replaced when they die, told to stop. Knows no processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, Protocol

from tensormesh_batch.engines.messages import Message, begin, error_of
from tensormesh_batch.engines.office import FolderOffice
from tensormesh_batch.errors import BatchError, StoppedError, WorkerError
from tensormesh_batch.running.settings import Settings
from tensormesh_batch.tally import Tally

MOST_DEATHS = 5
"""So many workers may die in a row without an answer in between."""


class Channel(Protocol):
    """What leads to a worker."""

    def send(self, message: Message) -> None:
        """Send a message; where the worker is gone, nothing happens."""
        ...

    async def receive(self) -> Message | None:
        """The next message; None where the worker is gone."""
        ...

    def give_up(self) -> None:
        """Wait no longer for a worker that has not begun."""
        ...

    async def close(self) -> str:
        """Have the worker end at once, wait until it has, and say how it did."""
        ...


class _Member:
    """What is known of a worker."""

    def __init__(self, channel: Channel, number: int) -> None:
        self.channel = channel
        self.number = number
        self.shards: set[int] = set()
        self.in_flight = self.limit = 0
        self.begun = False
        self.waits_for_money: Message | None = None


class Crew:
    """
    The workers of a run.

    Args:
        settings: what the run is told, limits for all workers together.
        office: has the folder.
        launch: starts a worker.
        size: how many.
        environment: the variables that their clients read.
    """

    def __init__(
        self,
        settings: Settings,
        office: FolderOffice,
        launch: Callable[[], Awaitable[Channel]],
        size: int,
        environment: dict[str, str],
    ) -> None:
        self.tally = Tally()
        self._settings = settings
        self._office = office
        self._launch = launch
        self._size = size
        self._environment = environment
        self._members: dict[int, _Member] = {}
        self._at_work = size
        self._numbers = count()
        self._error: BaseException | None = None
        self._stopping = False
        self._exhausted = False
        self._aside = 0
        self._deaths = 0
        self._done_at_death = 0

    @property
    def in_flight(self) -> int:
        return sum(member.in_flight for member in self._members.values())

    @property
    def limit(self) -> int:
        return sum(member.limit for member in self._members.values())

    async def run(self) -> None:
        """
        Have all rows sent.

        Raises:
            BatchError: it cannot go on. What was under way has been waited for and written down.
        """
        begin(self._settings, self._environment, self._office.opened)  # whether that can be told at all
        tasks = [asyncio.get_running_loop().create_task(self._keep()) for _ in range(self._size)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                if not task.cancelling():  # a second time would keep it from ending its worker
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Send nothing more; what is under way is waited for, since it is paid for."""
        self._stopping = True
        for member in self._members.values():
            member.channel.send({"kind": "stop"})
        self._decide()
        self._release()

    def fail(self, error: BaseException) -> None:
        """Stop. The first reason is the one that is told."""
        if self._error is None:
            self._error = error
        self.stop()

    async def _keep(self) -> None:
        """Keep a worker at work until there is nothing left, and have another for one that dies."""
        try:
            while not self._stopping and not await self._serve():
                pass
        except Exception as error:  # raised again by `run`, when the others are through with what they sent
            self.fail(error)
        self._at_work -= 1
        self._divide()
        self._decide()
        self._release()

    def _divide(self) -> None:
        """Tell each its share of the limits, now that there are others than before."""
        for place, member in enumerate(self._members.values()):
            member.channel.send({**self._begin(place), "kind": "share"})

    def _begin(self, place: int) -> Message:
        return begin(self._settings.share(place, max(self._at_work, 1)), self._environment, self._office.opened)

    async def _serve(self) -> bool:
        """Have a worker, and do what it asks; whether it ended as it should."""
        channel = await self._launch()
        member = _Member(channel, next(self._numbers))
        self._members[member.number] = member
        spent: int | None = None
        ended = False
        how = ""
        try:
            channel.send(self._begin(len(self._members) - 1))
            self._divide()
            if self._stopping:
                channel.send({"kind": "stop"})
            while not ended and (message := await channel.receive()) is not None:
                member.begun = True
                if message["kind"] == "end":
                    ended, spent = True, message["spent"]
                    if message["error"] is not None:
                        self.fail(error_of(message["error"]))
                else:
                    try:
                        self._hear(member, message)
                    except BatchError as error:  # what this worker has under way is paid for, so it is not left
                        self.fail(error)
                        if "id" in message:
                            _reply(member, message, 0 if message["kind"] == "lease" else None)
        finally:
            del self._members[member.number]
            how = await channel.close()
            self._office.settle(member.number, spent if ended else None if member.begun else 0)
            if not ended and member.begun:
                self._office.give_back(member.shards)
                self.tally.doubtful += member.in_flight
            self._decide()
        if not ended and not self._stopping and not self._is_through():
            self._died(how)
            return False
        return True

    def _died(self, how: str) -> None:
        """
        Raises:
            WorkerError: too many have.
        """
        self._deaths = 1 if self.tally.done > self._done_at_death else self._deaths + 1
        self._done_at_death = self.tally.done
        if self._deaths >= MOST_DEATHS:
            raise WorkerError(f"{self._deaths} workers ended one after another, and none of them had an answer: {how}")

    def _is_through(self) -> bool:
        """Whether a worker that has not begun is not wanted any more."""
        return self._stopping or (self._office.is_through and self._exhausted)

    def _release(self) -> None:
        """Let workers go that have not begun, and never might, when they are not wanted any more."""
        for member in self._members.values():
            if not member.begun and self._is_through():
                member.channel.give_up()

    def _hear(self, member: _Member, message: Message) -> None:
        match message["kind"]:
            case "shard":
                shard = None if self._stopping else self._office.take()
                if shard is None:
                    self._exhausted = True
                    _reply(member, message, None)
                    self._release()
                    return
                member.shards.add(shard.number)
                skip = [at for at, record in enumerate(shard.records) if record.key in shard.skip]
                _reply(member, message, [shard.number, skip, shard.counted])
            case "through":
                member.shards.discard(message["shard"])
                self._office.through(message["shard"])
                self._release()
            case "miscounted":
                self._office.recount = True
            case "aside":
                self._set_aside(member, message)
            case "lease":
                self._lease(member, message)
            case "told":
                self.tally.add(Tally(**message["tally"]))
                member.in_flight, member.limit = message["in_flight"], message["limit"]

    def _set_aside(self, member: _Member, message: Message) -> None:
        self._office.set_aside(message["line"].encode())
        _reply(member, message, None)
        self._aside += 1
        most = self._settings.stop_after_errors
        if most is not None and self._aside > most:
            self.fail(StoppedError(f"more than {most:,} rows failed; {self._office.opened.layout.errors} has them"))

    def _lease(self, member: _Member, message: Message) -> None:
        """Give a worker what it needs; where there is not enough, and it has nothing under way, it waits for others."""
        held = message["spent"] + message["reserved"]
        given = self._office.lease(member.number, held, message["amount"])
        if given >= held + message["amount"] or message["reserved"]:
            _reply(member, message, given)
        else:
            member.waits_for_money = message
        self._decide()

    def _decide(self) -> None:
        """Who waits for money may have it now; or nobody is left who could give some back."""
        waiting = [(member, asked) for member in self._members.values() if (asked := member.waits_for_money)]
        refused = []
        for member, asked in waiting:
            given = self._office.lease(member.number, asked["spent"], asked["amount"])
            if given >= asked["spent"] + asked["amount"]:
                member.waits_for_money = None
                _reply(member, asked, given)
            else:
                refused.append((member, asked, given))
        if self._stopping or len(refused) == sum(member.begun for member in self._members.values()):
            for member, asked, given in refused:
                member.waits_for_money = None
                _reply(member, asked, given)


def _reply(member: _Member, message: Message, value: Any) -> None:
    member.channel.send({"kind": "reply", "id": message["id"], "value": value})
