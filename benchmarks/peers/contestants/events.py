"""Server-sent events as a careful user of a bare HTTP library reads them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Any

DONE = b"[DONE]"


def read(pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Read to the end, so that the connection can be used again."""
    rest = b""
    for piece in pieces:
        *blocks, rest = (rest + piece).split(b"\n\n")
        for block in blocks:
            data = block.removeprefix(b"data: ")
            if data != DONE:
                yield json.loads(data)


async def aread(pieces: AsyncIterable[bytes]) -> AsyncIterator[dict[str, Any]]:
    """The same, awaited."""
    rest = b""
    async for piece in pieces:
        *blocks, rest = (rest + piece).split(b"\n\n")
        for block in blocks:
            data = block.removeprefix(b"data: ")
            if data != DONE:
                yield json.loads(data)


def content(chunk: dict[str, Any]) -> str:
    """What a chunk says."""
    return chunk["choices"][0]["delta"].get("content") or ""
