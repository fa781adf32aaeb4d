"""What the two type checkers say of programs: each is asked once for all of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
CACHE = ROOT / ".mypy_cache" / "programs"
RIGHT, WRONG = (FOLDER / "programs" / name for name in ("right.py", "wrong.py"))

PLANTED = """
from typing import assert_type
from tensormesh.types import ChatCompletionResponse
from tensormesh_generated import api
from tensormesh_generated.client import Client

def faults(client: Client) -> None:
    call = api.chat.create_chat_completion.sync
    assert_type(call(client=client, body={}), ChatCompletionResponse | None)
    call(client=client, body=7)
    call(client=client, body={})  # type: ignore[arg-type]
"""


class Said(NamedTuple):
    """One error: the name of the file, the line, and the code."""

    file: str
    line: int
    code: str


@pytest.fixture(scope="session")
def mypy() -> list[Said]:
    """Of this folder as `make check` asks, of the programs, and of planted faults (`planted.py`)."""
    with TemporaryDirectory() as place:
        planted = Path(place) / "planted.py"
        planted.write_text(PLANTED, encoding="utf-8")
        # One that is named itself is looked at although the settings of the project leave it out.
        files = map(str, (FOLDER, WRONG, planted))
        command = [sys.executable, "-m", "mypy", "--strict", "--output", "json", "--cache-dir", str(CACHE), *files]
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return [Said(Path(one["file"]).name, one["line"], one["code"]) for one in said if one["severity"] == "error"]


@pytest.fixture(scope="session")
def pyright() -> list[Said]:
    """Of the programs. Of copies elsewhere: the settings of the project leave out what is wrong on purpose."""
    with TemporaryDirectory() as place:
        for file in (RIGHT, WRONG):
            (Path(place) / file.name).write_bytes(file.read_bytes())
        command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", place]
        done = subprocess.run(command, cwd=place, check=False, capture_output=True, text=True)
    said = json.loads(done.stdout)["generalDiagnostics"]
    return [
        Said(Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["rule"])
        for one in said
        if one["severity"] == "error"
    ]
