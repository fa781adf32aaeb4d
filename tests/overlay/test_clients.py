"""The two clients: what they take, share, and leave behind."""

from __future__ import annotations

import copy
import gc
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh import AsyncTensormesh, RetryPolicy, Tensormesh, Timeout
from tensormesh.errors import APIConnectionError, ConfigurationError
from tests.overlay.calls import COMPLETION, GOOD, ask, ask_for_stream, fails, piece
from tests.overlay.conftest import KEY, TOKEN, USER_ID, Runner, surfaces_of
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed


def test_every_argument_reaches_the_config(runner: Runner, certificate: Any) -> None:
    policy = RetryPolicy(posts=True)
    client = runner.client(
        control_plane_token=TOKEN,
        control_plane_base_url="https://cp.example.test/",
        inference_api_key=KEY,
        serverless_base_url="https://s.example.test/v1",
        on_demand_base_url="https://od.example.test/v1/",
        on_demand_user_id=USER_ID.upper(),
        timeout=Timeout(connect=1, total=9),
        max_retries=2,
        ca_bundle=certificate,
        default_headers={"X-Team": "search"},
        think="keep",
        retry=policy,
        allow_undescribed_tools=True,
        allow_json_schema=True,
    )
    config = client.config

    assert (config.control_plane_token, config.inference_api_key) == (TOKEN, KEY)
    assert config.control_plane_base_url == "https://cp.example.test"
    assert config.serverless_base_url == "https://s.example.test"
    assert (config.on_demand_base_url, config.on_demand_user_id) == ("https://od.example.test", USER_ID)
    assert (config.timeout, config.max_retries, config.ca_bundle) == (Timeout(connect=1, total=9), 2, str(certificate))
    assert dict(config.default_headers) == {"X-Team": "search"}
    assert (config.think, config.retry) == ("keep", policy)
    assert (config.allow_undescribed_tools, config.allow_json_schema) == (True, True)


def test_a_client_needs_nothing_to_be_made(runner: Runner) -> None:
    client = runner.client()

    assert (client.config.inference_api_key, client.config.timeout, client.config.max_retries) == (None, 30.0, 0)


