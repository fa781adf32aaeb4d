"""Logs that can be followed, and metrics that grow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tensormesh_local.catalogue import ON_DEMAND_NAME
from tensormesh_local.control_plane.seed import DEPLOYMENT_ID
from tests.cases import cases
from tests.local_control_plane.conftest import DEPLOY_SECONDS, Clock

type Got = Callable[..., dict[str, Any]]
type Refused = Callable[..., str]

DEPLOYMENT = f"/v1/observability/deployments/{DEPLOYMENT_ID}"
USER = "/v1/observability/users/metrics"
HEALTH = "GET /health 200"


@pytest.fixture
def ask(on_demand: httpx.Client) -> Callable[[], dict[str, Any]]:
    def complete() -> dict[str, Any]:
        usage: dict[str, Any] = on_demand.post(
            "/v1/completions", json={"model": ON_DEMAND_NAME, "prompt": "Once upon a time"}
        ).json()["usage"]
        return usage

    return complete


def test_an_answer_leaves_a_line_in_the_log(ask: Callable[[], dict[str, Any]], got: Got) -> None:
    usage = ask()
    newest = got(f"{DEPLOYMENT}/logs", limit=1)["logs"][0]

    assert newest["timestamp"] == "2026-06-03T12:34:56Z"
    assert newest["message"] == (
        f"POST /v1/completions 200 prompt={usage['prompt_tokens']} cached=0 completion={usage['completion_tokens']}"
    )


def test_an_idle_deployment_is_heard_of_every_half_minute(got: Got, clock: Clock) -> None:
    clock.advance(minutes=2)
    logs = got(f"{DEPLOYMENT}/logs", startTime="2026-06-03T12:35:00Z", direction="LOG_DIRECTION_FORWARD")["logs"]

    times = ["2026-06-03T12:35:00Z", "2026-06-03T12:35:30Z", "2026-06-03T12:36:00Z", "2026-06-03T12:36:30Z"]
    assert logs == [{"timestamp": time, "message": HEALTH} for time in times]


def test_a_log_can_be_followed_from_its_last_line(ask: Callable[[], dict[str, Any]], got: Got, clock: Clock) -> None:
    forward = {"direction": "LOG_DIRECTION_FORWARD"}
    beginning = "2026-06-03T12:34:00Z"
    seen: list[dict[str, str]] = []
    for _ in range(5):
        ask()
        clock.advance(seconds=20)
        start = seen[-1]["timestamp"] if seen else beginning
        seen += [line for line in got(f"{DEPLOYMENT}/logs", startTime=start, **forward)["logs"] if line not in seen]

    assert seen == got(f"{DEPLOYMENT}/logs", startTime=beginning, **forward)["logs"]
    assert [line["message"] == HEALTH for line in seen].count(False) == 5


@cases(
    ("direction", "first"),
    [
        ({"direction": "LOG_DIRECTION_FORWARD"}, "2026-06-03T11:35:00Z"),
        ({"direction": "LOG_DIRECTION_BACKWARD"}, "2026-06-03T12:34:30Z"),
        ({"direction": "LOG_DIRECTION_UNSPECIFIED"}, "2026-06-03T12:34:30Z"),
        ({}, "2026-06-03T12:34:30Z"),
    ],
)
def test_a_limit_cuts_off_the_far_end(got: Got, direction: dict[str, str], first: str) -> None:
    logs = got(f"{DEPLOYMENT}/logs", limit=3, **direction)["logs"]

    assert (len(logs), logs[0]["timestamp"]) == (3, first)


def test_there_is_a_limit_without_one_being_asked_for(got: Got) -> None:
    week = "2026-05-27T00:00:00Z"

    assert len(got(f"{DEPLOYMENT}/logs", startTime=week)["logs"]) == 100
    assert len(got(f"{DEPLOYMENT}/logs", startTime=week, limit=1_000_000)["logs"]) == 5_000


def test_the_log_begins_with_the_start(owner: httpx.Client, got: Got, clock: Clock) -> None:
    model = owner.post("/v1/models", json={"modelName": "m", "modelPath": "org/weights"}).json()["model"]
    path = f"/v1/observability/deployments/{model['deploymentId']}/logs"
    assert [line["message"] for line in got(path)["logs"]] == ["Pulling the weights of org/weights"]

    clock.advance(seconds=DEPLOY_SECONDS)
    logs = got(path, direction="LOG_DIRECTION_FORWARD")["logs"]
    assert logs[1]["message"] == "Loading the weights on 1 x GPU_TYPE_H200"
    assert logs[3] == {"timestamp": "2026-06-03T12:35:56Z", "message": "Application startup complete."}
    assert len(logs) == 4


def test_nothing_is_logged_outside_of_the_range(got: Got) -> None:
    query = {"startTime": "2026-06-03T12:00:01Z", "endTime": "2026-06-03T12:00:29Z"}

    assert got(f"{DEPLOYMENT}/logs", **query) == {"logs": []}
    assert got(f"{DEPLOYMENT}/logs", startTime="2030-01-01T00:00:00Z", endTime="2031-01-01T00:00:00Z") == {"logs": []}


@pytest.mark.parametrize("path", [f"{DEPLOYMENT}/metrics", USER])
def test_a_series_has_a_sample_for_each_step(got: Got, path: str) -> None:
    query = {"startTime": "2026-06-03T11:00:00Z", "endTime": "2026-06-03T12:00:00Z", "stepSeconds": 900}
    metrics = got(path, **query)["metrics"]

    assert [metric["name"] for metric in metrics] == [
        "requests_total",
        "prompt_tokens_total",
        "cached_tokens_total",
        "completion_tokens_total",
    ]
    for metric in metrics:
        assert [point["timestamp"][11:16] for point in metric["data"]] == ["11:00", "11:15", "11:30", "11:45", "12:00"]


@pytest.mark.parametrize("path", [f"{DEPLOYMENT}/metrics", USER])
def test_counters_never_go_down_and_reach_the_present(ask: Callable[[], dict[str, Any]], got: Got, path: str) -> None:
    before = [metric["data"][-1]["value"] for metric in got(path)["metrics"]]
    usage = ask()
    metrics = got(path, startTime="2026-05-20T12:34:56Z")["metrics"]

    for metric in metrics:
        values = [point["value"] for point in metric["data"]]
        assert values == sorted(values)
        assert values[0] < values[-1]
    after = [metric["data"][-1]["value"] for metric in metrics]
    grown = [later - earlier for earlier, later in zip(before, after, strict=True)]
    assert grown == [1, usage["prompt_tokens"], 0, usage["completion_tokens"]]


def test_too_fine_a_step_is_refused(got: Got, owner: httpx.Client, refused: Refused) -> None:
    query = {"startTime": "2026-01-01T00:00:00Z", "stepSeconds": "1"}

    assert "stepSeconds" in refused(owner.get(USER, params=query), 400, 3)


def test_an_unknown_deployment_is_not_found(owner: httpx.Client, refused: Refused) -> None:
    for kind in ("logs", "metrics"):
        assert "dep-none" in refused(owner.get(f"/v1/observability/deployments/dep-none/{kind}"), 404, 5)


def test_the_edges_of_time_are_no_trouble(got: Got) -> None:
    first, last = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"

    assert got(f"{DEPLOYMENT}/logs", startTime=first, endTime=first) == {"logs": []}
    assert got(f"{DEPLOYMENT}/logs", endTime=first) == {"logs": []}
    assert len(got(f"{DEPLOYMENT}/logs", startTime=first, endTime=last)["logs"]) == 100
    assert len(got(USER, startTime=last, endTime=last)["metrics"][0]["data"]) == 1
