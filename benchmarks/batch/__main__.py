"""`python -m benchmarks.batch`: batches beside the plain loop of the client, and orders of rows beside each other."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.batch.sharing import SHAPES
from benchmarks.batch.throughput import write_rows
from benchmarks.peers.host.process import running
from tools.clean_room import ROOT

KEY = "local-key"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--rows", type=int, default=30_000, help="how many rows are sent beside the plain loop")
    parser.add_argument("--many", type=int, default=0, help="how many rows to measure memory and opening again with")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with running() as host:
            environment = {"TENSORMESH_SERVERLESS_BASE_URL": f"{host.url()}/whole", "TENSORMESH_INFERENCE_API_KEY": KEY}
            beside_the_loop(folder, environment, options.rows, options.rounds)
            if options.many:
                at_scale(folder, environment, options.many)
        by_order(folder)


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


def measured(what: str, source: Path, out: Path, count: int, environment: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.batch.throughput", what, str(source), str(out), str(count)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def by_order(folder: Path) -> None:
    """Each run has a host of its own, whose cache is cold. One row at a time and sorted is the most that can be had."""
    for shape in SHAPES:
        found = {
            name: cached(folder, shape, order, in_flight)
            for name, order, in_flight in (("input", "input", 64), ("prefix", "prefix", 64), ("best", "prefix", 1))
        }
        print(f"{shape}: " + ", ".join(f"{name} {share:.1%}" for name, share in found.items()), flush=True)


def cached(folder: Path, shape: str, order: str, in_flight: int) -> float:
    command = [sys.executable, "-m", "tensormesh_local", "--port", "0", "--env-file", str(folder / "env")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as host:
        assert host.stdout is not None
        try:
            for line in host.stdout:
                if "env" in line and (folder / "env").exists():
                    break
            values = dict(
                line.removeprefix("export ").rstrip().split("=", 1)
                for line in (folder / "env").read_text().splitlines()
                if "=" in line
            )
            base, key = (
                values[name].strip("'\"") for name in ("TENSORMESH_SERVERLESS_BASE_URL", "TENSORMESH_INFERENCE_API_KEY")
            )
            asked = [
                sys.executable,
                "-m",
                "benchmarks.batch.sharing",
                base,
                key,
                shape,
                order,
                str(folder / "shares"),
                str(in_flight),
            ]
            done = subprocess.run(asked, cwd=ROOT, stdout=subprocess.PIPE, check=True)
            return float(done.stdout)
        finally:
            host.terminate()


if __name__ == "__main__":
    main()
