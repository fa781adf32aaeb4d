"""What importing costs: CPU of fresh processes, bytecode already written."""

from __future__ import annotations

import os
import subprocess
import sys
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
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    # With `-c` the working directory is importable, so this tree is what gets measured.
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return int(done.stdout) / 1e6
