"""What a host does to all its answers alike is one finding; what it does to one field is a finding of that field."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tensormesh_contract.comparison import compared, read_report
from tensormesh_contract.documents.operations import read_surfaces
from tensormesh_contract.evaluation.acceptance import LOCAL_HOST, read_accepted
from tensormesh_contract.evaluation.causes import FEW
from tensormesh_contract.evaluation.evaluator import Evaluator
from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_contract.exchanges.exchange import Exchange
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.accepted import accepted_entries
from tensormesh_contract.reports.data import json_report
from tensormesh_contract.reports.junit import junit_report
from tensormesh_contract.reports.page import html_report
from tensormesh_contract.reports.sarif import sarif_report
from tensormesh_contract.reports.text import text_report
from tensormesh_contract.reports.wording import heading, places
from tensormesh_contract.run import evaluated
from tests.contract.conftest import Recorded, Surfaces
from tests.contract.drifts import CHAT, body
from tests.contract.gateway import through
from tests.contract.habits import HABITS, Habit, camel, names, snake, times
from tests.contract.pasting import Pasted

ACCEPTED = read_accepted(LOCAL_HOST)
BY_NAME = {habit.name: habit for habit in HABITS}
MOST_LINES_OF_TEXT = 90
MOST_BYTES = 20_000


def use(exchange: Exchange) -> tuple[bool, int]:
    """How much an exchange is of use: the more it says, but for what says the same a hundred times."""
    length = len(exchange.answer.body) if exchange.answer is not None else 0
    return length < MOST_BYTES, length if length < MOST_BYTES else -length


@pytest.fixture(scope="module")
def once(recorded: Recorded) -> Recorded:
    """What a walk asks and is answered: of those that are alike, one."""
    found: dict[str, list[Exchange]] = {}
    for surface, exchanges in recorded.items():
        alike: dict[tuple[str, str, int], Exchange] = {}
        for one in exchanges:
            if one.answer is not None:
                sort = (one.request.method, one.request.path, one.answer.status)
                alike[sort] = max(alike.get(sort, one), one, key=use)
        found[surface] = [*alike.values()]
    return found


def shown(surfaces: Surfaces, exchanges: Iterable[Exchange]) -> Outcome:
    return evaluated(surfaces, exchanges, ACCEPTED)


def failing(surfaces: Surfaces, exchanges: Iterable[Exchange]) -> list[Finding]:
    return [one for one in shown(surfaces, exchanges).findings if one.fails]


def told(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(heading(one), places(one)) for one in findings]


def sources(surfaces: Surfaces, exchanges: Iterable[Exchange], kind: Kind) -> set[tuple[str, int]]:
    """Where a kind was found, before anything was put together."""
    evaluator = Evaluator(surfaces)
    for one in exchanges:
        evaluator.add(one)
    return {(one.place.file, one.place.line) for one in evaluator.findings() if one.kind is kind}


@pytest.mark.parametrize("habit", [pytest.param(one, id=one.name) for one in HABITS])
def test_a_habit_is_one_finding_that_names_it_and_what_is_suggested_cures_all_of_it(
    surfaces: Surfaces, once: Recorded, habit: Habit
) -> None:
    exchanges = through(once[habit.surface], habit.change)
    outcome = shown(surfaces, exchanges)
    findings = [one for one in outcome.failing if one.parts]

    assert len(findings) == 1, told(findings)
    assert findings[0].kind is habit.kind
    assert habit.words in heading(findings[0])
    assert len(findings[0].parts) >= habit.fields
    assert findings[0].requests
    no_place_is_lost(outcome, sources(surfaces, exchanges, habit.kind), habit.kind)
    if habit.cure:
        assert told(failing(read_surfaces(Pasted(outcome.failing)), exchanges)) == []


def no_place_is_lost(outcome: Outcome, every: set[tuple[str, int]], kind: Kind) -> None:
    """In the reports for programs."""
    data = [one for one in json.loads(json_report(outcome))["findings"] if one["kind"] == kind]
    assert {(place["file"], place["line"]) for one in data for place in one["places"]} == every
    assert {(part["place"]["file"], part["place"]["line"]) for one in data for part in one["parts"] or [one]} == every

    rule = kind.replace(" ", "-")
    results = [one for one in json.loads(sarif_report(outcome))["runs"][0]["results"] if one["ruleId"] == rule]
    spots = [spot["physicalLocation"] for one in results for spot in one["locations"] + one["relatedLocations"]]
    assert {(spot["artifactLocation"]["uri"], spot["region"]["startLine"]) for spot in spots} == every


@pytest.mark.parametrize("name", ["camel-case", "pascal-case", "prefix", "snake-case", "unix-seconds", "no-zone"])
def test_beside_it_nothing_is_found(surfaces: Surfaces, once: Recorded, name: str) -> None:
    """Neither what follows from it, such as that nothing says why an answer has ended."""
    habit = BY_NAME[name]

    assert len(failing(surfaces, through(once[habit.surface], habit.change))) == 1


@pytest.mark.parametrize("name", ["camel-case", "snake-case", "unix-seconds"])
def test_a_person_reads_the_kind_an_example_and_where_and_not_a_book(
    surfaces: Surfaces, once: Recorded, name: str
) -> None:
    habit = BY_NAME[name]
    outcome = shown(surfaces, through(once[habit.surface], habit.change))
    text, page = text_report(outcome), html_report(outcome)
    (finding,) = outcome.failing

    assert len(text.splitlines()) < MOST_LINES_OF_TEXT
    assert f"({len(finding.parts)}): {finding.change}" in " ".join(text.split())
    assert "more: --json and --html list them all" in text
    assert all(f"<code>{part.subject}</code>" in page for part in finding.parts if part.kind is Kind.SPELLING)
    assert finding.change in junit_report(outcome)


def test_a_single_field_is_a_finding_of_its_own(surfaces: Surfaces, once: Recorded) -> None:
    drift = body(CHAT, lambda value: value.update(systemFingerprint=value.pop("system_fingerprint")))
    (found,) = failing(surfaces, through(once["serverless"], drift))

    assert (found.kind, found.subject) == (Kind.SPELLING, "200 systemFingerprint")
    assert found.detail == "is sent where `system_fingerprint` is documented"
    assert found.place.pointer == "/components/schemas/ChatCompletionResponse/properties"
    assert not found.parts


def test_fewer_fields_than_make_a_habit_stay_apart(surfaces: Surfaces, once: Recorded) -> None:
    def some(count: int) -> list[Finding]:
        left = ["createdAt", "updatedAt", "ticketId", "requesterUserId"][:count]
        drift = names(lambda name: snake(name) if name in left else name)
        tickets = [one for one in once["control-plane"] if one.request.path == "/v1/support/tickets"]
        return failing(surfaces, through(tickets, drift))

    assert [len(one.parts) for one in some(1)] in ([0], [0, 0])
    assert [len(one.parts) > 0 for one in some(4)] == [True]
    assert FEW > 2


@pytest.mark.parametrize(
    ("one", "other"),
    [*itertools.combinations(["snake-case", "unix-seconds", "words-in-lower-case", "int64-as-numbers"], 2)],
)
def test_two_habits_are_two_findings(surfaces: Surfaces, once: Recorded, one: str, other: str) -> None:
    exchanges = through(through(once["control-plane"], BY_NAME[one].change), BY_NAME[other].change)
    found = [finding for finding in failing(surfaces, exchanges) if finding.parts]

    assert len(found) == 2
    assert all(any(BY_NAME[name].words in heading(finding) for finding in found) for name in (one, other))


def test_what_is_wrong_at_one_field_beside_a_habit_is_found_at_its_place(surfaces: Surfaces, once: Recorded) -> None:
    def drift(value: Any) -> None:
        value["choices"][0]["finish_reason"] = "exhausted"
        value["novel"] = 1

    exchanges = through(through(once["serverless"], body(CHAT, drift)), names(camel))
    others = [one for one in failing(surfaces, exchanges) if not one.parts]

    assert [(one.kind, one.subject) for one in others] == [
        (Kind.UNDOCUMENTED_FIELD, "200 novel"),
        (Kind.UNKNOWN_VALUE, "200 choices[].finish_reason"),
    ]


def test_a_habit_is_accepted_and_compared_field_by_field(surfaces: Surfaces, once: Recorded, tmp_path: Path) -> None:
    habit = BY_NAME["words-in-lower-case"]
    outcome = shown(surfaces, through(once["control-plane"], habit.change))
    accept, old = tmp_path / "accept.yaml", tmp_path / "old.json"
    accept.write_text(accepted_entries(outcome), encoding="utf-8")
    old.write_text(json_report(outcome), encoding="utf-8")
    again = through(once["control-plane"], habit.change)

    known = evaluated(surfaces, again, [*ACCEPTED, *read_accepted(accept)])
    assert told(known.failing) == []
    assert told(compared(outcome, read_report(old)).failing) == []

    both = through(again, times(lambda text: text[:19]))
    assert [one.kind for one in compared(shown(surfaces, both), read_report(old)).failing] == [Kind.FORMAT]
