"""What one call can be told beside its arguments, and that it reaches the host as it was meant."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh.errors import ConfigurationError, ValidationError
from tests.cases import cases
from tests.overlay.calls import COMPLETION, MESSAGES, ask, ask_for_stream, piece
from tests.overlay.conftest import KEY, TOKEN, USER_ID, Runner, surfaces_of
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed

OTHER_USER = "99999999-2222-3333-4444-555555555555"
STREAM = streamed(events(piece("Hello.", "stop")))
WHOLE = {**COMPLETION, "output": [], "data": []}
"""An answer to every call."""

ON_DEMAND_CALLS = [
    ("chat.completions.create", {"model": "m", "messages": MESSAGES}),
    ("chat.completions.create", {"model": "m", "messages": MESSAGES, "stream": True}),
    ("completions.create", {"model": "m", "prompt": "p"}),
    ("responses.create", {"model": "m", "input": "i"}),
    ("models.list", {}),
    ("tokenize.create", {"model": "m", "prompt": "p"}),
    ("detokenize.create", {"model": "m", "tokens": [1]}),
    ("health.get", {}),
    ("version.get", {}),
]


def method(surface: Any, path: str) -> Any:
    for name in path.split("."):
        surface = getattr(surface, name)
    return surface


def test_extra_body_is_merged_last(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, COMPLETION))
    extra = {"chat_template_kwargs": {"enable_thinking": False}, "model": "another", "top_k": None}

    runner.run(ask(client, temperature=0.5, extra_body=extra))

    assert host.asked[0].json == {"messages": MESSAGES, "temperature": 0.5, **extra}


def test_extra_headers_take_the_place_of_ours_however_they_are_written(
    runner: Runner, client: Any, host: ScriptedHost
) -> None:
    host.plays(answer(200, COMPLETION))

    runner.run(ask(client, extra_headers={"AUTHORIZATION": "Bearer mine", "X-Trace": "t", "accept": "text/plain"}))

    headers = host.asked[0].headers
    assert (headers["authorization"], headers["x-trace"], headers["accept"]) == ("Bearer mine", "t", "text/plain")


def test_extra_query_stands_behind_the_path(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, COMPLETION), answer(200, {"transactions": []}))

    runner.run(ask(client, extra_query={"trace": True, "tag": ["a b", "ü&"], "none": None}))
    runner.run(client.control_plane.billing.transactions.list(page_size=5, extra_query={"x": 1}))

    assert host.asked[0].path == "/v1/chat/completions?trace=true&tag=a+b&tag=%C3%BC%26"
    assert host.asked[1].path in ("/v1/billing/transactions?pageSize=5&x=1", "/v1/billing/transactions?page_size=5&x=1")


@cases("value", ["line\nbreak", "line\rbreak", "nul\0", "emoji 🙂", "ü", 7])
def test_a_header_that_cannot_be_sent_is_refused_before_anything_is(
    runner: Runner, client: Any, host: ScriptedHost, value: Any
) -> None:
    with pytest.raises(ValidationError, match="the value of the header 'X-Odd' cannot be sent"):
        runner.run(ask(client, extra_headers={"X-Odd": value}))
    with pytest.raises(ValidationError, match="the header 'X Odd:' has no name for one"):
        runner.run(ask(client, extra_headers={"X Odd:": "v"}))

    assert host.connections == 0


@cases("key", ["ak-local-1a2b3c4d5e6f7a8b", "sk_live_abcdefghij1", "Bearer eyJhbGciOi.x.y", "k" * 41])
def test_a_key_in_the_place_of_a_name_is_not_shown(runner: Runner, client: Any, host: ScriptedHost, key: str) -> None:
    """Neither where it is no name, nor where it could be one and its value is wrong."""
    for headers in ({"X-Trace": "t", f"{key}\n": "v"}, {"X-Trace": "t", key: "two\nlines"}):
        with pytest.raises(ValidationError, match="header 2 of those given") as caught:
            runner.run(ask(client, extra_headers=headers))
        assert key[:12] not in str(caught.value)
    assert host.connections == 0


@cases("value", [float("nan"), float("inf"), {1, 2}, object(), b"bytes"])
def test_a_body_that_has_no_json_is_refused_before_anything_is_sent(
    runner: Runner, client: Any, host: ScriptedHost, value: Any
) -> None:
    for call in (lambda: ask(client, temperature=value), lambda: ask(client, extra_body={"temperature": value})):
        with pytest.raises(ValidationError):
            runner.run(call())

    assert host.connections == 0


def test_a_body_of_any_language_arrives_as_utf_8(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, COMPLETION))
    text = "naïve 東京 🙂 \u2028 \x00 \ud7ff"

    runner.run(client.inference.serverless.completions.create(model="m", prompt=text))

    assert host.asked[0].json["prompt"] == text
    assert "東京".encode() in host.asked[0].body


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_half_of_a_character_goes_back_to_the_host_that_sent_it(
    runner: Runner, client: Any, host: ScriptedHost, text: str
) -> None:
    host.plays(answer(200, COMPLETION))

    runner.run(client.inference.serverless.completions.create(model="m", prompt=text))

    assert host.asked[0].json["prompt"] == text


@cases(("path", "arguments"), ON_DEMAND_CALLS)
def test_every_on_demand_call_takes_a_user_of_its_own(
    runner: Runner, client: Any, host: ScriptedHost, path: str, arguments: dict[str, Any]
) -> None:
    host.always_plays(STREAM if "stream" in arguments else answer(200, WHOLE))

    for user in ({}, {"user_id": OTHER_USER.upper()}, {"extra_headers": {"X-User-Id": OTHER_USER}}):
        answered = runner.run(method(client.inference.on_demand, path)(**arguments, **user))
        if "stream" in arguments:
            runner.run(answered.close())

    assert [asked.headers["x-user-id"] for asked in host.asked] == [USER_ID, OTHER_USER, OTHER_USER]
    assert {asked.headers["authorization"] for asked in host.asked} == {f"Bearer {KEY}"}


@cases(("path", "arguments"), ON_DEMAND_CALLS)
def test_no_serverless_call_takes_a_user(
    runner: Runner, client: Any, host: ScriptedHost, path: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError, match="user_id belongs to on-demand inference"):
        runner.run(method(client.inference.serverless, path)(**arguments, user_id=OTHER_USER))

    assert host.connections == 0


@cases(("path", "arguments"), ON_DEMAND_CALLS)
def test_a_user_that_is_no_uuid_is_refused(
    runner: Runner, client: Any, host: ScriptedHost, path: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError, match=r"user_id .*cannot be used: it is not a UUID"):
        runner.run(method(client.inference.on_demand, path)(**arguments, user_id="me"))

    assert host.connections == 0


@cases("limit", [0, -1, "soon", float("nan"), float("inf"), True, None])
def test_a_limit_that_is_no_time_is_refused(runner: Runner, client: Any, host: ScriptedHost, limit: Any) -> None:
    if limit is None:
        host.plays(answer(200, COMPLETION))
        runner.run(ask(client, timeout=limit))  # as good as not given
        return
    with pytest.raises(ConfigurationError, match="timeout cannot be used"):
        runner.run(ask(client, timeout=limit))
    with pytest.raises(ConfigurationError, match="timeout cannot be used"):
        runner.run(ask_for_stream(client, stream_idle_timeout=limit))

    assert host.connections == 0


@cases(("path", "arguments"), ON_DEMAND_CALLS)
def test_a_misspelt_argument_is_a_type_error_before_anything_is_sent(
    runner: Runner, client: Any, host: ScriptedHost, path: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match="tiemout"):
        runner.run(method(client.inference.on_demand, path)(**arguments, tiemout=3))

    assert host.connections == 0


def test_the_headers_of_each_surface(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, COMPLETION), STREAM, answer(200, {}), answer(200, {"prices": []}))

    runner.run(ask(client))
    runner.run(runner.run(ask_for_stream(client)).close())
    runner.run(client.inference.on_demand.health.get())
    runner.run(client.control_plane.request("GET", "/v1/prices"))
    whole, stream, on_demand, control_plane = (asked.headers for asked in host.asked)

    assert whole["authorization"] == stream["authorization"] == on_demand["authorization"] == f"Bearer {KEY}"
    assert control_plane["authorization"] == f"Bearer {TOKEN}"
    assert (whole["accept"], stream["accept"]) == ("application/json", "text/event-stream")
    assert whole["content-type"] == stream["content-type"] == "application/json"
    assert "content-type" not in on_demand
    assert "x-user-id" not in {**whole, **stream, **control_plane}
    assert on_demand["x-user-id"] == USER_ID
    assert all(one["user-agent"].startswith("tensormesh-python/") for one in (whole, stream, on_demand, control_plane))


def test_sync_and_async_over_every_transport_send_the_same(host: ScriptedHost) -> None:
    host.always_plays(answer(200, COMPLETION))

    for name in ("sync", "async"):
        for transport in ("own", "httpx", "httpx2"):
            runner = Runner(name)
            client = runner.client(**surfaces_of(host), **runner.transport(transport))
            runner.run(ask(client, temperature=0.5, extra_query={"q": "ä/b"}, extra_headers={"X-Trace": "t"}))
            runner.close()

    sent = [(one.method, one.path, dict(one.headers), one.body) for one in host.asked]
    for headers in (one[2] for one in sent):
        headers.pop("connection", None)  # keep-alive is what HTTP/1.1 means anyway
    assert len(sent) == 6
    assert all(one == sent[0] for one in sent)


SCHEMA = {"name": "river", "schema": {"type": "object"}}
CHAT_SCHEMA = {"response_format": {"type": "json_schema", "json_schema": SCHEMA}}
RESPONSE_SCHEMA = {"text": {"format": {"type": "json_schema", **SCHEMA}}}
TOOL = {"tools": [{"type": "function", "function": {"name": "find"}}]}
REFUSED = [
    pytest.param("chat.completions.create", {"messages": MESSAGES, **CHAT_SCHEMA}, "allow_json_schema", id="chat"),
    pytest.param("responses.create", {"input": "i", **RESPONSE_SCHEMA}, "allow_json_schema", id="response"),
    pytest.param("chat.completions.create", {"messages": MESSAGES, **TOOL}, "allow_undescribed_tools", id="tool"),
]


@cases("stream", [False, True])
@cases(("call", "fields", "setting"), REFUSED)
def test_what_is_refused_is_allowed_for_one_call_or_for_all_of_a_client(
    runner: Runner, client: Any, host: ScriptedHost, call: str, fields: dict[str, Any], setting: str, stream: bool
) -> None:
    host.plays(*[STREAM if stream else answer(200, WHOLE)] * 2)

    def ask_it(one: Any, **options: Any) -> Any:
        return runner.run(method(one.inference.serverless, call)(model="m", stream=stream, **fields, **options))

    allowing = client.with_options(**{setting: True})
    with pytest.raises(ValidationError, match=f"{setting}=True"):
        ask_it(client)
    with pytest.raises(ValidationError, match=f"{setting}=True"):
        ask_it(allowing, **{setting: False})
    assert host.connections == 0

    for answered in (ask_it(client, **{setting: True}), ask_it(allowing, **{setting: None})):
        if stream:
            runner.run(answered.close())
    assert [{name: asked.json[name] for name in fields} for asked in host.asked] == [fields, fields]
    assert all(setting not in asked.json for asked in host.asked)


@cases("setting", ["allow_json_schema", "allow_undescribed_tools"])
@cases("value", ["false", 0, 1, ""])
def test_what_a_call_allows_is_true_or_false(
    runner: Runner, client: Any, host: ScriptedHost, setting: str, value: Any
) -> None:
    with pytest.raises(ConfigurationError, match=f"^{setting} cannot be used: it must be True or False"):
        runner.run(ask(client, **{setting: value}))

    assert host.connections == 0
