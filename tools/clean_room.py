"""
Places away from this tree: environments with nothing in them but what they are given, and a local host that runs there.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
END_SECONDS = 15.0
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")


class CleanRoomError(Exception):
    """What failed there, in one sentence."""


def find_uv() -> str | None:
    """The uv on PATH, or the one that `make install` fetched."""
    return shutil.which("uv") or shutil.which("uv", path=ROOT / ".local" / "uv" / "bin")


def plain_environment() -> dict[str, str]:
    """Our environment without what would lead to another Tensormesh, another Python, or this tree."""
    return {
        name: value for name, value in os.environ.items() if name not in FOREIGN and not name.startswith("TENSORMESH_")
    }


def python_of(place: Path) -> Path:
    """The interpreter of a virtual environment."""
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def clean_environment(place: Path, wanted: str) -> Path:
    """
    Make a virtual environment with nothing but `wanted` and what that asks for.

    Returns:
        Its Python.

    Raises:
        CleanRoomError: it cannot be made, or `wanted` not be installed.
    """
    python, uv = python_of(place), find_uv()
    make = [uv, "venv", "--quiet", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
    pip = [uv, "pip", "install", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
    run([*make, str(place)], "no virtual environment can be made")
    run([*pip, "--quiet", wanted], "the wheel cannot be installed in a clean environment")
    return python


@contextmanager
def local_host(python: str, place: Path, **variables: str) -> Iterator[dict[str, str]]:
    """
    Run `python -m tensormesh_local` while the block runs.

    Args:
        python: the interpreter to run it with.
        place: an empty folder, its working directory.
        variables: environment variables for it, beside ours.

    Yields:
        An environment with the variables that lead to it.

    Raises:
        CleanRoomError: it does not start, or does not end well.
    """
    env_file, log = place / "env", place / "log"
    environment = {**plain_environment(), **variables}
    command = [python, "-m", "tensormesh_local", "--port", "0", "--env-file", str(env_file)]
    with log.open("wb") as output:
        host = subprocess.Popen(command, cwd=place, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not env_file.exists():
            if host.poll() is not None:
                raise CleanRoomError(
                    f"tensormesh_local ended before it listened: {last_line(log.read_text(errors='replace'))}"
                )
            if time.monotonic() > deadline:
                raise CleanRoomError(f"tensormesh_local did not listen within {START_SECONDS:g} seconds")
            time.sleep(0.05)
        yield {**environment, **read_env_file(env_file)}
        host.send_signal(signal.SIGINT)
        try:
            status = host.wait(END_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise CleanRoomError(f"tensormesh_local did not end within {END_SECONDS:g} seconds of SIGINT") from error
        if status != 0:
            raise CleanRoomError(
                f"tensormesh_local ended with {status} on SIGINT: {last_line(log.read_text(errors='replace'))}"
            )
    finally:
        if host.poll() is None:
            host.kill()
            host.wait()


def read_env_file(file: Path) -> dict[str, str]:
    """The variables of lines such as `export NAME='value'`."""
    variables = {}
    for word in shlex.split(file.read_text(encoding="utf-8"), comments=True):
        name, equals, value = word.partition("=")
        if equals:
            variables[name] = value
    return variables


def run(command: list[str], failure: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
    """
    Run a command, in a plain environment unless told otherwise.

    Returns:
        What it printed.

    Raises:
        CleanRoomError: it failed; `failure`, and the last that it said.
    """
    variables = plain_environment() if env is None else env
    done = subprocess.run(command, cwd=cwd, env=variables, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        said = done.stderr or done.stdout
        sys.stderr.write(said)
        raise CleanRoomError(f"{failure}: {last_line(said)}")
    return done.stdout


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else "it said nothing"
