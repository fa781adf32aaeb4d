"""What a call has sent, and a host says again, wherever in its answer: no error shows it, and no frame of one."""

from __future__ import annotations

import base64
import html
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh import RetryPolicy
from tensormesh.errors import APIStatusError, StreamEventError
from tensormesh_generated import api
from tests.cases import cases, per_case
from tests.overlay.calls import MESSAGES, ask, ask_for_stream, piece
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import CLOSE, ScriptedHost, Step, answer, chunk, events, streamed
from tests.overlay.test_secrets import MARK, failed, shown
from tests.overlay.test_secrets_in_frames import with_locals

KEY = "sk-SENTINEL-0123456789-abcdefghijklmnop"
SAID = f"Incorrect API key provided: {KEY}."
ERROR = {"error": {"message": SAID, "type": "invalid_request_error", "code": "invalid_api_key"}}

ANSWERS: list[Any] = [
    pytest.param(answer(401, ERROR), id="JSON"),
    pytest.param(answer(401, {"error": {f"key {KEY}": [KEY, {"seen": KEY}]}}), id="anywhere in JSON"),
    pytest.param(answer(401, json.dumps(ERROR).replace("sk", "\\u0073k")), id="JSON with escapes"),
    pytest.param(answer(401, json.dumps(ERROR).encode("utf-16")), id="JSON in UTF-16"),
    pytest.param(answer(403, f"<html>{html.escape(SAID)}</html>", content_type="text/html"), id="HTML"),
    pytest.param(answer(500, SAID, content_type="text/plain"), id="text"),
    pytest.param(answer(502, SAID.encode() + b"\xff\x00\xfe"), id="no text"),
    pytest.param(answer(401, "x" * 1_980 + f" {KEY} " + "x" * 100), id="where a message is cut off"),
    pytest.param(answer(401, b"{}", www_authenticate=f'Bearer error="invalid", token="{KEY}"'), id="a header"),
    pytest.param(answer(429, b"{}", x_request_id=f"call-of-{KEY}", x_debug=f"Bearer {KEY}"), id="the name of the call"),
    pytest.param(answer(302, b"", location=f"/login/{KEY}?key={KEY}"), id="a redirect"),
    pytest.param(answer(200, ERROR), id="a success"),
    pytest.param(answer(200, {"error": SAID}), id="a success in words"),
    pytest.param(answer(200, f"<html>{'x' * 58}{SAID}</html>"), id="a success that is HTML"),
    pytest.param(answer(200, json.dumps(ERROR)[:-9]), id="a success that is half of JSON"),
    pytest.param(answer(200, {"choices": [{"error": ERROR["error"]}]}), id="a success whose choice failed"),
    pytest.param(answer(200, [SAID]), id="a success that is a list"),
]


@pytest.fixture
def client(request: pytest.FixtureRequest, runner: Runner, host: ScriptedHost, transport_name: str) -> Any:
    settings = {**surfaces_of(host), "inference_api_key": KEY, "control_plane_token": KEY}
    return per_case(request, lambda: runner.client(**settings, **runner.transport(transport_name)))


def check(error: BaseException) -> None:
    """The error shows nothing of the key."""
    assert MARK not in shown(error)
    assert MARK not in repr([getattr(error, name, None) for name in ("message", "body", "headers", "code", "param")])
    answer = getattr(error, "response", None)
    assert MARK not in (repr((answer.headers, answer.content, answer.parsed)) if answer else "")


def complete(client: Any, **options: Any) -> Any:
    return client.inference.serverless.completions.create(model="m", prompt="Hello", **options)


def respond(client: Any, **options: Any) -> Any:
    return client.inference.serverless.responses.create(model="m", input="Hello", **options)


def respond_on_demand(client: Any) -> Any:
    return client.inference.on_demand.responses.create(model="m", input="Hello", stream=True)


def ask_low_level(client: Any) -> Any:
    call = api.chat.create_chat_completion
    send = call.asyncio_detailed if type(client).__name__.startswith("Async") else call.sync_detailed
    return send(client=client.inference.serverless, body={"model": "m", "messages": MESSAGES})


def ask_raw(client: Any) -> Any:
    return client.inference.serverless.chat.completions.with_raw_response.create(model="m", messages=MESSAGES)


