"""Answers that are not what their operation promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh.errors import APIError, InternalServerError, ProtocolError, RateLimitError
from tests.cases import cases
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, fails, piece, serves_the_next_call
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed

SLOW_DOWN = {"error": {"message": "Slow down.", "code": 429}}


@cases("around", [{}, {"choices": None}, {"choices": []}, {"id": "a", "choices": []}])
@cases("call", [ask, ask_for_stream], ids=["whole", "stream"])
def test_an_error_under_a_success_is_the_error_that_it_names(
    runner: Runner, any_client: Any, host: ScriptedHost, around: dict[str, Any], call: Callable[[Any], Any]
) -> None:
    host.plays(answer(200, {**SLOW_DOWN, **around}, x_request_id="r-1"))

    error = fails(runner, lambda: call(any_client), RateLimitError, r"^Slow down\. \(HTTP 200 .*reports an error")

    assert (error.status_code, error.request_id, error.body) == (429, "r-1", {**SLOW_DOWN, **around})
    serves_the_next_call(runner, any_client, host)


@cases(
    ("body", "kind"),
    [
        ({"code": "503", "message": "Full."}, InternalServerError),
        ({"error": {"message": "Full.", "code": "rate_limit_exceeded"}}, RateLimitError),
        ({"error": "Full."}, ProtocolError),
        ({"detail": "Full."}, ProtocolError),
        ({"object": "error", "message": "Full."}, ProtocolError),
        ({"choices": None, "base_resp": {"status_code": 1008, "status_msg": "Full."}}, ProtocolError),
        ({"choices": [{"index": 0, "error": {"message": "Full.", "code": 503}}]}, InternalServerError),
        ({"choices": [{"index": 0, "message": {"content": "Hi"}, "error": "Full."}]}, ProtocolError),
        ({"error": [{"message": "Full.", "code": 429}]}, RateLimitError),
        ({"errors": ["Full."]}, ProtocolError),
        ([{"error": {"message": "Full.", "code": 429}}], RateLimitError),
        ({"error": {"error": {"message": "Full.", "code": 429}}}, RateLimitError),
        ({"error": 429, "message": "Full."}, RateLimitError),
    ],
)
def test_an_error_of_any_shape_is_told_with_its_words(
    runner: Runner, client: Any, host: ScriptedHost, body: Any, kind: type[Exception]
) -> None:
    for call in (ask, ask_for_stream):
        host.plays(answer(200, body))
        fails(runner, lambda call=call: call(client), kind, r"^Full\. \(HTTP 200 .*reports an error")


@pytest.mark.parametrize("body", [SLOW_DOWN, {"error": "Full."}, {"code": 429, "object": "error", "message": "Full."}])
def test_an_error_of_a_route_that_nobody_knows_is_one(
    runner: Runner, client: Any, host: ScriptedHost, body: dict[str, Any]
) -> None:
    host.plays(answer(200, body))

    with pytest.raises(APIError, match="reports an error"):
        runner.run(client.inference.serverless.request("GET", "/v1/x"))


def test_what_came_of_a_job_that_failed_is_an_answer(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """Where nobody knows what a route answers, an error among other things may be what was asked for."""
    job = {"id": "job-1", "status": "failed", "error": {"message": "Full.", "code": 429}}
    host.plays(answer(200, job))

    assert runner.run(client.inference.serverless.request("GET", "/v1/jobs/job-1")).parsed == job


@cases("body", [{}, {"choices": None}, {"choices": "none"}, {"choices": [None]}, {"id": "a"}])
def test_an_answer_without_choices_is_none(runner: Runner, client: Any, host: ScriptedHost, body: Any) -> None:
    host.plays(answer(200, body))

    error = fails(runner, lambda: ask(client), ProtocolError, "a success, but its body holds no choices")

    assert json.loads(error.body) == body


def test_a_list_that_holds_an_error_is_none(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, SLOW_DOWN), answer(200, {"code": 7, "message": "No.", "details": []}))

    fails(runner, client.inference.serverless.models.list, RateLimitError, "Slow down")
    fails(runner, client.control_plane.products.list, ProtocolError, "No")


def test_a_host_that_streams_unasked_is_told_as_such(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(streamed(events(piece("Hi", "stop"))))

    error = fails(runner, lambda: ask(client), ProtocolError, "a stream of events, and none was asked for")

    assert "base URL" not in str(error)


def test_a_response_that_failed_is_no_answer(runner: Runner, client: Any, host: ScriptedHost) -> None:
    error = {"code": "server_error", "message": "Out of memory."}
    host.plays(answer(200, {"id": "r", "status": "failed", "output": [], "error": error}))

    fails(
        runner,
        lambda: client.inference.serverless.responses.create(model="m", input="i"),
        InternalServerError,
        "Out of memory",
    )


@cases("output", [None, {}, "none"])
@cases("stream", [{}, {"stream": True}], ids=["whole", "stream"])
def test_a_response_that_is_completed_without_output_is_none(
    runner: Runner, client: Any, host: ScriptedHost, output: Any, stream: dict[str, Any]
) -> None:
    host.plays(answer(200, {"id": "r", "status": "completed", "output": output}))

    fails(
        runner,
        lambda: client.inference.serverless.responses.create(model="m", input="i", **stream),
        ProtocolError,
        "is a success, but",
    )


def test_a_message_without_a_role_can_go_back(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(
        answer(200, {**COMPLETION, "choices": [{"index": 0, "message": {"content": "Hi \ud83d"}}]}),
        answer(200, COMPLETION),
    )
    message = runner.run(ask(client)).choices[0].message

    runner.run(client.inference.serverless.chat.completions.create(model="m", messages=[message]))

    assert host.asked[1].json["messages"] == [{"content": "Hi \ud83d", "role": "assistant"}]
