"""Agents of LangChain over our chat model."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tensormesh_local import LocalHost
from tests.interplay.conftest import KEY, MODEL
from tests.interplay.installed import needs

agents = needs("langchain.agents")

from langchain_core.tools import tool  # noqa: E402  (there is none where tests are skipped)
from pydantic import BaseModel  # noqa: E402

from tensormesh_langchain import ChatTensormesh  # noqa: E402

ASKED: Any = {"messages": [("user", "How warm is it in Lyon?")]}


@tool
def temperature(city: str) -> str:
    """Tell how warm it is in a city, in degrees Celsius."""
    return f"21 in {city}"


class River(BaseModel):
    """A river."""

    name: str


@pytest.fixture
def model(host: LocalHost) -> ChatTensormesh:
    return ChatTensormesh(model=MODEL, base_url=host.serverless_base_url, api_key=KEY)


def test_an_agent_calls_its_tools(model: ChatTensormesh) -> None:
    agent = agents.create_agent(model, [temperature])

    whole = agent.invoke(ASKED)
    awaited = asyncio.run(agent.ainvoke(ASKED))

    assert [message.type for message in whole["messages"]] == ["human", "ai", "tool", "ai"]
    for answer in (whole, awaited):
        assert "21 in Lyon" in answer["messages"][-1].text


def test_an_agent_streams_its_messages_with_their_counts(model: ChatTensormesh) -> None:
    agent = agents.create_agent(model, [temperature])

    chunks = [chunk for chunk, _ in agent.stream(ASKED, stream_mode="messages")]

    assert sum(1 for chunk in chunks if getattr(chunk, "usage_metadata", None)) == 2
    assert "21 in Lyon" in "".join(chunk.text for chunk in chunks)


def test_an_agent_needs_no_tools(model: ChatTensormesh) -> None:
    assert agents.create_agent(model, []).invoke(ASKED)["messages"][-1].text


@pytest.mark.parametrize("tools", [[], [temperature]], ids=["alone", "beside a tool"])
def test_an_agent_answers_after_a_schema(model: ChatTensormesh, tools: list[Any]) -> None:
    agent = agents.create_agent(model, tools, response_format=River)

    answer = agent.invoke({"messages": [("user", "Which river is it, the Rhine?")]})

    assert answer["structured_response"] == River(name="Rhine")