CALLS = [
    pytest.param(ask, id="chat"),
    pytest.param(ask_for_stream, id="chat, streamed"),
    pytest.param(complete, id="completion"),
    pytest.param(lambda client: complete(client, stream=True), id="completion, streamed"),
    pytest.param(respond, id="response"),
    pytest.param(respond_on_demand, id="response, streamed"),
    pytest.param(ask_low_level, id="low level"),
    pytest.param(ask_raw, id="raw"),
    pytest.param(lambda client: client.inference.serverless.request("POST", "/v1/x", json_body={}), id="any route"),
    pytest.param(
        lambda client: client.inference.serverless.stream_request("POST", "/v1/x", json_body={}),
        id="any route, streamed",
    ),
    pytest.param(lambda client: client.control_plane.billing.balance.get(), id="control plane"),
]


@cases("said", ANSWERS)
@cases("call", [ask, ask_for_stream], ids=["whole", "stream"])
def test_in_any_answer(runner: Runner, client: Any, host: ScriptedHost, call: Any, said: tuple[Step, ...]) -> None:
    host.plays(said)

    check(failed(runner, lambda: call(client)))


@cases("call", CALLS)
@cases("said", [ANSWERS[0], ANSWERS[4], ANSWERS[8]])
def test_to_any_call(runner: Runner, client: Any, host: ScriptedHost, call: Any, said: tuple[Step, ...]) -> None:
    host.plays(said)

    error = failed(runner, lambda: call(client))

    assert isinstance(error, APIStatusError)
    check(error)


EVENTS = [
    pytest.param(chunk(events(ERROR, end=b"")), id="an error"),
    pytest.param(chunk(events({"code": 401, "message": SAID}, end=b"")), id="a plain one"),
    pytest.param(chunk(events([ERROR], end=b"")), id="in a list"),
    pytest.param(chunk(f"event: error\ndata: {SAID}\n\n".encode()), id="in words"),
    pytest.param(chunk(b"event: error\ndata: " + b"x" * 1_980 + f" {KEY}\n\n".encode()), id="in many words"),
    pytest.param(chunk(f"data: {'x' * 150}{SAID}\n\n".encode()), id="no JSON"),
    pytest.param(chunk(events(SAID, end=b"")), id="no object"),
    pytest.param(chunk(json.dumps(ERROR).encode()) + chunk(b""), id="plain JSON"),
    pytest.param(chunk(SAID.encode()) + chunk(b""), id="plain words"),
    pytest.param(
        chunk(events({**piece("!"), "choices": [{"index": 0, "delta": {"content": "!"}, **ERROR}]}, end=b"")),
        id="beside a piece of text",
    ),
]


@cases("said", EVENTS)
@cases("begin", [events(piece("Hel"), end=b""), b": hello\n\n"], ids=["within", "at the beginning"])
def test_in_a_stream(runner: Runner, client: Any, host: ScriptedHost, begin: bytes, said: bytes) -> None:
    host.plays((*streamed(begin, last=False), said, CLOSE))

    check(failed(runner, lambda: ask_for_stream(client)))


@pytest.mark.parametrize("status", ["failed", "incomplete", "cancelled"])
def test_at_the_end_of_the_text_of_a_response(runner: Runner, client: Any, host: ScriptedHost, status: str) -> None:
    ended = {"type": f"response.{status}", "response": {"status": status, "output": [], **ERROR}}
    host.plays(streamed(events(ended, end=b"")))
    stream = runner.run(respond(client, stream=True))

    got, error = runner.read_until_fault(stream.text_deltas())

    assert got == []
    assert isinstance(error, StreamEventError)
    check(error)


