"""LiteLLM's own provider for Tensormesh, as a library: what its page promises, and what surprises."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tensormesh_local import LocalHost
from tests.interplay.conftest import HELLO, MODEL, WEATHER, WEATHER_QUESTION
from tests.interplay.installed import needs
from tests.overlay.conftest import Runner

litellm = needs("litellm")

ROUTE = f"tensormesh/{MODEL}"
THINKER = "tensormesh/deepseek-ai/DeepSeek-V4-Flash"
INPUT_USD, OUTPUT_USD = 0.07e-6, 0.28e-6
"""What a token of the model costs."""


def text(chunks: Any) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_the_default_address_is_that_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TENSORMESH_SERVERLESS_BASE_URL", raising=False)
    monkeypatch.setenv("TENSORMESH_INFERENCE_API_KEY", "from the environment")

    model, provider, key, address = litellm.get_llm_provider(ROUTE)

    assert (model, provider) == (MODEL, "tensormesh")
    assert (key, address) == ("from the environment", "https://serverless.tensormesh.ai/v1")


def test_an_address_without_v1_is_not_found(host: LocalHost, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    LiteLLM adds nothing to the base URL, and this package takes it with and without: so write it with `/v1`.

    The host says so in its answer, where `openai`, and so LiteLLM, take their message from.
    """
    monkeypatch.setenv("TENSORMESH_SERVERLESS_BASE_URL", host.serverless_base_url)

    with pytest.raises(litellm.NotFoundError, match="`/v1` is missing"):
        litellm.completion(model=ROUTE, messages=HELLO)

    assert [(request.path, request.status) for request in host.requests] == [("/serverless/chat/completions", 404)]


def test_one_environment_leads_both_to_the_same_host(host: LocalHost, runner: Runner) -> None:
    from tensormesh import AsyncTensormesh, Tensormesh

    client = (AsyncTensormesh if runner.is_async else Tensormesh)()
    runner.run(client.inference.serverless.chat.completions.create(model=MODEL, messages=HELLO))
    litellm.completion(model=ROUTE, messages=HELLO)
    runner.run(client.close())

    assert [(request.path, request.status) for request in host.requests] == [
        ("/serverless/v1/chat/completions", 200)
    ] * 2
    assert host.requests[0].body == host.requests[1].body


def test_the_asynchronous_version_answers(host: LocalHost) -> None:
    answer = asyncio.run(litellm.acompletion(model=ROUTE, messages=HELLO))

    assert answer.choices[0].message.content.strip() == "hello in one sentence."


def test_a_stream_gives_the_text_of_the_whole_answer(host: LocalHost) -> None:
    whole = litellm.completion(model=ROUTE, messages=HELLO)

    chunks = list(litellm.completion(model=ROUTE, messages=HELLO, stream=True))

    assert len(chunks) > 3
    assert text(chunks) == whole.choices[0].message.content


@pytest.mark.parametrize(("thinking", "thinks"), [(True, True), (False, False)])
def test_thinking_is_switched_by_the_chat_template(thinking: bool, thinks: bool, host: LocalHost) -> None:
    answer = litellm.completion(
        model=THINKER,
        messages=HELLO,
        extra_body={"chat_template_kwargs": {"thinking": thinking, "reasoning_effort": "high"}},
    )

    assert bool(getattr(answer.choices[0].message, "reasoning_content", None)) is thinks


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_thought_is_reasoning_content_whatever_the_host_calls_it(field: str, stream: bool, host: LocalHost) -> None:
    host.faults.add({"reasoning_field": field})

    answer = litellm.completion(model=ROUTE, messages=HELLO, stream=stream)

    if stream:
        deltas = [chunk.choices[0].delta for chunk in answer if chunk.choices]
        thought = "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas)
    else:
        thought = answer.choices[0].message.reasoning_content
    assert thought.strip().startswith("The user says")


