"""A local host, as the environment names it, and agents that ask it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic_ai import Agent, AgentRunResult
from pydantic_ai.models.openai import OpenAIChatModel

from tensormesh_local import LocalHost, Options
from tensormesh_pydantic_ai import TensormeshProvider

MODEL = "openai/gpt-oss-20b"


@pytest.fixture(scope="session")
def pydantic_ai_host() -> Iterator[LocalHost]:
    with LocalHost(Options()) as host:
        yield host


@pytest.fixture
def host(pydantic_ai_host: LocalHost, monkeypatch: pytest.MonkeyPatch) -> LocalHost:
    """The host; the variables lead there."""
    pydantic_ai_host.reset()
    for name, value in pydantic_ai_host.environment().items():
        monkeypatch.setenv(name, value)
    return pydantic_ai_host


def model(name: str = MODEL, **settings: Any) -> OpenAIChatModel:
    """A model of pydantic-ai by way of our provider."""
    return OpenAIChatModel(name, provider=TensormeshProvider(**settings))


def run[T](agent: Agent[None, T], prompt: str) -> AgentRunResult[T]:
    """What an agent says, in an event loop of its own, which leaves no connection open."""

    async def asked() -> AgentRunResult[T]:
        async with agent:
            return await agent.run(prompt)

    return asyncio.run(asked())
