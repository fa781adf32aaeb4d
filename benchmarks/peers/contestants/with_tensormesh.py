"""This project, and the package of the same name on the index: both are called in the same way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from .question import KEY, MESSAGES, MODEL


def content(chunk: Any) -> str:
    return chunk.choices[0].delta.content or ""


class Sync:
    def __init__(self, url: str) -> None:
        from tensormesh import Tensormesh

        self.client = Tensormesh(inference_api_key=KEY, serverless_base_url=url)
        self.chat = self.client.inference.serverless.chat.completions

    def request(self) -> str:
        return self.chat.create(model=MODEL, messages=MESSAGES).choices[0].message.content or ""

    def chunks(self) -> Iterator[Any]:
        return iter(self.chat.create(model=MODEL, messages=MESSAGES, stream=True))

    def texts(self) -> Iterator[str]:
        return self.chat.create(model=MODEL, messages=MESSAGES, stream=True).text_deltas()


class Async:
    def __init__(self, url: str) -> None:
        from tensormesh import AsyncTensormesh

        self.client = AsyncTensormesh(inference_api_key=KEY, serverless_base_url=url)
        self.chat = self.client.inference.serverless.chat.completions

    async def request(self) -> str:
        answer = await self.chat.create(model=MODEL, messages=MESSAGES)
        return answer.choices[0].message.content or ""

    async def chunks(self) -> AsyncIterator[Any]:
        return await self.chat.create(model=MODEL, messages=MESSAGES, stream=True)

    async def texts(self) -> AsyncIterator[str]:
        return (await self.chat.create(model=MODEL, messages=MESSAGES, stream=True)).text_deltas()

    async def close(self) -> None:
        await self.client.close()
