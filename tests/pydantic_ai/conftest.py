"""A local host, as the environment names it, and agents that ask it."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic_ai import Agent, AgentRunResult
from pydantic_ai.models.openai import OpenAIChatModel

from tensormesh_pydantic_ai import TensormeshProvider
from tests.promises.conftest import host as host
from tests.promises.conftest import running as running

MODEL = "openai/gpt-oss-20b"


def model(name: str = MODEL, **settings: Any) -> OpenAIChatModel:
    """A model of pydantic-ai by way of our provider."""
    return OpenAIChatModel(name, provider=TensormeshProvider(**settings))


def run[T](agent: Agent[None, T], prompt: str, **options: Any) -> AgentRunResult[T]:
    """What an agent says, in an event loop of its own, which leaves no connection open."""

    async def asked() -> AgentRunResult[T]:
        async with agent:
            return await agent.run(prompt, **options)

    return asyncio.run(asked())
