"""Rows a second, memory, and the time that it takes to open a run again: one measurement in a process of its own."""

from __future__ import annotations

import asyncio
import json
import resource
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tensormesh import AsyncTensormesh, batch

IN_FLIGHT = 256


def bodies(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        messages = [{"role": "user", "content": f"Say hello to number {number} in one sentence."}]
        yield {"model": "a-model", "messages": messages, "max_tokens": 20}


def write_rows(path: Path, count: int) -> None:
    with path.open("w") as file:
        for number, body in enumerate(bodies(count)):
            line = {"custom_id": f"r{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}
            file.write(json.dumps(line) + "\n")


async def loop(count: int, in_flight: int) -> None:
    """What people write without a batch, and keep nothing of."""
    async with AsyncTensormesh() as client:
        rows = bodies(count)

        async def worker() -> None:
            for body in rows:
                await client.inference.serverless.chat.completions.create(**body)

        await asyncio.gather(*(worker() for _ in range(in_flight)))


def measured(what: str, source: Path, folder: Path, count: int, in_flight: int = IN_FLIGHT) -> dict[str, float]:
    begun, cpu = time.perf_counter(), time.process_time()
    if what == "loop":
        asyncio.run(loop(count, in_flight))
    else:
        if what == "run":
            shutil.rmtree(folder, ignore_errors=True)
        summary = batch.run(source, folder, max_in_flight=in_flight)
        assert summary.done == count
    return {
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:]))))
