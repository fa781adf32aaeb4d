"""What users write, and every checker passes. Never run: `tests/typing/test_programs.py` has it read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, assert_type

from tensormesh import AsyncTensormesh, RunningCost, Tensormesh, ToolCall, tool
from tensormesh.types import BillingTransaction, ChatMessage, InferenceModel, Money, Ticket


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


def temperature(city: str) -> float:
    """Tell how warm it is in a city."""
    return float(len(city))


async def awaited_temperature(city: str) -> float:
    """Tell how warm it is in a city."""
    return float(len(city))


def failed(error: Exception, call: ToolCall) -> str:
    return f"{call.tool.name}: {error}"


async def with_tools(client: AsyncTensormesh, other: Tensormesh) -> str:
    messages = [{"role": "user", "content": "How warm is it in Lyon?"}]
    run = await client.inference.serverless.run_tools(
        [awaited_temperature, tool(temperature, name="warmth")], model="m", messages=messages, limit=3, on_error=failed
    )
    again = other.inference.on_demand.run_tools([temperature], model="m", messages=run.messages)
    return run.text + again.text


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
