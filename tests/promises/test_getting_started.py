"""Document 001: from the package to the first call on each surface."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest

import tensormesh
from tensormesh.errors import AuthenticationError, ConfigurationError
from tensormesh_local import LocalHost
from tests.overlay.conftest import Runner

ROOT = Path(__file__).resolve().parents[2]
MODEL = "openai/gpt-oss-20b"
MESSAGES = [{"role": "user", "content": "Say hello in one sentence."}]


def test_python_3_12_is_enough() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert (project["name"], project["requires-python"]) == ("tensormesh", ">=3.12")
    assert sys.version_info >= (3, 12)
    assert project["version"] == tensormesh.__version__


def test_an_inference_key_is_all_that_serverless_needs(runner: Runner, host: LocalHost) -> None:
    """No login, no token, no user id."""
    variables = host.environment()
    names = ("TENSORMESH_INFERENCE_API_KEY", "TENSORMESH_SERVERLESS_BASE_URL")
    client = runner.client(env={name: variables[name] for name in names})

    answer = runner.run(client.inference.serverless.chat.completions.create(model=MODEL, messages=MESSAGES))

    assert answer.choices[0].message.content


@pytest.mark.parametrize("endpoint", ["models.list", "health.get", "version.get"])
def test_models_health_and_version_need_no_key_on_the_public_host(runner: Runner, endpoint: str) -> None:
    """And on no other host, and nothing else does."""
    seen: list[Any] = []

    def answer(request: Any) -> Any:
        seen.append(request)
        return httpx.Response(200, json={"object": "list", "data": [], "status": "ok", "version": "1"})

    client = runner.client(transport=httpx.MockTransport(answer))
    elsewhere = client.with_options(serverless_base_url="https://serverless.example.test")
    namespace, method = endpoint.split(".")

    runner.run(getattr(getattr(client.inference.serverless, namespace), method)())

    assert [(request.url.host, request.headers.get("authorization")) for request in seen] == [
        ("serverless.tensormesh.ai", None)
    ]
    with pytest.raises(ConfigurationError, match="inference_api_key"):
        runner.run(getattr(getattr(elsewhere.inference.serverless, namespace), method)())
    with pytest.raises(ConfigurationError, match="inference_api_key"):
        runner.run(client.inference.serverless.tokenize.create(model=MODEL, prompt="p"))


def test_the_control_plane_takes_a_bearer_token(runner: Runner, host: LocalHost) -> None:
    client = runner.client(env=None)

    user = runner.run(client.control_plane.users.get_auth_profile())

    assert user.id == host.environment()["TENSORMESH_ON_DEMAND_USER_ID"]
    wrong = client.with_options(control_plane_token="another")
    with pytest.raises(AuthenticationError):
        runner.run(wrong.control_plane.users.get_auth_profile())


def test_a_key_made_on_the_control_plane_opens_inference(runner: Runner, host: LocalHost) -> None:
    client = runner.client(env=None)
    user = runner.run(client.control_plane.users.get_auth_profile())

    made = runner.run(client.control_plane.users.api_keys.create(user_id=user.id, name="sdk-key"))
    with_it = client.with_options(inference_api_key=made.id)
    answer = runner.run(with_it.inference.serverless.chat.completions.create(model=MODEL, messages=MESSAGES))

    assert answer.choices[0].message.content
    assert made.id not in repr(made)
