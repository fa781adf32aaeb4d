"""Runs the property tests of this project, group by group, each in a process of its own, and counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

GROUPS: dict[str, tuple[str, ...]] = {
    "bytes that are nearly HTTP, over real connections, to each transport": ("tests/fuzz/test_transports.py",),
    "the transport: answers in any packets, at any time, from any host": ("tests/transport",),
    "the local host: JSON, bytes, paths, headers, fault scripts": ("tests/local_host",),
    "events, think blocks, tool calls, whole answers, error bodies, retries, limits": ("tests/overlay/pure",),
    "models: any JSON into each of them and out again": ("tests/generated", "tests/fuzz/test_models.py"),
    "any status, headers and body, to each kind of call": ("tests/fuzz/test_answers.py",),
    "recorded streams with anything wrong in them": ("tests/fuzz/test_streams.py",),
    "the local host: the control plane": ("tests/local_control_plane",),
    "lists in pages": ("tests/fuzz/test_pages.py",),
    "batches: beginnings that rows share, and budgets": ("tests/batch/pure",),
    "files and output of the command": (
        "tests/fuzz/test_command_files.py",
        "tests/fuzz/test_command_answers.py",
        "tests/cli",
    ),
    "what the contract reads": ("tests/contract",),
    "what the generator reads and writes": ("tests/generation", "tests/document_reader"),
}
"""What is tried, and the tests that do; the longest first."""


@dataclass(frozen=True)
class Found:
    """
    What came of a group.

    Attributes:
        properties: how many tests there were.
        cases: how often they were run, those included that narrow a failure down.
        failed: the names of those that failed.
        output: what pytest said.
    """

    group: str
    properties: int
    cases: int
    failed: tuple[str, ...]
    seconds: float
    output: str


def run(group: str, cases: int, seed: int | None) -> Found:
    """Run the tests of one group; what ends without a count has failed as a whole."""
    with tempfile.TemporaryDirectory() as place:
        report, begin = Path(place) / "report.json", time.perf_counter()
        plugin = ["-p", "tests.fuzz.plugin", "--fuzz-cases", str(cases), "--fuzz-report", str(report)]
        options = ["-q", "-p", "no:cacheprovider"]
        if seed is not None:
            options += ["--hypothesis-seed", str(seed)]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *plugin, *options, *GROUPS[group]],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - begin
        found = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    failed = tuple(found.get("failed", ())) or (() if done.returncode == 0 else GROUPS[group])
    output = done.stdout + done.stderr
    return Found(group, found.get("properties", 0), found.get("cases", 0), failed, seconds, output)


def run_all(groups: Iterable[str], cases: int, seed: int | None, tell: Callable[[Found], None]) -> list[Found]:
    """Run groups, as many at once as there are cores; `tell` is called with each that is through."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = [pool.submit(run, group, cases, seed) for group in groups]
        found = []
        for one in waiting:
            found.append(one.result())
            tell(found[-1])
        return found
