"""Runs and workers that are killed at moments nobody chose: nothing is lost or stands twice, little is repeated."""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

import pytest

from tensormesh_batch.batch import run
from tensormesh_batch.errors import WorkerError
from tensormesh_batch.running.folder_desk import FLUSH_LINES
from tests.batch.host import BatchHost
from tests.batch.program import children, repeated, started
from tests.batch.rows import answers, row, written

ROWS, IN_FLIGHT = 1_200, 16
AT_MOST = IN_FLIGHT + FLUSH_LINES

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes in /proc")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written(tmp_path / "in.jsonl", [row(f"r{number}") for number in range(ROWS)])


def moment_of(last: int) -> int:
    """At which request."""
    return random.randrange(20, last)  # noqa: S311


@pytest.mark.parametrize(
    ("first", "then"), [({}, {}), ({"processes": 2}, {}), ({}, {"processes": 2})], ids=["alone", "processes", "both"]
)
def test_a_run_that_is_killed_goes_on(
    host: BatchHost, source: Path, tmp_path: Path, first: dict[str, int], then: dict[str, int]
) -> None:
    out, at = tmp_path / "out", moment_of(ROWS - 20)
    program = started(source, out, max_in_flight=IN_FLIGHT, **first)
    host.hears = lambda count: program.kill() if count == at else None
    with program:
        assert program.wait(60) == -signal.SIGKILL
    summary = run(source, out, max_in_flight=IN_FLIGHT, **then)
    assert (summary.done, summary.left, summary.failed) == (ROWS, 0, 0)
    assert len(answers(out)) == ROWS
    assert repeated(host.asked) <= AT_MOST


def test_a_worker_that_is_killed_is_replaced(host: BatchHost, source: Path, tmp_path: Path) -> None:
    out, at = tmp_path / "out", moment_of(ROWS - 50)
    killed: list[int] = []

    def hears(count: int) -> None:
        if count == at:
            killed.append(random.choice(children(os.getpid())))  # noqa: S311
            os.kill(killed[0], signal.SIGKILL)

    host.hears = hears
    summary = run(source, out, max_in_flight=IN_FLIGHT, processes=2)
    assert killed
    assert (summary.done, summary.left, summary.failed) == (ROWS, 0, 0)
    assert summary.completion_tokens == 2 * ROWS
    assert len(answers(out)) == ROWS
    assert repeated(host.asked) <= AT_MOST


def test_workers_whose_run_was_killed_end_by_themselves(host: BatchHost, source: Path, tmp_path: Path) -> None:
    """Though the host keeps them waiting."""
    host.wait.clear()
    program = started(source, tmp_path / "out", max_in_flight=IN_FLIGHT, processes=2)
    workers: list[int] = []

    def hears(count: int) -> None:
        if count == IN_FLIGHT:
            workers.extend(children(program.pid))
            program.kill()

    host.hears = hears
    with program:
        program.wait(60)
        # They write to the same pipe, so its end is theirs.
        assert program.stderr is not None
        program.stderr.read()
    assert len(workers) == 2
    assert len(host.asked) == IN_FLIGHT


def test_workers_that_die_again_and_again_end_the_run(
    host: BatchHost, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 7\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(WorkerError, match=r"5 workers ended one after another, .* exit code 7"):
        run(source, tmp_path / "out", processes=2)
