"""Runs the cases: every round has each case once with each peer, one after the other, each in a fresh process."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.peers.cases import Case
from benchmarks.peers.environments import Environment
from benchmarks.peers.host.certificate import VARIABLES, trust
from benchmarks.peers.host.process import Host, running
from benchmarks.peers.results import Results, Run
from benchmarks.peers.roster import Peer
from tools.clean_room import plain_environment

HERE = Path(__file__).resolve().parent
COLD = "from contestants.cold import main; main()"
ERROR = re.compile(r"[\w.]*(Error|Exception)\b")
TIMEOUT_SECONDS = 300.0
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
FOREIGN = {*PROXIES, *VARIABLES, "PYTHONDONTWRITEBYTECODE"}


class FailedError(Exception):
    """Why a peer could not do what was asked."""


@contextmanager
def pinned_host(certificate: Path) -> Iterator[Host]:
    """Run the host on the first processor while the block runs, and this process and its children on the last."""
    processors = sorted(os.sched_getaffinity(0))
    with running(certificate, processors[0]) as host:
        os.sched_setaffinity(0, {processors[-1]})
        try:
            yield host
        finally:
            os.sched_setaffinity(0, processors)


def run_rounds(
    results: Results,
    cases: Sequence[Case],
    peers: Mapping[Peer, Environment],
    certificate: Path,
    tell: Callable[[str], None],
) -> None:
    """
    Measure.

    Args:
        results: how many rounds there are to be, and how long a run; and what was measured, once it was.
        certificate: what the host shows to those who speak TLS with it.
        tell: called with a line now and then.
    """
    with pinned_host(certificate) as host:
        for number in range(results.rounds):
            for case in cases:
                if number >= case.rounds:
                    continue
                tell(f"round {number + 1} of {results.rounds}: {case.title}")
                for peer, environment in peers.items():
                    key = f"{case.name}/{peer.name}"
                    if not case.suits(peer) or key in results.failed:
                        continue
                    try:
                        results.runs.append(run(case, peer, environment, host, number, results.budget))
                    except FailedError as error:
                        results.failed[key] = str(error)


def run(case: Case, peer: Peer, environment: Environment, host: Host, number: int, seconds: float) -> Run:
    """
    Run one case with one peer.

    Raises:
        FailedError: the client failed, or brought something else than it was sent.
    """
    url = f"{host.url(tls=case.tls)}/{case.script}"
    if case.process:
        if number == 0:
            run_cold(peer, environment, case, url)  # writes bytecode, fills the page cache
        cpu, wall, kilobytes = run_cold(peer, environment, case, url)
        return Run(case.name, peer.name, number, 1, cpu, wall, kilobytes)
    # Streams that wait, and a thousand at once, are made once each: there is no need to fill a time.
    once = bool(case.pace) or (case.chunks > 0 and case.in_flight > 1)
    job = {
        "contestant": peer.contestant,
        "url": url,
        "mode": case.mode,
        "action": case.action,
        "in_flight": case.in_flight,
        "warm_up": 1 if once else 2 * case.in_flight,
        "least": case.in_flight if once or case.chunks else 2 * case.in_flight,
        "seconds": 0.0 if once else seconds,
        "chunks": case.chunks,
        "expected": case.expected,
    }
    before, _ = host.account()
    settings = trust(host.certificate) if case.tls and host.certificate else {}
    output = _start(environment, ["-m", "contestants.warm"], json.dumps(job), settings)[0]
    after, at_once = host.account()
    found: dict[str, Any] = json.loads(output)
    spent = (found["units"], found["cpu"], found["wall"], found["kilobytes"])
    return Run(case.name, peer.name, number, *spent, host_cpu=after - before, at_once=at_once)


def run_cold(peer: Peer, environment: Environment, case: Case, url: str) -> tuple[float, float, int]:
    """CPU and wall-clock seconds of a whole process, and its peak memory in KB."""
    ask = ["ask"] if case.action == "ask" else []
    command = ["-c", COLD, peer.contestant, case.mode, url, *ask]
    output, cpu, wall = _start(environment, command, "", {})
    return cpu, wall, int(output)


def _start(
    environment: Environment, command: list[str], text: str, settings: Mapping[str, str]
) -> tuple[str, float, float]:
    """Output, CPU seconds and wall-clock seconds of one process, with `settings` in place of those of this machine."""
    variables = {name: value for name, value in plain_environment().items() if name.upper() not in FOREIGN}
    variables |= settings
    pipe = subprocess.PIPE
    before, begin = _children(), time.perf_counter()
    process = subprocess.Popen(
        [str(environment.python), *command], cwd=HERE, env=variables, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
    try:
        output, errors = process.communicate(text, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.communicate()
        raise FailedError(f"it took more than {TIMEOUT_SECONDS:g} seconds") from error
    if process.returncode != 0:
        lines = errors.strip().splitlines() or [f"it ended with {process.returncode}"]
        raise FailedError(next((line for line in reversed(lines) if ERROR.match(line)), lines[-1]))
    return output, _children() - before, time.perf_counter() - begin


def _children() -> float:
    """CPU seconds of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
