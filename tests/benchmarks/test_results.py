"""What is made of the figures."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from benchmarks.measures import Group, Measure
from benchmarks.peers import document, plot, report
from benchmarks.peers.cases import CASES, LIMITS, Limit
from benchmarks.peers.results import Results, Run
from benchmarks.peers.roster import OURS, PEERS, PUBLISHED

LIMIT = Limit("request-sync", PUBLISHED, 0.6, 0.5)


def run(peer: str, number: int, microseconds: float, megabytes: int = 30) -> Run:
    return Run("request-sync", peer, number, 100, microseconds / 1e4, 1.0, megabytes * 1024)


@pytest.fixture
def results() -> Results:
    """Three rounds, of which the machine spent the second at half its speed."""
    ours = [run(OURS, 0, 100), run(OURS, 1, 220), run(OURS, 2, 120, 33)]
    theirs = [run(PUBLISHED, 0, 200, 60), run(PUBLISHED, 1, 400, 60), run(PUBLISHED, 2, 200, 60)]
    return Results({"cores": "2"}, {OURS: {"attrs": "1"}}, rounds=3, budget=0.1, runs=ours + theirs)


def test_a_ratio_is_taken_round_by_round(results: Results) -> None:
    ratio = results.ratio(LIMIT)

    assert ratio is not None
    assert (ratio.median, ratio.least, ratio.most) == pytest.approx((0.55, 0.5, 0.6))


def test_memory_is_compared_too(results: Results) -> None:
    ratio = results.ratio(replace(LIMIT, figure="memory"))

    assert ratio is not None
    assert ratio.most == pytest.approx(0.55)


def test_results_survive_their_file(results: Results) -> None:
    assert Results.from_json(results.to_json()) == results


@pytest.mark.parametrize(("limit", "verdict"), [((0.56, 0.55), "stretch"), ((0.56, 0.5), "yes"), ((0.5, 0.4), "NO")])
def test_a_limit_holds_or_not(
    results: Results, limit: tuple[float, float], verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "LIMITS", (replace(LIMIT, at_most=limit[0] + 0.001, stretch=limit[1] + 0.001),))

    assert report.verdicts(results).splitlines()[-1].split("|")[-2].strip() == verdict


def test_what_could_not_be_measured_is_told(results: Results) -> None:
    """An absent peer and a failed case are lines, not gaps."""
    results.absent["openai"] = "no network"
    results.failed["texts-sync/ours"] = "AttributeError: text_deltas"

    assert report.remarks(results) == [
        "openai is absent: no network",
        "ours failed at “text of a chunk, sync”: AttributeError: text_deltas",
    ]


def test_limits_speak_of_cases_and_peers_that_meet() -> None:
    cases, peers = {case.name: case for case in CASES}, {peer.name: peer for peer in PEERS}

    assert [limit for limit in LIMITS if not cases[limit.base or limit.case].suits(peers[limit.against])] == []


def test_names_are_given_once() -> None:
    assert len({case.name for case in CASES}) == len({case.title for case in CASES}) == len(CASES)
    assert set(plot.SHOWN) | set(report.MEMORY) <= {case.name for case in CASES}


def test_the_picture_puts_every_peer_at_its_ratio() -> None:
    """One doubling is as wide as another."""
    image = ElementTree.fromstring(plot.draw({"a": {"published": 1.0, "openai": 2.0, "httpx": 4.0}}))  # noqa: S314
    marks = {
        (mark.findtext("{*}title") or "").partition(":")[0]: float(mark.attrib["cx"])
        for mark in image.iterfind("{*}circle")
        if mark.find("{*}title") is not None
    }

    assert marks["openai"] - marks["published"] == pytest.approx(marks["httpx"] - marks["openai"])
    assert marks["openai"] > marks["published"]


def test_the_page_is_made_of_the_results(results: Results) -> None:
    """With nothing left to fill in."""
    page = document.text(results)

    assert "| request, sync" in page
    assert "published" in page
    assert "$" not in page


def test_the_quick_table_divides_by_the_first_line_of_each_round() -> None:
    group = Group("t", "µs", (Measure("yardstick", (1.0, 2.0, 4.0)), Measure("other", (3.0, 6.0, 20.0))))

    assert [group.ratio(measure) for measure in group.measures] == [1.0, 3.0]
