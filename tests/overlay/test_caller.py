"""Calls that are about a user are about the caller, where nobody says otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh import types
from tensormesh.errors import AuthenticationError, TensormeshError
from tests.cases import cases
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import ScriptedHost, answer

PROFILE = answer(200, {"user": {"id": "u-1"}})
KEY = answer(200, {"apiKey": {"id": "k"}}, x_request_id="r-2")


def create(runner: Runner, client: Any, **arguments: Any) -> Any:
    return runner.run(client.control_plane.users.api_keys.create(**arguments))


@cases(
    ("arguments", "sent"),
    [
        pytest.param({"name": "ci"}, {"userId": "u-1", "name": "ci"}, id="fields"),
        pytest.param({}, {"userId": "u-1"}, id="nothing"),
        pytest.param({"request": {"name": "ci"}}, {"name": "ci", "userId": "u-1"}, id="request"),
        pytest.param(
            {"request": types.CreateUserApiKeyRequest.from_dict({"name": "ci"})},
            {"name": "ci", "userId": "u-1"},
            id="model",
        ),
    ],
)
def test_a_key_is_the_callers(
    runner: Runner, client: Any, host: ScriptedHost, arguments: dict[str, Any], sent: dict[str, Any]
) -> None:
    host.plays(PROFILE, KEY)

    key = create(runner, client, **arguments, extra_headers={"X-Trace": "t"})

    assert (key.id, key.request_id) == ("k", "r-2")
    assert [(one.method, one.path) for one in host.asked] == [("GET", "/auth/profile"), ("POST", "/v1/users/api-keys")]
    assert host.asked[1].json == sent
    assert all(one.headers["x-trace"] == "t" for one in host.asked)


@cases(
    "arguments",
    [
        {"user_id": "u-2", "name": "ci"},
        {"request": {"userId": "u-2", "name": "ci"}},
        {"request": types.CreateUserApiKeyRequest(user_id="u-2", name="ci")},
        {"name": "ci", "extra_body": {"userId": "u-2"}},
    ],
)
def test_who_is_named_is_not_asked_for(
    runner: Runner, client: Any, host: ScriptedHost, arguments: dict[str, Any]
) -> None:
    host.plays(KEY)

    create(runner, client, **arguments)

    assert host.asked[0].json == {"userId": "u-2", "name": "ci"}


def test_the_raw_call_asks_as_well(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(PROFILE, KEY)

    response = runner.run(client.control_plane.users.api_keys.with_raw_response.create(name="ci"))

    assert (response.parsed.id, response.request_id) == ("k", "r-2")


def test_a_token_that_is_refused_makes_no_key(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(401, {"message": "no"}))

    with pytest.raises(AuthenticationError):
        create(runner, client, name="ci")


@pytest.mark.parametrize("profile", [{}, {"user": {}}, {"user": None}])
def test_a_host_that_does_not_say_who_calls_makes_no_key(
    runner: Runner, client: Any, host: ScriptedHost, profile: Any
) -> None:
    host.plays(answer(200, profile))

    with pytest.raises(TensormeshError):
        create(runner, client, name="ci")
