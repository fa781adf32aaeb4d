"""No key, no token, no password and no query shows in anything that is printed, logged, raised or pickled."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import logging
import pickle
import re
import socket
import traceback
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from tensormesh import AsyncTensormesh, RetryPolicy, errors
from tensormesh.errors import TensormeshError
from tests.cases import cases, per_case
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, piece
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import CLOSE, RESET, STALL, ScriptedHost, Step, answer, chunk, events, head, streamed

MARK = "SENTINEL"
"""It stands in the key and the token of every client here."""

QUERY = {"token": "SENTINEL-query"}
HEADERS = {"X-Secret": "SENTINEL-header"}

FAULTS: list[Any] = [
    pytest.param((RESET,), id="reset"),
    pytest.param((CLOSE,), id="closed"),
    pytest.param((STALL,), id="silence"),
    pytest.param((b"garbage\r\n\r\n", CLOSE), id="garbage"),
    pytest.param((b"HTTP/1.1 abc\r\n\r\n", CLOSE), id="no status"),
    pytest.param((head(200, content_length="9") + b"{", CLOSE), id="half a body"),
    pytest.param((head(200, transfer_encoding="chunked") + b"zz\r\n", CLOSE), id="no chunk"),
    pytest.param((head(200)[:-2] + b"x-long: " + b"x" * 500_000, CLOSE), id="a header without end"),
    pytest.param(answer(307, b"", location="/x"), id="a redirect"),
    pytest.param(answer(200, b"<html>"), id="HTML"),
    pytest.param(answer(200, b""), id="nothing"),
    *(pytest.param(answer(status, b"{}"), id=str(status)) for status in (400, 401, 403, 404, 409, 422, 429, 500, 529)),
]


@pytest.fixture
def log(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[Any]:
    """Everything that anybody logs, at its loudest."""

    def emptied() -> pytest.LogCaptureFixture:
        caplog.clear()
        return caplog

    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="tensormesh"):
        yield per_case(request, emptied)


def shown(error: BaseException) -> str:
    """All that a report of an error may show: the error, what caused it, and where."""
    texts = ["".join(traceback.format_exception(error))]
    cause: BaseException | None = error
    while cause is not None:
        texts += [str(cause), repr(cause)]
        cause = cause.__cause__
    texts += [repr(vars(error)), repr(pickle.dumps(error)), repr(pickle.loads(pickle.dumps(error)))]
    return "\n".join(texts)


def failed(runner: Runner, call: Any) -> TensormeshError:
    """The error of a call, read to its end where it streams."""

    def read() -> None:
        runner.run(runner.run(call()).get_final())

    with pytest.raises(TensormeshError) as caught:
        read()
    return caught.value


@cases("fault", FAULTS)
@cases("call", [ask, ask_for_stream], ids=["whole", "stream"])
def test_no_error_shows_a_secret(
    runner: Runner,
    any_client: Any,
    host: ScriptedHost,
    log: pytest.LogCaptureFixture,
    call: Any,
    fault: tuple[Step, ...],
) -> None:
    host.plays(fault)
    limit = 0.1 if STALL in fault else 9

    error = failed(runner, lambda: call(any_client, timeout=limit, extra_query=QUERY, extra_headers=HEADERS))

    assert MARK in "".join(host.asked[0].headers.values())
    assert MARK not in shown(error)
    assert MARK not in "".join(one.getMessage() for one in log.records if one.name == "tensormesh")
    assert not any(MARK in one.getMessage().replace("SENTINEL-query", "") for one in log.records)


@cases(
    "ends",
    [
        pytest.param((RESET,), id="reset"),
        pytest.param((chunk(b"data: {bad\n\n"), CLOSE), id="bad JSON"),
        pytest.param((chunk(b'data: {"error": "no"}\n\n'), CLOSE), id="an error"),
        pytest.param((chunk(b""),), id="too soon"),
        pytest.param((STALL,), id="silence"),
    ],
)
def test_no_error_of_a_stream_shows_a_secret(
    runner: Runner, any_client: Any, host: ScriptedHost, ends: tuple[Step, ...]
) -> None:
    host.plays((*streamed(events(piece("Hel"), end=b""), last=False), *ends))

    error = failed(
        runner, lambda: ask_for_stream(any_client, extra_query=QUERY, stream_idle_timeout=0.1 if STALL in ends else 9)
    )

    assert MARK not in shown(error)


def test_no_error_of_an_unreachable_host_shows_a_secret(
    runner: Runner, transport: dict[str, Any], closed_port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = runner.client(inference_api_key=MARK, serverless_base_url=closed_port, **transport)

    assert MARK not in shown(failed(runner, lambda: ask(client, extra_query=QUERY, extra_headers=HEADERS)))

    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    nowhere = runner.client(inference_api_key=MARK, serverless_base_url="http://nowhere.invalid", **transport)
    assert MARK not in shown(failed(runner, lambda: ask(nowhere, extra_query=QUERY, extra_headers=HEADERS)))


@cases("scheme", ["http", "https"])
@cases(
    "said",
    [
        pytest.param(None, id="nobody there"),
        pytest.param(answer(407, b"who are you?"), id="407"),
        pytest.param(answer(502, b""), id="502"),
        pytest.param((b"garbage\r\n\r\n", CLOSE), id="garbage"),
        pytest.param((RESET,), id="reset"),
    ],
)
def test_no_error_of_a_proxy_shows_its_password(
    runner: Runner,
    host: ScriptedHost,
    closed_port: str,
    log: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    said: tuple[Step, ...] | None,
) -> None:
    place = closed_port if said is None else host.url
    monkeypatch.setenv(f"{scheme}_proxy", place.replace("//", "//user:SENTINEL-word@"))
    host.plays(*(() if said is None else (said,)))
    client = runner.client(inference_api_key=MARK, serverless_base_url=f"{scheme}://api.example.test")

    texts = [shown(failed(runner, lambda: ask(client))), *(one.getMessage() for one in log.records)]

    assert base64.b64encode(b"user:SENTINEL-word").decode() not in "".join(texts)
    assert MARK not in "".join(texts)


@cases(
    "settings",
    [
        {"inference_api_key": "SENTINEL with blanks"},
        {"control_plane_token": "SENTINEL\n"},
        {"serverless_base_url": "https://user:SENTINEL@host.test"},
        {"on_demand_base_url": "https://host.test/?key=SENTINEL"},
    ],
)
def test_no_error_of_a_constructor_shows_a_secret(runner: Runner, settings: dict[str, str]) -> None:
    for given in (settings, {"env": {f"TENSORMESH_{name.upper()}": value for name, value in settings.items()}}):
        with contextlib.suppress(TensormeshError):
            assert MARK not in repr(runner.client(**given))
            continue
        with pytest.raises(TensormeshError) as caught:
            runner.client(**given)
        assert MARK not in shown(caught.value)


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer SENTINEL\n"}, {"X-Key": "SENTINEL\u2028"}])
def test_no_error_of_a_header_that_cannot_be_sent_shows_it(
    runner: Runner, any_client: Any, headers: dict[str, str]
) -> None:
    assert MARK not in shown(failed(runner, lambda: ask(any_client, extra_headers=headers)))


def test_nothing_that_can_be_printed_shows_a_secret(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    client = any_client.with_options(default_headers={"X-Secret": "SENTINEL-default"})
    host.plays(answer(200, COMPLETION, x_secret="SENTINEL-answer"), streamed(events(piece("Hello.", "stop"))))
    raw = client.inference.serverless.chat.completions.with_raw_response
    response = runner.run(raw.create(model="m", messages=[], extra_query=QUERY, extra_headers=HEADERS))
    stream = runner.run(ask_for_stream(client, extra_query=QUERY, extra_headers=HEADERS))
    runner.read(stream)

    things = [
        client,
        client.config,
        client.inference,
        client.inference.serverless,
        client.inference.on_demand.chat.completions,
        client.control_plane,
        response,
        stream,
    ]
    for thing in things:
        for text in (repr(thing), str(thing), f"{thing}"):
            assert MARK not in text


def test_the_log_tells_what_was_called_and_what_came_of_it(
    runner: Runner, any_client: Any, host: ScriptedHost, log: pytest.LogCaptureFixture
) -> None:
    host.plays(answer(200, COMPLETION, x_request_id="r-1"), (RESET,))

    runner.run(ask(any_client, extra_query=QUERY, extra_headers=HEADERS))
    failed(runner, lambda: ask(any_client, extra_query=QUERY, extra_headers=HEADERS))

    lines = [one.getMessage() for one in log.records if one.name == "tensormesh"]
    place = f"POST {host.url}/v1/chat/completions"
    assert re.fullmatch(rf"{re.escape(place)} -> HTTP 200 in \d+\.\d{{3}} s, request r-1", lines[0])
    assert re.match(rf"{re.escape(place)} -> APIConnectionError in \d+\.\d{{3}} s: the connection broke", lines[1])
    assert len(lines) == 2


def test_an_event_loop_that_tells_everything_tells_no_secret(host: ScriptedHost, log: pytest.LogCaptureFixture) -> None:
    """Slow steps, tasks that nobody waited for, connections that nobody closed: asyncio says so in its debug mode."""
    stalled = (*streamed(events(piece("Hel"), end=b""), last=False), STALL)
    host.plays(answer(200, COMPLETION), (RESET,), stalled, stalled).always_plays((STALL,))

    async def use_without_care() -> None:
        asyncio.get_running_loop().slow_callback_duration = 0
        client = AsyncTensormesh(env={}, **surfaces_of(host), default_headers={"X-Secret": "SENTINEL-default"})
        await ask(client)
        with pytest.raises(TensormeshError):
            await ask(client)
        await anext(await ask_for_stream(client))
        unread = await ask_for_stream(client)
        unwaited = asyncio.create_task(ask(client))
        while await asyncio.to_thread(lambda: len(host.asked)) < 5:
            pass
        del client, unread, unwaited

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        asyncio.run(use_without_care(), debug=True)
        gc.collect()

    texts = [one.getMessage() for one in log.records] + [str(one.message) for one in warned]
    assert any("Executing <Task" in text for text in texts)
    assert MARK not in "".join(texts)


def test_whoever_observes_tries_is_told_no_secret(
    runner: Runner, host: ScriptedHost, transport: dict[str, Any]
) -> None:
    tries: list[Any] = []
    policy = RetryPolicy(first_delay=0.0, observe=tries.append)
    client = runner.client(**surfaces_of(host), **transport, max_retries=2, retry=policy)
    host.plays((RESET,), answer(503, b"{}"), answer(200, b"{}"))

    runner.run(client.inference.serverless.models.list(extra_query=QUERY, extra_headers=HEADERS))

    assert len(tries) == 3
    assert MARK not in repr(tries)


def test_every_error_pickles_with_what_it_knows() -> None:
    made = [
        errors.APIConnectionError("text", sent=False),
        errors.APITimeoutError("text", sent=True),
        errors.StreamTruncatedError("text"),
        errors.StreamTimeoutError("text"),
        errors.StreamError("text"),
        errors.StreamEventError("text", status_code=500, body={"error": "x"}),
        errors.ProtocolError("text", status_code=200, request_id="r", body="b"),
        errors.ConfigurationError("text"),
        errors.ValidationError("text"),
        errors.MissingFieldError("Model", "name"),
        *(
            kind("text", status_code=400, body={"a": 1}, headers={"x-request-id": "r"})
            for kind in vars(errors).values()
            if isinstance(kind, type) and issubclass(kind, errors.APIStatusError)
        ),
    ]

    for error in made:
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
    assert len(made) >= 18
