"""A wrong type is seen: the type checker passes the files beside this one, and not one with faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]


def test_faults_are_reported_and_nothing_else(mypy: list[Any]) -> None:
    """A type that is not so, an argument that is wrong, and an error that was expected and did not come."""
    said = [one for one in mypy if one.file != "wrong.py"]

    assert [(one.file, one.code) for one in said] == [
        ("planted.py", "assert-type"),
        ("planted.py", "arg-type"),
        ("planted.py", "unused-ignore"),
    ]


def test_every_file_here_is_part_of_the_check() -> None:
    """`make check` is told of the folder, so a new file needs no mention."""
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert settings.count('"tests/typing"') == 2
    never_run = {file for file in FOLDER.glob("*.py") if not file.name.startswith(("conftest", "test_"))}
    assert [file.name for file in never_run if "assert_type" not in file.read_text(encoding="utf-8")] == []