def test_a_response_is_streamed(host: LocalHost) -> None:
    events = list(litellm.responses(model=ROUTE, input="Say hello in one sentence.", stream=True))

    texts = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(texts).strip() == "hello in one sentence."
    assert events[-1].type == "response.completed"


def test_anthropic_messages_become_a_chat(host: LocalHost) -> None:
    litellm.anthropic.messages.create(model=ROUTE, max_tokens=128, messages=HELLO)

    (request,) = host.requests
    assert request.path == "/serverless/v1/chat/completions"
    assert request.body == {"model": MODEL, "max_tokens": 128, "messages": HELLO}


def test_anthropic_tools_are_called(host: LocalHost) -> None:
    function = WEATHER["function"]
    tool = {
        "name": function["name"],
        "description": function["description"],
        "input_schema": function["parameters"],
    }

    answer = litellm.anthropic.messages.create(model=ROUTE, max_tokens=128, messages=WEATHER_QUESTION, tools=[tool])

    (call,) = [block for block in answer["content"] if block["type"] == "tool_use"]
    assert (call["name"], call["input"], answer["stop_reason"]) == ("get_weather", {"city": "Paris"}, "tool_use")


def test_a_tool_without_a_description_is_refused(host: LocalHost) -> None:
    undescribed = {"type": "function", "function": {"name": "get_weather", "parameters": {}}}

    with pytest.raises(litellm.BadRequestError, match="description"):
        litellm.completion(model=ROUTE, messages=HELLO, tools=[undescribed])


CHAT_FIELDS: dict[str, Any] = {
    "max_tokens": 55,
    "temperature": 0.1,
    "top_p": 0.9,
    "stop": ["end"],
    "tools": [WEATHER],
    "tool_choice": "auto",
    "response_format": {"type": "json_object"},
}
COMPLETION_FIELDS: dict[str, Any] = {"max_tokens": 8, "temperature": 0.1, "top_p": 0.9, "stop": ["end"]}
RESPONSE_FIELDS: dict[str, Any] = {
    "max_output_tokens": 55,
    "temperature": 0.1,
    "top_p": 0.9,
    "tools": [{"type": "function", **WEATHER["function"]}],
    "tool_choice": "auto",
    "text": {"format": {"type": "text"}},
}
HEADER = {"X-Test": "told"}


def test_the_common_parameters_of_a_chat_arrive(host: LocalHost) -> None:
    litellm.completion(model=ROUTE, messages=HELLO, extra_body={"top_k": 4}, extra_headers=HEADER, **CHAT_FIELDS)

    assert host.requests[0].body == {"model": MODEL, "messages": HELLO, "top_k": 4, **CHAT_FIELDS}
    assert host.requests[0].headers["x-test"] == "told"


def test_the_common_parameters_of_a_completion_arrive(host: LocalHost) -> None:
    litellm.text_completion(model=ROUTE, prompt="Roses are", **COMPLETION_FIELDS)

    assert host.requests[0].body == {"model": MODEL, "prompt": "Roses are", **COMPLETION_FIELDS}


def test_a_completion_is_streamed(host: LocalHost) -> None:
    chunks = litellm.text_completion(model=ROUTE, prompt="Roses are", max_tokens=8, stream=True)

    assert "".join(chunk.choices[0].text or "" for chunk in chunks).startswith(" red")


def test_the_common_parameters_of_a_response_arrive(host: LocalHost) -> None:
    litellm.responses(model=ROUTE, input="Say hello.", extra_headers=HEADER, **RESPONSE_FIELDS)

    assert {name: host.requests[0].body[name] for name in RESPONSE_FIELDS} == RESPONSE_FIELDS
    assert host.requests[0].headers["x-test"] == "told"


