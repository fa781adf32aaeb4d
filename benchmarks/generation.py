"""What `make generate` costs: the whole chain, made aside and compared."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measures import Group, Measure

ROOT = Path(__file__).resolve().parent.parent


def measure(rounds: int) -> Group:
    """Run `python -m tools.generate --check` beside loading the generator alone."""
    load = [sys.executable, "-c", "import openapi_python_client"]
    generate = [sys.executable, "-m", "tools.generate", "--check"]
    _seconds(load)
    loads: list[float] = []
    generations: list[float] = []
    walls: list[float] = []
    fresh = True
    for _ in range(rounds):
        loads.append(_seconds(load)[0])
        start = time.perf_counter()
        cpu, status = _seconds(generate)
        walls.append(time.perf_counter() - start)
        generations.append(cpu)
        fresh = fresh and status == 0
    note = f"By the wall clock: {min(walls):.1f} s."
    if not fresh:
        note += " The package was not fresh, or could not be made: see `make generate`."
    return Group(
        "Generation",
        "s",
        (
            Measure("import openapi_python_client", tuple(loads), ours=False),
            Measure("python -m tools.generate --check", tuple(generations)),
        ),
        note,
    )


def _seconds(command: list[str]) -> tuple[float, int]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.returncode
