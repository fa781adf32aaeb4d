"""
`python -m benchmarks.batch`: batches beside the plain loop of the client, more and fewer rows at once, and orders of
rows beside each other. With `--figures` it does only the last two, and keeps them for the pictures of the guide.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.batch.sharing import PRICE, SHAPES
from benchmarks.batch.throughput import write_rows
from benchmarks.peers.host.process import running
from tools.clean_room import ROOT, local_host

KEY = "local-key"
FIGURES = ROOT / "docs" / "pictures" / "batch.json"
"""What the pictures of the guide are drawn from."""
AT_ONCE = (1, 4, 16, 64, 256)
SECONDS_PER_ANSWER = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--rows", type=int, default=30_000, help="how many rows are sent beside the plain loop")
    parser.add_argument("--many", type=int, default=0, help="how many rows to measure memory and opening again with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--figures", action="store_true", help=f"keep what was measured in {FIGURES.relative_to(ROOT)}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with running() as host:
            environment = {"TENSORMESH_SERVERLESS_BASE_URL": f"{host.url()}/whole", "TENSORMESH_INFERENCE_API_KEY": KEY}
            if not options.figures:
                beside_the_loop(folder, environment, options.rows, options.rounds)
            if options.many:
                at_scale(folder, environment, options.many)
            slow = f"{host.url()}/whole,delay={SECONDS_PER_ANSWER}"
            throughput = by_number_at_once(folder, environment | {"TENSORMESH_SERVERLESS_BASE_URL": slow})
        orders = by_order(folder)
    if options.figures:
        keep(throughput, orders)


def keep(throughput: list[dict[str, float]], orders: list[dict[str, Any]]) -> None:
    """Write the figures down. Rows of a host that cannot be had everywhere stay as they are."""
    kept = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    found = {
        "measured": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seconds_per_answer": SECONDS_PER_ANSWER,
        "throughput": throughput,
        "price": PRICE,
        "orders": orders,
        "live": kept.get("live", []),
    }
    FIGURES.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def beside_the_loop(folder: Path, environment: dict[str, str], count: int, rounds: int) -> None:
    source = folder / "rows.jsonl"
    write_rows(source, count)
    for _ in range(rounds):
        plain = measured("loop", source, folder / "out", count, environment)
        sent = measured("run", source, folder / "out", count, environment)
        print(
            f"{count:,} rows: loop {count / plain['cpu']:,.0f} rows per CPU second, batch {count / sent['cpu']:,.0f} "
            f"({plain['cpu'] / sent['cpu']:.2f}), by the clock {plain['seconds'] / sent['seconds']:.2f}, "
            f"{sent['megabytes']:.0f} MB",
            flush=True,
        )


def at_scale(folder: Path, environment: dict[str, str], count: int) -> None:
    source = folder / "many.jsonl"
    write_rows(source, count)
    sent = measured("run", source, folder / "many", count, environment)
    again = measured("again", source, folder / "many", count, environment)
    print(
        f"{count:,} rows: {sent['megabytes']:.0f} MB; opened again in {again['seconds']:.1f} s, "
        f"{again['megabytes']:.0f} MB",
        flush=True,
    )


def by_number_at_once(folder: Path, environment: dict[str, str]) -> list[dict[str, float]]:
    """Rows a second, of a host that takes the same time for each answer and has room for all."""
    source, found = folder / "at_once.jsonl", []
    for number in AT_ONCE:
        count = 20 * number
        write_rows(source, count)
        seconds = measured("run", source, folder / "at_once", count, environment, number)["seconds"]
        found.append({"at_once": number, "rows_per_second": round(count / seconds, 1)})
        print(f"{number} rows at once: {count / seconds:,.1f} rows a second", flush=True)
    return found


def measured(
    what: str, source: Path, out: Path, count: int, environment: dict[str, str], *in_flight: int
) -> dict[str, float]:
    numbers = map(str, (count, *in_flight))
    command = [sys.executable, "-m", "benchmarks.batch.throughput", what, str(source), str(out), *numbers]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def by_order(folder: Path) -> list[dict[str, Any]]:
    """Each run has a host of its own, whose cache is cold. One row at a time and sorted is the most that can be had."""
    found = []
    for shape in SHAPES:
        ways = (("as_it_came", "input", 64), ("by_prefix", "prefix", 64), ("at_most", "prefix", 1))
        runs = {name: ordered(folder, shape, order, in_flight) for name, order, in_flight in ways}
        found.append({"input": shape, **runs})
        told = ", ".join(f"{name} {run['cached']}% for {run['usd']} USD" for name, run in runs.items())
        print(f"{shape}: {told}", flush=True)
    return found


def ordered(folder: Path, shape: str, order: str, in_flight: int) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(dir=folder) as place,
        local_host(sys.executable, Path(place), PYTHONPATH=str(ROOT)) as environment,
    ):
        command = [sys.executable, "-m", "benchmarks.batch.sharing", shape, order, f"{place}/out", str(in_flight)]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
