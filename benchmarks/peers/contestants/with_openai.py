# mypy: disable-error-code="import-not-found,import-untyped"
# pyright: reportMissingImports=false
"""The package `openai`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from .question import KEY, MESSAGES, MODEL


def content(chunk: Any) -> str:
    return chunk.choices[0].delta.content or ""


class Sync:
    def __init__(self, url: str) -> None:
        from openai import OpenAI

        self.client = OpenAI(api_key=KEY, base_url=f"{url}/v1")
        self.chat = self.client.chat.completions

    def request(self) -> str:
        return self.chat.create(model=MODEL, messages=MESSAGES).choices[0].message.content or ""

    def chunks(self) -> Iterator[Any]:
        return iter(self.chat.create(model=MODEL, messages=MESSAGES, stream=True))

    def texts(self) -> Iterator[str]:
        """What `stream()` of the package offers for it."""
        with self.chat.stream(model=MODEL, messages=MESSAGES) as stream:
            for event in stream:
                if event.type == "content.delta":
                    yield event.delta


class Async:
    def __init__(self, url: str) -> None:
        from openai import AsyncOpenAI

        self.client = AsyncOpenAI(api_key=KEY, base_url=f"{url}/v1")
        self.chat = self.client.chat.completions

    async def request(self) -> str:
        answer = await self.chat.create(model=MODEL, messages=MESSAGES)
        return answer.choices[0].message.content or ""

    async def chunks(self) -> AsyncIterator[Any]:
        stream: AsyncIterator[Any] = await self.chat.create(model=MODEL, messages=MESSAGES, stream=True)
        return stream

    async def texts(self) -> AsyncIterator[str]:
        return self._texts()

    async def _texts(self) -> AsyncIterator[str]:
        async with self.chat.stream(model=MODEL, messages=MESSAGES) as stream:
            async for event in stream:
                if event.type == "content.delta":
                    yield event.delta

    async def close(self) -> None:
        await self.client.close()
