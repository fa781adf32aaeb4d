"""Prompts and answers are told where they are asked for, and nowhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tensormesh import BadRequestError, TensormeshError
from tests.overlay.calls import ask, ask_for_stream, fails, piece
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed
from tests.telemetry.conftest import CAPTURE, Ears
from tests.telemetry.test_calls import COMPLETION, RESPONSE

CALL = {"id": "call-1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
TOOL = {"type": "function", "function": {"name": "look", "description": "Look.", "parameters": {"type": "object"}}}


@pytest.fixture(params=["true", "SPAN_ONLY", "span_and_event"])
def captured(request: pytest.FixtureRequest, ears: Ears, monkeypatch: pytest.MonkeyPatch) -> Ears:
    """Somebody listens, and has asked for content."""
    monkeypatch.setenv(CAPTURE, request.param)
    return ears


def read(ears: Ears, name: str) -> Any:
    return json.loads(ears.said[name])


@pytest.mark.parametrize("value", [None, "", "false", "no_content", "event_only"])
def test_unless_asked_for_nothing_is_told(
    runner: Runner, client: Any, host: ScriptedHost, ears: Ears, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is not None:
        monkeypatch.setenv(CAPTURE, value)
    host.plays(answer(200, COMPLETION), streamed(events(piece("Hello.", "stop"))))

    runner.run(ask(client))
    runner.read(runner.run(ask_for_stream(client)))

    assert "ello" not in "".join(span.to_json() for span in ears.spans)


def test_of_what_a_tool_gave_texts_are_told_and_pictures_are_not(
    runner: Runner, client: Any, host: ScriptedHost, captured: Ears
) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,SENTINEL"}}
    given = [{"type": "text", "text": "a tree"}, image]
    host.plays(answer(200, COMPLETION))
    messages = [
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call-1", "content": given},
    ]

    runner.run(client.inference.serverless.chat.completions.create(model="m", messages=messages, tools=[TOOL]))

    (part,) = read(captured, "gen_ai.input.messages")[1]["parts"]
    assert part["response"] == [{"type": "text", "content": "a tree"}, {"type": "image_url"}]
    assert "SENTINEL" not in captured.span.to_json()


def test_of_what_a_tool_gave_in_a_response_pictures_are_not_told(
    runner: Runner, client: Any, host: ScriptedHost, captured: Ears
) -> None:
    image = {"type": "input_image", "image_url": "data:image/png;base64,SENTINEL"}
    host.plays(answer(200, RESPONSE))
    items = [{"type": "function_call_output", "call_id": "call-1", "output": [image]}]

    runner.run(client.inference.serverless.responses.create(model="m", input=items))

    (part,) = read(captured, "gen_ai.input.messages")[0]["parts"]
    assert part["response"] == [{"type": "input_image"}]
    assert "SENTINEL" not in captured.span.to_json()


def test_a_chat(runner: Runner, client: Any, host: ScriptedHost, captured: Ears) -> None:
    message = {"role": "assistant", "content": "Hello.", "reasoning": "Hm.", "tool_calls": [CALL]}
    host.plays(
        answer(200, {**COMPLETION, "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]})
    )
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,SENTINEL"}}
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Look."}, image]},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call-1", "content": "a tree"},
    ]

    runner.run(client.inference.serverless.chat.completions.create(model="m", messages=messages, tools=[TOOL]))

    call = {"type": "tool_call", "id": "call-1", "name": "look", "arguments": "{}"}
    assert read(captured, "gen_ai.input.messages") == [
        {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
        {"role": "user", "parts": [{"type": "text", "content": "Look."}, {"type": "image_url"}]},
        {"role": "assistant", "parts": [call]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "call-1", "response": "a tree"}]},
    ]
    parts = [{"type": "reasoning", "content": "Hm."}, {"type": "text", "content": "Hello."}, call]
    assert read(captured, "gen_ai.output.messages") == [
        {"role": "assistant", "parts": parts, "finish_reason": "tool_calls"}
    ]
    assert read(captured, "gen_ai.tool.definitions") == [{"type": "function", **TOOL["function"]}]
    assert "SENTINEL" not in captured.span.to_json()


def test_a_stream(runner: Runner, client: Any, host: ScriptedHost, captured: Ears) -> None:
    """Left early, it tells what had come."""
    host.plays(streamed(events(piece("Hel"), piece("lo."), end=b""), last=False))

    stream = runner.run(ask_for_stream(client))
    runner.next(stream)
    runner.run(stream.close())

    (message,) = read(captured, "gen_ai.output.messages")
    assert message["parts"] == [{"type": "text", "content": "Hello."}]


def test_a_response(runner: Runner, client: Any, host: ScriptedHost, captured: Ears) -> None:
    thought = {"type": "reasoning", "id": "r", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm."}]}
    host.plays(answer(200, {**RESPONSE, "output": [thought, *RESPONSE["output"]]}))
    asked = [
        {"role": "user", "content": "Look."},
        {"type": "function_call", "call_id": "call-1", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call-1", "output": "a tree"},
    ]

    runner.run(client.inference.serverless.responses.create(model="m", input=asked, instructions="Be brief."))

    assert read(captured, "gen_ai.system_instructions") == [{"type": "text", "content": "Be brief."}]
    assert [one["role"] for one in read(captured, "gen_ai.input.messages")] == ["user", "assistant", "tool"]
    parts = [{"type": "reasoning", "content": "Hm."}, {"type": "text", "content": "Hello."}]
    assert read(captured, "gen_ai.output.messages") == [
        {"role": "assistant", "parts": parts, "finish_reason": "completed"}
    ]


def test_a_completion(runner: Runner, client: Any, host: ScriptedHost, captured: Ears) -> None:
    choices = [{"index": 0, "text": "Hello.", "finish_reason": "stop"}]
    host.plays(answer(200, {"id": "cmpl-1", "object": "text_completion", "model": "m", "choices": choices}))

    runner.run(client.inference.serverless.completions.create(model="m", prompt="Say"))

    assert read(captured, "gen_ai.input.messages") == [{"role": "user", "parts": [{"type": "text", "content": "Say"}]}]
    (message,) = read(captured, "gen_ai.output.messages")
    assert message == {"role": "assistant", "parts": [{"type": "text", "content": "Hello."}], "finish_reason": "stop"}


@pytest.mark.parametrize(
    ("prompt", "parts"),
    [
        (["One", "Two"], [["One"], ["Two"]]),
        ([1, 2, 3], [[None]]),
        ([[1, 2], [3]], [[None], [None]]),
    ],
    ids=["texts", "tokens", "lists of tokens"],
)
def test_several_prompts(
    runner: Runner, client: Any, host: ScriptedHost, captured: Ears, prompt: Any, parts: list[list[str | None]]
) -> None:
    """Of one that is made of tokens it is told that it is."""
    choices = [{"index": 0, "text": "Hello.", "finish_reason": "stop"}]
    host.plays(answer(200, {"id": "cmpl-1", "object": "text_completion", "model": "m", "choices": choices}))

    runner.run(client.inference.serverless.completions.create(model="m", prompt=prompt))

    asked = read(captured, "gen_ai.input.messages")
    assert [[part.get("content") for part in one["parts"]] for one in asked] == parts
    assert {part["type"] for one in asked for part in one["parts"]} == ({"text"} if parts[0] != [None] else {"tokens"})


def test_half_a_character_is_told_as_a_question_mark(
    runner: Runner, client: Any, host: ScriptedHost, captured: Ears
) -> None:
    """Exporters cannot send one, and lose all that they had to send with it."""
    message = {"role": "assistant", "content": "\ud83d"}
    choices = [{"index": 0, "message": message, "finish_reason": "\ud83d"}]
    host.plays(answer(200, {**COMPLETION, "id": "\ud83d", "model": "m\ud83d", "choices": choices}))

    runner.run(
        client.inference.serverless.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "\ud83d"}], stop=["\ud83d"]
        )
    )

    assert captured.said["gen_ai.response.id"] == "?"
    assert captured.said["gen_ai.request.stop_sequences"] == ("?",)
    assert "?" in captured.said["gen_ai.input.messages"]
    assert captured.span.to_json().encode()


def test_errors_have_their_text_then(runner: Runner, client: Any, host: ScriptedHost, captured: Ears) -> None:
    host.plays(answer(400, {"error": {"message": "not that"}}))

    fails(runner, lambda: ask(client), BadRequestError, "not that")

    assert "not that" in (captured.span.status.description or "")


def test_a_span_shows_no_key_that_a_host_repeats(runner: Runner, host: ScriptedHost, captured: Ears) -> None:
    key = "sk-SENTINEL-0123456789"
    client = runner.client(**{**surfaces_of(host), "inference_api_key": key})
    error = {"error": {"message": f"Incorrect API key: {key}", "code": 401}}
    host.plays(answer(401, error, x_request_id=key), streamed(events(piece("Hel"), error, end=b"")))

    for call in (ask, ask_for_stream):
        with pytest.raises(TensormeshError):
            runner.read(runner.run(call(client)))

    assert len(captured.spans) == 2
    for span in captured.spans:
        assert span.status.description is not None
        assert "Incorrect API key: ***" in span.status.description
        assert "SENTINEL" not in span.to_json()
