"""What users write, and every checker passes. Never run: `tests/typing/test_checkers.py` has it read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, assert_type

from tensormesh import AsyncTensormesh, RunningCost, Tensormesh, ToolCall, tool
from tensormesh.types import (
    BillingTransaction,
    ChatCompletionRequest,
    ChatCompletionToolLike,
    ChatCompletionToolParam,
    ChatMessage,
    ChatMessageLike,
    ChatMessageParam,
    ContentPartParam,
    InferenceModel,
    JsonSchemaResponseFormat,
    Money,
    OpenObject,
    ResponseFormat,
    ResponseFormatLike,
    ResponseInputItemLike,
    Ticket,
)


def names(client: Tensormesh) -> list[str]:
    listed = client.inference.serverless.models.list()
    assert_type(listed[0], InferenceModel)
    assert_type(listed[:2], list[InferenceModel])
    assert_type(dict(listed), dict[str, Any])
    assert_type(listed["object"], Any)
    return [model.id for model in listed] if len(listed) else []


def spent(client: Tensormesh) -> Money | int:
    total: Money | int = 0
    for transaction in client.control_plane.billing.transactions.list(page_size=50):
        assert_type(transaction, BillingTransaction)
        if transaction.amount:
            assert_type(transaction.amount + transaction.amount, Money)
            total = sum([transaction.amount])
    return total


async def tickets(client: AsyncTensormesh) -> list[str]:
    found = []
    async for ticket in await client.control_plane.support.tickets.list(status="open"):
        assert_type(ticket, Ticket)
        found.append(ticket.ticket_id)
    return found


def ask(client: Tensormesh, costs: RunningCost) -> str:
    answer = client.inference.serverless.chat.completions.create(
        model="openai/gpt-oss-20b",
        messages=[{"role": "system", "content": "Be short."}, ChatMessage(role="user", content="Hello.")],
        temperature=0.2,
        stop=["\n"],
    )
    assert_type(answer.request_id, str | None)
    assert_type(costs.add(answer), Money)
    assert_type(answer.to_json(indent=2), str)
    return answer.choices[0].message.content or json.dumps(answer.to_dict())


def told(client: Tensormesh) -> str:
    with client.inference.serverless.chat.completions.create(
        model="openai/gpt-oss-20b", messages=[{"role": "user", "content": "Count."}], stream=True
    ) as stream:
        return "".join(stream.text_deltas())


def talk(client: Tensormesh, role: Literal["user", "system"], picture: str) -> None:
    create = client.inference.serverless.chat.completions.create
    begun: list[ChatMessageParam] = [{"role": role, "content": "Be short."}]
    begun.append({"role": "user", "content": "Hello.", "name": "ada"})
    answer = create(model="m", messages=[*begun, {"role": "user", "content": None}])
    answer = create(model="m", messages=[*begun, answer.choices[0].message, {"role": "user", "content": "And then?"}])

    history: list[ChatMessageLike] = [*begun]
    history.append(answer.choices[0].message)
    history += [ChatMessage(role="critic", content="Go on."), {"role": "tool", "tool_call_id": "1", "content": "21"}]
    history.append({"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]})
    create(model="m", messages=history)
    create(model="m", messages=[*history, answer.choices[0].message])

    parts: list[ContentPartParam] = [{"type": "text", "text": "What is it?"}]
    parts.append({"type": "image_url", "image_url": {"url": picture, "detail": "low"}})
    create(model="m", messages=[{"role": "user", "content": parts}])
    create(model="m", messages=[{"role": "user", "content": [*parts, OpenObject.from_dict({"type": "smell"})]}])


def with_formats(client: Tensormesh, weather: ChatCompletionToolParam, loaded: dict[str, Any]) -> None:
    create = client.inference.serverless.chat.completions.create
    create(model="m", messages=loaded["messages"], tools=[weather], tool_choice="auto")
    tool: ChatCompletionToolParam = {"function": {"name": "f", "description": "F.", "parameters": loaded}}
    create(
        model="m",
        messages=({"role": "user", "content": "Hello."},),
        tools=[tool, {"type": "function", "function": {"name": "g"}}],
        tool_choice={"type": "function", "function": {"name": "g"}},
        response_format={"type": "json_object"},
        stream_options={"include_usage": True},
        thinking={"type": "disabled"},
    )
    create(
        model="m",
        messages=[],
        response_format={"type": "json_schema", "json_schema": {"name": "river", "schema": loaded, "strict": True}},
        allow_json_schema=True,
    )
    river = JsonSchemaResponseFormat(json_schema_={"name": "river", "schema": loaded})
    create(model="m", messages=[], response_format=river, allow_json_schema=True)
    forms: list[ResponseFormatLike] = [river, ResponseFormat(type="text"), {"type": "json_object"}]
    create(request=ChatCompletionRequest(model="m", messages=[], response_format=forms[0]))
    create(request=loaded)
    create(request={"model": "m", "messages": [{"role": "user", "content": "Hello."}], "novelty": 1})
    create(model="m", messages=[], reasoning_effort="of tomorrow")


def respond(client: Tensormesh) -> None:
    create = client.inference.serverless.responses.create
    items: list[ResponseInputItemLike] = [{"role": "user", "content": "Hello."}]
    answer = create(
        model="m", input=items, text={"format": {"type": "json_schema", "schema": {}}}, allow_json_schema=True
    )
    items += [*answer.output, {"type": "function_call_output", "call_id": "c", "output": "21"}]
    create(model="m", input=items, tools=[{"type": "function", "name": "f", "async": True}])


def pay(client: Tensormesh) -> None:
    plane = client.control_plane
    plane.billing.stripe.payment_intents.create(amount={"units": 5, "currencyCode": "USD"})
    plane.billing.stripe.payment_intents.create(request={"amount": {"units": "5"}})
    plane.support.tickets.create(subject="s", message="m")
    plane.users.update("u", first_name="Ada")
    plane.users.with_raw_response.update("u", first_name="Ada")
    plane.users.api_keys.create(name="ci")


def temperature(city: str) -> float:
    """Tell how warm it is in a city."""
    return float(len(city))


async def awaited_temperature(city: str) -> float:
    """Tell how warm it is in a city."""
    return float(len(city))


def failed(error: Exception, call: ToolCall) -> str:
    return f"{call.tool.name}: {error}"


async def with_tools(client: AsyncTensormesh, other: Tensormesh) -> str:
    messages: list[ChatMessageParam] = [{"role": "user", "content": "How warm is it in Lyon?"}]
    run = await client.inference.serverless.run_tools(
        [awaited_temperature, tool(temperature, name="warmth")], model="m", messages=messages, limit=3, on_error=failed
    )
    again = other.inference.on_demand.run_tools([temperature], model="m", messages=run.messages)
    return run.text + again.text


class Weather:
    def to_dict(self) -> ChatCompletionToolParam:
        return {"type": "function", "function": {"name": "f", "description": "F."}}


def with_own_loop(client: Tensormesh) -> None:
    chat, responses = client.inference.serverless.chat.completions, client.inference.serverless.responses
    asked: list[ChatMessageParam] = [{"role": "user", "content": "How warm is it in Lyon?"}]
    chat.create(model="m", messages=asked, tools=[tool(temperature)])
    chat.create(model="m", messages=asked, tools=[tool(temperature), {"function": {"name": "g"}}, Weather()])
    chat.create(model="m", messages=asked, tools=[tool(temperature)], stream=True)
    ChatCompletionRequest(model="m", messages=[*asked], tools=[tool(temperature)])
    tools: list[ChatCompletionToolLike] = [tool(temperature), tool(temperature, name="warmth").to_dict()]
    chat.create(model="m", messages=asked, tools=tools)
    responses.create(model="m", input="Hello.", tools=[tool(temperature).to_response_tool(), {"type": "web_search"}])


def operate(client: Tensormesh) -> str:
    plane = client.control_plane
    key = plane.users.api_keys.create(name="ci", expires_at=timedelta(days=30))
    plane.users.api_keys.create(name="ci", expires_at="30d")
    model = plane.models.wait_until_up(
        plane.models.deploy(model_name="m", gpu_type="h100", infra={"cloudProvider": "nebius"}).model_id, timeout=600
    )
    logs = plane.observability.deployments.logs
    logs.list(model.deployment_id or "", start_time=timedelta(hours=1), end_time=datetime.now(UTC))
    for line in logs.follow(model.model_id, start_time="15m"):
        return line.message or key.id
    return ""
