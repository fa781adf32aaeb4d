"""The steady way through a surface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.exchanges.exchange import Exchange, Promise
from tensormesh_contract.hosts.local import own_target
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.requests.pace import Pace
from tensormesh_contract.requests.sender import Sender
from tensormesh_contract.requests.walk import Walk
from tensormesh_local import LocalHost
from tests.contract.conftest import Surfaces

type Walked = Callable[..., tuple[Walk, list[Exchange]]]


@pytest.fixture
def walk(host: LocalHost, surfaces: Surfaces) -> Walked:
    def run(name: str, *, gentle: bool = True) -> tuple[Walk, list[Exchange]]:
        target = own_target(host, SurfaceName(name))
        with Sender(target, Pace(None)) as sender:
            way = Walk(surfaces[target.surface], sender, gentle)
            return way, [seen for seen in way.seen() if isinstance(seen, Exchange)]

    return run


def asked(host: LocalHost) -> list[tuple[str, str]]:
    return [(record.method, record.path) for record in host.requests]


def test_a_gentle_walk_only_reads_the_control_plane(walk: Walked, host: LocalHost) -> None:
    _, exchanges = walk("control-plane")

    assert {method for method, _ in asked(host)} == {"GET"}
    refused = [one for one in exchanges if one.answer is not None and one.answer.status != 200]
    assert [(one.answer and one.answer.status, one.promise) for one in refused] == [(401, Promise.WANTS_KEY)]
    # It makes a customer where there is none.
    assert "/control-plane/v1/billing/stripe/customers" not in {path for _, path in asked(host)}


def test_a_gentle_walk_reaches_single_things_through_the_lists(walk: Walked, surfaces: Surfaces) -> None:
    surface = surfaces[SurfaceName.CONTROL_PLANE]
    _, exchanges = walk("control-plane")
    reached = {found.id for one in exchanges if (found := surface.find(one.request.method, one.request.path))}

    assert {"get_user", "get_model", "get_ticket", "get_activity", "get_deployment_logs"} <= reached
    assert reached == {operation.id for operation in surface.operations if operation.reads_only}


@pytest.mark.parametrize("surface", ["serverless", "on-demand"])
def test_a_gentle_walk_calls_each_inference_operation_once_whole_and_once_streamed(
    walk: Walked, host: LocalHost, surface: str
) -> None:
    _, exchanges = walk(surface)
    bodies: list[Any] = [exchange.request.json for exchange in exchanges]

    assert sorted(asked(host)) == sorted(
        [
            ("GET", f"/{surface}/v1/models"),
            ("GET", f"/{surface}/health"),
            ("GET", f"/{surface}/version"),
            *[("POST", f"/{surface}/v1/chat/completions")] * (4 if surface == "serverless" else 3),
            *[("POST", f"/{surface}/v1/completions")] * 2,
            *([("GET", f"/{surface}/v1/models")] if surface == "on-demand" else []),
            *[("POST", f"/{surface}/v1/responses")] * 2,
            ("POST", f"/{surface}/tokenize"),
            ("POST", f"/{surface}/detokenize"),
        ]
    )
    limits = [body.get("max_tokens", body.get("max_output_tokens")) for body in bodies if body]
    assert all(limit <= 16 for limit in limits if limit is not None)
    assert limits.count(16) == (8 if surface == "serverless" else 7)
    # One without a key and one for an unknown model, and still few enough to be told in advance.
    assert [one.promise for one in exchanges if one.promise] == [Promise.WANTS_KEY, Promise.KNOWS_MODELS]
    assert len(exchanges) < 20


def test_what_is_seen_on_the_way_is_kept_for_later(walk: Walked, host: LocalHost) -> None:
    way, _ = walk("control-plane")
    inference, _ = walk("serverless")

    assert way.caller_id == host.on_demand_user_id
    assert way.known["path.userId"][0] == host.on_demand_user_id
    assert way.known["path.ticketId"]
    assert inference.models[0] == inference.model == "openai/gpt-oss-20b"


def test_deletions_come_last_and_what_was_deleted_is_looked_for(walk: Walked, host: LocalHost) -> None:
    walk("control-plane", gentle=False)
    methods = [method for method, _ in asked(host)]
    first = methods.index("DELETE")

    assert methods.count("DELETE") >= 7
    assert {"POST", "PUT"} & set(methods[first:]) == set()
    assert "GET" in methods[first:]


def test_a_whole_walk_succeeds_with_every_operation(walked: Outcome, surfaces: Surfaces) -> None:
    everything = {operation for surface in surfaces.values() for operation in surface.operations}

    assert {tally.operation for tally in walked.tallies if tally.succeeded} == everything
    assert not walked.failed


def test_a_wrong_key_is_not_in_what_is_observed(host: LocalHost, surfaces: Surfaces) -> None:
    target = own_target(host, SurfaceName.SERVERLESS)
    with Sender(target, Pace(None)) as sender:
        seen = sender.call(surfaces[SurfaceName.SERVERLESS].by_id("get_version"), {}, None, "test")

    assert host.inference_api_key not in repr(seen)
    assert seen.request.headers == {"authorization": "Bearer $KEY"}


def test_a_host_that_is_not_there_is_an_exchange_without_an_answer(surfaces: Surfaces, host: LocalHost) -> None:
    target = own_target(host, SurfaceName.SERVERLESS)
    with Sender(replace(target, base_url="http://127.0.0.1:9"), Pace(None)) as sender:
        seen = sender.call(surfaces[SurfaceName.SERVERLESS].by_id("get_version"), {}, None, "test")

    assert seen.answer is None
    assert seen.problem.startswith("ConnectError")


def test_requests_are_sent_at_a_pace(surfaces: Surfaces, host: LocalHost, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    clock = SimpleNamespace(sleep=slept.append, monotonic=lambda: 100.0)
    monkeypatch.setattr("tensormesh_contract.requests.pace.time", clock)
    target = own_target(host, SurfaceName.SERVERLESS)
    with Sender(target, Pace(2.0)) as sender:
        for _ in range(3):
            sender.call(surfaces[SurfaceName.SERVERLESS].by_id("get_version"), {}, None, "test")

    assert slept == [0.5, 1.0]
