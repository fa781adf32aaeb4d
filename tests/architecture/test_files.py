"""Files have a readable size and a name for what is inside."""

from __future__ import annotations

import pytest

from tests.architecture.conftest import HANDWRITTEN, ROOT, files

LINES = 400
NAMELESS = {"common", "helper", "helpers", "manager", "managers", "misc", "shared", "util", "utils"}
"""Names that say nothing about what is inside."""

WRITTEN = (*HANDWRITTEN, "benchmarks", "documentation", "examples")


def test_there_is_something_to_look_at() -> None:
    assert len(files(*WRITTEN)) > 50


@pytest.mark.parametrize("package", WRITTEN)
def test_a_file_is_short_enough_to_read(package: str) -> None:
    """Past 400 lines it holds two things."""
    long = {
        file.relative_to(ROOT).as_posix(): count
        for file in files(package)
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > LINES
    }

    assert long == {}


def test_a_template_is_short_enough_to_read() -> None:
    templates = list((ROOT / "generator_templates").rglob("*.jinja"))

    assert len(templates) > 10
    assert [file.name for file in templates if len(file.read_text(encoding="utf-8").splitlines()) > LINES] == []


@pytest.mark.parametrize("package", [*WRITTEN, "tests"])
def test_a_file_is_named_for_what_is_in_it(package: str) -> None:
    """And so is a folder."""
    names = {part for file in files(package) for part in file.relative_to(ROOT).with_suffix("").parts}

    assert names & NAMELESS == set()
    assert [name for name in names if name.endswith(("_utils", "_helpers", "_manager"))] == []
