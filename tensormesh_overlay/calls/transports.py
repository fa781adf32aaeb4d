"""
The transports of a client that brings none of its own.

They are made when the first request leaves, so that building a client costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensormesh_transport.messages import AsyncBody, AsyncTransport, Body, Request, Response, Transport


class LazyTransport:
    """The transport of a synchronous client, made when it is first needed."""

    _made: Transport | None = None

    def __init__(self, ca_bundle: str | None, max_connections: int) -> None:
        self._settings = (ca_bundle, max_connections)

    def _transport(self) -> Transport:
        made = self._made
        if made is None:
            from tensormesh_transport.default import blocking_transport

            made = vars(self).setdefault("_made", blocking_transport(*self._settings))  # of threads, the first one's
        return made

    def send(self, request: Request) -> Response:
        return self._transport().send(request)

    def open(self, request: Request) -> Body:
        return self._transport().open(request)

    def close(self) -> None:
        if self._made is not None:
            self._made.close()


class AsyncLazyTransport:
    """The transport of an asynchronous client, made when it is first needed."""

    _made: AsyncTransport | None = None

    def __init__(self, ca_bundle: str | None, max_connections: int) -> None:
        self._settings = (ca_bundle, max_connections)

    def _transport(self) -> AsyncTransport:
        made = self._made
        if made is None:
            from tensormesh_transport.default import asyncio_transport

            made = vars(self).setdefault("_made", asyncio_transport(*self._settings))
        return made

    async def send(self, request: Request) -> Response:
        return await self._transport().send(request)

    async def open(self, request: Request) -> AsyncBody:
        return await self._transport().open(request)

    async def sleep(self, seconds: float) -> None:
        await self._transport().sleep(seconds)

    async def close(self) -> None:
        if self._made is not None:
            await self._made.close()
