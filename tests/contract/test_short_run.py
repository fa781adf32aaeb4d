"""The local host is what the documents say: their examples, and every keyword of every schema at its edges."""

from __future__ import annotations

import pytest

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.evaluation.acceptance import LOCAL_HOST, read_accepted
from tensormesh_contract.evaluation.evaluator import Tally
from tensormesh_contract.hosts.local import own_targets
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.text import text_report
from tensormesh_contract.requests.plan import Plan
from tensormesh_contract.run import Run
from tests.contract.conftest import Surfaces


@pytest.fixture(scope="module")
def outcomes(surfaces: Surfaces) -> list[Outcome]:
    """On-demand shares its operations with serverless, so that there what the document allows is enough."""
    found = []
    for names, positive in (
        ([SurfaceName.SERVERLESS, SurfaceName.CONTROL_PLANE], False),
        ([SurfaceName.ON_DEMAND], True),
    ):
        plan = Plan(phases=("examples", "coverage"), positive=positive)
        with own_targets(names) as targets:
            found.append(Run(surfaces, plan, accepted=read_accepted(LOCAL_HOST)).over(targets))
    return found


@pytest.fixture
def tallies(outcomes: list[Outcome]) -> list[Tally]:
    return [tally for outcome in outcomes for tally in outcome.tallies]


def test_host_and_documents_agree(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        assert not outcome.failed, text_report(outcome)


def test_every_operation_of_the_three_documents_has_succeeded(tallies: list[Tally], surfaces: Surfaces) -> None:
    everything = {operation for surface in surfaces.values() for operation in surface.operations}

    assert {tally.operation for tally in tallies if tally.succeeded} == everything
    assert {str(surface) for surface in surfaces} == {"serverless", "on-demand", "control-plane"}


def test_every_operation_was_asked_often_and_wrongly_too(tallies: list[Tally]) -> None:
    asked = [sum(tally.statuses.values()) for tally in tallies]
    refused = {tally.operation.id for tally in tallies if set(tally.statuses) & {400, 401, 404, 422}}

    assert min(asked) >= 2
    assert sum(asked) > 5_000
    assert {"create_chat_completion", "tokenize", "deploy_model", "get_balance"} <= refused


def test_streams_were_read_to_their_end(tallies: list[Tally]) -> None:
    events = [(tally.operation.id, sum(tally.events.values())) for tally in tallies if tally.events]

    assert {name for name, _ in events} == {"create_chat_completion", "create_completion", "create_response"}
    assert min(count for _, count in events) > 10


def test_no_accepted_finding_is_out_of_date(outcomes: list[Outcome]) -> None:
    assert [*outcomes[0].stale] == []
