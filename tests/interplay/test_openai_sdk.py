"""What people do with the `openai` package works against a Tensormesh, with another address and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tensormesh_local import LocalHost
from tests.interplay.conftest import HELLO, KEY, MODEL, WEATHER, WEATHER_QUESTION
from tests.interplay.installed import needs

openai = needs("openai")

RIVER = [{"role": "user", "content": "Name a river, as JSON."}]
RESPONSES_WEATHER = {"type": "function", **WEATHER["function"]}


@pytest.fixture
def client(host: LocalHost) -> Iterator[Any]:
    with openai.OpenAI(base_url=f"{host.serverless_base_url}/v1", api_key=KEY) as client:
        yield client


def test_a_chat_is_answered(client: Any) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=HELLO)

    assert answer.choices[0].message.content.strip() == "hello in one sentence."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.prompt_tokens_details.cached_tokens == 0


def test_a_thought_is_an_extra_of_the_message(client: Any) -> None:
    """Under `reasoning`, which that package has no type for."""
    message = client.chat.completions.create(model=MODEL, messages=HELLO).choices[0].message

    assert message.reasoning.strip().startswith("The user says")
    assert message.model_extra["reasoning"] == message.reasoning


def test_a_stream_gives_the_text_of_the_whole_answer_and_what_it_used(client: Any) -> None:
    whole = client.chat.completions.create(model=MODEL, messages=HELLO)

    chunks = list(
        client.chat.completions.create(model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True})
    )

    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert len(deltas) > 3
    assert "".join(delta.content or "" for delta in deltas) == whole.choices[0].message.content
    assert (chunks[-1].choices, chunks[-1].usage.total_tokens) == ([], whole.usage.total_tokens)


def test_the_stream_helper_adds_up_the_answer(client: Any) -> None:
    with client.chat.completions.stream(model=MODEL, messages=WEATHER_QUESTION, tools=[WEATHER]) as events:
        kinds = {event.type for event in events}
        message = events.get_final_completion().choices[0].message

    assert "tool_calls.function.arguments.done" in kinds
    assert json.loads(message.tool_calls[0].function.arguments) == {"city": "Paris"}


def test_the_asynchronous_client_chats_and_streams(host: LocalHost) -> None:
    async def both() -> tuple[str, str]:
        async with openai.AsyncOpenAI(base_url=f"{host.serverless_base_url}/v1", api_key=KEY) as client:
            answer = await client.chat.completions.create(model=MODEL, messages=HELLO)
            chunks = await client.chat.completions.create(model=MODEL, messages=HELLO, stream=True)
            texts = [chunk.choices[0].delta.content or "" async for chunk in chunks if chunk.choices]
            return answer.choices[0].message.content, "".join(texts)

    whole, streamed = asyncio.run(both())

    assert whole.strip() == "hello in one sentence."
    assert streamed == whole


def test_a_tool_is_called_and_its_result_is_used(client: Any) -> None:
    asked = client.chat.completions.create(model=MODEL, messages=WEATHER_QUESTION, tools=[WEATHER])
    message = asked.choices[0].message
    (call,) = message.tool_calls
    result = {"role": "tool", "tool_call_id": call.id, "content": "18 degrees"}

    answer = client.chat.completions.create(model=MODEL, messages=[*WEATHER_QUESTION, message, result], tools=[WEATHER])

    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Paris"})
    assert "18 degrees" in answer.choices[0].message.content


def test_json_mode_gives_json(client: Any) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=RIVER, response_format={"type": "json_object"})

    assert isinstance(json.loads(answer.choices[0].message.content), dict)


def test_a_schema_is_refused_by_name(client: Any) -> None:
    """So `parse`, which sends one, has no use here: JSON mode does."""
    schema = {"type": "json_schema", "json_schema": {"name": "river", "schema": {"type": "object"}}}

    with pytest.raises(openai.BadRequestError, match="json_schema"):
        client.chat.completions.create(model=MODEL, messages=RIVER, response_format=schema)


def test_a_response_has_its_text_and_its_thought(client: Any) -> None:
    response = client.responses.create(model=MODEL, input="Say hello in one sentence.")

    assert response.output_text.strip() == "hello in one sentence."
    assert [item.type for item in response.output] == ["reasoning", "message"]


def test_a_response_is_streamed(client: Any) -> None:
    with client.responses.stream(model=MODEL, input="Say hello in one sentence.") as events:
        kinds = [event.type for event in events]
        response = events.get_final_response()

    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert response.output_text.strip() == "hello in one sentence."


def test_a_response_calls_a_tool_and_is_continued_with_its_items(client: Any) -> None:
    question = {"role": "user", "content": "What is the weather in Paris?"}
    asked = client.responses.create(model=MODEL, input=[question], tools=[RESPONSES_WEATHER])
    call = asked.output[-1]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "18 degrees"}

    response = client.responses.create(model=MODEL, input=[question, *asked.output, result], tools=[RESPONSES_WEATHER])

    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "Paris"})
    assert "18 degrees" in response.output_text


def test_a_text_is_completed(client: Any) -> None:
    completion = client.completions.create(model=MODEL, prompt="Roses are", max_tokens=8)

    assert completion.choices[0].text.startswith(" red")
    assert completion.usage.completion_tokens == 8


def test_a_raw_response_has_headers_and_what_was_parsed(client: Any) -> None:
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO)

    assert raw.headers["x-request-id"] == raw.request_id
    assert raw.parse().choices[0].message.content.strip() == "hello in one sentence."


def test_the_raw_lines_of_a_stream_can_be_read(client: Any) -> None:
    with client.chat.completions.with_streaming_response.create(model=MODEL, messages=HELLO, stream=True) as raw:
        lines = [line for line in raw.iter_lines() if line]

    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"


def test_the_models_are_listed(client: Any) -> None:
    assert MODEL in [model.id for model in client.models.list()]


def test_a_single_model_and_embeddings_are_not_found(client: Any) -> None:
    """Tensormesh has neither."""
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve(MODEL)
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model=MODEL, input="Hello")


@pytest.mark.parametrize(
    ("fields", "kind", "status"),
    [
        ({"model": "no/such"}, openai.NotFoundError, 404),
        ({"n": 0}, openai.BadRequestError, 400),
        ({"extra_headers": {"Authorization": "Bearer wrong"}}, openai.AuthenticationError, 401),
    ],
    ids=["unknown model", "bad value", "wrong key"],
)
def test_an_error_is_of_the_class_of_its_status(client: Any, fields: dict[str, Any], kind: Any, status: int) -> None:
    with pytest.raises(kind) as caught:
        client.chat.completions.create(**{"model": MODEL, "messages": HELLO, **fields})

    assert caught.value.status_code == status
    assert caught.value.request_id


def test_a_tool_without_a_description_is_refused(client: Any) -> None:
    undescribed = {"type": "function", "function": {"name": "get_weather", "parameters": {}}}

    with pytest.raises(openai.BadRequestError, match="description"):
        client.chat.completions.create(model=MODEL, messages=HELLO, tools=[undescribed])


def test_a_question_is_sent_again_when_the_host_is_full(client: Any, host: LocalHost) -> None:
    """Unlike this package, which sends a POST once."""
    host.faults.add({"status": 429, "headers": {"Retry-After": "0"}})

    client.chat.completions.create(model=MODEL, messages=HELLO)

    assert [request.status for request in host.requests] == [429, 200]


def test_an_error_inside_a_stream_is_raised(client: Any, host: LocalHost) -> None:
    host.faults.add({"error_event_after": 3})
    chunks = client.chat.completions.create(model=MODEL, messages=HELLO, stream=True)

    with pytest.raises(openai.APIError, match="EngineCore"):
        list(chunks)


def test_fields_of_the_engine_go_by_extra_body(client: Any, host: LocalHost) -> None:
    client.chat.completions.create(
        model=MODEL, messages=HELLO, extra_body={"top_k": 4, "chat_template_kwargs": {"enable_thinking": False}}
    )

    assert host.requests[-1].body == {
        "model": MODEL,
        "messages": HELLO,
        "top_k": 4,
        "chat_template_kwargs": {"enable_thinking": False},
    }


def test_on_demand_needs_one_header_more(host: LocalHost) -> None:
    with openai.OpenAI(
        base_url=f"{host.on_demand_base_url}/v1",
        api_key=KEY,
        default_headers={"X-User-Id": host.on_demand_user_id},
    ) as client:
        (model,) = client.models.list()
        answer = client.chat.completions.create(model=model.id, messages=HELLO)

    assert answer.choices[0].message.content.strip() == "hello in one sentence."


def test_an_address_without_v1_is_told_what_is_missing(host: LocalHost) -> None:
    with (
        openai.OpenAI(base_url=host.serverless_base_url, api_key=KEY) as client,
        pytest.raises(openai.NotFoundError) as caught,
    ):
        client.chat.completions.create(model=MODEL, messages=HELLO)

    assert "`/v1` is missing" in str(caught.value)
