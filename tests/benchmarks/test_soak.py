"""The soak finds what is planted, passes what is well, and tells of it where the documents are."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.soak import document, report
from benchmarks.soak.__main__ import main
from benchmarks.soak.gauge import Sample
from benchmarks.soak.results import Results, Run
from benchmarks.soak.scenarios import PLANTS, SCENARIOS
from benchmarks.soak.verdict import problems
from tests.cases import cases
from tools.clean_room import ROOT

linux = pytest.mark.skipif(sys.platform != "linux", reason="sockets are counted in /proc, and the host uses epoll")

CALLS = "240"
CALM = Sample(objects=30_000, blocks=200_000, kilobytes=40_000, sockets=4, connections=0, threads=1, tasks=0)
KEPT = CALM._replace(sockets=20, connections=16)


@linux
@pytest.mark.parametrize("scenario", ["requests-sync", "requests-async", "abandoned-sync", "abandoned-async"])
def test_what_is_well_passes(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--scenario", scenario, "--calls", CALLS]) == 0

    assert "nothing grew, nothing was left and nothing failed" in capsys.readouterr().out


@linux
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_failing_host_fails_as_it_was_told(mode: str) -> None:
    assert main(["--scenario", f"faults-{mode}", "--calls", CALLS]) == 0


@linux
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_all_that_is_planted_is_found(mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    planted = [word for plant in PLANTS for word in ("--plant", plant)]

    assert main(["--scenario", f"requests-{mode}", "--calls", CALLS, *planted]) == 1

    out = capsys.readouterr().out
    assert "objects grew from" in out
    assert "connections were left when the client was closed" in out
    assert "were left at rest" in out
    assert "6 errors, first of all: PlantedError: planted" in out


def a_run(*rests: Sample, name: str = "requests-sync", **facts: Any) -> Run:
    (scenario,) = (scenario for scenario in SCENARIOS if scenario.name == name)
    given = {"start": CALM, "end": CALM, "errors": (), "failures": 0, "seconds": 1.0, "at_once": 1_000, **facts}
    return Run(scenario, rests=rests or (KEPT,) * 10, **given)


def test_a_calm_run_has_no_problems() -> None:
    assert problems(a_run()) == []


@pytest.mark.parametrize(
    ("measure", "growth", "found"),
    [
        ("objects", 50, "objects grew from 30,175 to 30,375"),
        ("blocks", 500, "blocks grew from 201,750 to 203,750"),
        ("kilobytes", 1_000, "kilobytes grew from 43,500 to 47,500"),
    ],
)
def test_what_grows_is_named(measure: str, growth: int, found: str) -> None:
    rests = [KEPT._replace(**{measure: getattr(KEPT, measure) + growth * batch}) for batch in range(10)]

    assert problems(a_run(*rests)) == [found]


def test_what_grows_only_while_it_warms_up_is_well() -> None:
    rests = [KEPT._replace(objects=20_000), KEPT._replace(objects=25_000), *(KEPT,) * 8]

    assert problems(a_run(*rests)) == []


@cases(
    ("run", "found"),
    [
        (a_run(KEPT._replace(sockets=21)), "17 sockets were open at rest, and 16 may be"),
        (a_run(KEPT._replace(connections=17)), "17 connections were open at rest, and 16 may be"),
        (a_run(CALM._replace(sockets=5), name="abandoned-sync"), "1 sockets were open at rest, and 0 may be"),
        (a_run(KEPT._replace(threads=2)), "1 threads were left at rest"),
        (a_run(end=CALM._replace(tasks=3)), "3 tasks were left when the client was closed"),
        (a_run(at_once=999, name="streams-async"), "only 999 of 1000 streams were under way at once"),
        (a_run(errors=("a", "b"), failures=7), "7 errors, first of all: a; b"),
    ],
)
def test_what_is_left_or_fails_is_named(run: Run, found: str) -> None:
    longer = replace(run, rests=run.rests * 10)

    assert problems(longer) == [found]


def test_the_page_has_a_line_for_every_scenario() -> None:
    page = (ROOT / "docs" / "evidence" / "reliability.md").read_text(encoding="utf-8")

    assert [scenario.name for scenario in SCENARIOS if f"| {scenario.title} " not in page] == []


def test_a_section_takes_the_place_of_the_one_before() -> None:
    page = "# A\n\n## B\n\nold\n\n## C\n\nc\n"

    assert document.replaced(page, "## B\n\nnew\n") == "# A\n\n## B\n\nnew\n\n## C\n\nc\n"
    assert document.replaced(page, "## C\n\nnew\n") == "# A\n\n## B\n\nold\n\n## C\n\nnew\n"
    assert document.replaced(page, "## D\n\nnew\n") == f"{page}\n## D\n\nnew\n"


def test_the_section_says_what_was_counted() -> None:
    results = Results({"processor": "P", "cores": "2", "system": "S", "python": "Y"}, [a_run(failures=3)], 130.0)

    section = document.section(results)

    assert section.startswith("## Load and soak\n")
    assert "| requests, sync, by threads | 20,000 |      16 |      3 | 30,000 → 30,000 | 39.1 → 39.1 |" in section
    assert "in 130 seconds" in section
    assert "The machine: P, 2 cores, S, Y." in section
    assert report.problems(results) == ["requests, sync, by threads: 3 errors, first of all: "]
