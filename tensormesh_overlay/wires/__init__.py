"""
The HTTP libraries, each known to one wire here, and to nothing else.

A library is imported when the first request leaves, so that building a client costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensormesh_overlay.wire import AsyncBody, AsyncWire, Body, HTTPRequest, HTTPResponse, Wire


class LazyWire:
    """The wire of a synchronous client, made when it is first needed."""

    _made: Wire | None = None

    def __init__(self, ca_bundle: str | None) -> None:
        self._ca_bundle = ca_bundle

    def _wire(self) -> Wire:
        made = self._made
        if made is None:
            from tensormesh_overlay.wires.urllib3_wire import Urllib3Wire

            made = vars(self).setdefault("_made", Urllib3Wire(self._ca_bundle))  # of several threads, the first one's
        return made

    def send(self, request: HTTPRequest) -> HTTPResponse:
        return self._wire().send(request)

    def open(self, request: HTTPRequest) -> Body:
        return self._wire().open(request)

    def close(self) -> None:
        if self._made is not None:
            self._made.close()


class AsyncLazyWire:
    """The wire of an asynchronous client, made when it is first needed."""

    _made: AsyncWire | None = None

    def __init__(self, ca_bundle: str | None) -> None:
        self._ca_bundle = ca_bundle

    def _wire(self) -> AsyncWire:
        made = self._made
        if made is None:
            from tensormesh_overlay.wires.aiohttp_wire import AiohttpWire

            made = vars(self).setdefault("_made", AiohttpWire(self._ca_bundle))
        return made

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        return await self._wire().send(request)

    async def open(self, request: HTTPRequest) -> AsyncBody:
        return await self._wire().open(request)

    async def sleep(self, seconds: float) -> None:
        await self._wire().sleep(seconds)

    async def close(self) -> None:
        if self._made is not None:
            await self._made.close()
