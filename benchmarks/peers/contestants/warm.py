"""
`python -m contestants.warm`: make calls of one kind with one client, and count what they cost.

Reads a job and writes a result, both JSON. The job:

    contestant  module beside this one, with the classes Sync and Async and the function `content`
    url         base URL; its path tells the host what to do
    mode        "Sync" or "Async"
    action      "request", "chunks", "texts", or "first": the first chunk of a stream, the rest not counted
    in_flight   how many calls at once
    warm_up     calls that are not counted
    least       calls that are
    seconds     CPU seconds after which no further call begins, once there were `least`
    chunks      how many a stream has
    expected    what each call has to bring: so many chunks, or so many characters

The result: `calls`; `units` (calls or chunks); `cpu` and `wall` seconds of all of them together; `kilobytes` at most.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
from typing import Any

from .memory import peak_kilobytes


class Count:
    """What has been spent and counted so far, and whether another call may begin."""

    def __init__(self, least: int, seconds: float) -> None:
        self.least = least
        self.seconds = seconds
        self.begun = 0
        self.units = 0
        self.cpu = self.wall = 0.0
        self.started = time.process_time()

    def more(self) -> bool:
        if self.begun >= self.least and time.process_time() - self.started >= self.seconds:
            return False
        self.begun += 1
        return True


class SyncCalls:
    """One call of each kind; each tells how many units it was."""

    def __init__(self, contestant: Any, job: dict[str, Any], count: Count) -> None:
        self.client = contestant.Sync(job["url"])
        self.content = contestant.content
        self.units: int = job["chunks"]
        self.expected = job["expected"]
        self.count = count

    def request(self) -> int:
        check(len(self.client.request()), self.expected)
        return 1

    def chunks(self) -> int:
        content, found = self.content, 0
        for chunk in self.client.chunks():
            content(chunk)
            found += 1
        check(found, self.expected)
        return self.units

    def texts(self) -> int:
        length = 0
        for text in self.client.texts():
            length += len(text)
        check(length, self.expected)
        return self.units

    def first(self) -> int:
        cpu, wall = time.process_time(), time.perf_counter()
        chunks = self.client.chunks()
        next(chunks)
        self.count.cpu += time.process_time() - cpu
        self.count.wall += time.perf_counter() - wall
        check(1 + sum(1 for _ in chunks), self.expected)
        return 1


class AsyncCalls:
    """The same, awaited."""

    def __init__(self, contestant: Any, job: dict[str, Any], count: Count) -> None:
        self.client = contestant.Async(job["url"])
        self.content = contestant.content
        self.units: int = job["chunks"]
        self.expected = job["expected"]
        self.count = count

    async def request(self) -> int:
        check(len(await self.client.request()), self.expected)
        return 1

    async def chunks(self) -> int:
        content, found = self.content, 0
        async for chunk in await self.client.chunks():
            content(chunk)
            found += 1
        check(found, self.expected)
        return self.units

    async def texts(self) -> int:
        length = 0
        async for text in await self.client.texts():
            length += len(text)
        check(length, self.expected)
        return self.units

    async def first(self) -> int:
        cpu, wall = time.process_time(), time.perf_counter()
        chunks = await self.client.chunks()
        await anext(chunks)
        self.count.cpu += time.process_time() - cpu
        self.count.wall += time.perf_counter() - wall
        check(1 + len([None async for _ in chunks]), self.expected)
        return 1


def check(found: int, expected: int) -> None:
    """A client that does half of the work is not cheap."""
    if found != expected:
        raise SystemExit(f"a call brought {found} instead of {expected}")


def run(job: dict[str, Any], count: Count) -> None:
    calls = SyncCalls(importlib.import_module(f".{job['contestant']}", __package__), job, count)
    call = getattr(calls, job["action"])
    for _ in range(job["warm_up"]):
        call()
    with Clock(count, job["action"]):
        while count.more():
            count.units += call()


async def arun(job: dict[str, Any], count: Count) -> None:
    import asyncio

    calls = AsyncCalls(importlib.import_module(f".{job['contestant']}", __package__), job, count)
    call = getattr(calls, job["action"])

    async def work() -> None:
        while count.more():
            units = await call()  # apart: `count.units += await ...` would forget what others counted meanwhile
            count.units += units

    for _ in range(0, job["warm_up"], job["in_flight"]):
        await asyncio.gather(*(call() for _ in range(min(job["in_flight"], job["warm_up"]))))
    with Clock(count, job["action"]):
        await asyncio.gather(*(work() for _ in range(job["in_flight"])))
    await calls.client.close()


class Clock:
    """Counts what happens in its block, unless the calls are their own clock."""

    def __init__(self, count: Count, action: str) -> None:
        self.count = count
        self.action = action

    def __enter__(self) -> None:
        gc.collect()
        self.count.cpu = self.count.wall = 0.0
        self.wall = time.perf_counter()
        self.count.started = time.process_time()

    def __exit__(self, *error: object) -> None:
        if self.action != "first":
            self.count.cpu = time.process_time() - self.count.started
            self.count.wall = time.perf_counter() - self.wall


def main() -> None:
    job = json.load(sys.stdin)
    count = Count(job["least"], job["seconds"])
    if job["mode"] == "Sync":
        run(job, count)
    else:
        import asyncio

        asyncio.run(arun(job, count))
    result = {"calls": count.begun, "units": count.units, "cpu": count.cpu, "wall": count.wall}
    print(json.dumps({**result, "kilobytes": peak_kilobytes()}))


if __name__ == "__main__":
    main()
