"""A wrong type is seen: the type checker passes the files beside this one, and not one with faults."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]

FAULTS = """
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


def test_faults_are_reported_and_nothing_else(tmp_path: Path) -> None:
    """A type that is not so, an argument that is wrong, and an error that was expected and did not come."""
    planted = tmp_path / "planted.py"
    planted.write_text(FAULTS, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), str(FOLDER), str(planted)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )

    codes = [line.rpartition("  ")[2] for line in done.stdout.splitlines() if ": error: " in line]
    assert done.returncode == 1, done.stdout + done.stderr
    assert codes == ["[assert-type]", "[arg-type]", "[unused-ignore]"], done.stdout
    assert all(str(planted) in line for line in done.stdout.splitlines() if ": error: " in line)


def test_every_file_here_is_part_of_the_check() -> None:
    """`make check` is told of the folder, so a new file needs no mention."""
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert settings.count('"tests/typing"') == 2
    never_run = {file for file in FOLDER.glob("*.py") if not file.name.startswith("test_")}
    assert [file.name for file in never_run if "assert_type" not in file.read_text(encoding="utf-8")] == []
