"""What Schemathesis is given, and what comes of it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.documents.selection import Selection
from tensormesh_contract.exchanges.about import Trouble
from tensormesh_contract.exchanges.exchange import Exchange
from tensormesh_contract.hosts.local import own_target
from tensormesh_contract.hosts.target import Target
from tensormesh_contract.requests.fixups import CHEAP_TOKENS, MOST_PENALTY, Surroundings, fixed_up
from tensormesh_contract.requests.fuzz_run import run_fuzzing
from tensormesh_contract.requests.pace import Pace
from tensormesh_contract.requests.plan import Plan
from tensormesh_local import LocalHost
from tests.contract.conftest import Sent, Surfaces, drifting

AROUND = Surroundings(models=("m1", "m2"), caller_id="u1")


def run(
    host: LocalHost, surfaces: Surfaces, plan: Plan, name: str = "serverless", rate: float | None = None
) -> list[Exchange]:
    target, pace = own_target(host, SurfaceName(name)), Pace(rate)
    return [seen for seen in run_fuzzing(surfaces[target.surface], target, plan, pace) if isinstance(seen, Exchange)]


def test_two_runs_with_one_seed_send_the_same(host: LocalHost, surfaces: Surfaces) -> None:
    plan = Plan(seed=3, phases=("fuzzing",), cases=3)
    first, second = ([one.request for one in run(host, surfaces, plan)] for _ in range(2))

    assert len(first) > 12
    assert first == second


def test_another_seed_sends_something_else(host: LocalHost, surfaces: Surfaces) -> None:
    first, second = ([one.request for one in run(host, surfaces, Plan(seed, ("fuzzing",), 2))] for seed in (1, 2))

    assert first != second


def test_examples_are_sent_as_they_stand(host: LocalHost, surfaces: Surfaces) -> None:
    seen = run(host, surfaces, Plan(phases=("examples",)))
    sent = [one.request.json for one in seen if one.example]
    surface = surfaces[SurfaceName.SERVERLESS]

    assert all(example in sent for operation in surface.operations for example in operation.examples)
    assert {one.source for one in seen} == {"examples"}


def test_no_secret_is_in_what_was_seen(host: LocalHost, surfaces: Surfaces) -> None:
    seen = run(host, surfaces, Plan(phases=("examples",)), "on-demand")

    assert seen
    assert not any(host.inference_api_key in repr(one.request) for one in seen)
    assert not any(host.on_demand_user_id in repr(one.request) for one in seen)
    assert any(one.request.headers.get("x-user-id") == "$USER_ID" for one in seen)


def test_redirects_are_not_followed(host: LocalHost, surfaces: Surfaces) -> None:
    def drift(sent: Sent) -> None:
        if sent.path.endswith("/version"):
            sent.status, sent.headers["location"] = 302, "/serverless/health"

    own = own_target(host, SurfaceName.SERVERLESS)
    with drifting(host.base_url, drift) as url:
        target = Target(own.surface, f"{url}/serverless", own.credentials)
        limited = Selection(["get_version"]).of(surfaces, [own.surface])
        seen = [*run_fuzzing(limited[own.surface], target, Plan(phases=("coverage",), positive=True), Pace(None))]
    answers = [one.answer for one in seen if isinstance(one, Exchange)]

    assert {answer and answer.status for answer in answers} == {302}


def test_only_what_the_documents_say_of_is_sent(host: LocalHost, surfaces: Surfaces) -> None:
    """No probe of the tool that makes the requests up, which knew no pace."""
    host.reset()
    seen = run(host, surfaces, Plan(phases=("examples",)))

    assert len(host.requests) == len(seen)
    assert not any("x-schemathesis-probe" in record.headers for record in host.requests)


def test_sequences_follow_the_links(host: LocalHost, surfaces: Surfaces) -> None:
    surface = surfaces[SurfaceName.CONTROL_PLANE]
    seen = run(host, surfaces, Plan(phases=("stateful",), cases=15), "control-plane")
    succeeded = {
        found.id
        for one in seen
        if one.answer is not None and one.answer.status == 200
        if (found := surface.find(one.request.method, one.request.path)) is not None and "{" in found.path
    }

    assert len(seen) > 30
    # These need an id that only another answer can have given.
    assert len(succeeded) >= 3, succeeded


def test_requests_keep_to_a_rate(host: LocalHost, surfaces: Surfaces) -> None:
    started = time.monotonic()
    seen = run(host, surfaces, Plan(phases=("examples",)), rate=10)

    # A second's worth may go at once.
    assert time.monotonic() - started >= (len(seen) - 10) / 10
    assert len(seen) > 10


def test_a_host_that_is_gone_is_told(surfaces: Surfaces, host: LocalHost) -> None:
    own = own_target(host, SurfaceName.SERVERLESS)
    target = Target(own.surface, "http://127.0.0.1:9/serverless", own.credentials)
    seen = [*run_fuzzing(surfaces[own.surface], target, Plan(phases=("examples",)), Pace(None))]

    assert {one.answer for one in seen if isinstance(one, Exchange)} == {None}
    assert any(isinstance(one, Trouble) and "Connection failed" in one.text for one in seen)


@pytest.mark.parametrize(
    ("operation", "body", "expected"),
    [
        ("create_chat_completion", {"model": "x", "messages": []}, {"model": "m1", "max_tokens": CHEAP_TOKENS}),
        ("create_chat_completion", {"model": "m2", "messages": [1], "max_tokens": 3}, {"model": "m2", "max_tokens": 3}),
        ("create_chat_completion", {"messages": [1], "max_tokens": 9_999}, {"max_tokens": CHEAP_TOKENS}),
        ("create_chat_completion", {"messages": [1], "stream_options": {}}, {"stream": True}),
        ("create_chat_completion", {"messages": [1], "tools": [], "tool_choice": "auto"}, {"tool_choice": None}),
        ("create_chat_completion", {"messages": [1], "top_logprobs": 2}, {"logprobs": True}),
        ("create_chat_completion", {"messages": [1], "n": 500}, {"n": 2}),
        ("create_chat_completion", {"messages": [1], "n": 2, "temperature": 0}, {"n": 1}),
        ("create_chat_completion", {"messages": [1], "length_penalty": 1e300}, {"length_penalty": MOST_PENALTY}),
        ("create_completion", {"prompt": ""}, {"prompt": "Say hi.", "max_tokens": CHEAP_TOKENS}),
        ("create_completion", {"length_penalty": -1e16}, {"length_penalty": -MOST_PENALTY}),
        ("create_completion", {"length_penalty": 0.5}, {"length_penalty": 0.5}),
        ("create_response", {"input": "a", "tool_choice": "auto"}, {"tool_choice": None}),
        ("create_response", {"input": "a"}, {"max_output_tokens": CHEAP_TOKENS}),
        ("tokenize", {"prompt": "a", "messages": [1]}, {"prompt": None, "messages": [1]}),
        ("tokenize", {"prompt": ["a"]}, {"prompt": "Say hi.", "messages": None}),
        ("admin_change_user_role", {"targetUserId": "u1"}, {"targetUserId": "00000000-0000-4000-8000-000000000000"}),
        ("admin_change_user_role", {"targetUserId": "u2"}, {"targetUserId": "u2"}),
        ("create_ticket", {"subject": ""}, {"subject": ""}),
    ],
)  # fmt: skip
def test_a_made_up_request_is_put_right(operation: str, body: dict[str, Any], expected: dict[str, Any]) -> None:
    before = dict(body)
    found = fixed_up(operation, body, AROUND)

    assert isinstance(found, dict)
    assert {name: found.get(name) for name in expected} == expected
    assert body == before


@pytest.mark.parametrize("body", [None, "text", [1], 3])
def test_what_is_no_object_is_left_alone(body: Any) -> None:
    assert fixed_up("create_chat_completion", body, AROUND) == body
