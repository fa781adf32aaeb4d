"""Whoever reads answers: both pumps of ours, and two other libraries."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Protocol

import aiohttp
import httpx

from tensormesh_transport.default import AsyncDefaultTransport, DefaultTransport
from tensormesh_transport.messages import Request, Timeouts

SECONDS = 5.0
"""Long: the host ends what it says; nothing should come near this."""

type Answer = tuple[int, bytes]
"""Status and content."""


class Reader(Protocol):
    def ask(self, method: str, url: str) -> Answer: ...
    def close(self) -> None: ...


class Blocking:
    """Ours, for threads."""

    def __init__(self) -> None:
        self._transport = DefaultTransport()

    def ask(self, method: str, url: str) -> Answer:
        response = self._transport.send(_request(method, url))
        return response.status_code, response.content

    def close(self) -> None:
        self._transport.close()


class Asynchronous:
    """Ours, for asyncio."""

    def __init__(self) -> None:
        self._runner, self._transport = asyncio.Runner(), AsyncDefaultTransport()

    def ask(self, method: str, url: str) -> Answer:
        response = self._runner.run(self._transport.send(_request(method, url)))
        return response.status_code, response.content

    def close(self) -> None:
        self._runner.run(self._transport.close())
        self._runner.close()


class Httpx:
    """httpx, over h11."""

    def __init__(self) -> None:
        # To load all the world's certificates would take it long.
        self._client = httpx.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), timeout=SECONDS)

    def ask(self, method: str, url: str) -> Answer:
        response = self._client.request(method, url)
        return response.status_code, response.content

    def close(self) -> None:
        self._client.close()


class Aiohttp:
    """aiohttp, over llhttp as well, with leniencies of its own."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._session = self._runner.run(self._begin())

    async def _begin(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=SECONDS))

    def ask(self, method: str, url: str) -> Answer:
        return self._runner.run(self._ask(method, url))

    async def _ask(self, method: str, url: str) -> Answer:
        async with self._session.request(method, url) as response:
            return response.status, await response.read()

    def close(self) -> None:
        self._runner.run(self._session.close())
        self._runner.close()


def _request(method: str, url: str) -> Request:
    return Request(method, url, "/", {}, None, Timeouts(SECONDS, SECONDS, SECONDS, None))


READERS: dict[str, Callable[[], Reader]] = {
    "blocking": Blocking,
    "asynchronous": Asynchronous,
    "httpx": Httpx,
    "aiohttp": Aiohttp,
}
