"""A worker in another process than its run: what it does there, whatever leads there."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

from tensormesh_batch.engines.messages import Message, described, settings_of
from tensormesh_batch.errors import WorkerError
from tensormesh_batch.folder.layout import Layout
from tensormesh_batch.folder.manifest import Manifest
from tensormesh_batch.money.budget import Budget
from tensormesh_batch.plan.record import read
from tensormesh_batch.running.folder_desk import FolderDesk, Shard
from tensormesh_batch.running.worker import Worker
from tensormesh_overlay.errors import TensormeshError

EACH_SECONDS = 0.5


class Member:
    """
    A worker that hears of its run by messages. It is made and told in an event loop.

    Args:
        send: takes a message to the run.

    Attributes:
        ended: is done when it has nothing more to do.
    """

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._send = send
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._ids = count()
        self._worker: Worker | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def hear(self, message: Message) -> None:
        """A message from the run."""
        match message["kind"]:
            case "begin":
                self._task = self._loop.create_task(self._run(message))
                self._task.add_done_callback(self._over)
            case "reply":
                if (asked := self._asked.pop(message["id"], None)) is not None and not asked.done():
                    asked.set_result(message["value"])
            case "share" if self._worker is not None:
                self._worker.share(settings_of(message))
            case "stop":
                self._stopping = True
                if self._worker is not None:
                    self._worker.stop()

    def leave(self) -> None:
        """The run is gone, or wants no more: keep what was answered, and end."""
        if self._task is not None:
            self._task.cancel()
        else:
            self._over(None)

    def _over(self, task: asyncio.Task[None] | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    async def ask(self, kind: str, **more: Any) -> Any:
        """Ask the run something, and wait for what it says."""
        number = next(self._ids)
        self._asked[number] = self._loop.create_future()
        self._send({"kind": kind, "id": number, **more})
        return await self._asked[number]

    def tell(self, kind: str, **more: Any) -> None:
        """Tell the run something."""
        self._send({"kind": kind, **more})

    async def _run(self, begun: Message) -> None:
        error: Exception | None = None
        budget = None
        try:
            settings = settings_of(begun)
            budget = None if settings.budget is None else Budget()
            office = RemoteOffice(self, begun)
            with FolderDesk(settings, office.source, office) as desk:
                async with Worker(settings, desk, budget) as worker:
                    desk.broken = worker.fail
                    self._worker = worker
                    if self._stopping:
                        worker.stop()
                    telling = self._loop.create_task(self._tell(worker))
                    try:
                        await worker.run()
                    finally:
                        telling.cancel()
        except TensormeshError as failed:
            error = failed
        except Exception as failed:  # whatever it is, who waits for the run has to hear of it
            traceback.print_exc()
            error = failed
        if self._worker is not None:
            self._tell_now(self._worker)
        spent = None if budget is None else budget.spent + budget.reserved
        self.tell("end", error=None if error is None else described(error), spent=spent)

    async def _tell(self, worker: Worker) -> None:
        while True:
            await asyncio.sleep(EACH_SECONDS)
            self._tell_now(worker)

    def _tell_now(self, worker: Worker) -> None:
        self.tell("told", tally=asdict(worker.tally.taken()), in_flight=worker.in_flight, limit=worker.limit)


class RemoteOffice:
    """
    The office of a run, as seen from another process.

    Raises:
        WorkerError: the folder, or the input, cannot be seen from here.
    """

    def __init__(self, member: Member, begun: Message) -> None:
        self._member = member
        self._layout = Layout(begun["folder"])
        self._manifest = Manifest.from_dict(begun["manifest"])
        self._generation = len(self._manifest.generations) - 1
        self.source = Path(begun["source"])
        for path in (self.source, self._layout.plan(self._generation)):
            if not path.exists():
                import socket

                raise WorkerError(
                    f"{path} cannot be seen from {socket.gethostname()}: input and folder must lie on a filesystem "
                    "that all workers see, under the same path"
                )

    async def next_shard(self) -> Shard | None:
        found = await self._member.ask("shard")
        if found is None:
            return None
        number, skip, counted = found
        size = self._manifest.shard_rows
        records = list(read(self._layout.plan(self._generation), number * size, size))
        part = self._layout.part(self._generation, number)
        return Shard(number, number * size, records, {records[at].key for at in skip}, part, counted)

    def through(self, shard: int) -> None:
        self._member.tell("through", shard=shard)

    def miscounted(self) -> None:
        self._member.tell("miscounted")

    async def set_aside(self, line: bytes) -> None:
        await self._member.ask("aside", line=line.decode())

    async def lease(self, budget: Budget, amount: int) -> bool:
        budget.allowed = await self._member.ask("lease", spent=budget.spent, reserved=budget.reserved, amount=amount)
        return budget.can_afford(amount)
