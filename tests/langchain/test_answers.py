"""Answers keep their thoughts, their counts and their cost, whichever way they were asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from tensormesh import RunningCost, Tensormesh
from tensormesh_local import LocalHost
from tests.langchain.models import MODEL, QUESTION, Ask, chats, get_weather, model, together

SENTENCE = "Tell me of rivers. " * 40


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


@pytest.mark.parametrize(
    "said",
    [
        {"role": "assistant", "content": "Two.", "reasoning": "Let me see."},
        AIMessage("Two.", additional_kwargs={"reasoning_content": "Let me see."}),
        AIMessage(
            [{"type": "thinking", "thinking": "Let me see.", "signature": "x"}, {"type": "text", "text": "Two."}]
        ),
        AIMessage(
            [
                {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Let me see."}]},
                {"type": "text", "text": "Two."},
            ]
        ),
    ],
    ids=["mapping", "beside", "thinking", "summary"],
)
def test_a_thought_goes_back_however_another_model_told_it(host: LocalHost, said: Any) -> None:
    model().invoke([HumanMessage("Count."), said, HumanMessage("Go on.")])

    assert chats(host)[0]["messages"][1] == {"role": "assistant", "content": "Two.", "reasoning": "Let me see."}


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


def test_the_counts_of_a_stream_are_the_last_that_came_and_not_thetogether(ask: Ask) -> None:
    options = {"include_usage": True, "continuous_usage_stats": True}
    once = ask(model(temperature=0), QUESTION).usage_metadata
    streamed = together([*model(temperature=0).stream(QUESTION, stream_options=options)]).usage_metadata

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
