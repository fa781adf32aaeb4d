"""Tools that print the local variables of every frame of an error (Sentry, rich, `traceback`) print no secret."""

from __future__ import annotations

import base64
import traceback
from typing import Any

import pytest

from tensormesh.errors import ConfigurationError
from tests.cases import cases, per_case
from tests.overlay.calls import ask, ask_for_stream
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import STALL, ScriptedHost, Step, answer
from tests.overlay.test_secrets import FAULTS, MARK, failed

CALLS = [pytest.param(ask, id="whole"), pytest.param(ask_for_stream, id="stream")]


def with_locals(error: BaseException) -> str:
    """The traceback of an error and of its causes, with all local variables."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


@pytest.fixture
def client(request: pytest.FixtureRequest, runner: Runner, host: ScriptedHost, transport_name: str) -> Any:
    settings = {**surfaces_of(host), "default_headers": {"X-Secret": "SENTINEL-default"}}
    return per_case(request, lambda: runner.client(**settings, **runner.transport(transport_name)))


@cases("fault", FAULTS)
@cases("call", CALLS)
def test_of_a_call_that_the_network_broke(
    runner: Runner, client: Any, host: ScriptedHost, call: Any, fault: tuple[Step, ...]
) -> None:
    host.plays(fault)

    error = failed(runner, lambda: call(client, timeout=0.1 if STALL in fault else 9))

    assert MARK not in with_locals(error)


@cases("call", CALLS)
def test_of_a_host_that_nobody_answers_for(
    runner: Runner, transport: dict[str, Any], closed_port: str, call: Any
) -> None:
    client = runner.client(inference_api_key=MARK, serverless_base_url=closed_port, **transport)

    assert MARK not in with_locals(failed(runner, lambda: call(client)))


@pytest.mark.parametrize(
    "refused", [{"extra_body": {"a": float("nan")}}, {"extra_headers": {"a b": "c"}}, {"extra_headers": {"a": "\n"}}]
)
def test_of_a_call_that_cannot_be_sent(
    runner: Runner, client: Any, host: ScriptedHost, refused: dict[str, Any]
) -> None:
    host.always_plays(answer(400, b"{}"))

    assert MARK not in with_locals(failed(runner, lambda: ask(client, **refused)))


@cases("scheme", ["http", "https"])
@cases("there", [True, False], ids=["refuses", "is not there"])
def test_of_a_proxy_with_a_password(
    runner: Runner, host: ScriptedHost, closed_port: str, monkeypatch: pytest.MonkeyPatch, scheme: str, there: bool
) -> None:
    place = host.url if there else closed_port
    monkeypatch.setenv(f"{scheme}_proxy", place.replace("//", "//user:SENTINEL@"))
    host.plays(*([answer(407, b"no")] if there else []))
    client = runner.client(inference_api_key="ak-1", serverless_base_url=f"{scheme}://api.example.test")

    text = with_locals(failed(runner, lambda: ask(client)))

    assert base64.b64encode(b"user:SENTINEL").decode() not in text
    assert "user:SENTINEL" not in text.replace("//user:SENTINEL@", "")  # this test's own variables


def test_what_a_caller_was_handling_keeps_its_frames(synchronous: Runner, closed_port: str) -> None:
    client = synchronous.client(inference_api_key="ak-1", serverless_base_url=closed_port)
    mine = []
    try:
        int("x")
    except ValueError as error:
        failed(synchronous, lambda: ask(client))
        mine.append(error)

    assert "in test_what_a_caller_was_handling" in "".join(traceback.format_exception(mine[0]))


def test_of_a_client_that_cannot_be_built(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment holds, of ours and of others."""
    for name, value in {"TENSORMESH_INFERENCE_API_KEY": MARK, "OTHER_KEY": MARK, "TENSORMESH_MAX_RETRIES": "x"}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match="TENSORMESH_MAX_RETRIES") as caught:
        runner.client(env=None)

    assert MARK not in with_locals(caught.value)
