# mypy: disable-error-code="import-not-found,import-untyped"
# pyright: reportMissingImports=false
"""aiohttp and `json`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from . import events
from .question import HEADERS, STREAMED, WHOLE

content = events.content


class Async:
    def __init__(self, url: str) -> None:
        self.url = f"{url}/v1/chat/completions"
        self.client = aiohttp.ClientSession(headers=HEADERS, connector=aiohttp.TCPConnector(limit=0))

    async def request(self) -> str:
        async with self.client.post(self.url, json=WHOLE) as answer:
            answer.raise_for_status()
            text: str = (await answer.json())["choices"][0]["message"]["content"]
            return text

    async def chunks(self) -> AsyncIterator[dict[str, Any]]:
        return self._chunks()

    async def _chunks(self) -> AsyncIterator[dict[str, Any]]:
        async with self.client.post(self.url, json=STREAMED) as answer:
            answer.raise_for_status()
            async for chunk in events.aread(answer.content.iter_any()):
                yield chunk

    async def close(self) -> None:
        await self.client.close()