def test_the_common_parameters_of_a_message_arrive(host: LocalHost) -> None:
    """As those of a chat; a stream asks for its usage as well."""
    chunks = litellm.anthropic.messages.create(
        model=ROUTE,
        max_tokens=55,
        messages=HELLO,
        temperature=0.1,
        top_p=0.9,
        stream=True,
        tools=[{"name": "get_weather", "description": "Weather.", "input_schema": {"type": "object"}}],
        tool_choice={"type": "auto"},
        extra_headers=HEADER,
    )
    events = [json.loads(line[6:]) for chunk in chunks for line in chunk.decode().splitlines() if line[:6] == "data: "]

    sent = host.requests[0].body
    assert (sent["max_tokens"], sent["temperature"], sent["top_p"]) == (55, 0.1, 0.9)
    assert (sent["stream"], sent["stream_options"]) == (True, {"include_usage": True})
    assert (sent["tools"][0]["function"]["name"], sent["tool_choice"]) == ("get_weather", "auto")
    assert host.requests[0].headers["x-test"] == "told"
    assert [event["type"] for event in events][-1] == "message_stop"


def test_max_completion_tokens_become_max_tokens(host: LocalHost) -> None:
    litellm.completion(model=ROUTE, messages=HELLO, max_completion_tokens=55)

    assert host.requests[0].body == {"model": MODEL, "messages": HELLO, "max_tokens": 55}


def test_every_model_of_the_host_has_a_price(host: LocalHost, ours: Any, runner: Runner) -> None:
    """LiteLLM also looks there for what a model can do."""
    listed = {model.id for model in runner.run(ours.models.list()).data}

    assert listed
    assert {name for name in listed if f"tensormesh/{name}" not in litellm.model_cost} == set()


def test_tools_for_a_model_without_a_price_are_refused_unless_allowed(host: LocalHost) -> None:
    asked = {"model": "tensormesh/new/model", "messages": HELLO, "tools": [WEATHER]}

    with pytest.raises(litellm.UnsupportedParamsError):
        litellm.completion(**asked)
    assert list(host.requests) == []

    with pytest.raises(litellm.NotFoundError):
        litellm.completion(**asked, allowed_openai_params=["tools"])
    assert host.requests[-1].body["tools"] == [WEATHER]


def test_an_answer_knows_its_cost_and_cached_tokens_are_free(host: LocalHost) -> None:
    long = [{"role": "user", "content": "word " * 400}]
    litellm.completion(model=ROUTE, messages=long)

    answer = litellm.completion(model=ROUTE, messages=long)

    usage = answer.usage
    cached = usage.prompt_tokens_details.cached_tokens
    due = (usage.prompt_tokens - cached) * INPUT_USD + usage.completion_tokens * OUTPUT_USD
    assert cached > 300
    assert litellm.completion_cost(answer) == pytest.approx(due)
    assert answer._hidden_params["response_cost"] == pytest.approx(due)


@pytest.mark.parametrize(("options", "known"), [({}, False), ({"stream_options": {"include_usage": True}}, True)])
def test_a_stream_knows_its_cost_only_when_asked_for_usage(
    options: dict[str, Any], known: bool, host: LocalHost
) -> None:
    chunks = list(litellm.completion(model=ROUTE, messages=HELLO, stream=True, **options))

    reported = [chunk.usage.total_tokens for chunk in chunks if getattr(chunk, "usage", None)]
    assert (reported == [48]) is known


def test_a_completion_and_a_response_know_their_cost(host: LocalHost) -> None:
    completion = litellm.text_completion(model=ROUTE, prompt="Roses are", max_tokens=8)
    response = litellm.responses(model=ROUTE, input="Say hello in one sentence.")

    used = response.usage
    assert completion._hidden_params["response_cost"] == pytest.approx(3 * INPUT_USD + 8 * OUTPUT_USD)
    assert response._hidden_params["response_cost"] == pytest.approx(
        used.input_tokens * INPUT_USD + used.output_tokens * OUTPUT_USD
    )


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"model": "tensormesh/no/such"}, "NotFoundError"),
        ({"api_key": "wrong"}, "AuthenticationError"),
        ({"n": 0}, "BadRequestError"),
        ({"messages": [{"role": "user", "content": "word " * 200_000}]}, "ContextWindowExceededError"),
    ],
)
def test_an_error_is_of_the_class_of_its_status(fields: dict[str, Any], kind: str, host: LocalHost) -> None:
    with pytest.raises(getattr(litellm, kind)):
        litellm.completion(**{"model": ROUTE, "messages": HELLO, **fields})


