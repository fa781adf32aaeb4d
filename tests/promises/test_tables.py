"""The tables of docs/ name tests that exist, and every fault has a row."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("reliability", "promises")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows(table: str) -> list[str]:
    """The rows of those tables that have a column for the test."""
    found: list[str] = []
    inside = False
    lines = (ROOT / "docs" / "evidence" / f"{table}.md").read_text(encoding="utf-8").splitlines()
    for line, following in pairwise([*lines, ""]):
        if following.startswith("|--"):
            inside = not {"test", "proved by"}.isdisjoint(cell.strip() for cell in line.split("|"))
        elif not line.startswith("|"):
            inside = False
        elif inside and not line.startswith("|--"):
            found.append(line)
    return found


def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def names_in(table: str) -> list[tuple[str, str]]:
    return NAMED.findall((ROOT / "docs" / "evidence" / f"{table}.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("table", TABLES)
def test_every_row_names_a_test(table: str) -> None:
    assert len(rows(table)) > 30
    assert [row for row in rows(table) if not NAMED.search(row)] == []


@pytest.mark.parametrize("table", TABLES)
def test_every_test_that_is_named_exists(table: str) -> None:
    missing = [f"{file}::{name}" for file, name in names_in(table) if name not in functions_of(file)]

    assert missing == []


@pytest.mark.parametrize(
    "file", ["tests/overlay/test_bad_answers.py", "tests/overlay/test_faults.py", "tests/overlay/test_stream_faults.py"]
)
def test_every_fault_that_is_tested_has_a_row(file: str) -> None:
    """But for what is no fault, and is tested there to set it off."""
    named = {name for place, name in names_in("reliability") if place == file}
    no_faults = {
        "test_a_compressed_answer_is_read",
        "test_a_body_that_ends_with_the_connection_is_read",
        "test_a_body_that_a_hook_has_read_is_the_answer",
        "test_not_found_says_where_to_look",
        "test_a_stream_may_be_silent_for_longer_than_its_first_byte_may_take",
    }

    assert functions_of(file) - named - no_faults == set()


def test_every_program_of_the_documents_has_a_row() -> None:
    programs = {file.stem for file in (ROOT / "tests" / "promises" / "snippets").glob("*.py")}
    told = set(re.findall(r"with `(\w+)` \|$", "\n".join(rows("promises")), re.MULTILINE))

    assert told == programs
