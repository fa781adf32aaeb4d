"""What carries requests where nothing else is asked for: ours, and httpx where there is no wheel of httptools."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tensormesh_transport.messages import AsyncBody, AsyncTransport, Body, Request, Response, Transport

if TYPE_CHECKING:
    from tensormesh_transport.httpx_transport import AsyncHttpxTransport, HttpxTransport


def blocking_transport(ca_bundle: str | None, max_connections: int) -> Transport:
    """The transport for threads; see `BlockingTransport` for the arguments."""
    try:
        from tensormesh_transport.blocking.transport import BlockingTransport
    except ImportError:
        return Fallback(ca_bundle, max_connections)
    return BlockingTransport(ca_bundle, max_connections)


def asyncio_transport(ca_bundle: str | None, max_connections: int) -> AsyncTransport:
    """The transport for asyncio; see `AsyncioTransport` for the arguments."""
    try:
        from tensormesh_transport.asynchronous.transport import AsyncioTransport
    except ImportError:
        return AsyncFallback(ca_bundle, max_connections)
    return AsyncioTransport(ca_bundle, max_connections)


class Fallback:
    """A client of httpx, made when it is needed, and once more after it was closed."""

    def __init__(self, ca_bundle: str | None, max_connections: int) -> None:
        self._settings = (ca_bundle, max_connections)
        self._made: HttpxTransport | None = None

    def _transport(self) -> HttpxTransport:
        import httpx

        from tensormesh_transport.httpx_transport import HttpxTransport
        from tensormesh_transport.tls import trust

        if self._made is None:
            ca_bundle, most = self._settings
            limits = httpx.Limits(max_connections=most)
            self._made = HttpxTransport(httpx.Client(verify=trust(ca_bundle), limits=limits), own=True)
        return self._made

    def send(self, request: Request) -> Response:
        return self._transport().send(request)

    def open(self, request: Request) -> Body:
        return self._transport().open(request)

    def close(self) -> None:
        made, self._made = self._made, None
        if made is not None:
            made.close()


class AsyncFallback:
    """A client of httpx for each event loop."""

    def __init__(self, ca_bundle: str | None, max_connections: int) -> None:
        self._settings = (ca_bundle, max_connections)
        self._made: dict[asyncio.AbstractEventLoop, AsyncHttpxTransport] = {}

    def _transport(self) -> AsyncHttpxTransport:
        import httpx

        from tensormesh_transport.httpx_transport import AsyncHttpxTransport
        from tensormesh_transport.tls import trust

        loop = asyncio.get_running_loop()
        if loop not in self._made:
            for gone in [one for one in list(self._made) if one.is_closed()]:
                self._made.pop(gone, None)  # nobody can close its connections any more
            ca_bundle, most = self._settings
            limits = httpx.Limits(max_connections=most)
            self._made[loop] = AsyncHttpxTransport(httpx.AsyncClient(verify=trust(ca_bundle), limits=limits), own=True)
        return self._made[loop]

    async def send(self, request: Request) -> Response:
        return await self._transport().send(request)

    async def open(self, request: Request) -> AsyncBody:
        return await self._transport().open(request)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        made = self._made.pop(asyncio.get_running_loop(), None)
        if made is not None:
            await made.close()
