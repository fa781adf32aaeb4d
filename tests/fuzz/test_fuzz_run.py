"""`make fuzz` runs every property there is, as often as it says, and fails where one does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz import fuzz_run
from tests.fuzz.__main__ import main
from tests.fuzz.fuzz_run import GROUPS, ROOT

PROPERTIES = """
from hypothesis import given, settings, strategies as st

@given(st.integers())
def test_as_usual(number):
    assert number == number

@settings(max_examples=10)
@given(st.integers())
def test_a_dear_one(number):
    assert number == number

def test_no_property():
    raise AssertionError("this is not to be run")
"""
MACHINE = """
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, rule

class Counting(RuleBasedStateMachine):
    @rule()
    def count(self):
        pass

TestCounting = Counting.TestCase
TestCounting.settings = settings(max_examples=20)
"""
WRONG = """
from hypothesis import given, strategies as st

@given(st.integers(0, 1000))
def test_wrong(number):
    assert number < 500
"""


@pytest.fixture(autouse=True)
def named_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that lie elsewhere have no settings of this project: pytest would load all plugins that are installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p hypothesispytest")


def fuzzed(file: Path, cases: int) -> Any:
    report = file.with_suffix(".json")
    plugin = ["-p", "tests.fuzz.plugin", "--fuzz-cases", str(cases), "--fuzz-report", str(report)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin]
    subprocess.run([*command, str(file)], cwd=ROOT, capture_output=True, check=False)
    return json.loads(report.read_text(encoding="utf-8"))


def test_properties_alone_are_run_and_as_often_as_was_said(tmp_path: Path) -> None:
    """The share of a test that says how often it is to be run is kept: 10 of the usual 100, so 30 of 300."""
    file = tmp_path / "test_planted.py"
    file.write_text(PROPERTIES, encoding="utf-8")

    assert fuzzed(file, 300) == {"properties": 2, "cases": 330, "failed": []}


def test_state_machines_are_run_as_often_as_was_said(tmp_path: Path) -> None:
    file = tmp_path / "test_planted.py"
    file.write_text(MACHINE, encoding="utf-8")

    found = fuzzed(file, 300)

    assert (found["properties"], found["failed"]) == (1, [])
    assert found["cases"] >= 60


def test_a_wrong_property_is_found_and_fails_the_fuzz_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "test_planted.py"
    file.write_text(WRONG, encoding="utf-8")
    monkeypatch.setitem(GROUPS, "what is planted", (str(file),))

    assert main(["--group", "planted", "--cases", "100"]) == 1

    said = capsys.readouterr().out
    assert "Failing test case: test_wrong" in said
    assert "test_planted.py::test_wrong" in said.splitlines()[-2]
    assert "1 failures" in said.splitlines()[-1]


def test_tests_that_cannot_be_run_fail_the_fuzz_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GROUPS, "what is not there", ("tests/fuzz/test_nothing.py",))

    assert fuzz_run.run("what is not there", 1, None).failed == ("tests/fuzz/test_nothing.py",)


def test_every_property_belongs_to_a_group() -> None:
    places = tuple(place for group in GROUPS.values() for place in group)
    files = [file for file in (ROOT / "tests").rglob("test_*.py") if file != Path(__file__)]
    given = [file for file in files if "\n@given(" in file.read_text(encoding="utf-8")]
    names = [file.relative_to(ROOT).as_posix() for file in given]

    assert len(names) > 20
    assert [name for name in names if not name.startswith(places)] == []


def test_the_page_has_a_line_for_every_group() -> None:
    page = (ROOT / "docs" / "evidence" / "reliability.md").read_text(encoding="utf-8")

    assert [group for group in GROUPS if f"| {group} " not in page] == []
