"""Document 000: what the inference surfaces promise."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tensormesh import types
from tensormesh.errors import APIStatusError, NotFoundError, ValidationError
from tensormesh_local import LocalHost
from tests.overlay.conftest import Runner

SERVERLESS, SERVED = "openai/gpt-oss-20b", "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"
MODELS = {"serverless": SERVERLESS, "on_demand": SERVED}
MESSAGES = [{"role": "user", "content": "Say hello in one sentence."}]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the current weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
ENDPOINTS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "chat.completions": ("create", "/v1/chat/completions", {"messages": MESSAGES}, "ChatCompletionResponse"),
    "models": ("list", "/v1/models", {}, "InferenceModelList"),
    "completions": ("create", "/v1/completions", {"prompt": "Roses are"}, "TextCompletionResponse"),
    "responses": ("create", "/v1/responses", {"input": "Name one river."}, "ResponseCreateResponse"),
    "tokenize": ("create", "/tokenize", {"prompt": "Hello!"}, "TokenizeResponse"),
    "detokenize": ("create", "/detokenize", {"tokens": [1828]}, "DetokenizeResponse"),
    "health": ("get", "/health", {}, "HealthResponse"),
    "version": ("get", "/version", {}, "VersionResponse"),
}


def surface(client: Any, name: str) -> Any:
    return getattr(client.inference, name)


@pytest.mark.parametrize("name", ["serverless", "on_demand"])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_endpoint_works_on_both_surfaces(runner: Runner, host: LocalHost, name: str, endpoint: str) -> None:
    method, path, arguments, answer = ENDPOINTS[endpoint]
    if method == "create":
        arguments = {"model": MODELS[name], **arguments}
    namespace = surface(runner.client(env=None), name)
    for part in endpoint.split("."):
        namespace = getattr(namespace, part)

    got = runner.run(getattr(namespace, method)(**arguments))

    (request,) = host.requests
    prefix = {"serverless": "/serverless", "on_demand": "/on-demand"}[name]
    user = host.environment()["TENSORMESH_ON_DEMAND_USER_ID"]
    assert (type(got), request.path) == (getattr(types, answer), prefix + path)
    assert request.headers.get("x-user-id") == (user if name == "on_demand" else None)


@pytest.mark.parametrize("name", ["serverless", "on_demand"])
def test_the_wrong_kind_of_model_name_is_not_found(runner: Runner, host: LocalHost, name: str) -> None:
    """A serverless name on demand, a served name on serverless, and the Control Plane's `modelId` on either."""
    completions = surface(runner.client(env=None), name).chat.completions
    other = MODELS["on_demand" if name == "serverless" else "serverless"]

    for model in (other, "11111111-2222-3333-4444-555555555555"):
        with pytest.raises(NotFoundError, match="check the name or id"):
            runner.run(completions.create(model=model, messages=MESSAGES))


def test_a_model_of_the_price_list_answers(runner: Runner, host: LocalHost) -> None:
    """`pricing[].model` is what a request takes as `model`."""
    client = runner.client(env=None)
    prices = runner.run(client.control_plane.billing.pricing.serverless.list())

    for price in prices[:3]:
        answer = runner.run(client.inference.serverless.chat.completions.create(model=price.model, messages=MESSAGES))
        assert answer.choices[0].message.content


@pytest.mark.parametrize("name", ["serverless", "on_demand"])
def test_a_stream_gives_the_text_piece_by_piece(runner: Runner, host: LocalHost, name: str) -> None:
    completions = surface(runner.client(env=None), name).chat.completions
    whole = runner.run(completions.create(model=MODELS[name], messages=MESSAGES, seed=1))

    stream = runner.run(completions.create(model=MODELS[name], messages=MESSAGES, seed=1, stream=True))
    pieces = runner.read(stream.text_deltas())

    assert len(pieces) > 1
    assert "".join(pieces) == whole.choices[0].message.content


