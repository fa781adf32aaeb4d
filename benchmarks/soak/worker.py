"""
One scenario, in a process of its own: `python -m benchmarks.soak.worker`.

It reads a job from its input and prints what it counted: at the start, at rest after each batch, and after the client
was closed. Whatever goes wrong on the way is counted, also what Python or a library would only write to a log.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import resource
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.soak.acts import ACTS
from benchmarks.soak.failing_host import FailingHost
from benchmarks.soak.gauge import Sample, connections, sample
from benchmarks.soak.scenarios import Plant, Scenario
from tensormesh import AsyncTensormesh, RetryPolicy, Tensormesh

PATIENCE_SECONDS = 15.0
SHOWN = 5
"""How many errors are told whole; the others are counted."""


class PlantedError(Exception):
    """What `--plant errors` raises."""


OBJECTS_OF_A_CALL = 10
"""How many `--plant memory` keeps, so that a few calls are enough to see it: an answer has more."""


@dataclass
class Outcome:
    """What came of a scenario."""

    start: Sample
    rests: list[Sample] = field(default_factory=list)
    end: Sample | None = None
    errors: list[str] = field(default_factory=list)
    failures: int = 0
    seconds: float = 0.0


class Errors(logging.Handler):
    """Everything that goes wrong: errors of calls, and what is only logged, or raised where nobody can catch it."""

    def __init__(self, *, lenient: bool) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []
        self.count = 0
        logging.getLogger().addHandler(self)
        sys.unraisablehook = lambda unraisable: self.note(f"nobody could catch {unraisable.exc_value!r}")
        # Who forgets a stream in a circle is told so by Python, if he wants to be: that is no error of ours.
        warnings.simplefilter("ignore" if lenient else "error", ResourceWarning)

    def emit(self, record: logging.LogRecord) -> None:
        self.note(record.getMessage())

    def note(self, text: str) -> None:
        self.count += 1
        if len(self.texts) < SHOWN:
            self.texts.append(text)


class Worker:
    """What is the same for sync and async: the client, what is counted, and when."""

    def __init__(self, scenario: Scenario, settings: dict[str, Any], port: int, plants: Sequence[Plant]) -> None:
        self.scenario, self.port, self.plants = scenario, port, plants
        self.errors = Errors(lenient=scenario.action == "abandoned")
        self.planted: list[Any] = []
        given = {**settings, "env": {}, "max_retries": 100, "retry": RetryPolicy(first_delay=0.0)}
        self.client: Any = (AsyncTensormesh if scenario.mode == "async" else Tensormesh)(**given)
        self.sync_act, self.async_act = ACTS[scenario.action]

    def run(self, before: Callable[[int], None], after: Callable[[], None]) -> Outcome:
        """Do all of it; `before` and `after` are called around each batch."""
        outcome, size = Outcome(self.sample()), self.scenario.batch
        begin = time.perf_counter()
        for first in range(0, self.scenario.calls, size):
            before(size)
            self.batch(range(first, first + size))
            after()
            self.sow()
            self.settle(self.scenario.kept)
            outcome.rests.append(self.sample())
        outcome.seconds = time.perf_counter() - begin
        self.close()
        self.settle(0)
        outcome.end = self.sample()
        outcome.errors, outcome.failures = self.errors.texts, self.errors.count
        return outcome

    def sow(self) -> None:
        """Plant what has to be found."""
        if "memory" in self.plants:
            self.planted += [[number] for number in range(OBJECTS_OF_A_CALL * self.scenario.batch)]
        if "connections" in self.plants:
            self.planted.append(socket.create_connection(("127.0.0.1", self.port)))
        if "tasks" in self.plants:
            self.planted.append(self.begin_without_end())
        if "errors" in self.plants:
            self.note(PlantedError("planted"))

    def settle(self, kept: int) -> None:
        """Wait until no more connections are open than may be; the counts tell where they stay."""
        deadline = time.monotonic() + (0.1 if self.plants else PATIENCE_SECONDS)
        gc.collect()
        self.rest()
        while connections(self.port) > kept and time.monotonic() < deadline:
            self.rest()

    def note(self, error: BaseException) -> None:
        self.errors.note(f"{type(error).__name__}: {error}")

    def batch(self, numbers: range) -> None:
        raise NotImplementedError

    def sample(self) -> Sample:
        raise NotImplementedError

    def rest(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def begin_without_end(self) -> Any:
        raise NotImplementedError


class SyncWorker(Worker):
    """By threads, which end with each batch."""

    def batch(self, numbers: range) -> None:
        shares = [numbers[first :: self.scenario.at_once] for first in range(self.scenario.at_once)]
        with ThreadPoolExecutor(len(shares)) as pool:
            list(pool.map(self._work, shares))

    def _work(self, numbers: range) -> None:
        for number in numbers:
            try:
                self.sync_act(self.client, number)
            except Exception as error:  # whatever it is: there must be none
                self.note(error)

    def sample(self) -> Sample:
        return sample(self.port, tasks=0)

    def rest(self) -> None:
        time.sleep(0.01)

    def close(self) -> None:
        self.client.close()

    def begin_without_end(self) -> Any:
        thread = threading.Thread(target=threading.Event().wait, daemon=True)
        thread.start()
        return thread


class AsyncWorker(Worker):
    """In one event loop."""

    def __init__(self, scenario: Scenario, settings: dict[str, Any], port: int, plants: Sequence[Plant]) -> None:
        super().__init__(scenario, settings, port, plants)
        self.runner = asyncio.Runner()

    def batch(self, numbers: range) -> None:
        self.runner.run(self._batch(numbers))

    async def _batch(self, numbers: range) -> None:
        shares = [numbers[first :: self.scenario.at_once] for first in range(self.scenario.at_once)]
        await asyncio.gather(*map(self._work, shares))

    async def _work(self, numbers: range) -> None:
        for number in numbers:
            try:
                await self.async_act(self.client, number)
            except Exception as error:  # whatever it is: there must be none
                self.note(error)

    def sample(self) -> Sample:
        async def counted() -> Sample:
            return sample(self.port, tasks=len(asyncio.all_tasks()) - 1)

        return self.runner.run(counted())

    def rest(self) -> None:
        self.runner.run(asyncio.sleep(0.01))

    def close(self) -> None:
        self.runner.run(self.client.close())

    def begin_without_end(self) -> Any:
        return self.runner.get_loop().create_task(asyncio.Event().wait())


def main() -> None:
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    job = json.load(sys.stdin)
    scenario = Scenario(**job["scenario"])
    made = AsyncWorker if scenario.mode == "async" else SyncWorker
    worker = made(scenario, job["settings"], job["port"], job["plants"])
    failing = FailingHost(**job["failing"]) if job["failing"] else None
    if failing is None:
        outcome = worker.run(lambda calls: None, lambda: None)
    else:
        outcome = worker.run(failing.fail, lambda: failing.check(worker.errors.note))
    json.dump(asdict(outcome), sys.stdout)


if __name__ == "__main__":
    main()
