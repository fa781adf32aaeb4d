"""`tm` in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

from tests.cli.conftest import Tm
from tests.programs import kept_environment

TM = [sys.executable, "-m", "tensormesh_cli"]


def environment(tm: Tm) -> dict[str, str]:
    """Of somebody whose `tm` this is, and nothing of the machine that would show."""
    return {**kept_environment(), "TM_CONFIG_HOME": str(tm.home), **tm.env}


def run(tm: Tm, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TM, *arguments], env=environment(tm), capture_output=True, text=True, check=False)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)
