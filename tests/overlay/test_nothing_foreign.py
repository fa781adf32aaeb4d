"""Every transport, fault and call: what comes out is one of our errors, or a TypeError for a misspelt argument."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from tensormesh import Timeout
from tensormesh.errors import TensormeshError
from tests.cases import cases
from tests.overlay.calls import COMPLETION, MESSAGES, ask, ask_for_stream, piece
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import CLOSE, RESET, STALL, ScriptedHost, Step, answer, chunk, cut_up, events, streamed

WHOLE = answer(200, COMPLETION)[0]
STREAM = b"".join(step for step in streamed(events(piece("Hel"), piece("lo.", "stop"))) if isinstance(step, bytes))
assert isinstance(WHOLE, bytes)

ODD_BODIES = [
    b"null", b"[]", b"0", b'""', b"true", b"{}", b'{"choices": null}', b'{"choices": {}}', b'{"choices": [null]}',
    b'{"choices": [7]}', b'{"choices": [{}]}', b'{"choices": [{"message": 7}]}', b'{"choices": [{"message": []}]}',
    b'{"choices": [{"delta": 7, "index": []}]}', b'{"choices": [{"index": {}, "delta": {"content": 7}}]}',
    b'{"choices": [{"index": "0", "delta": {"content": []}}]}', b'{"choices": [{"delta": {"tool_calls": 7}}]}',
    b'{"choices": [{"delta": {"tool_calls": [7, null, {}]}}]}', b'{"choices": [{"logprobs": 7, "text": {}}]}',
    b'{"choices": [{"delta": {"tool_calls": [{"index": {}, "function": 7}]}}]}', b'{"id": {}, "usage": 7}',
    b'{"choices": [{"delta": {"tool_calls": [{"id": [], "function": {"name": {}, "arguments": 7}}]}}]}',
    b'{"choices": [{"finish_reason": {}, "delta": {"reasoning": 7, "reasoning_content": {}}}]}',
    b'{"type": 7}', b'{"type": {}, "response": 7}', b'{"type": "response.output_text.delta"}',
    b'{"type": "response.output_text.delta", "output_index": {}, "content_index": [], "delta": 7}',
    b'{"type": "response.output_item.added", "item": 7, "output_index": "x"}',
    b'{"type": "response.completed", "response": {"output": 7, "usage": []}}', b'{"error": 0}', b'{"error": []}',
    b'{"error": {"code": {}, "message": []}}', b'{"type": "error"}', b'{"data": 7}', b'{"tokens": "x"}',
    b"NaN", b'{"a": NaN}', b'{"a": 1e999}', b"[" * 5000, b'{"a":' * 5000, b'"\xff"', b"\xef\xbb\xbf{}", b"{} {}",
    b'{"id": "\\ud800"}', b'{"created": 1' + b"0" * 5000 + b"}",
]  # fmt: skip


def calls(client: Any) -> list[Any]:
    """Every call of an inference surface, and some of the control plane, ready to be made."""
    surface, plane = client.inference.serverless, client.control_plane
    return [
        lambda: ask(client),
        lambda: ask_for_stream(client),
        lambda: surface.completions.create(model="m", prompt="p"),
        lambda: surface.completions.create(model="m", prompt="p", stream=True),
        lambda: surface.responses.create(model="m", input="i"),
        lambda: surface.responses.create(model="m", input="i", stream=True),
        lambda: surface.chat.completions.with_raw_response.create(model="m", messages=MESSAGES),
        lambda: surface.models.list(),
        lambda: surface.tokenize.create(model="m", prompt="p"),
        lambda: surface.detokenize.create(model="m", tokens=[1]),
        lambda: surface.health.get(),
        lambda: surface.version.get(),
        lambda: surface.request("GET", "/v1/x"),
        lambda: surface.stream_request("POST", "/v1/x"),
        lambda: plane.products.list(),
        lambda: plane.billing.balance.get(),
    ]


def use_up(runner: Runner, answered: Any) -> None:
    """Do with an answer all that can be done with it."""
    if hasattr(answered, "get_final"):
        runner.read(answered)
        answered.snapshot()
        runner.run(answered.get_final())
    else:
        str(answered)


def outcome(runner: Runner, call: Any) -> BaseException | None:
    try:
        use_up(runner, runner.run(call()))
    except BaseException as error:  # it is what is asked about
        return error
    return None


@cases(
    "fault",
    [
        pytest.param((RESET,), id="reset"),
        pytest.param((CLOSE,), id="closed"),
        pytest.param((STALL,), id="silence"),
        pytest.param((b"\x00\xff" * 50, CLOSE), id="garbage"),
        pytest.param((WHOLE[:-9], RESET), id="half an answer"),
        pytest.param((STREAM[:-40], CLOSE), id="half a stream"),
        pytest.param((STREAM[:-40], STALL), id="a silent stream"),
        pytest.param(answer(500, b"\xff"), id="500"),
        pytest.param(answer(302, b"", location="http://\x80/"), id="a redirect to nowhere"),
    ],
)
def test_whatever_the_network_does(
    runner: Runner, host: ScriptedHost, transport: dict[str, Any], fault: tuple[Step, ...]
) -> None:
    client = runner.client(**surfaces_of(host), **transport, timeout=Timeout(first_byte=0.03, idle=0.03, total=9))
    host.always_plays(fault)

    for call in calls(client):
        error = outcome(runner, call)
        assert error is None or isinstance(error, TensormeshError), repr(error)


@cases("body", ODD_BODIES, ids=lambda body: body[:60].decode("latin-1"))
def test_whatever_the_body_is(runner: Runner, client: Any, host: ScriptedHost, body: bytes) -> None:
    whole, stream = answer(200, body), streamed(b"data: " + body + b"\n\n" + events(piece("x", "stop")))

    for call in calls(client):
        for steps in (whole, stream):
            host.always_plays(steps)
            error = outcome(runner, call)
            assert error is None or isinstance(error, TensormeshError), repr(error)


@cases("seed", range(20))
def test_whatever_is_cut_or_scribbled_over(
    runner: Runner, host: ScriptedHost, transport: dict[str, Any], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  (the same in every run)
    client = runner.client(**surfaces_of(host), **transport, timeout=0.2)

    for answered, call in ((WHOLE, ask), (STREAM, ask_for_stream)):
        spoilt = bytearray(answered)
        for _ in range(chance.randint(1, 5)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        del spoilt[chance.randrange(len(spoilt)) :]
        borders = chance.sample(range(len(spoilt) + 1), min(3, len(spoilt)))
        host.always_plays((*cut_up(bytes(spoilt), borders), CLOSE))

        error = outcome(runner, lambda call=call: call(client))

        assert error is None or isinstance(error, TensormeshError), repr(error)


def test_a_misspelt_argument_is_a_type_error(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    completions = any_client.inference.serverless.chat.completions
    for call in (
        lambda: completions.create(model="m", messages=MESSAGES, temprature=1),
        lambda: completions.create(model="m", messages=MESSAGES, stream=True, temprature=1),
        lambda: completions.with_raw_response.create(model="m", messages=MESSAGES, temprature=1),
        lambda: any_client.inference.serverless.tokenize.create(model="m", prompt="p", temprature=1),
        lambda: any_client.control_plane.products.list(temprature=1),
    ):
        error = outcome(runner, call)
        assert type(error) is TypeError, repr(error)
        assert "temprature" in str(error)

    assert host.connections == 0


@cases("messages", [None, 7, "text", {"role": "user"}, [7], [None], [{"role": 7}], object(), [set()]])
def test_whatever_is_given_as_messages(runner: Runner, any_client: Any, host: ScriptedHost, messages: Any) -> None:
    host.always_plays(answer(400, json.dumps({"error": "no"})))

    error = outcome(
        runner, lambda: any_client.inference.serverless.chat.completions.create(model="m", messages=messages)
    )

    assert isinstance(error, TensormeshError), repr(error)


@cases(
    "extra",
    [
        {"extra_body": 7}, {"extra_body": {"a": float("nan")}}, {"extra_query": "a=b"},
        {"extra_headers": "a: b"}, {"extra_headers": {"a": None}}, {"extra_headers": {7: "b"}},
        {"timeout": "soon"}, {"stream_idle_timeout": -1},
        {"user_id": 7}, {"tools": 7}, {"tools": [7]}, {"tools": [{"function": {"name": {}}}]},
        {"response_format": 7}, {"response_format": {"type": []}}, {"response_format": {1: 2}},
        {"stream_options": set()},
        pytest.param({"extra_body": {1: object()}}, id="an object in the body"),
        pytest.param({"extra_query": {"a": object()}}, id="an object in the query"),
        pytest.param({"timeout": object()}, id="an object as the timeout"),
    ],
    ids=str,
)  # fmt: skip
def test_whatever_is_given_beside_them(
    runner: Runner, any_client: Any, host: ScriptedHost, extra: dict[str, Any]
) -> None:
    host.always_plays(answer(400, json.dumps({"error": "no"})))

    for call in (ask, ask_for_stream):
        error = outcome(runner, lambda call=call: call(any_client, **extra))
        assert isinstance(error, TensormeshError), repr(error)


def test_a_chunk_that_is_no_event_is_no_error(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays(
        (*streamed(b": comment\n\nretry: 5\n\nid: 7\n\n\n\n", last=False), chunk(events(piece("x", "stop"))), CLOSE)
    )

    assert outcome(runner, lambda: ask_for_stream(any_client)) is None
