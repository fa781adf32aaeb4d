"""`tm` in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

from tests.cli.conftest import Tm

TM = [sys.executable, "-m", "tensormesh_cli"]
KEPT = ("PATH", "HOME", "LANG", "SYSTEMROOT")


def environment(tm: Tm) -> dict[str, str]:
    """Of somebody whose `tm` this is, and nothing of the machine that would show."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    return {**kept, "TM_CONFIG_HOME": str(tm.home), **tm.env}


def run(tm: Tm, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TM, *arguments], env=environment(tm), capture_output=True, text=True, check=False)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)