def test_a_question_is_sent_three_times_when_the_host_is_full(host: LocalHost) -> None:
    """Unlike this package, which sends a POST once."""
    host.faults.add({"status": 429, "headers": {"Retry-After": "0"}, "times": None})

    with pytest.raises(litellm.RateLimitError):
        litellm.completion(model=ROUTE, messages=HELLO)

    assert len(host.requests) == 3


def test_an_error_inside_a_stream_is_raised(host: LocalHost) -> None:
    host.faults.add({"error_event_after": 3})
    chunks = litellm.completion(model=ROUTE, messages=HELLO, stream=True)

    with pytest.raises(litellm.exceptions.MidStreamFallbackError, match="EngineCore"):
        list(chunks)


def test_a_missing_key_is_asked_for_under_a_name_that_nobody_reads(
    host: LocalHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is TENSORMESH_INFERENCE_API_KEY."""
    monkeypatch.delenv("TENSORMESH_INFERENCE_API_KEY")

    with pytest.raises(litellm.InternalServerError, match="TENSORMESH_API_KEY"):
        litellm.completion(model=ROUTE, messages=HELLO)

    assert list(host.requests) == []


def test_on_demand_goes_by_another_address_and_a_header(host: LocalHost, runner: Runner) -> None:
    client = runner.client(
        inference_api_key=host.inference_api_key,
        on_demand_base_url=host.on_demand_base_url,
        on_demand_user_id=host.on_demand_user_id,
    )
    served = runner.run(client.inference.on_demand.models.list()).data[0].id

    answer = litellm.completion(
        model=f"tensormesh/{served}",
        messages=HELLO,
        api_base=f"{host.on_demand_base_url}/v1",
        extra_headers={"X-User-Id": host.on_demand_user_id},
    )

    assert answer.choices[0].message.content.strip() == "hello in one sentence."
    assert host.requests[-1].path == "/on-demand/v1/chat/completions"


def continued(message: Any, call_id: str) -> list[Any]:
    return [*WEATHER_QUESTION, message, {"role": "tool", "tool_call_id": call_id, "content": "18 degrees"}]


@pytest.mark.parametrize(
    "handed_in", [lambda message: message, lambda message: message.model_dump()], ids=["object", "model_dump"]
)
def test_a_message_of_litellm_continues_a_chat_here(handed_in: Any, ours: Any, runner: Runner, host: LocalHost) -> None:
    """With its thought under `reasoning_content`, and with what LiteLLM itself has added."""
    message = litellm.completion(model=ROUTE, messages=WEATHER_QUESTION, tools=[WEATHER]).choices[0].message
    messages = continued(handed_in(message), message.tool_calls[0].id)

    answer = runner.run(ours.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER]))

    sent = host.requests[-1].body["messages"][1]
    assert sent["reasoning_content"] == message.reasoning_content
    assert "provider_specific_fields" in sent
    assert "18 degrees" in answer.choices[0].message.content


def test_a_message_of_ours_continues_a_chat_of_litellm_as_a_dictionary(
    ours: Any, runner: Runner, host: LocalHost
) -> None:
    asked = runner.run(ours.chat.completions.create(model=MODEL, messages=WEATHER_QUESTION, tools=[WEATHER]))
    message = asked.choices[0].message
    messages = continued(message.to_dict(), message.tool_calls[0].id)

    answer = litellm.completion(model=ROUTE, messages=messages, tools=[WEATHER])

    assert host.requests[-1].body["messages"][1]["reasoning"] == message.reasoning
    assert "18 degrees" in answer.choices[0].message.content
