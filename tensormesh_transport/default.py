"""
What carries requests where nothing else is asked for: our own transport, or httpx where httptools has no wheel.

Either is made when the first request leaves, so that having one of these costs next to nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from functools import partial
from typing import TYPE_CHECKING

from tensormesh_transport.resources import Loading, shortage

if TYPE_CHECKING:
    import asyncio

    from tensormesh_transport.asynchronous.aside import Aside
    from tensormesh_transport.asynchronous.transport import AsyncioTransport
    from tensormesh_transport.httpx_fallback import AsyncHttpxFallback
    from tensormesh_transport.messages import AsyncBody, Body, Request, Response, Transport

    type OfLoop = AsyncioTransport | AsyncHttpxFallback
    type Maker = Callable[[asyncio.AbstractEventLoop], OfLoop]


def added_headers(base_url: str) -> list[tuple[str, str]]:
    """The headers that these add to requests for a base URL, such as what its proxy wants to see."""
    # Loading it may fail where something has failed. Where nobody has, nothing was sent.
    proxies = sys.modules.get("tensormesh_transport.proxies")
    return [] if proxies is None else list(proxies.added_headers(base_url))


class DefaultTransport:
    """
    The transport for threads. It may be used again after it was closed.

    Args:
        ca_bundle: a file of certificate authorities to trust instead of the system's.
        max_connections: how many connections may be open; whoever needs one more waits.
    """

    def __init__(self, ca_bundle: str | None = None, max_connections: int = 1000) -> None:
        self._settings = (ca_bundle, max_connections)
        self._made: dict[str, Transport] = {}

    def _transport(self) -> Transport:
        # Of several threads, the first one's.
        return self._made.get("") or self._made.setdefault("", _make(*self._settings))

    def prepare(self, base_url: str) -> None:
        """
        Load what a request to a place needs, so that the first is as quick as any.

        Raises:
            TransportError: it could not be sent.
        """
        self._transport().prepare(base_url)

    def send(self, request: Request) -> Response:
        return self._transport().send(request)

    def open(self, request: Request) -> Body:
        return self._transport().open(request)

    def close(self) -> None:
        made = self._made.pop("", None)
        if made is not None:
            made.close()


class AsyncDefaultTransport:
    """
    The transport for asyncio: one for each event loop, since connections belong to theirs.

    What has to be loaded first is loaded in a thread.
    """

    def __init__(self, ca_bundle: str | None = None, max_connections: int = 1000) -> None:
        self._settings = (ca_bundle, max_connections)
        self._made: dict[asyncio.AbstractEventLoop, OfLoop] = {}
        self._maker: Maker | None = None
        self._aside: Aside | None = None

    async def prepare(self, base_url: str) -> None:
        """The asynchronous version of `DefaultTransport.prepare`; the event loop goes on meanwhile."""
        await (await self._transport()).prepare(base_url)

    async def aside[T](self, key: Hashable, work: Callable[[], T]) -> T:
        """Do work that takes its time in a thread."""
        running_loop()
        if self._aside is None:
            with Loading():
                from tensormesh_transport.asynchronous.aside import Aside
            self._aside = Aside()
        return await self._aside.done(key, work)

    async def send(self, request: Request) -> Response:
        made = self._made.get(running_loop()) or await self._transport()
        return await made.send(request)

    async def open(self, request: Request) -> AsyncBody:
        made = self._made.get(running_loop()) or await self._transport()
        return await made.open(request)

    async def sleep(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds)

    async def close(self) -> None:
        if self._made:
            made = self._made.pop(running_loop(), None)
            self._forget_dead_loops()
            if made is not None:
                await made.close()

    async def _transport(self) -> OfLoop:
        loop = running_loop()
        if self._maker is None:
            load = partial(_load_async, *self._settings)
            self._maker = load() if _LOADS_LONGEST in sys.modules else await self.aside("transport", load)
        made = self._made.get(loop)
        if made is None:
            made = self._made[loop] = self._maker(loop)
            self._forget_dead_loops()
        return made

    def _forget_dead_loops(self) -> None:
        """Nobody can close the connections of a loop that was closed itself; Python does when it collects them."""
        for loop in list(self._made):  # other threads add theirs meanwhile
            if loop.is_closed():
                self._made.pop(loop, None)


_LOADS_LONGEST = "tensormesh_transport.asynchronous.connection"
"""Where this is loaded, the rest is there in no time."""


def running_loop() -> asyncio.AbstractEventLoop:
    """
    The event loop that runs here.

    Raises:
        UsageError: none of asyncio does.
    """
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError as error:
        from tensormesh_transport.errors import UsageError

        raise UsageError(
            "this needs the event loop of asyncio, and none runs here; under trio, give a client of your own: "
            "http_client=httpx.AsyncClient()"
        ) from error


def _make(ca_bundle: str | None, max_connections: int) -> Transport:
    with Loading():
        try:
            from tensormesh_transport.blocking.transport import BlockingTransport
        except ImportError as error:
            _check_lacking(error)
            from tensormesh_transport.httpx_fallback import HttpxFallback, settings

            return HttpxFallback(settings(ca_bundle, max_connections))
        return BlockingTransport(ca_bundle, max_connections)


def _load_async(ca_bundle: str | None, max_connections: int) -> Maker:
    with Loading():
        try:
            from tensormesh_transport.asynchronous.transport import AsyncioTransport
            from tensormesh_transport.core.route import Routes
        except ImportError as error:
            _check_lacking(error)
            from tensormesh_transport.httpx_fallback import AsyncHttpxFallback, settings

            made = settings(ca_bundle, max_connections)
            return lambda loop: AsyncHttpxFallback(made)
        routes = Routes(ca_bundle)
        return lambda loop: AsyncioTransport(loop, routes, max_connections)


def _check_lacking(error: ImportError) -> None:
    """Raises where the parser is there, and only could not be opened now."""
    short = shortage(error)
    if short is not None:
        raise short from error
