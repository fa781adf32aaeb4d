"""
What carries requests where httptools has no wheel: clients of httpx, one for each proxy that the environment names.

Which host goes through which of them is decided as for our own transport: httpx knows no ranges in NO_PROXY.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx

from tensormesh_transport.errors import TransportError, forget_frames
from tensormesh_transport.httpx_transport import AsyncHttpxTransport, HttpxTransport
from tensormesh_transport.proxies import Proxy, proxy
from tensormesh_transport.tls import trust

if TYPE_CHECKING:
    from tensormesh_transport.httpx_transport import AsyncHttpxBody, HttpxBody
    from tensormesh_transport.messages import Request, Response


type Settings = dict[str, Any]
"""Arguments of a client of httpx."""


def settings(ca_bundle: str | None, max_connections: int) -> Settings:
    """
    What all clients have in common. To load whom to trust takes its time.

    Raises:
        TransportError: there are no certificates.
    """
    limits = httpx.Limits(max_connections=max_connections)
    return {"verify": trust(ca_bundle), "limits": limits, "trust_env": False}


class _Clients[T]:
    """
    The clients that were made so far.

    Args:
        make: makes one.
    """

    def __init__(self, make: Callable[..., T], settings: Settings) -> None:
        self._make, self._settings = make, settings
        self._ways: dict[str, Proxy | None] = {}
        self._made: dict[Proxy | None, T] = {}

    def find(self, base_url: str) -> T:
        """The client for one place."""
        if base_url not in self._ways:
            try:
                self._ways[base_url] = proxy(base_url)
            except TransportError as error:
                forget_frames(error)
                raise
        way = self._ways[base_url]
        if way not in self._made:
            through = None if way is None else httpx.Proxy(way.address, headers=_headers(way))
            self._made[way] = self._make(proxy=through, **self._settings)
        return self._made[way]

    def clear(self) -> list[T]:
        """Forget them; they are handed out, to be closed."""
        made, self._made = self._made, {}
        return list(made.values())


class HttpxFallback:
    """The transport for threads."""

    def __init__(self, settings: Settings) -> None:
        self._clients = _Clients(_client, settings)

    def prepare(self, base_url: str) -> None:
        """Make what a request to one place needs."""
        self._clients.find(base_url)

    def send(self, request: Request) -> Response:
        return self._clients.find(request.base_url).send(request)

    def open(self, request: Request) -> HttpxBody:
        return self._clients.find(request.base_url).open(request)

    def close(self) -> None:
        for client in self._clients.clear():
            client.close()


class AsyncHttpxFallback:
    """The transport for an event loop."""

    def __init__(self, settings: Settings) -> None:
        self._clients = _Clients(_async_client, settings)

    async def prepare(self, base_url: str) -> None:
        """Make what a request to one place needs."""
        self._clients.find(base_url)

    async def send(self, request: Request) -> Response:
        return await self._clients.find(request.base_url).send(request)

    async def open(self, request: Request) -> AsyncHttpxBody:
        return await self._clients.find(request.base_url).open(request)

    async def close(self) -> None:
        for client in self._clients.clear():
            await client.close()


def _client(**settings: Any) -> HttpxTransport:
    return HttpxTransport(httpx.Client(**settings), own=True)


def _async_client(**settings: Any) -> AsyncHttpxTransport:
    return AsyncHttpxTransport(httpx.AsyncClient(**settings), own=True)


def _headers(way: Proxy) -> dict[str, str]:
    return {} if way.authorization is None else {"proxy-authorization": way.authorization}
