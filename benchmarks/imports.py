"""What importing costs, and the command `tm`, whose start is little else: fresh processes, bytecode already written."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measures import Group, Measure

ROOT = Path(__file__).resolve().parent.parent

# httpx imports its own command line where click and rich are installed, as the developers' tools have it; a client's
# environment does not.
_CHILD = """
import sys, time
sys.modules["click"] = None
{before}
start = time.process_time_ns()
{statement}
print(time.process_time_ns() - start)
"""

_WHOLE_CHILD = """
import time
print(time.process_time_ns())
"""

_OPERATION = "from tensormesh_generated import api; api.chat.create_chat_completion"
_ANSWER = f"""
import json
{_OPERATION}
body = {{"model": "m", "messages": [{{"role": "user", "content": "Hi"}}]}}
request = api.chat.create_chat_completion.build_request(body=body)
request.parse(json.loads(open("benchmarks/samples/completion.json", encoding="utf-8").read()))
"""
_CLIENT = "from tensormesh import Tensormesh; Tensormesh(env={}, inference_api_key='k')"

# Name, what is imported before the clock starts, what is measured, whether it is ours.
CASES: tuple[tuple[str, str, str, bool], ...] = (
    ("import httpx, attrs", "", "import httpx, attrs", False),
    ("Python itself, from start to first line", "", "", False),
    ("import pydantic.BaseModel", "", "from pydantic import BaseModel", False),
    ("the chat operation, after httpx and attrs", "import httpx, attrs", _OPERATION, True),
    ("... and its first request and answer", "import httpx, attrs", _ANSWER, True),
    ("import tensormesh", "", "import tensormesh", True),
    ("import and build a client", "", _CLIENT, True),
    ("... after httpx and attrs", "import httpx, attrs", _CLIENT, True),
    ("... with its inference surfaces", "", f"{_CLIENT}.inference", True),
)

HELP_MILLISECONDS = 150
"""So long, and no longer, `tm --help` may take by the wall clock."""

_HELP = "tm --help"

# Name, arguments of Python, whether it is ours.
COMMANDS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("python -c pass", ("-c", "pass"), False),
    ("python -c 'import click'", ("-c", "import click"), False),
    (_HELP, ("-m", "tensormesh_cli", "--help"), True),
    ("tm users api-keys list --help", ("-m", "tensormesh_cli", "users", "api-keys", "list", "--help"), True),
    ("tm config show", ("-m", "tensormesh_cli", "config", "show"), True),
)


def measure_commands(rounds: int) -> Group:
    """Run every command from start to end, `rounds` times in turn."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name, _, _ in COMMANDS}
    for turn in range(rounds + 1):
        for name, arguments, _ in COMMANDS:
            spent = _spent(arguments)
            if turn:  # the first one writes the bytecode and fills the page cache
                times[name].append(spent)
    measures = tuple(Measure(name, tuple(cpu for cpu, _ in times[name]), ours) for name, _, ours in COMMANDS)
    wall = min(wall for _, wall in times[_HELP])
    verdict = "It may take" if wall <= HELP_MILLISECONDS else "That is TOO SLOW: it may take"
    note = f"`{_HELP}` by the wall clock: {wall:.0f} ms. {verdict} {HELP_MILLISECONDS}."
    return Group("The command, from start to end", "ms", measures, note)


def _spent(arguments: tuple[str, ...]) -> tuple[float, float]:
    """Milliseconds of CPU and by the wall clock."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=_environment(), check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu * 1e3, wall * 1e3


def measure(rounds: int) -> Group:
    """Run every case in a process of its own, `rounds` times in turn."""
    programs = [
        _WHOLE_CHILD if not what else _CHILD.format(before=before, statement=what) for _, before, what, _ in CASES
    ]
    for program in programs:
        _milliseconds(program)  # writes the bytecode, fills the page cache
    times: list[list[float]] = [[] for _ in CASES]
    for _ in range(rounds):
        for program, found in zip(programs, times, strict=True):
            found.append(_milliseconds(program))
    measures = tuple(Measure(name, tuple(found), ours) for (name, _, _, ours), found in zip(CASES, times, strict=True))
    return Group("Import, in fresh processes", "ms", measures)


def _milliseconds(program: str) -> float:
    # With `-c` the working directory is importable, so this tree is what gets measured.
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=_environment(), check=True, capture_output=True, text=True
    )
    return int(done.stdout) / 1e6


def _environment() -> dict[str, str]:
    """Ours; but bytecode is written, and no setting of this machine is read."""
    foreign = ("PYTHONDONTWRITEBYTECODE", "TM_CONFIG_HOME")
    kept = {name: value for name, value in os.environ.items() if name not in foreign and "TENSORMESH" not in name}
    return kept | {"TM_CONFIG_HOME": os.devnull}
