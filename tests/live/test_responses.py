"""The Responses API: items in, items out, and named events."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.live.conftest import TOKENS, Host
from tests.overlay.conftest import Runner

type Respond = Callable[..., Any]

QUESTION = "What is the weather in Paris?"
SILENT = {"chat_template_kwargs": {"enable_thinking": False}}


@pytest.fixture
def respond(runner: Runner, inference: Any, host: Host) -> Respond:
    """Ask, or continue items; gives the response, or the stream."""

    def ask(given: Any = "Hello", **fields: Any) -> Any:
        asked = {"model": host.model, "input": given, "temperature": 0.0, "max_output_tokens": TOKENS}
        return runner.run(inference.responses.create(**{**asked, **fields}))

    return ask


@pytest.fixture
def flat_weather(weather: dict[str, Any]) -> dict[str, Any]:
    """The tool as responses declare it."""
    return {"type": "function", **weather["function"]}


def said(response: Any) -> list[Any]:
    """What the items of a response come to, however they came; what is blank depends on the way."""
    texts = {
        "reasoning": lambda item: [part.text for part in item.content],
        "message": lambda item: [part.text for part in item.content],
        "function_call": lambda item: [item.name, item.arguments],
    }
    items = [(item.type, texts[item.type](item)) for item in response.output]
    return [item for item in items if any(text.strip() for text in item[1])]


def test_a_response_is_a_thought_and_a_message(respond: Respond, host: Host) -> None:
    response = respond()

    assert (response.object, response.status, response.model) == ("response", "completed", host.model)
    assert [item.type for item in response.output] == ["reasoning", "message"]
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
    assert 0 < response.usage.output_tokens_details.reasoning_tokens < response.usage.output_tokens


@pytest.mark.parametrize(
    "fields", [{}, {"max_output_tokens": 5}, {"extra_body": SILENT}, {"instructions": "Be brief."}]
)
def test_a_stream_adds_up_to_the_whole_response(respond: Respond, runner: Runner, fields: dict[str, Any]) -> None:
    whole = respond(**fields)
    streamed = runner.run(respond(stream=True, **fields).get_final_response())

    assert said(streamed) == said(whole)
    assert streamed.status == whole.status
    assert streamed.usage.total_tokens == whole.usage.total_tokens


def test_a_response_cut_short_says_so(respond: Respond) -> None:
    response = respond(max_output_tokens=5)

    assert (response.status, response.usage.output_tokens) == ("incomplete", 5)
    assert response.incomplete_details.reason == "max_output_tokens"


def test_events_are_numbered_and_end_with_the_whole(respond: Respond, runner: Runner) -> None:
    events = runner.read(respond(stream=True))

    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [events[0].type, events[1].type] == ["response.created", "response.in_progress"]
    assert events[-1].type == "response.completed"
    assert events[-1].response.status == "completed"


def test_the_text_of_a_stream_is_the_text_of_the_message(respond: Respond, runner: Runner) -> None:
    thought, message = respond().output

    assert "".join(runner.read(respond(stream=True).text_deltas())) == message.content[0].text
    assert "".join(runner.read(respond(stream=True).reasoning_deltas())) == thought.content[0].text


def test_what_has_come_so_far_can_be_seen(respond: Respond, runner: Runner) -> None:
    stream = respond(stream=True)
    while runner.next(stream).type != "response.reasoning_text.delta":
        pass
    first = stream.snapshot().output[0]
    runner.run(stream.close())

    assert first.type == "reasoning"
    assert first.content[0].text


def test_a_tool_is_called(respond: Respond, runner: Runner, flat_weather: dict[str, Any]) -> None:
    whole = respond(QUESTION, tools=[flat_weather])
    streamed = runner.run(respond(QUESTION, tools=[flat_weather], stream=True).get_final_response())
    call = whole.output[-1]

    assert (call.type, call.name, json.loads(call.arguments)) == ("function_call", "get_weather", {"city": "Paris"})
    assert said(streamed) == said(whole)


def test_the_answer_of_a_tool_is_taken_back(respond: Respond, flat_weather: dict[str, Any]) -> None:
    """The items of the response go back as they came."""
    first = respond(QUESTION, tools=[flat_weather])
    call = first.output[-1]
    items = [item.to_dict() for item in first.output]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    second = respond([{"role": "user", "content": QUESTION}, *items, result], tools=[flat_weather])

    assert second.status == "completed"
    assert second.output[-1].content[0].text.strip()