def test_in_what_is_no_http(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays((f"HTTP/9 {KEY}\r\n{SAID}\r\n\r\n".encode(), CLOSE))

    check(failed(runner, lambda: ask(client)))


@cases("status", [200, 401])
@cases("call", [ask, ask_for_stream], ids=["whole", "stream"])
def test_in_an_answer_beyond_the_limit(
    runner: Runner, host: ScriptedHost, transport: dict[str, Any], call: Any, status: int
) -> None:
    settings = {**surfaces_of(host), "inference_api_key": KEY, "max_response_bytes": 1_000}
    client = runner.client(**settings, **transport)
    host.plays(answer(status, f"{SAID} " * 1_000, CLOSE))

    check(failed(runner, lambda: call(client)))


@cases(
    "call",
    [
        pytest.param(lambda client, secret: client.control_plane.cli_auth.refresh(refresh_token=secret), id="a token"),
        pytest.param(lambda client, secret: client.control_plane.cli_auth.exchange(cli_code=secret), id="a code"),
        pytest.param(
            lambda client, secret: client.control_plane.users.api_keys.delete(api_key=secret, user_id="u"),
            id="a key in a query",
        ),
        pytest.param(lambda client, secret: ask(client, extra_query={"token": secret}), id="extra_query"),
        pytest.param(lambda client, secret: ask(client, extra_headers={"X-Api-Key": secret}), id="a header"),
        pytest.param(lambda client, secret: ask(client, extra_body={"a": [{"secret": secret}]}), id="a body"),
        pytest.param(
            lambda client, secret: ask(
                client, extra_headers={"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
            ),
            id="a password",
        ),
    ],
)
def test_whatever_else_was_sent(runner: Runner, client: Any, host: ScriptedHost, call: Callable[..., Any]) -> None:
    secret = "user:SENTINEL-word/1"
    host.plays(answer(400, {"error": f"what is {secret}?"}, x_seen=secret))

    error = failed(runner, lambda: call(client, secret))

    assert isinstance(error, APIStatusError)
    assert error.message == "what is ***?"
    assert MARK not in shown(error)


def test_the_password_of_a_proxy(runner: Runner, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", host.url.replace("//", "//user:SENTINEL-word@"))
    client = runner.client(inference_api_key="ak-1", serverless_base_url="http://api.example.test")
    basic = base64.b64encode(b"user:SENTINEL-word").decode()
    host.plays(answer(407, f"Basic {basic} of user:SENTINEL-word is wrong", proxy_authenticate=f"Basic {basic}"))

    error = failed(runner, lambda: ask(client))

    assert basic not in shown(error)
    assert MARK not in shown(error)


@pytest.mark.parametrize(
    "given", [{"headers": {"X-Api-Key": KEY}}, {"auth": ("somebody", KEY)}, {"cookies": {"session": KEY}}]
)
def test_what_a_client_of_ones_own_adds(
    runner: Runner, host: ScriptedHost, library: Any, given: dict[str, Any]
) -> None:
    settings = surfaces_of(host) | {"inference_api_key": "ak-1"}
    client = runner.client(**settings, http_client=runner.http_client(library, **given))
    host.plays(answer(401, ERROR))

    check(failed(runner, lambda: ask(client)))


@cases("call", [ask, ask_for_stream], ids=["whole", "stream"])
@cases("said", ANSWERS)
def test_in_the_frames_of_an_error(runner: Runner, host: ScriptedHost, call: Any, said: tuple[Step, ...]) -> None:
    client = runner.client(**{**surfaces_of(host), "inference_api_key": KEY})
    host.plays(said)

    assert MARK not in with_locals(failed(runner, lambda: call(client)))


@cases("said", EVENTS[:-1])  # the last one is an event as well, which is handed out
def test_in_the_frames_of_an_error_of_a_stream(runner: Runner, host: ScriptedHost, said: bytes) -> None:
    client = runner.client(**{**surfaces_of(host), "inference_api_key": KEY})
    host.plays((*streamed(events(piece("Hel"), end=b""), last=False), said, CLOSE))

    assert MARK not in with_locals(failed(runner, lambda: ask_for_stream(client)))


def test_neither_the_log_nor_an_observer_is_told(
    runner: Runner, host: ScriptedHost, transport: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[Any] = []
    policy = RetryPolicy(first_delay=0.0, observe=tries.append)
    client = runner.client(**{**surfaces_of(host), "control_plane_token": KEY, "retry": policy}, **transport)
    host.plays(
        answer(503, ERROR, x_request_id=KEY),
        answer(500, ERROR, x_request_id=f"r-{KEY}"),
        (f"{KEY}\r\n\r\n".encode(), CLOSE),
    )

    with caplog.at_level(logging.DEBUG, logger="tensormesh"):
        failed(runner, lambda: client.control_plane.billing.balance.get())

    assert [attempt.request_id for attempt in tries] == ["***", "r-***", None]
    assert MARK not in repr(tries)
    assert MARK not in "".join(one.getMessage() for one in caplog.records if one.name == "tensormesh")


def test_a_key_that_is_a_word_leaves_the_sentence_as_it_is(runner: Runner, host: ScriptedHost) -> None:
    client = runner.client(**{**surfaces_of(host), "inference_api_key": "invalid"})
    host.plays(answer(401, {"error": {"message": "the key is invalid"}}))

    error = failed(runner, lambda: ask(client))

    assert isinstance(error, APIStatusError)
    assert error.message == "the key is invalid"


def test_an_answer_may_say_it(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """What a model says is not changed, whatever it is."""
    whole = {"id": "c", "choices": [{"index": 0, "message": {"role": "assistant", "content": SAID}}]}
    host.plays(answer(200, whole), streamed(events(piece(SAID, "stop"))))

    assert runner.run(ask(client)).choices[0].message.content == SAID
    assert runner.run(runner.run(ask_for_stream(client)).get_final_completion()).choices[0].message.content == SAID
