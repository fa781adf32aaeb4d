"""Chat models on the local host, the ways to ask them, and what the host has seen of that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import reduce
from operator import add
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.tools import tool

from tensormesh_langchain import ChatTensormesh
from tensormesh_local import LocalHost

MODEL = "openai/gpt-oss-20b"
QUESTION = "Why is the sky blue?"
WAYS = ("invoke", "ainvoke", "stream", "astream")

Ask = Callable[..., AIMessage]


def asking(way: str) -> Ask:
    """The message of an answer that is asked for in one of the ways."""

    async def awaited(model: Any, messages: Any, **kwargs: Any) -> AIMessage:
        if way == "ainvoke":
            return await model.ainvoke(messages, **kwargs)
        return together([chunk async for chunk in model.astream(messages, **kwargs)])

    def asked(model: Any, messages: Any, **kwargs: Any) -> AIMessage:
        if way == "invoke":
            return model.invoke(messages, **kwargs)
        if way == "stream":
            return together(model.stream(messages, **kwargs))
        return asyncio.run(awaited(model, messages, **kwargs))

    return asked


def together(chunks: Iterable[AIMessageChunk]) -> AIMessageChunk:
    """The message that chunks add up to."""
    return reduce(add, chunks)


def model(**settings: Any) -> ChatTensormesh:
    """A model on the host that the environment names."""
    return ChatTensormesh(**{"model": MODEL, **settings})


def chats(host: LocalHost) -> list[Any]:
    """The bodies of the chats that the host has seen."""
    return [record.body for record in host.requests if record.path.endswith("/chat/completions")]


@tool
def get_weather(city: str) -> str:
    """Tell how the weather is in a city."""
    return f"sunny in {city}"