def test_env_stands_for_the_environment(runner: Runner, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORMESH_INFERENCE_API_KEY", "of-the-process")
    monkeypatch.setenv("TENSORMESH_SERVERLESS_BASE_URL", host.url)
    host.plays(GOOD, GOOD)

    runner.run(ask(runner.client(env=None)))
    runner.run(
        ask(runner.client(env={"TENSORMESH_INFERENCE_API_KEY": KEY, "TENSORMESH_SERVERLESS_BASE_URL": host.url}))
    )

    assert [asked.headers["authorization"] for asked in host.asked] == ["Bearer of-the-process", f"Bearer {KEY}"]


def test_default_headers_go_with_every_call(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    client = any_client.with_options(default_headers={"X-Team": "search", "User-Agent": "mine/1"})
    host.plays(GOOD, answer(200, {}), answer(200, {"user": {}}))

    runner.run(ask(client))
    runner.run(client.inference.on_demand.health.get(extra_headers={"x-team": "other"}))
    runner.run(client.control_plane.users.get_auth_profile())

    assert [asked.headers["x-team"] for asked in host.asked] == ["search", "other", "search"]
    assert {asked.headers["user-agent"] for asked in host.asked} == {"mine/1"}


def test_a_variation_shares_the_connections(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    other = any_client.with_options(inference_api_key="another", timeout=5, think="keep")
    host.plays(GOOD, GOOD, GOOD)

    for client in (any_client, other, any_client):
        runner.run(ask(client))

    assert [asked.headers["authorization"] for asked in host.asked] == [
        f"Bearer {KEY}",
        "Bearer another",
        f"Bearer {KEY}",
    ]
    assert host.connections == 1
    assert (any_client.config.timeout, other.config.timeout) == (30.0, 5.0)


def test_a_variation_is_checked_as_a_client_is(runner: Runner, any_client: Any) -> None:
    with pytest.raises(ConfigurationError, match="timeout cannot be used"):
        any_client.with_options(timeout=0)
    with pytest.raises(TypeError, match=r"takes no argument 'tiemout'; did you mean timeout=\?"):
        any_client.with_options(tiemout=1)
    with pytest.raises(TypeError, match="ca_bundle belongs to the connections"):
        any_client.with_options(ca_bundle="x")


def test_a_misspelt_argument_is_a_type_error(runner: Runner) -> None:
    with pytest.raises(TypeError, match="tiemout"):
        runner.client(tiemout=3)


def test_a_closed_client_opens_again(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(GOOD, GOOD)
    runner.run(ask(client))

    runner.run(client.close())
    runner.run(client.close())
    runner.wait_until(lambda: host.open == 0)

    assert runner.run(ask(client)).choices[0].message.content == "Hello."


def test_a_block_closes_its_client(runner: Runner, host: ScriptedHost) -> None:
    host.plays(GOOD)

    async def within() -> None:
        async with AsyncTensormesh(env={}, **surfaces_of(host)) as client:
            await ask(client)

    if runner.is_async:
        runner.run(within())
    else:
        with Tensormesh(env={}, **surfaces_of(host)) as client:
            ask(client)

    runner.wait_until(lambda: host.open == 0)


def test_a_client_of_ones_own_stays_open(runner: Runner, host: ScriptedHost, library: Any) -> None:
    http_client = runner.http_client(library)
    client = runner.client(**surfaces_of(host), http_client=http_client)
    host.plays(GOOD, GOOD)
    runner.run(ask(client))

    runner.run(client.close())

    assert not http_client.is_closed
    assert runner.run(ask(client)).choices[0].message.content == "Hello."
    assert host.connections == 1


def test_a_client_of_ones_own_that_is_closed_says_so(runner: Runner, host: ScriptedHost, library: Any) -> None:
    http_client = runner.http_client(library)
    client = runner.client(**surfaces_of(host), http_client=http_client)
    runner.run(http_client.aclose() if runner.is_async else http_client.close())

    error = fails(runner, lambda: ask(client), APIConnectionError, "the http_client is closed")

    assert not error.sent


def test_a_transport_of_httpx_carries_the_calls(runner: Runner, library: Any) -> None:
    """The usual way to test a program that uses the client."""
    seen: list[Any] = []

    def handle(request: Any) -> Any:
        seen.append(request)
        if b'"stream":true' in request.content:
            return library.Response(200, content=events(piece("Hello.", "stop")))
        return library.Response(200, json=COMPLETION)

    client = runner.client(inference_api_key=KEY, transport=library.MockTransport(handle))

    assert runner.run(ask(client)).choices[0].message.content == "Hello."
    stream = runner.run(ask_for_stream(client))
    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."
    assert {str(request.url) for request in seen} == {"https://serverless.tensormesh.ai/v1/chat/completions"}
    assert {request.headers["authorization"] for request in seen} == {f"Bearer {KEY}"}


def test_a_transport_is_known_whoever_claims_its_class(
    runner: Runner, library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Libraries put their own name on classes that they hand on, and programs make transports of their own of them."""
    base = library.AsyncBaseTransport if runner.is_async else library.BaseTransport
    monkeypatch.setattr(base, "__module__", "elsewhere")

    def handle(self: Any, request: Any) -> Any:
        return library.Response(200, json=COMPLETION)

    async def handle_async(self: Any, request: Any) -> Any:
        return library.Response(200, json=COMPLETION)

    own = type("Own", (base,), {"handle_request": handle, "handle_async_request": handle_async})()

    assert runner.run(ask(runner.client(inference_api_key=KEY, transport=own))).choices


def test_what_is_no_client_of_httpx_is_refused(runner: Runner, library: Any) -> None:
    wrong = library.Client() if runner.is_async else library.AsyncClient()
    fitting = "AsyncClient" if runner.is_async else "Client"

    with pytest.raises(ConfigurationError, match=f"this is not a {fitting} of httpx but a {type(wrong).__name__}"):
        runner.client(http_client=wrong)
    with pytest.raises(ConfigurationError, match=r"this is not a .*BaseTransport of httpx but a str"):
        runner.client(transport="mock")
    with pytest.raises(ConfigurationError, match="give http_client or transport, not both"):
        runner.client(http_client=runner.http_client(library), transport=library.MockTransport(lambda _: None))


def test_a_client_is_neither_pickled_nor_copied(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(GOOD)
    runner.run(ask(client))

    actions: list[Callable[[Any], Any]] = [pickle.dumps, copy.copy, copy.deepcopy]
    for action in actions:
        with pytest.raises(TypeError, match=r"use with_options\(\)"):
            action(client)


def test_a_stream_outlives_the_variation_it_came_from(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(streamed(events(piece("Hello.", "stop"))))

    stream = runner.run(ask_for_stream(client.with_options(timeout=3)))
    gc.collect()

    assert runner.run(stream.get_final_completion()).choices[0].message.content == "Hello."


def test_a_client_forgotten_in_a_circle_is_silent(asynchronous: Runner, host: ScriptedHost) -> None:
    """What it is made of is collected in any order then, and aiohttp complains of sessions that nobody closed."""
    host.plays(GOOD)
    circle: list[Any] = [AsyncTensormesh(env={}, **surfaces_of(host))]
    circle.append(circle)
    asynchronous.run(ask(circle[0]))

    del circle
    gc.collect()

    asynchronous.wait_until(lambda: host.open == 0)
