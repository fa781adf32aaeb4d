"""A client of httpx2 carries the calls as one of httpx does."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUITE = [
    "test_faults.py",
    "test_stream_faults.py",
    "test_connections.py",
    "test_cancellation.py",
    "test_retries.py",
    "test_tls.py",
    "test_clients.py",
    "test_raw_and_low_level.py",
    "test_secrets.py",
]


@pytest.mark.skipif(importlib.util.find_spec("httpx2") is None, reason="httpx2 is not installed")
def test_what_holds_over_httpx_holds_over_httpx2(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--http-library", "httpx") != "httpx":
        pytest.skip("this is that run")
    files = [str(Path(__file__).parent / name) for name in SUITE]
    options = ["-q", "-p", "no:cacheprovider", "-k", "httpx or transport or ones_own", "--http-library=httpx2"]

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout
