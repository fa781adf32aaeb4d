"""Every drift is one finding, in its words and at its place, and what is suggested for it cures it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tensormesh_contract.documents.operations import SurfaceName, read_surfaces
from tensormesh_contract.evaluation.acceptance import LOCAL_HOST, read_accepted
from tensormesh_contract.evaluation.findings import Finding
from tensormesh_contract.exchanges.exchange import Exchange
from tensormesh_contract.hosts.local import own_target
from tensormesh_contract.hosts.target import Target
from tensormesh_contract.reports.accepted import accepted_entries
from tensormesh_contract.reports.data import json_report
from tensormesh_contract.reports.junit import junit_report
from tensormesh_contract.reports.page import html_report
from tensormesh_contract.reports.sarif import sarif_report
from tensormesh_contract.reports.text import text_report
from tensormesh_contract.reports.wording import heading, places
from tensormesh_contract.requests.plan import Plan
from tensormesh_contract.run import Run, evaluated
from tensormesh_local import LocalHost
from tests.contract.conftest import Recorded, Surfaces, drifting
from tests.contract.drifts import DRIFTS, Drift
from tests.contract.gateway import BY_NAME, EVERY, through, together
from tests.contract.oddities import RIGHT, SECRET
from tests.contract.pasting import Pasted

ACCEPTED = read_accepted(LOCAL_HOST)


def failing(surfaces: Surfaces, exchanges: Iterable[Exchange]) -> list[Finding]:
    return [one for one in evaluated(surfaces, exchanges, ACCEPTED).findings if one.fails]


def told(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(heading(one), places(one)) for one in findings]


def found_of(drift: Drift, findings: list[Finding]) -> Finding:
    """The one finding that is of a drift."""
    (found,) = (
        one
        for one in findings
        if one.kind is drift.kind
        and drift.words in heading(one)
        and any(place.pointer.endswith(drift.place) for place in one.every_place)
    )
    return found


def names(drifts: Iterable[Drift]) -> Any:
    return [pytest.param(drift, id=drift.name) for drift in drifts]


def test_there_are_enough_of_them() -> None:
    assert len(EVERY) == len(BY_NAME) >= 100


def test_without_a_drift_nothing_is_found(surfaces: Surfaces, recorded: Recorded) -> None:
    for exchanges in recorded.values():
        assert failing(surfaces, exchanges) == []


@pytest.mark.parametrize("drift", names(EVERY))
def test_a_drift_is_one_finding_in_its_words_and_at_its_place_and_what_is_suggested_cures_it(
    surfaces: Surfaces, recorded: Recorded, drift: Drift
) -> None:
    exchanges = through(recorded[drift.surface], drift.change)
    findings = failing(surfaces, exchanges)
    found = found_of(drift, findings)

    assert Counter(one.kind for one in findings) == Counter([drift.kind, *drift.extra]), told(findings)
    assert len(found.every_operation) == drift.operations
    assert found.requests
    if drift.cure:
        assert told(failing(read_surfaces(Pasted(findings)), exchanges)) == []
    else:
        # Only a person can tell.
        assert found.snippet == ""


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_unusual_and_right_is_no_finding(surfaces: Surfaces, recorded: Recorded, name: str) -> None:
    assert told(failing(surfaces, through(recorded["serverless"], RIGHT[name]))) == []


@pytest.mark.parametrize("name", ["secret-within", "login"])
def test_no_secret_of_a_host_is_in_any_report(surfaces: Surfaces, recorded: Recorded, name: str) -> None:
    outcome = evaluated(surfaces, through(recorded["serverless"], BY_NAME[name].change), ACCEPTED)

    assert outcome.failing
    for form in (text_report, html_report, json_report, junit_report, sarif_report, accepted_entries):
        assert not any(secret in form(outcome) for secret in (SECRET, "me:pw", "state=abc"))


def pairs() -> list[tuple[Drift, Drift]]:
    """Each with some others of its surface, of which neither hides the other."""
    dice = random.Random(1)  # noqa: S311 - two runs are to be alike
    found = []
    for one in DRIFTS:
        others = [other for other in DRIFTS if other.surface == one.surface and _apart(one, other)]
        found += [(one, other) for other in dice.sample(others, min(1, len(others)))]
    return found


def _apart(one: Drift, other: Drift) -> bool:
    return one is not other and not {one.name, other.name} & HIDING and one.place != other.place


HIDING = {
    *("whole-for-stream", "ndjson", "error-shape", "no-end", "cut-event", "goes-on", "removed-choices", "no-json"),
    *("server-error", "takes-any-model", "null-that-others-share"),
}
"""What leaves nothing for another drift to be seen in."""


@pytest.mark.parametrize(
    ("one", "other"), [pytest.param(one, other, id=f"{one.name}+{other.name}") for one, other in pairs()]
)
def test_of_two_drifts_each_is_found(surfaces: Surfaces, recorded: Recorded, one: Drift, other: Drift) -> None:
    findings = failing(surfaces, through(recorded[one.surface], together([one, other])))

    assert found_of(one, findings) is not found_of(other, findings)


@pytest.fixture
def walked(host: LocalHost, surfaces: Surfaces) -> Callable[[Drift], str]:
    """Ask through a real gateway that drifts; gives the report."""

    def walk(drift: Drift) -> str:
        own = own_target(host, SurfaceName(drift.surface))
        base, path = own.base_url.rsplit("/", 1)
        with drifting(base, drift.change) as url:
            target = Target(own.surface, f"{url}/{path}", own.credentials)
            plan = Plan(phases=()) if drift.trials or drift.surface == "control-plane" else None
            return text_report(Run(surfaces, plan, accepted=ACCEPTED).over([target]))

    return walk


@pytest.mark.parametrize("drift", names(DRIFTS[::4]))
def test_a_gateway_that_drifts_is_told(walked: Callable[[Drift], str], drift: Drift) -> None:
    text = walked(drift)

    assert drift.words.split("`")[-1] in " ".join(text.split())
    assert "curl -sS" in text
