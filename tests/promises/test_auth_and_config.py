"""Document 002: credentials, addresses and settings, and what is made of mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tensormesh.errors import (
    APIStatusError,
    AuthenticationError,
    ConfigurationError,
    InternalServerError,
    NotFoundError,
)
from tensormesh_local import LocalHost
from tests.overlay.conftest import Runner

MODEL, SERVED = "openai/gpt-oss-20b", "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"
MESSAGES = [{"role": "user", "content": "Say hello in one sentence."}]
ARGUMENTS: dict[str, tuple[str, Any, Any]] = {
    "TENSORMESH_CONTROL_PLANE_TOKEN": ("control_plane_token", "of-the-variable", "of-the-argument"),
    "TENSORMESH_CONTROL_PLANE_BASE_URL": ("control_plane_base_url", "https://variable.test", "https://argument.test"),
    "TENSORMESH_INFERENCE_API_KEY": ("inference_api_key", "of-the-variable", "of-the-argument"),
    "TENSORMESH_SERVERLESS_BASE_URL": ("serverless_base_url", "https://variable.test", "https://argument.test"),
    "TENSORMESH_ON_DEMAND_BASE_URL": ("on_demand_base_url", "https://variable.test", "https://argument.test"),
    "TENSORMESH_ON_DEMAND_USER_ID": (
        "on_demand_user_id",
        "11111111-1111-1111-1111-111111111111",
        "22222222-2222-2222-2222-222222222222",
    ),
    "TENSORMESH_TIMEOUT_SECONDS": ("timeout", 7.5, 9.0),
    "TENSORMESH_MAX_RETRIES": ("max_retries", 3, 5),
    "TENSORMESH_CA_BUNDLE": ("ca_bundle", "variable.pem", "argument.pem"),
}
POSTS: list[tuple[str, dict[str, Any]]] = [
    ("chat.completions", {"messages": MESSAGES}),
    ("completions", {"prompt": "p"}),
    ("responses", {"input": "i"}),
    ("tokenize", {"prompt": "p"}),
    ("detokenize", {"tokens": [1]}),
]


def node(surface: Any, path: str) -> Any:
    for name in path.split("."):
        surface = getattr(surface, name)
    return surface


@pytest.mark.parametrize("variable", ARGUMENTS)
def test_arguments_win_over_variables_and_those_over_defaults(
    runner: Runner, variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("variable.pem", "argument.pem"):
        (tmp_path / file).touch()
    argument, of_variable, of_argument = ARGUMENTS[variable]
    default = getattr(runner.client(env=None).config, argument)
    monkeypatch.setenv(variable, str(of_variable))

    assert default != of_variable
    assert getattr(runner.client(env=None).config, argument) == of_variable
    assert getattr(runner.client(env=None, **{argument: of_argument}).config, argument) == of_argument


@pytest.mark.parametrize("blank", ["", "   ", "\t\n"])
@pytest.mark.parametrize("variable", ARGUMENTS)
def test_a_blank_variable_counts_as_unset_and_a_blank_argument_as_a_mistake(
    runner: Runner, variable: str, blank: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    argument = ARGUMENTS[variable][0]
    default = getattr(runner.client(env=None).config, argument)
    monkeypatch.setenv(variable, blank)

    assert getattr(runner.client(env=None).config, argument) == default
    with pytest.raises(ConfigurationError, match=rf"{argument} .*{variable}"):
        runner.client(env=None, **{argument: blank})


def test_no_file_of_the_command_line_is_read(runner: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "tensormesh"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('gateway_api_key = "ak-of-the-file"\n')
    (folder / "auth.json").write_text('{"access_token": "of-the-file"}')
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))

    config = runner.client(env=None).config

    assert (config.inference_api_key, config.control_plane_token) == (None, None)


def test_each_surface_shows_its_own_credentials(runner: Runner, host: LocalHost) -> None:
    client = runner.client(env=None)

    runner.run(client.inference.serverless.health.get())
    runner.run(client.inference.on_demand.health.get())
    runner.run(client.control_plane.users.get_auth_profile())
    serverless, on_demand, control_plane = host.requests

    assert "x-user-id" not in {**serverless.headers, **control_plane.headers}
    assert on_demand.headers["x-user-id"] == host.environment()["TENSORMESH_ON_DEMAND_USER_ID"]
    assert {request.status for request in host.requests} == {200}


def test_a_get_is_tried_again_as_often_as_max_retries_says(runner: Runner, host: LocalHost) -> None:
    host.faults.add({"status": 503, "headers": {"Retry-After": "0"}, "times": 2})

    health = runner.run(runner.client(env=None, max_retries=2).inference.serverless.health.get())

    assert health.status == "ok"
    assert [request.status for request in host.requests] == [503, 503, 200]


@pytest.mark.parametrize("surface", ["serverless", "on_demand"])
@pytest.mark.parametrize(("path", "arguments"), POSTS, ids=[path for path, _ in POSTS])
def test_no_inference_post_is_tried_again(
    runner: Runner, host: LocalHost, surface: str, path: str, arguments: dict[str, Any]
) -> None:
    host.faults.add({"status": 503, "headers": {"Retry-After": "0"}, "times": None})
    client = runner.client(env=None, max_retries=5)

    with pytest.raises(InternalServerError):
        runner.run(node(getattr(client.inference, surface), path).create(model=MODEL, **arguments))

    assert len(host.requests) == 1


def test_a_control_plane_token_does_not_open_inference(runner: Runner, host: LocalHost) -> None:
    token = host.environment()["TENSORMESH_CONTROL_PLANE_TOKEN"]
    urls = {name: url for name, url in host.environment().items() if name.endswith("_URL")}

    only_a_token = runner.client(env={**urls, "TENSORMESH_CONTROL_PLANE_TOKEN": token})
    with pytest.raises(ConfigurationError, match="a control-plane token does not open it"):
        runner.run(only_a_token.inference.serverless.tokenize.create(model=MODEL, prompt="p"))

    token_as_key = runner.client(env=urls, inference_api_key=token)
    with pytest.raises(AuthenticationError, match="inference takes an inference API key"):
        runner.run(token_as_key.inference.serverless.tokenize.create(model=MODEL, prompt="p"))


@pytest.mark.parametrize("missing", ["on_demand_base_url", "on_demand_user_id"])
def test_on_demand_says_what_it_needs(runner: Runner, host: LocalHost, missing: str) -> None:
    variable = f"TENSORMESH_{missing.upper()}"
    variables = {name: value for name, value in host.environment().items() if name != variable}
    client = runner.client(env=variables)

    with pytest.raises(ConfigurationError, match=rf"on-demand inference needs {missing}: .*{variable}"):
        runner.run(client.inference.on_demand.models.list())

    assert [*host.requests] == []


def test_a_model_id_of_the_control_plane_is_no_served_name(runner: Runner, host: LocalHost) -> None:
    completions = runner.client(env=None).inference.on_demand.chat.completions

    with pytest.raises(NotFoundError, match="check the name or id"):
        runner.run(completions.create(model="11111111-2222-3333-4444-555555555555", messages=MESSAGES))


def test_the_address_of_the_other_surface_is_found_out(runner: Runner, host: LocalHost) -> None:
    """Served names are unknown on serverless, and a call there without `X-User-Id` is refused on demand."""
    variables = host.environment()
    swapped = runner.client(
        env={
            **variables,
            "TENSORMESH_SERVERLESS_BASE_URL": variables["TENSORMESH_ON_DEMAND_BASE_URL"],
            "TENSORMESH_ON_DEMAND_BASE_URL": variables["TENSORMESH_SERVERLESS_BASE_URL"],
        }
    )

    with pytest.raises(APIStatusError, match=r"HTTP 40[04]"):
        runner.run(swapped.inference.serverless.chat.completions.create(model=MODEL, messages=MESSAGES))
    with pytest.raises(NotFoundError, match="check the name or id that was asked for, and the base URL"):
        runner.run(swapped.inference.on_demand.chat.completions.create(model=SERVED, messages=MESSAGES))


def test_a_base_url_may_end_in_v1(runner: Runner, host: LocalHost) -> None:
    """Other tools read the same variable and want it so."""
    url = host.environment()["TENSORMESH_SERVERLESS_BASE_URL"]

    for written in (url, f"{url}/", f"{url}/v1", f"{url}/v1/"):
        runner.run(runner.client(env=None, serverless_base_url=written).inference.serverless.models.list())

    assert {request.path for request in host.requests} == {"/serverless/v1/models"}
