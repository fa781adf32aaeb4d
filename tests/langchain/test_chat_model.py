"""What the chat model of LangChain keeps: thoughts, counts, costs, tools, schemas; in one event loop or in many."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypedDict

import pytest
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.tools import tool
from pydantic import BaseModel, ValidationError

import tensormesh
from tensormesh import AsyncTensormesh, RunningCost, Tensormesh
from tensormesh_langchain import ChatTensormesh
from tensormesh_local import LocalHost, Options

MODEL = "openai/gpt-oss-20b"
QUESTION = "Why is the sky blue?"
SENTENCE = "Tell me of rivers. " * 40

Ask = Callable[..., AIMessage]


class River(BaseModel):
    """A river."""

    name: str


class RiverDict(TypedDict):
    """A river."""

    name: str


@pytest.fixture(params=["invoke", "ainvoke", "stream", "astream"])
def ask(request: pytest.FixtureRequest, host: LocalHost) -> Ask:
    """The message of an answer, whichever way it was asked for."""

    async def awaited(model: Any, messages: Any, **kwargs: Any) -> AIMessage:
        if request.param == "ainvoke":
            return await model.ainvoke(messages, **kwargs)
        return _sum([chunk async for chunk in model.astream(messages, **kwargs)])

    def asked(model: Any, messages: Any, **kwargs: Any) -> AIMessage:
        if request.param == "invoke":
            return model.invoke(messages, **kwargs)
        if request.param == "stream":
            return _sum([*model.stream(messages, **kwargs)])
        return asyncio.run(awaited(model, messages, **kwargs))

    return asked


def _sum(chunks: list[AIMessageChunk]) -> AIMessageChunk:
    first, *rest = chunks
    for chunk in rest:
        first += chunk
    return first


def model(**settings: Any) -> ChatTensormesh:
    return ChatTensormesh(**{"model": MODEL, **settings})


def chats(host: LocalHost) -> list[Any]:
    """The bodies of the chats that the host has seen."""
    return [record.body for record in host.requests if record.path.endswith("/chat/completions")]


@tool
def get_weather(city: str) -> str:
    """Tell how the weather is in a city."""
    return f"sunny in {city}"


class Forecast(BaseModel):
    city: str


# Answers.


@pytest.mark.parametrize("version", ["v0", "v1"])
def test_a_thought_is_a_block_before_the_text(ask: Ask, version: str) -> None:
    message = ask(model(output_version=version), QUESTION)
    thought, text = message.content_blocks

    assert (thought["type"], text["type"]) == ("reasoning", "text")
    assert thought["reasoning"]
    assert message.text == text["text"] != ""
    if version == "v1":
        assert message.content == message.content_blocks


@pytest.mark.parametrize("version", ["v0", "v1"])
def test_thought_and_calls_of_one_message_stay_apart(ask: Ask, version: str) -> None:
    asking = model(output_version=version).bind_tools([get_weather])
    message = ask(asking, "What is the weather in Paris and Tokyo?")

    assert [block["type"] for block in message.content_blocks] == ["reasoning", "tool_call", "tool_call"]
    assert [call["args"] for call in message.tool_calls] == [{"city": "Paris"}, {"city": "Tokyo"}]
    assert message.response_metadata["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("version", ["v0", "v1"])
def test_a_thought_goes_back_in_a_tool_loop(ask: Ask, host: LocalHost, version: str) -> None:
    asking = model(output_version=version).bind_tools([get_weather])
    question = HumanMessage("What is the weather in Paris?")
    called = ask(asking, [question])
    (result,) = [get_weather.invoke(call) for call in called.tool_calls]
    answer = ask(asking, [question, called, result])

    thought = next(block["reasoning"] for block in called.content_blocks if block["type"] == "reasoning")
    _, sent, said = chats(host)[-1]["messages"]
    assert sent["reasoning"] == thought != ""
    assert sent["content"] == ""
    assert [call["id"] for call in sent["tool_calls"]] == [said["tool_call_id"]]
    assert "sunny in Paris" in answer.text


def test_a_message_that_is_sent_back_holds_no_block_that_the_service_does_not_know(host: LocalHost) -> None:
    blocks: list[Any] = [
        {"type": "reasoning", "reasoning": "Let me see."},
        {"type": "text", "text": "One. "},
        {"type": "text", "text": "Two."},
    ]
    model().invoke([HumanMessage("Count."), AIMessage(blocks), HumanMessage("Go on.")])

    assert chats(host)[0]["messages"][1] == {"role": "assistant", "content": "One. Two.", "reasoning": "Let me see."}


def test_a_call_that_was_no_json_is_sent_back_as_it_was(host: LocalHost) -> None:
    broken = {"type": "invalid_tool_call", "id": "c1", "name": "get_weather", "args": '{"city": ', "error": "cut"}
    called = AIMessage("", invalid_tool_calls=[broken])
    model().invoke([HumanMessage("Weather?"), called, ToolMessage("try again", tool_call_id="c1")])

    (call,) = chats(host)[0]["messages"][1]["tool_calls"]
    assert (call["id"], call["function"]["arguments"]) == ("c1", '{"city": ')


def test_cached_and_reasoning_tokens_are_counted(ask: Ask) -> None:
    ask(model(), SENTENCE)
    counts = ask(model(), SENTENCE).usage_metadata

    assert counts is not None
    assert 0 < counts["input_token_details"]["cache_read"] <= counts["input_tokens"]
    assert 0 < counts["output_token_details"]["reasoning"] < counts["output_tokens"]
    assert counts["total_tokens"] == counts["input_tokens"] + counts["output_tokens"]


def test_the_counts_of_a_stream_are_the_last_that_came_and_not_the_sum(ask: Ask) -> None:
    options = {"include_usage": True, "continuous_usage_stats": True}
    once = ask(model(temperature=0), QUESTION).usage_metadata
    streamed = _sum([*model(temperature=0).stream(QUESTION, stream_options=options)]).usage_metadata

    assert once is not None
    assert streamed is not None
    assert (streamed["input_tokens"], streamed["output_tokens"]) == (once["input_tokens"], once["output_tokens"])


def test_an_answer_says_who_gave_it_and_why_it_ended(ask: Ask) -> None:
    metadata = ask(model(max_tokens=3), QUESTION).response_metadata

    assert (metadata["model_name"], metadata["model_provider"]) == (MODEL, "tensormesh")
    assert metadata["finish_reason"] == "length"


def test_an_answer_says_what_it_cost(ask: Ask) -> None:
    with Tensormesh() as client:
        costs = RunningCost(client.control_plane.billing.pricing.serverless.list())
    asking = model(costs=costs)
    told = [ask(asking, QUESTION).response_metadata for _ in range(2)]

    assert all(Decimal(one["cost"]) > 0 for one in told)
    assert sum(Decimal(one["cost"]) for one in told) == pytest.approx(costs.total.amount, abs=Decimal("2e-9"))
    assert {one["currency"] for one in told} == {"USD"}


def test_an_answer_without_a_price_is_an_answer(ask: Ask) -> None:
    with Tensormesh() as client:
        prices = [one for one in client.control_plane.billing.pricing.serverless.list() if one.model != MODEL]
    message = ask(model(costs=RunningCost(prices)), QUESTION)

    assert message.text
    assert "cost" not in message.response_metadata


# Requests.


def test_what_is_set_is_sent_and_nothing_else(ask: Ask, host: LocalHost) -> None:
    asking = model(temperature=0, max_tokens=50, stop=["."], model_kwargs={"top_k": 3})
    ask(asking, QUESTION)
    ask(asking, QUESTION, temperature=1, stop=["!"], max_tokens=None)

    bodies = [
        {key: body[key] for key in body if key not in ("messages", "stream", "stream_options")} for body in chats(host)
    ]
    assert bodies == [
        {"model": MODEL, "temperature": 0, "max_tokens": 50, "stop": ["."], "top_k": 3},
        {"model": MODEL, "temperature": 1, "stop": ["!"], "top_k": 3},
    ]


def test_a_field_of_a_call_that_nobody_knows_is_refused(ask: Ask, host: LocalHost) -> None:
    with pytest.raises(TypeError, match="did you mean 'temperature'"):
        ask(model(), QUESTION, temprature=0)
    with pytest.raises(ValidationError, match="temprature"):
        model(temprature=0)

    assert chats(host) == []


def test_on_demand_says_who_calls(ask: Ask, host: LocalHost) -> None:
    served = next(iter(Tensormesh().inference.on_demand.models.list())).id
    message = ask(model(model=served, surface="on_demand", user_id=host.on_demand_user_id), QUESTION)

    assert message.text
    (record,) = [one for one in host.requests if one.path.endswith("/chat/completions")]
    assert record.headers["x-user-id"] == host.on_demand_user_id
    with pytest.raises(ValidationError, match="user_id goes with surface='on_demand'"):
        model(user_id=host.on_demand_user_id)


def test_an_error_is_that_of_the_client(ask: Ask) -> None:
    with pytest.raises(tensormesh.NotFoundError, match="no/such-model") as raised:
        ask(model(model="no/such-model"), QUESTION)

    assert raised.value.status_code == 404


@pytest.mark.parametrize(("retries", "tries"), [(None, 1), (2, 2)])
def test_a_call_is_repeated_only_where_that_was_asked_for(
    ask: Ask, host: LocalHost, retries: int | None, tries: int
) -> None:
    host.faults.add({"status": 429, "headers": {"Retry-After": "0"}, "times": 1})
    if retries is None:
        with pytest.raises(tensormesh.RateLimitError):
            ask(model(max_retries=retries), QUESTION)
    else:
        assert ask(model(max_retries=retries), QUESTION).text

    assert len(chats(host)) == tries


def test_several_answers_cannot_be_one_stream(host: LocalHost) -> None:
    with pytest.raises(tensormesh.errors.ValidationError, match="several choices"):
        [*model(model_kwargs={"n": 2}).stream(QUESTION)]

    generations = model(model_kwargs={"n": 2}).generate([[HumanMessage(QUESTION)]]).generations[0]
    assert [bool(one.message.usage_metadata) for one in generations] == [True, False]


def test_a_stream_that_is_left_ends_at_the_host(host: LocalHost) -> None:
    host.faults.add({"stall_after_events": 3})
    stream = model().stream(QUESTION)
    next(stream)
    stream.close()

    (record,) = host.requests
    assert record.wait().hung_up


def test_an_asynchronous_stream_that_is_left_ends_at_the_host(host: LocalHost) -> None:
    host.faults.add({"stall_after_events": 3})

    async def left() -> None:
        stream = model().astream(QUESTION)
        await anext(stream)
        await stream.aclose()

    asyncio.run(left())

    (record,) = host.requests
    assert record.wait().hung_up


def test_tokens_are_counted_by_the_host(host: LocalHost) -> None:
    counting = model()

    assert counting.get_num_tokens("Hello there") == len(counting.get_token_ids("Hello there")) > 0
    alone = counting.get_num_tokens_from_messages([HumanMessage("Hello")])
    assert counting.get_num_tokens_from_messages([HumanMessage("Hello")], tools=[get_weather]) > alone > 0


# Tools and schemas.


def test_a_tool_without_a_description_gets_one(ask: Ask, host: LocalHost) -> None:
    assert ask(model().bind_tools([Forecast], tool_choice="any"), "Paris").tool_calls[0]["args"] == {"city": "Paris"}

    assert chats(host)[0]["tools"][0]["function"]["description"] == "Call Forecast."


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("any", "required"),
        (True, "required"),
        ("required", "required"),
        ("auto", "auto"),
        ("none", "none"),
        ("get_weather", {"type": "function", "function": {"name": "get_weather"}}),
        (None, None),
        (False, None),
    ],
)
def test_a_choice_of_tools_has_the_words_of_the_service(ask: Ask, host: LocalHost, choice: Any, sent: Any) -> None:
    ask(model().bind_tools([get_weather], tool_choice=choice), "How warm is it in Paris?")

    assert chats(host)[0].get("tool_choice") == sent


@pytest.mark.parametrize("schema", [River, RiverDict, River.model_json_schema()], ids=["class", "typed", "schema"])
@pytest.mark.parametrize("method", ["function_calling", "json_schema", "json_mode"])
def test_output_fits_a_schema_in_three_ways(host: LocalHost, method: Any, schema: Any) -> None:
    prompt = "Which river flows through Cologne? Answer as JSON with the key name."
    asking = model().with_structured_output(schema, method=method)
    wanted = type(River(name="x")) if schema is River else dict

    async def awaited() -> Any:
        return await asking.ainvoke(prompt)

    streamed = [*asking.stream(prompt)][-1]
    for answer in (asking.invoke(prompt), asyncio.run(awaited()), streamed):
        assert isinstance(answer, wanted)
        assert set(dict(answer)) == {"name"}
    body = chats(host)[0]
    assert ("tools" in body) == (method == "function_calling")
    assert body.get("response_format", {}).get("type") == {
        "json_schema": "json_schema",
        "json_mode": "json_object",
    }.get(method)


def test_a_service_without_schemas_says_so_where_one_was_asked_for() -> None:
    with LocalHost(Options()) as strict:
        asking = model(base_url=strict.serverless_base_url, api_key=strict.inference_api_key)

        with pytest.raises(tensormesh.BadRequestError, match="response_format"):
            asking.with_structured_output(River, method="json_schema").invoke("A river.")
        assert isinstance(asking.with_structured_output(River).invoke("Which river is it, the Rhine?"), River)


@pytest.mark.parametrize("method", ["json_schema", "json_mode", "function_calling"])
def test_the_message_can_be_had_beside_what_was_read_of_it(host: LocalHost, method: Any) -> None:
    asking = model().with_structured_output(River, method=method, include_raw=True)
    found = asking.invoke("Which river is it, the Rhine? JSON with the key name.")

    assert found["raw"].usage_metadata
    assert isinstance(found["parsed"], River)
    assert found["parsing_error"] is None


def test_what_cannot_be_read_is_an_error_or_is_told(host: LocalHost) -> None:
    prompt = "Answer as JSON with the key unit."

    with pytest.raises(OutputParserException):
        model().with_structured_output(River, method="json_mode").invoke(prompt)
    found = model().with_structured_output(River, method="json_mode", include_raw=True).invoke(prompt)
    assert (found["parsed"], type(found["parsing_error"])) == (None, OutputParserException)


def test_a_way_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="method must be function_calling, json_mode or json_schema"):
        model().with_structured_output(River, method="magic")
    with pytest.raises(ValueError, match="needs a schema"):
        model().with_structured_output(method="json_schema")


# Clients.


@pytest.mark.parametrize("stream", [False, True])
def test_one_model_serves_ten_event_loops_one_after_another(host: LocalHost, stream: bool) -> None:
    asking = model(streaming=stream)

    async def three() -> list[str]:
        return [message.text for message in await asking.abatch([QUESTION] * 3)]

    assert all(text for _ in range(10) for text in asyncio.run(three()))
    assert len(chats(host)) == 30


def test_a_client_of_ones_own_is_used(ask: Ask, host: LocalHost) -> None:
    host.reset()
    with Tensormesh(default_headers={"x-team": "search"}) as client:
        assert ask(ChatTensormesh(model=MODEL, client=client), QUESTION).text

    (record,) = host.requests
    assert record.headers["x-team"] == "search"


def test_an_asynchronous_client_of_ones_own_is_used(host: LocalHost) -> None:
    async def asked() -> str:
        async with AsyncTensormesh(default_headers={"x-team": "search"}) as client:
            return (await ChatTensormesh(model=MODEL, async_client=client).ainvoke(QUESTION)).text

    assert asyncio.run(asked())
    assert [record.headers["x-team"] for record in host.requests] == ["search"]


def test_settings_beside_a_client_are_refused() -> None:
    with pytest.raises(ValidationError, match="base_url, timeout cannot be given beside a client"):
        ChatTensormesh(model=MODEL, client=Tensormesh(), base_url="http://127.0.0.1:1", timeout=3)


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))], ids=["copy", "deep", "pickle"]
)
def test_a_copy_of_a_model_works(host: LocalHost, copied: Callable[[Any], Any]) -> None:
    asking = model(temperature=0)
    text = asking.invoke(QUESTION).text

    assert copied(asking).invoke(QUESTION).text == text


def test_a_copy_with_another_key_calls_with_that_key(host: LocalHost) -> None:
    asking = model()
    asking.invoke(QUESTION)
    other = asking.model_copy(update={"api_key": type(asking.api_key)("wrong")})

    with pytest.raises(tensormesh.AuthenticationError):
        other.invoke(QUESTION)
    assert asking.invoke(QUESTION).text


def test_no_key_is_shown(host: LocalHost) -> None:
    asking = model(api_key="ak-SENTINEL", default_headers={"x-key": "SENTINEL"})

    assert "SENTINEL" not in f"{asking!r} {asking} {asking._identifying_params} {asking._get_ls_params()}"
    assert "SENTINEL" not in str(asking._serialized)
