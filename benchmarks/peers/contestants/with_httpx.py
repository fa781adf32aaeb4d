"""httpx, or its successor httpx2 where that is installed, and `json`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from typing import Any

from . import events
from .question import HEADERS, STREAMED, WHOLE

try:
    httpx: Any = import_module("httpx2")
except ImportError:
    httpx = import_module("httpx")

content = events.content


class Sync:
    def __init__(self, url: str) -> None:
        self.url = f"{url}/v1/chat/completions"
        self.client = httpx.Client(headers=HEADERS)

    def request(self) -> str:
        text: str = self.client.post(self.url, json=WHOLE).raise_for_status().json()["choices"][0]["message"]["content"]
        return text

    def chunks(self) -> Iterator[dict[str, Any]]:
        with self.client.stream("POST", self.url, json=STREAMED) as answer:
            answer.raise_for_status()
            yield from events.read(answer.iter_bytes())


class Async:
    def __init__(self, url: str) -> None:
        self.url = f"{url}/v1/chat/completions"
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        self.client = httpx.AsyncClient(headers=HEADERS, limits=limits, timeout=60)

    async def request(self) -> str:
        answer = await self.client.post(self.url, json=WHOLE)
        text: str = answer.raise_for_status().json()["choices"][0]["message"]["content"]
        return text

    async def chunks(self) -> AsyncIterator[dict[str, Any]]:
        return self._chunks()

    async def _chunks(self) -> AsyncIterator[dict[str, Any]]:
        async with self.client.stream("POST", self.url, json=STREAMED) as answer:
            answer.raise_for_status()
            async for chunk in events.aread(answer.aiter_bytes()):
                yield chunk

    async def close(self) -> None:
        await self.client.aclose()
