"""What type checkers tell of: every mistake that they can tell of, and none where there is none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.documentation.blocks import ROOT, of

FOLDER = Path(__file__).resolve().parent
WRONG = FOLDER / "programs" / "wrong.py"
EXPECTED = re.compile(r"#.*\((?:mypy: (?P<mypy>[\w-]+), pyright: (?P<pyright>\w+)|nobody tells)\)$")


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_checker_tells_of_every_mistake_that_it_can_tell_of(checker: str, request: pytest.FixtureRequest) -> None:
    """In programs, with the code that stands beside it, and of nothing else."""
    lines = WRONG.read_text(encoding="utf-8").splitlines()
    wanted = {
        (number, found[checker])
        for number, line in enumerate(lines, start=1)
        if (found := EXPECTED.search(line)) and found[checker]
    }

    said = request.getfixturevalue(checker)

    told = {(one.line, one.code) for one in said if one.file == "wrong.py"}
    assert {number for number, _ in told} == {number for number, _ in wanted}
    assert wanted - told == set()
    assert [one for one in said if one.file == "right.py"] == []
    assert len(wanted) > 25


def test_every_mistake_says_who_tells_of_it() -> None:
    lines = WRONG.read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if "  # " in line and not EXPECTED.search(line)] == []


def test_faults_are_reported_and_nothing_else(mypy: list[Any]) -> None:
    """A type that is not so, an argument that is wrong, and an error that was expected and did not come."""
    said = [one for one in mypy if one.file != "wrong.py" and not one.file.startswith("block_")]

    assert [(one.file, one.code) for one in said] == [
        ("planted.py", "assert-type"),
        ("planted.py", "arg-type"),
        ("planted.py", "unused-ignore"),
    ]


def test_every_block_of_the_documents_passes_as_it_stands(mypy: list[Any]) -> None:
    """Beside a planted fault, so that it is seen to look."""
    said = [(one.file, one.line, one.message) for one in mypy if one.file.startswith("block_")]

    assert len([*of("python")]) > 10
    assert [one for one in said if one[0] != "block_planted.py"] == []
    assert any(line == 3 and message.startswith("Too many positional arguments") for _, line, message in said)


def test_every_file_here_is_part_of_the_check() -> None:
    """`make check` is told of the folder, so a new file needs no mention."""
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert settings.count('"tests/typing"') == 2
    never_run = {file for file in FOLDER.glob("*.py") if not file.name.startswith(("conftest", "test_"))}
    assert [file.name for file in never_run if "assert_type" not in file.read_text(encoding="utf-8")] == []
