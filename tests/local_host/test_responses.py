"""Responses: the object, its items, and the named events of a stream."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.cases import cases

MODEL = "openai/gpt-oss-20b"
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the current weather for a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CITIES = "What is the weather in Paris and Tokyo?"

type Respond = Callable[..., dict[str, Any]]
type Stream = Callable[..., list[Any]]


@pytest.fixture
def respond(serverless: httpx.Client) -> Respond:
    def ask(given: Any = "Hello", **fields: Any) -> dict[str, Any]:
        answer = serverless.post("/v1/responses", json={"model": MODEL, "input": given, **fields})

        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return ask


@pytest.fixture
def stream(serverless: httpx.Client, events: Callable[[str], list[Any]]) -> Stream:
    def ask(given: Any = "Hello", **fields: Any) -> list[Any]:
        answer = serverless.post("/v1/responses", json={"model": MODEL, "input": given, "stream": True, **fields})

        assert answer.status_code == 200, answer.text
        assert "[DONE]" not in answer.text
        return events(answer.text)

    return ask


def _text(response: dict[str, Any]) -> str:
    texts = [part["text"] for item in response["output"] if item["type"] == "message" for part in item["content"]]
    return "".join(texts)


def test_a_response_has_every_key_of_the_engine_in_its_order(respond: Respond) -> None:
    response = respond(max_output_tokens=120, temperature=0)

    assert list(response) == [
        "id", "created_at", "incomplete_details", "instructions", "metadata", "model", "object", "output",
        "parallel_tool_calls", "temperature", "tool_choice", "tools", "top_p", "background", "max_output_tokens",
        "max_tool_calls", "previous_response_id", "prompt", "reasoning", "service_tier", "status", "text",
        "top_logprobs", "truncation", "usage", "user", "presence_penalty", "frequency_penalty",
        "kv_transfer_params", "ec_transfer_params", "input_messages", "output_messages",
    ]  # fmt: skip
    assert response["id"].startswith("resp_")
    assert (response["object"], response["status"], response["temperature"]) == ("response", "completed", 0)
    reasoning, message = response["output"]
    assert list(reasoning) == ["id", "summary", "type", "content", "encrypted_content", "status"]
    assert list(message) == ["id", "content", "role", "status", "type", "phase"]
    assert message["content"][0]["type"] == "output_text"
    assert (reasoning["id"][:3], message["id"][:4]) == ("rs_", "msg_")


def test_usage_speaks_the_dialect_of_responses(respond: Respond) -> None:
    usage = respond()["usage"]

    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["output_tokens_details"]["reasoning_tokens"] > 0
    assert usage["input_tokens_details"]["cached_tokens"] == 0


def test_a_limit_makes_it_incomplete(respond: Respond) -> None:
    response = respond(max_output_tokens=3)

    assert response["status"] == "incomplete"
    assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert [item["type"] for item in response["output"]] == ["reasoning"]


def test_instructions_come_before_the_input(respond: Respond) -> None:
    assert respond(instructions="Be short")["usage"]["input_tokens"] > respond()["usage"]["input_tokens"]
    assert respond(instructions="Be short")["instructions"] == "Be short"


def test_input_items_are_a_conversation(respond: Respond) -> None:
    given = [
        {"role": "user", "content": "Tell me a joke"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "No."}]},
        {"role": "user", "content": [{"type": "input_text", "text": "What is 6*7?"}]},
    ]

    assert _text(respond(given)).endswith("6*7 = 42.")


def test_a_tool_call_and_its_result(respond: Respond) -> None:
    first = respond(CITIES, tools=[WEATHER])
    calls = [item for item in first["output"] if item["type"] == "function_call"]
    outputs = [{"type": "function_call_output", "call_id": c["call_id"], "output": "21 degrees"} for c in calls]
    second = respond([{"role": "user", "content": CITIES}, *first["output"], *outputs], tools=[WEATHER])

    assert [json.loads(call["arguments"]) for call in calls] == [{"city": "Paris"}, {"city": "Tokyo"}]
    assert list(calls[0]) == [
        "arguments", "call_id", "name", "type", "id", "async", "caller", "namespace", "status",
    ]  # fmt: skip
    assert first["tool_choice"] == "auto"
    assert first["tools"][0]["strict"] is None
    assert "21 degrees; 21 degrees" in _text(second)


def test_a_schema_is_fitted(respond: Respond) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    form = {"format": {"type": "json_schema", "name": "x", "schema": schema}}

    assert json.loads(_text(respond("Paris", text=form))) == {"city": "Paris"}


def test_logprobs_come_when_included(respond: Respond) -> None:
    fields = {"include": ["message.output_text.logprobs"], "top_logprobs": 1, "reasoning": {"effort": "none"}}
    part = respond(**fields)["output"][0]["content"][0]

    assert "".join(entry["token"] for entry in part["logprobs"]) == part["text"]


def test_the_logprobs_of_deltas_come_without_their_bytes(stream: Stream) -> None:
    fields = {"include": ["message.output_text.logprobs"], "top_logprobs": 1, "reasoning": {"effort": "none"}}
    deltas = [event for event in stream(**fields) if event["type"] == "response.output_text.delta"]

    assert [entry["token"] for event in deltas for entry in event["logprobs"]] == [event["delta"] for event in deltas]
    assert {key for event in deltas for key in event["logprobs"][0]} == {"token", "logprob", "top_logprobs"}


@cases(
    ("fields", "status", "param"),
    [
        ({"previous_response_id": "resp_1"}, 404, "response_id"),
        ({"background": True}, 400, "background"),
        ({"max_output_tokens": 0}, 400, "max_tokens"),
        ({"input": [{"type": "zzz"}]}, 400, "body.input"),
        ({"input": []}, 400, "input"),
        ({"tools": [{"type": "zzz"}]}, 400, "body.tools.0.type"),
        ({"tool_choice": "required"}, 400, "tool_choice"),
        ({"top_logprobs": 21}, 400, "top_logprobs"),
        ({"prompt": {"id": "p"}}, 400, "prompt"),
        ({"text": {"format": {"type": "json_schema", "schema": {"type": "zzz"}}}}, 400, None),
    ],
)
def test_what_cannot_be_done_is_refused(
    refused: Callable[..., dict[str, Any]], fields: dict[str, Any], status: int, param: str | None
) -> None:
    assert refused("/v1/responses", {"model": MODEL, "input": "x", **fields}, status)["param"] == param


def _names(events: list[Any]) -> list[str]:
    """Give the event types, repeated ones once."""
    names = [event["type"].removeprefix("response.") for event in events]
    return [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]


def test_events_come_in_the_order_of_the_engine(stream: Stream) -> None:
    events = stream("Hello")

    assert _names(events) == [
        "created", "in_progress",
        "output_item.added", "content_part.added", "reasoning_text.delta", "reasoning_text.done",
        "content_part.done", "output_item.done",
        "output_item.added", "content_part.added", "output_text.delta", "output_text.done",
        "content_part.done", "output_item.done",
        "completed",
    ]  # fmt: skip
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert all(list(event) == sorted(event) for event in events)


def test_calls_have_events_of_their_own(stream: Stream) -> None:
    events = stream(CITIES, tools=[WEATHER], reasoning={"effort": "none"})
    call = ["output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done"]

    assert _names(events) == ["created", "in_progress", *call, *call, "completed"]
    done = [event for event in events if event["type"].endswith("arguments.done")]
    for event in done:
        deltas = [e["delta"] for e in events if "delta" in e and e["item_id"] == event["item_id"]]
        assert "".join(deltas) == event["arguments"]
    assert [event["output_index"] for event in done] == [0, 1]


@pytest.mark.parametrize(
    "fields", [{}, {"max_output_tokens": 3}, {"max_output_tokens": 30}, {"given": CITIES, "tools": [WEATHER]}]
)
def test_the_last_event_is_the_whole_response(respond: Respond, stream: Stream, fields: dict[str, Any]) -> None:
    whole, events = respond(**fields), stream(**fields)
    last = events[-1]["response"]

    assert events[-1]["type"] == "response.completed"
    assert events[0]["response"]["status"] == "in_progress"
    assert [last[key] for key in ("status", "incomplete_details")] == [
        whole[key] for key in ("status", "incomplete_details")
    ]
    assert last["usage"]["output_tokens_details"] == whole["usage"]["output_tokens_details"]
    assert last["usage"]["total_tokens"] == whole["usage"]["total_tokens"]
    assert _text(last) == _text(whole)
    assert [item["type"] for item in last["output"]] == [item["type"] for item in whole["output"]]
    deltas = "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")
    assert deltas == _text(whole)


def test_what_has_no_effect_is_given_back_where_it_was_asked(respond: Respond) -> None:
    asked = {
        "prompt_cache_key": "k",
        "prompt_cache_options": {"scope": "user"},
        "prompt_cache_retention": "24h",
        "safety_identifier": "hash",
    }

    assert respond(**asked, spaces_between_special_tokens=False).items() >= asked.items()
    assert not respond().keys() & asked.keys()


def test_null_is_no_wish_about_special_tokens(respond: Respond) -> None:
    assert respond(skip_special_tokens=None)["status"] == "completed"
