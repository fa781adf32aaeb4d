"""Hooks of a client of one's own: what they raise is told apart from what the network does."""

from __future__ import annotations

import functools
import gzip
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh import RetryPolicy
from tensormesh.errors import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    InternalServerError,
    RateLimitError,
)
from tests.cases import cases
from tests.overlay.calls import ask, ask_for_stream, fails
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import ScriptedHost, answer

CALLS = [pytest.param(ask, id="whole"), pytest.param(ask_for_stream, id="streamed")]
EVENTS = ["request", "response"]


def hooked(runner: Runner, host: ScriptedHost, library: Any, event: str, hook: Callable[[Any], Any], **how: Any) -> Any:
    """A client whose httpx client has a hook, which is awaited where it must be."""

    async def awaited(what: Any) -> None:
        made = hook(what)
        if hasattr(made, "__await__"):
            await made

    hooks = {event: [awaited if runner.is_async else hook]}
    return runner.client(**surfaces_of(host), http_client=runner.http_client(library, event_hooks=hooks), **how)


def check_status(response: Any) -> None:
    response.raise_for_status()


def reads_first(runner: Runner) -> Callable[[Any], Any]:
    """A hook that reads the body before it looks at the status."""

    async def read(response: Any) -> None:
        await response.aread()
        response.raise_for_status()

    def read_at_once(response: Any) -> None:
        response.read()
        response.raise_for_status()

    return read if runner.is_async else read_at_once


@cases("call", CALLS)
def test_a_status_that_a_hook_raises_is_the_error_of_that_status(
    runner: Runner, host: ScriptedHost, library: Any, call: Any
) -> None:
    client = hooked(runner, host, library, "response", check_status)
    host.plays(answer(401, {"error": {"message": "no"}}, x_request_id="r-1"))

    error = fails(runner, lambda: call(client), AuthenticationError, "a hook of the http_client raised HTTPStatusError")

    assert (error.status_code, error.request_id) == (401, "r-1")
    assert "response.read()" in str(error)


@cases("call", CALLS)
def test_what_the_hook_has_read_is_the_body(runner: Runner, host: ScriptedHost, library: Any, call: Any) -> None:
    client = hooked(runner, host, library, "response", reads_first(runner))
    host.plays(answer(429, {"error": {"message": "too many, wait"}}, retry_after="7"))

    error = fails(runner, lambda: call(client), RateLimitError, "too many, wait")

    assert error.body == {"error": {"message": "too many, wait"}}


def test_what_came_compressed_is_read_once(runner: Runner, host: ScriptedHost, library: Any) -> None:
    client = hooked(runner, host, library, "response", reads_first(runner))
    host.plays(answer(500, gzip.compress(b'{"detail": "broken inside"}'), content_encoding="gzip"))

    fails(runner, lambda: ask(client), InternalServerError, "broken inside")


def test_a_get_is_repeated_as_its_status_says(runner: Runner, host: ScriptedHost, library: Any) -> None:
    client = hooked(runner, host, library, "response", check_status, max_retries=2, retry=RetryPolicy(first_delay=1e-6))
    host.plays(answer(503, b"{}"), answer(200, {"status": "ok"}))

    assert runner.run(client.inference.serverless.health.get()) is not None
    assert len(host.asked) == 2


RAISED: dict[str, Callable[[Any], BaseException]] = {
    "a value": lambda library: ValueError("no such tenant"),
    "a key": lambda library: KeyError("no such tenant"),
    "a closed thing": lambda library: RuntimeError("no such tenant: closed"),
    "a file": lambda library: FileNotFoundError("no such tenant"),
    "of the library": lambda library: library.ReadError("no such tenant"),
    "in time": lambda library: library.ReadTimeout("no such tenant"),
}


@cases("call", CALLS)
@cases("event", EVENTS)
@cases("kind", RAISED)
def test_whatever_a_hook_raises_is_said_to_be_of_the_hook(
    runner: Runner, host: ScriptedHost, library: Any, kind: str, event: str, call: Any
) -> None:
    def refuse(_: Any) -> None:
        raise RAISED[kind](library)

    client = hooked(runner, host, library, event, refuse)
    host.plays(*([answer(200, b"{}")] if event == "response" else []))

    what = f"a hook of the http_client for each {event} raised"
    error = fails(runner, lambda: call(client), APIConnectionError, what)

    assert "no such tenant" in str(error)
    assert "connection broke" not in str(error)
    assert not isinstance(error, APITimeoutError)
    assert error.sent == (event == "response")
    assert "in refuse" in "".join(traceback.format_exception(error))
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_status_of_success_that_a_hook_calls_a_failure_is_of_the_hook(
    runner: Runner, host: ScriptedHost, library: Any
) -> None:
    def refuse(response: Any) -> None:
        raise library.HTTPStatusError("odd", request=response.request, response=response)

    client = hooked(runner, host, library, "response", refuse)
    host.plays(answer(200, b"{}"))

    fails(runner, lambda: ask(client), APIConnectionError, "raised HTTPStatusError: odd")


class Refusing:
    def __call__(self, what: Any) -> None:
        raise ValueError("no such tenant")

    def refuse(self, more: str, what: Any) -> None:
        raise ValueError(more)


@pytest.mark.parametrize("hook", [Refusing(), functools.partial(Refusing().refuse, "no such tenant")])
def test_hooks_of_all_kinds_are_known(synchronous: Runner, host: ScriptedHost, library: Any, hook: Any) -> None:
    client = hooked(synchronous, host, library, "request", hook)

    fails(synchronous, lambda: ask(client), APIConnectionError, "a hook of the http_client .* raised ValueError")


def test_what_the_network_does_to_a_client_with_hooks_is_of_the_network(
    runner: Runner, closed_port: str, library: Any
) -> None:
    http_client = runner.http_client(library, event_hooks={"request": [], "response": [check_status]})
    client = runner.client(inference_api_key="k", serverless_base_url=closed_port, http_client=http_client)

    error = fails(runner, lambda: ask(client), APIConnectionError, "nobody answers there")

    assert "hook" not in str(error)
