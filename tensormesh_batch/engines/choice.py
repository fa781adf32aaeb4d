"""Who sends the rows of a run: one worker in this process, some in others, or a cluster's."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, Protocol

from tensormesh_batch.engines.office import FolderOffice, OwnOffice
from tensormesh_batch.money.budget import Budget
from tensormesh_batch.running.folder_desk import FolderDesk
from tensormesh_batch.running.settings import Settings
from tensormesh_batch.running.worker import Worker
from tensormesh_batch.tally import Tally
from tensormesh_overlay.client import AsyncTensormesh

type EngineName = Literal["asyncio", "processes", "ray"]


class Sender(Protocol):
    """Whoever sends the rows of a run."""

    tally: Tally

    @property
    def in_flight(self) -> int:
        """Rows under way."""
        ...

    @property
    def limit(self) -> int:
        """How many may be."""
        ...

    async def run(self) -> None:
        """Have all rows sent."""
        ...

    def stop(self) -> None:
        """Send nothing more; what is under way is waited for."""
        ...

    def fail(self, error: BaseException) -> None:
        """Stop; the first reason is the one that is told."""
        ...


def check(engine: EngineName, processes: int | None, client: AsyncTensormesh | None) -> None:
    """
    Raises:
        ValueError: they do not go together.
    """
    if engine not in ("asyncio", "processes", "ray"):
        raise ValueError(f"engine must be 'asyncio', 'processes' or 'ray', not {engine!r}")
    if processes is not None and (not isinstance(processes, int) or processes < 1):
        raise ValueError(f"processes must be a whole number of at least 1, not {processes!r}")
    if engine == "asyncio" and processes not in (None, 1):
        raise ValueError("engine='asyncio' is one process; leave out engine, or processes")
    if client is not None and engine != "asyncio":
        raise ValueError("a client cannot go to other processes: give client_options, the arguments to make one of")


@asynccontextmanager
async def sender(
    engine: EngineName,
    processes: int | None,
    settings: Settings,
    office: FolderOffice,
    client: AsyncTensormesh | None,
) -> AsyncIterator[Sender]:
    """
    Somebody to send the rows of a run.

    Args:
        processes: how many workers there are; None for as many as there are processors.
        client: a client of one's own, for a worker in this process.
    """
    if engine == "asyncio":
        budget = None if settings.budget is None else Budget()
        try:
            with FolderDesk(settings, office.opened.source, OwnOffice(office)) as desk:
                async with Worker(settings, desk, budget, client) as worker:
                    desk.broken = worker.fail
                    yield worker
        finally:
            if budget is not None:
                office.settle(0, budget.spent + budget.reserved)
        return
    from tensormesh_batch.engines.crew import Crew

    left = sum(1 for _ in office.opened.shards())
    environment = {name: value for name, value in os.environ.items() if name.startswith("TENSORMESH_")}
    if engine == "processes":
        from tensormesh_batch.engines.processes import launch

        size = min(processes or os.cpu_count() or 1, settings.max_in_flight, left)
        yield Crew(settings, office, launch, size, environment)
        return
    from tensormesh_batch.engines.ray_actors import RayCluster

    with RayCluster() as cluster:
        size = min(processes or cluster.processors, settings.max_in_flight, left)
        yield Crew(settings, office, cluster.launch, size, environment)
