"""Looking at a deployment again and again: until it is up, and as its log grows."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tensormesh.errors import (
    ConfigurationError,
    DeploymentError,
    DeploymentTimeoutError,
    InternalServerError,
    NotFoundError,
    TensormeshError,
)
from tests.cases import cases
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import RESET, ScriptedHost, answer

SOON = 0.001


def state(status: Any, *events: str) -> Any:
    return answer(200, {"model": {"modelId": "m", "status": status, "events": [{"log": text} for text in events]}})


def wait(runner: Runner, client: Any, **arguments: Any) -> Any:
    return runner.run(client.control_plane.models.wait_until_up("m", **{"interval": SOON, **arguments}))


def test_a_deployment_is_looked_at_until_it_is_up(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(state("MODEL_STATUS_DEPLOYING"), state(None), state("MODEL_STATUS_UP"))

    model = wait(runner, client, user_id="u")

    assert (model.model_id, model.status) == ("m", "MODEL_STATUS_UP")
    assert [one.path for one in host.asked] == ["/v1/models/m?userId=u"] * 3


def test_failures_that_pass_are_lived_through(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(503, {}), answer(429, {}), (RESET,), state("MODEL_STATUS_UP"))

    assert wait(runner, client).status == "MODEL_STATUS_UP"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_is_told_at_once(runner: Runner, client: Any, host: ScriptedHost, status: int) -> None:
    host.plays(answer(status, {"message": "no"}))

    with pytest.raises(TensormeshError, match="no"):
        wait(runner, client)


@pytest.mark.parametrize("status", ["MODEL_STATUS_DELETED", "MODEL_STATUS_FAILED", "MODEL_STATUS_BUILD_ERROR"])
def test_what_will_never_be_up_is_not_waited_for(runner: Runner, client: Any, host: ScriptedHost, status: str) -> None:
    """The last event often says why."""
    host.plays(state("MODEL_STATUS_DEPLOYING"), state(status, "pulled", "out of memory"))

    with pytest.raises(DeploymentError, match=f"m will not be up: its status is {status}.*'out of memory'") as caught:
        wait(runner, client)

    assert caught.value.model.status == status
    assert not isinstance(caught.value, DeploymentTimeoutError)


@pytest.mark.parametrize("timeout", [0.02, timedelta(milliseconds=20)])
def test_waiting_ends_when_it_was_to_end(runner: Runner, client: Any, host: ScriptedHost, timeout: Any) -> None:
    host.always_plays(state("MODEL_STATUS_DEPLOYING", "pulled"))

    with pytest.raises(DeploymentTimeoutError, match=r"not up after 0.02 s: its status is .*DEPLOYING.*'pulled'") as it:
        wait(runner, client, timeout=timeout)

    assert isinstance(it.value, TimeoutError)
    assert it.value.model.model_id == "m"
    assert pickle.loads(pickle.dumps(it.value)).model == it.value.model


def test_a_host_that_is_away_all_the_time_is_told_in_the_end(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.always_plays(answer(503, {"message": "down"}))

    with pytest.raises(DeploymentTimeoutError, match="the last look failed") as caught:
        wait(runner, client, timeout=0.02)

    assert isinstance(caught.value.__cause__, InternalServerError)


@cases("name", ["timeout", "interval"])
@cases("value", [0, -1, float("nan"), float("inf"), "5", True, timedelta(0)])
def test_a_time_that_cannot_pass_is_refused(runner: Runner, client: Any, name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is "):
        wait(runner, client, **{name: value})


def log(*lines: str) -> Any:
    """The lines of a log: `3a` is the line `a` of the third second."""
    entries = [{"timestamp": f"2026-06-01T08:00:0{line[0]}Z", "message": line[1:]} for line in lines]
    return answer(200, {"logs": entries})


def follow(client: Any, **arguments: Any) -> Any:
    logs = client.control_plane.observability.deployments.logs
    return logs.follow("d", **{"interval": SOON, **arguments})


def take(runner: Runner, lines: Any, count: int) -> str:
    return "".join([runner.next(lines).message for _ in range(count)])


def queries(host: ScriptedHost) -> list[dict[str, str]]:
    return [{name: values[0] for name, values in parse_qs(urlsplit(one.path).query).items()} for one in host.asked]


def test_a_log_begins_with_its_last_lines_and_goes_on(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """In order, none twice, and none lost among those of one moment."""
    host.plays(log("3c", "2b", "1a"), log("3c"), log("3c", "3d", "4e"), log("4e", "4e", "5f"))

    lines = follow(client)

    assert take(runner, lines, 7) == "abcdeef"
    asked = queries(host)
    assert asked[0] == {"direction": "LOG_DIRECTION_BACKWARD", "limit": "100"}
    assert [one.get("startTime", "")[-3:] for one in asked[1:]] == ["03Z", "03Z", "04Z"]
    assert {one["direction"] for one in asked[1:]} == {"LOG_DIRECTION_FORWARD"}


def test_lines_of_one_moment_keep_their_order(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(log("1c", "1b", "1a"), log("1a", "1b", "1c", "1d"))

    assert take(runner, follow(client), 4) == "abcd"


def test_a_log_may_begin_anywhere(runner: Runner, client: Any, host: ScriptedHost) -> None:
    start = datetime(2026, 6, 1, 8, tzinfo=UTC)
    host.plays(log("1a", "2b"))

    assert take(runner, follow(client, start_time=start), 2) == "ab"
    assert queries(host)[0]["startTime"] == "2026-06-01T08:00:00Z"


def test_an_empty_log_is_waited_for(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(log(), log(), log("1a"))

    assert take(runner, follow(client, last=5), 1) == "a"


def test_a_host_that_comes_back_loses_no_line(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(log("1a"), answer(502, "<html>"), (RESET,), log("1a", "2b"))

    assert take(runner, follow(client), 2) == "ab"


def test_a_log_that_nobody_has_is_told(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(404, {"message": "no such deployment"}))

    with pytest.raises(NotFoundError):
        runner.next(follow(client))


@cases("timestamp", [None, "soon", 7, []])
def test_a_line_without_a_time_is_a_line(runner: Runner, client: Any, host: ScriptedHost, timestamp: Any) -> None:
    host.plays(answer(200, {"logs": [{"timestamp": timestamp, "message": "a"}]}), log("1b"))

    assert take(runner, follow(client), 2) == "ab"


def test_following_can_be_left(asynchronous: Runner, host: ScriptedHost) -> None:
    """Nothing is left to finish: it is no generator."""
    client = asynchronous.client(control_plane_token="t", control_plane_base_url=host.url)
    host.plays(log("1a", "2b"))

    async def leave() -> str:
        async for line in follow(client):
            return str(line.message)
        return ""

    assert asynchronous.run(leave()) == "a"
    assert not hasattr(follow(client), "ag_frame")