def test_tool_calling_is_a_matter_of_chat_completions(runner: Runner, host: LocalHost) -> None:
    """The call, its arguments, and the answer to what the tool said."""
    completions = runner.client(env=None).inference.serverless.chat.completions
    question = {"role": "user", "content": "What is the weather in Paris?"}

    answer = runner.run(completions.create(model=SERVERLESS, messages=[question], tools=[TOOL]))
    message = answer.choices[0].message
    (call,) = message.tool_calls
    said = {"role": "tool", "tool_call_id": call.id, "content": "18 degrees, sunny"}
    final = runner.run(completions.create(model=SERVERLESS, messages=[question, message, said], tools=[TOOL]))

    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Paris"})
    assert answer.choices[0].finish_reason == "tool_calls"
    assert final.choices[0].message.content


def test_text_deltas_leave_tool_calls_out_and_raw_lines_hold_them(runner: Runner, host: LocalHost) -> None:
    completions = runner.client(env=None).inference.serverless.chat.completions
    question = [{"role": "user", "content": "What is the weather in Paris?"}]
    arguments = {"model": SERVERLESS, "messages": question, "tools": [TOOL], "tool_choice": "required"}

    texts = runner.read(runner.run(completions.create(**arguments, stream=True)).text_deltas())
    lines = runner.read(runner.run(completions.with_streaming_response.create(**arguments)).iter_lines())
    stream = runner.run(completions.create(**arguments, stream=True))
    calls = runner.run(stream.get_final_completion()).choices[0].message.tool_calls

    assert "get_weather" not in "".join(texts)
    assert any("get_weather" in line for line in lines)
    assert json.loads(calls[0].function.arguments) == {"city": "Paris"}


def test_a_tool_without_a_description_is_refused_before_it_is_sent(runner: Runner, host: LocalHost) -> None:
    client = runner.client(env=None)
    nameless = {"type": "function", "function": {**TOOL["function"], "description": " "}}  # type: ignore[dict-item]
    arguments = {"model": SERVERLESS, "messages": MESSAGES, "tools": [nameless]}

    with pytest.raises(ValidationError, match="the tool 'get_weather' has no description"):
        runner.run(client.inference.serverless.chat.completions.create(**arguments))
    assert [*host.requests] == []
    allowing = client.with_options(allow_undescribed_tools=True)
    with pytest.raises(APIStatusError):
        runner.run(allowing.inference.serverless.chat.completions.create(**arguments))
    assert len(host.requests) == 1


@pytest.mark.parametrize("kind", ["json_object", "text"])
def test_json_mode_and_text_are_the_formats_there_are(runner: Runner, host: LocalHost, kind: str) -> None:
    completions = runner.client(env=None).inference.serverless.chat.completions
    asked = [{"role": "user", "content": "Name a river, as JSON."}]

    answer = runner.run(completions.create(model=SERVERLESS, messages=asked, response_format={"type": kind}))

    content = answer.choices[0].message.content
    assert isinstance(json.loads(content), dict) if kind == "json_object" else content


@pytest.mark.parametrize(
    ("response_format", "named"),
    [
        ({"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}, "'json_schema'"),
        ({"type": "json_object", "strict": True, "schema": {}}, "'schema', 'strict'"),
        ({"type": "grammar"}, "'grammar'"),
    ],
)
def test_other_formats_and_further_keys_are_refused_by_name(
    runner: Runner, host: LocalHost, response_format: dict[str, Any], named: str
) -> None:
    completions = runner.client(env=None).inference.serverless.chat.completions

    with pytest.raises(ValidationError, match=f"response_format .*{named}"):
        runner.run(completions.create(model=SERVERLESS, messages=MESSAGES, response_format=response_format))

    assert [*host.requests] == []


def test_leaked_think_blocks_leave_the_content_for_the_reasoning(runner: Runner, host: LocalHost) -> None:
    completions = runner.client(env=None).inference.serverless.chat.completions
    kept = runner.client(env=None, think="keep").inference.serverless.chat.completions
    host.faults.add({"leak_think": True, "times": None})

    message = runner.run(completions.create(model=SERVERLESS, messages=MESSAGES)).choices[0].message
    raw = runner.run(kept.create(model=SERVERLESS, messages=MESSAGES)).choices[0].message
    stream = runner.run(completions.create(model=SERVERLESS, messages=MESSAGES, stream=True))
    texts = "".join(runner.read(stream.text_deltas()))

    assert raw.content.startswith("<think>")
    assert raw.content.endswith(message.content)
    assert message.reasoning
    assert message.reasoning in raw.content
    assert texts == message.content
    assert stream.snapshot().choices[0].message.reasoning == message.reasoning
