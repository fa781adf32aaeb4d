"""A contestant does the whole work, or it is not counted."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from benchmarks.peers import rounds
from benchmarks.peers.cases import CASES, Case

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the host uses epoll")

KINDS = {
    name: next(case for case in CASES if case.name == name)
    for name in ("request-sync", "request-async-16", "chunks-sync-20", "chunks-async-20", "first-chunk-sync")
}


def measure(port: int, case: Case, **others: Any) -> subprocess.CompletedProcess[str]:
    job = {
        "contestant": "with_httpx",
        "url": f"http://127.0.0.1:{port}/{case.script}",
        "colour": case.colour,
        "action": case.action,
        "in_flight": case.in_flight,
        "warm_up": 1,
        "least": 2 * case.in_flight,
        "seconds": 0.0,
        "chunks": case.chunks,
        "expected": case.expected,
    }
    return subprocess.run(
        [sys.executable, "-m", "contestants.warm"],
        input=json.dumps({**job, **others}),
        cwd=rounds.HERE,
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize("contestant", ["with_httpx", "with_tensormesh"])
@pytest.mark.parametrize("case", KINDS.values(), ids=KINDS.keys())
def test_every_call_is_counted(port: int, case: Case, contestant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(rounds.HERE.parents[1]))

    done = measure(port, case, contestant=contestant)

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    calls = 2 * case.in_flight
    units = calls * case.chunks if case.action == "chunks" else calls
    assert (result["calls"], result["units"]) == (calls, units)
    assert min(result["cpu"], result["wall"], result["kilobytes"]) > 0


def test_a_client_that_brings_less_fails(port: int) -> None:
    done = measure(port, KINDS["chunks-sync-20"], expected=21)

    assert done.returncode != 0
    assert done.stderr.strip() == "a call brought 20 instead of 21"
