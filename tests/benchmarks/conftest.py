"""The benchmark host, running."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import benchmarks.peers.host


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    command = [sys.executable, str(Path(benchmarks.peers.host.__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.stdin.close()
