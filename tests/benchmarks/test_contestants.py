"""A contestant does the whole work, or it is not counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers import rounds
from benchmarks.peers.cases import CASES, Case
from benchmarks.peers.environments import Environment
from benchmarks.peers.host.certificate import VARIABLES, trust
from benchmarks.peers.host.process import Host
from benchmarks.peers.roster import PEERS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the host uses epoll")

KINDS = {
    name: next(case for case in CASES if case.name == name)
    for name in (
        "request-sync",
        "request-sync-tls",
        "request-async-16",
        "request-async-64-tls",
        "chunks-sync-20",
        "chunks-async-20",
        "first-chunk-sync",
    )
}


def measure(host: Host, case: Case, **others: Any) -> subprocess.CompletedProcess[str]:
    if case.tls and host.certificate is None:
        pytest.skip("there is no openssl to make a certificate with")
    settings = trust(host.certificate) if host.certificate else {}
    job = {
        "contestant": "with_httpx",
        "url": f"{host.url(tls=case.tls)}/{case.script}",
        "mode": case.mode,
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
        env={**os.environ, **settings},
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize("contestant", ["with_httpx", "with_tensormesh"])
@pytest.mark.parametrize("case", KINDS.values(), ids=KINDS.keys())
def test_every_call_is_counted(host: Host, case: Case, contestant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(rounds.HERE.parents[1]))

    done = measure(host, case, contestant=contestant)

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    calls = 2 * case.in_flight
    units = calls * case.chunks if case.action == "chunks" else calls
    assert (result["calls"], result["units"]) == (calls, units)
    assert min(result["cpu"], result["wall"], result["kilobytes"]) > 0


def test_a_client_that_brings_less_fails(host: Host) -> None:
    done = measure(host, KINDS["chunks-sync-20"], expected=21)

    assert done.returncode != 0
    assert done.stderr.strip() == "a call brought 20 instead of 21"


@pytest.mark.parametrize("name", ["httpx", "requests", "urllib3"])
def test_a_client_trusts_whom_the_run_tells_it_to_and_not_whom_this_machine_does(
    host: Host, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if host.certificate is None:
        pytest.skip("there is no openssl to make a certificate with")
    peer = next(peer for peer in PEERS if peer.name == name)
    case, here = KINDS["request-sync-tls"], Environment(Path(sys.executable), {})
    for variable in VARIABLES:
        monkeypatch.setenv(variable, str(host.certificate))

    assert rounds.run(case, peer, here, host, 0, 0.0).units == 2
    with pytest.raises(rounds.FailedError, match="CERTIFICATE_VERIFY_FAILED"):
        rounds.run(case, peer, here, Host(host.ports), 0, 0.0)
