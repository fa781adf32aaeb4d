"""The host as a program: in a process of its own, or in this one."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import tensormesh_local
from tensormesh_local.command_line import local

ROOT = Path(tensormesh_local.__file__).parents[1]
COMMAND = [sys.executable, "-m", "tensormesh_local"]
PATIENCE = 10.0


@contextmanager
def running(env_file: Path, *options: str, stdout: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    """Run the command from the moment its file is there."""
    command = [*COMMAND, "--port", "0", "--env-file", str(env_file), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, text=True) as process:
        try:
            end = time.monotonic() + PATIENCE
            while not env_file.exists() and process.poll() is None and time.monotonic() < end:
                threading.Event().wait(0.005)
            assert env_file.exists(), process.communicate(timeout=PATIENCE)
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def sourced(env_file: Path) -> dict[str, str]:
    """What a shell knows after it has read the file."""
    script = '. "$1"; env'
    found = subprocess.run(
        ["/bin/sh", "-c", script, "sh", str(env_file)], env={}, capture_output=True, text=True, check=True
    )
    pairs = (line.partition("=") for line in found.stdout.splitlines())
    return {name: value for name, _, value in pairs if name.startswith("TENSORMESH_")}


def main(arguments: list[str]) -> int:
    """Run the command in this process; give its exit status."""
    with pytest.raises(SystemExit) as ended:
        local.main(arguments)
    return ended.value.code if isinstance(ended.value.code, int) else 0
