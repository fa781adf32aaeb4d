"""
The HTTP libraries, each known to one module here and to no other.

A library is imported when the first request leaves, so that building a client costs next to nothing.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensormesh_overlay.wire import AsyncBody, AsyncWire, Body, HTTPRequest, HTTPResponse, Wire


class LazyWire:
    """The wire of a synchronous client, made when it is first needed."""

    def __init__(self, ca_bundle: str | None) -> None:
        self._ca_bundle = ca_bundle
        self._lock = threading.Lock()

    @cached_property
    def _made(self) -> Wire:
        from tensormesh_overlay.wires.urllib3_wire import Urllib3Wire

        return Urllib3Wire(self._ca_bundle)

    def _wire(self) -> Wire:
        with self._lock:
            return self._made

    def send(self, request: HTTPRequest) -> HTTPResponse:
        return self._wire().send(request)

    def open(self, request: HTTPRequest) -> Body:
        return self._wire().open(request)

    def close(self) -> None:
        if "_made" in vars(self):
            self._made.close()


class AsyncLazyWire:
    """The wire of an asynchronous client, made when it is first needed."""

    def __init__(self, ca_bundle: str | None) -> None:
        self._ca_bundle = ca_bundle

    @cached_property
    def _made(self) -> AsyncWire:
        from tensormesh_overlay.wires.aiohttp_wire import AiohttpWire

        return AiohttpWire(self._ca_bundle)

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        return await self._made.send(request)

    async def open(self, request: HTTPRequest) -> AsyncBody:
        return await self._made.open(request)

    async def close(self) -> None:
        if "_made" in vars(self):
            await self._made.close()
