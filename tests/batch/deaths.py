"""`python -m tests.batch.deaths`: batches killed at many random moments, and what it cost, as a table."""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from tensormesh_batch.running.folder_desk import FLUSH_LINES
from tests.batch.host import BatchHost
from tests.batch.program import actors, children, repeated, started
from tests.batch.rows import row, written

ENGINES: dict[str, dict[str, Any]] = {
    "alone": {},
    "processes": {"processes": 2},
    "ray": {"engine": "ray", "processes": 2},
}


class Death(NamedTuple):
    """What one death cost: rows that were sent again, rows without an answer, answers that stand twice."""

    repeated: int
    lost: int
    doubled: int


def victims(engine: str, program: subprocess.Popen[str]) -> list[int]:
    """The processes of a run that may be killed."""
    workers = {"alone": list[int], "processes": lambda: children(program.pid), "ray": actors}[engine]()
    return [program.pid, *workers]


def die_once(engine: str, rows: int, in_flight: int) -> Death:
    """Run a batch, have one of its processes killed, and let it, or another run, go on."""
    at = random.randrange(1, rows - in_flight)  # noqa: S311
    with tempfile.TemporaryDirectory() as place, BatchHost() as host:
        os.environ["TENSORMESH_SERVERLESS_BASE_URL"] = host.url
        source = written(Path(place) / "in.jsonl", [row(f"r{number}") for number in range(rows)])
        out = Path(place) / "out"
        options = {"max_in_flight": in_flight, **ENGINES[engine]}
        first = started(source, out, **options)

        def hears(count: int) -> None:
            if count == at:
                os.kill(random.choice(victims(engine, first)), signal.SIGKILL)  # noqa: S311

        host.hears = hears
        first.communicate()
        if first.returncode == -signal.SIGKILL:
            started(source, out, **options).communicate()
        found, doubled = set(), 0
        for part in out.glob("part-*.jsonl"):
            for line in part.read_bytes().splitlines():
                doubled += line[:36] in found
                found.add(line[:36])
        return Death(repeated(host.asked), rows - len(found), doubled)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.batch.deaths", description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, action="append", help="default: alone and processes")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--in-flight", type=int, default=64)
    options = parser.parse_args()
    os.environ["TENSORMESH_INFERENCE_API_KEY"] = "key-of-the-tests"
    print(f"{options.rounds} deaths each, {options.rows} rows, {options.in_flight} in flight")
    print(f"may be sent again: {options.in_flight} in flight and {FLUSH_LINES} of a flush")
    for engine in options.engine or ("alone", "processes"):
        deaths = [die_once(engine, options.rows, options.in_flight) for _ in range(options.rounds)]
        again = [death.repeated for death in deaths]
        lost, doubled = sum(death.lost for death in deaths), sum(death.doubled for death in deaths)
        print(
            f"{engine:10} sent again: median {statistics.median(again):g}, most {max(again)}; "
            f"lost {lost}; doubled {doubled}"
        )


if __name__ == "__main__":
    main()
