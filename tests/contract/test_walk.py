"""The steady way through a surface."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.evaluation.acceptance import LOCAL_HOST, read_accepted
from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.exchanges.exchange import Exchange, Promise
from tensormesh_contract.exchanges.record import from_lines, to_line
from tensormesh_contract.hosts.local import own_target
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.text import text_report
from tensormesh_contract.requests.pace import Pace
from tensormesh_contract.requests.plan import Plan
from tensormesh_contract.requests.sender import Sender
from tensormesh_contract.requests.walk import Walk
from tensormesh_contract.run import Run, evaluated
from tensormesh_local import LocalHost
from tests.contract.conftest import Sent, Surfaces, drifting

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


def gently(host: LocalHost, surfaces: Surfaces, name: str, **how: Any) -> Outcome:
    return Run(surfaces, None, accepted=read_accepted(LOCAL_HOST), **how).over([own_target(host, SurfaceName(name))])


@pytest.mark.parametrize("name", SurfaceName)
def test_a_gentle_run_sends_fewer_than_20_requests_to_every_surface(
    host: LocalHost, surfaces: Surfaces, name: str
) -> None:
    outcome = gently(host, surfaces, name)

    assert 12 < len(host.requests) < 20
    assert (outcome.failed, outcome.too_little) == (False, [])
    statuses = [record.status for record in host.requests if not record.path.endswith("/openapi.json")]
    assert [status for status in statuses if status != 200] == ([401] if name == "control-plane" else [401, 404])


def test_what_says_least_is_left_out_and_told(host: LocalHost, surfaces: Surfaces) -> None:
    outcome = gently(host, surfaces, "control-plane")
    left_out, asked = {one.id for one in outcome.left_out}, {one.operation.id for one in outcome.tallies}
    readable = {one.id for one in surfaces[SurfaceName.CONTROL_PLANE].operations if one.reads_only}

    assert asked | left_out == readable
    assert not asked & left_out
    assert {"get_auth_profile", "list_tickets", "list_user_api_keys"} <= asked
    # Their fields were seen in lists, or only an administrator gets an answer.
    assert {"get_ticket", "get_model", "admin_list_users"} <= left_out
    said = text_report(outcome)
    assert f"Left out to send few requests, and asked with --max-requests 0 ({len(left_out)}):" in said
    assert "Not asked (37)" in said


def test_with_no_limit_a_gentle_run_asks_all_that_it_can_read(host: LocalHost, surfaces: Surfaces) -> None:
    outcome = gently(host, surfaces, "control-plane", most=0)

    assert outcome.left_out == []
    assert len(host.requests) > 27


@pytest.mark.parametrize("most", [1, 2, 5, 9, 13])
@pytest.mark.parametrize("name", SurfaceName)
def test_a_limit_is_never_passed(host: LocalHost, surfaces: Surfaces, name: str, most: int) -> None:
    outcome = gently(host, surfaces, name, most=most)

    assert len(host.requests) <= most
    assert outcome.left_out


def test_what_was_left_out_is_known_from_a_record(host: LocalHost, surfaces: Surfaces) -> None:
    lines: list[str] = []
    outcome = gently(host, surfaces, "control-plane", keep=lambda seen: lines.append(to_line(seen)))
    again = evaluated(surfaces, from_lines(lines, surfaces), read_accepted(LOCAL_HOST))

    assert again.left_out == outcome.left_out != []
    assert again.too_little == outcome.too_little == []


def test_a_host_that_is_busy_is_not_asked_more_often_for_it(host: LocalHost, surfaces: Surfaces) -> None:
    numbers = itertools.count()

    def drift(sent: Sent) -> None:
        if next(numbers) % 3 == 0:
            sent.refuse(429, "wait")
            sent.headers["retry-after"] = "0"

    own = own_target(host, SurfaceName.SERVERLESS)
    with drifting(host.base_url, drift) as url:
        outcome = Run(surfaces, None).over([replace(own, base_url=f"{url}/serverless")])

    assert len(host.requests) < 20
    assert not outcome.failing
    assert not outcome.too_little


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


def test_each_operation_is_tried_as_a_stranger_and_refuses(walk: Walked, surfaces: Surfaces) -> None:
    """Deletions, too, and before anything is gone."""
    _, exchanges = walk("control-plane", gentle=False)
    surface = surfaces[SurfaceName.CONTROL_PLANE]
    tried: dict[Promise, set[str]] = {Promise.WANTS_KEY: set(), Promise.KNOWS_KEYS: set()}
    for one in exchanges:
        operation = surface.find(one.request.method, one.request.path)
        if one.promise in tried and operation is not None and one.answer is not None:
            tried[one.promise].add(operation.id)
            assert one.answer.status == 401
            assert one.request.headers.get("authorization", "none") in ("none", "Bearer another")

    keyed = {operation.id for operation in surface.operations if operation.needs_key}
    assert tried == {Promise.WANTS_KEY: keyed, Promise.KNOWS_KEYS: keyed}


@pytest.mark.parametrize(
    ("keyed", "words"),
    [
        (False, "answers without a key, and the document wants one"),
        (True, "answers to a key that there is not, though not without one"),
    ],
)
def test_a_host_that_lets_strangers_in_is_found_once(
    host: LocalHost, surfaces: Surfaces, keyed: bool, words: str
) -> None:
    def drift(sent: Sent) -> None:
        if sent.status == 401 and sent.path.endswith(("/tokenize", "/detokenize")) and sent.keyed == keyed:
            tokens = {"count": 1, "max_model_len": 9, "tokens": [1]}
            sent.status, sent.json = 200, {"prompt": "a"} if "/detok" in sent.path else tokens

    own = own_target(host, SurfaceName.SERVERLESS)
    with drifting(host.base_url, drift) as url:
        target = replace(own, base_url=f"{url}/serverless")
        failing = Run(surfaces, Plan(phases=())).over([target]).failing

    assert [one.kind for one in failing] == [Kind.OPEN_TO_STRANGERS], [(one.subject, one.detail) for one in failing]
    (one,) = failing
    assert one.detail == words
    assert one.operations == ("POST /tokenize", "POST /detokenize")
    assert one.requests[0].headers.get("authorization") != "Bearer $KEY"


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
