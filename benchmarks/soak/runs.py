"""Runs a scenario: a host in one process, the client in another."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.peers.host.process import running
from benchmarks.soak.results import Run
from benchmarks.soak.scenarios import Plant, Scenario
from tools.clean_room import ROOT, CleanRoomError, last_line, local_host, plain_environment

KEY = "ak-soak"
TIMEOUT_SECONDS = 1_800.0
ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}
"""glibc gives threads that come and go other places to put things, which looks like growth for a long time."""


def run(scenario: Scenario, plants: Sequence[Plant] = ()) -> Run:
    """
    Run a scenario in processes of its own.

    Raises:
        CleanRoomError: the host or the client came to no good end.
    """
    if scenario.action == "faults":
        with (
            tempfile.TemporaryDirectory() as place,
            local_host(sys.executable, Path(place), PYTHONPATH=str(ROOT)) as to,
        ):
            url, token = to["TENSORMESH_SERVERLESS_BASE_URL"], to["TENSORMESH_CONTROL_PLANE_TOKEN"]
            key = to["TENSORMESH_INFERENCE_API_KEY"]
            failing = {"url": f"{url.removesuffix('/serverless')}/_local/faults", "token": token}
            return Run.of(scenario, _count(scenario, url, key, plants, failing), None)
    with running() as host:
        host.account()
        counted = _count(scenario, f"{host.url()}/{scenario.script}", KEY, plants, None)
        _, at_once = host.account()
        return Run.of(scenario, counted, at_once)


def _count(
    scenario: Scenario, url: str, key: str, plants: Sequence[Plant], failing: dict[str, str] | None
) -> dict[str, Any]:
    job = {
        "scenario": asdict(scenario),
        "settings": {"serverless_base_url": url, "inference_api_key": key},
        "port": urlsplit(url).port,
        "plants": plants,
        "failing": failing,
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.soak.worker"],
        input=json.dumps(job),
        cwd=ROOT,
        env={**plain_environment(), **ONE_ARENA},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    if done.returncode:
        raise CleanRoomError(f"the client's process ended with {done.returncode}: {last_line(done.stderr)}")
    counted: dict[str, Any] = json.loads(done.stdout)
    return counted
