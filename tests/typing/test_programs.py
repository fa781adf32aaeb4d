"""Right programs pass both checkers, and of wrong ones each line is told of that they can tell of."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = Path(__file__).resolve().parent / "programs"
ROOT = PROGRAMS.parents[2]
CACHE = ROOT / ".mypy_cache" / "programs"
FILES = [str(PROGRAMS / name) for name in ("right.py", "wrong.py")]
EXPECTED = re.compile(r"#.*\((?:mypy: (?P<mypy>[\w-]+), pyright: (?P<pyright>\w+)|nobody tells)\)$")


def by_mypy(_: Path) -> list[tuple[str, int, str]]:
    """What mypy says: file, line and code."""
    command = [sys.executable, "-m", "mypy", "--strict", "--output", "json", "--cache-dir", str(CACHE)]
    done = subprocess.run([*command, *FILES], cwd=ROOT, check=False, capture_output=True, text=True)
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert said, done.stdout + done.stderr
    return [(Path(one["file"]).name, one["line"], one["code"]) for one in said if one["severity"] == "error"]


def by_pyright(folder: Path) -> list[tuple[str, int, str]]:
    """What pyright says. Of copies elsewhere: the settings of the project leave out what is wrong on purpose."""
    for file in FILES:
        shutil.copy(file, folder)
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", str(folder)]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    said: list[dict[str, Any]] = json.loads(done.stdout)["generalDiagnostics"]
    return [
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["rule"])
        for one in said
        if one["severity"] == "error"
    ]


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_checker_tells_of_every_mistake_that_it_can_tell_of(checker: str, tmp_path: Path) -> None:
    """With the code that stands beside it, and of nothing else."""
    lines = (PROGRAMS / "wrong.py").read_text(encoding="utf-8").splitlines()
    wanted = {
        (number, found[checker])
        for number, line in enumerate(lines, start=1)
        if (found := EXPECTED.search(line)) and found[checker]
    }

    said = (by_mypy if checker == "mypy" else by_pyright)(tmp_path)

    told = {(number, code) for name, number, code in said if name == "wrong.py"}
    assert {number for number, _ in told} == {number for number, _ in wanted}
    assert wanted - told == set()
    assert [one for one in said if one[0] == "right.py"] == []
    assert len(wanted) > 25


def test_every_mistake_says_who_tells_of_it() -> None:
    lines = (PROGRAMS / "wrong.py").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if "  # " in line and not EXPECTED.search(line)] == []
