"""
What carries requests where nothing else is asked for: our own transport, or httpx where httptools has no wheel.

Either is made when the first request leaves, so that having one of these costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

    from tensormesh_transport.messages import AsyncBody, AsyncTransport, Body, Request, Response, Transport


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

    def send(self, request: Request) -> Response:
        return self._transport().send(request)

    def open(self, request: Request) -> Body:
        return self._transport().open(request)

    def close(self) -> None:
        made = self._made.pop("", None)
        if made is not None:
            made.close()


class AsyncDefaultTransport:
    """The transport for asyncio: one for each event loop, since connections belong to theirs."""

    def __init__(self, ca_bundle: str | None = None, max_connections: int = 1000) -> None:
        self._settings = (ca_bundle, max_connections)
        self._made: dict[asyncio.AbstractEventLoop, AsyncTransport] = {}

    def _transport(self) -> AsyncTransport:
        loop = running_loop()
        made = self._made.get(loop)
        if made is None:
            made = self._made[loop] = _make_async(loop, *self._settings)
            self._forget_dead_loops()
        return made

    async def send(self, request: Request) -> Response:
        return await self._transport().send(request)

    async def open(self, request: Request) -> AsyncBody:
        return await self._transport().open(request)

    async def sleep(self, seconds: float) -> None:
        await self._transport().sleep(seconds)

    async def close(self) -> None:
        if self._made:
            made = self._made.pop(running_loop(), None)
            self._forget_dead_loops()
            if made is not None:
                await made.close()

    def _forget_dead_loops(self) -> None:
        """Nobody can close the connections of a loop that was closed itself; Python does when it collects them."""
        for loop in list(self._made):  # other threads add theirs meanwhile
            if loop.is_closed():
                self._made.pop(loop, None)


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
    try:
        from tensormesh_transport.blocking.transport import BlockingTransport
    except ImportError:
        import httpx

        from tensormesh_transport.httpx_transport import HttpxTransport

        return HttpxTransport(httpx.Client(**_settings(httpx, ca_bundle, max_connections)), own=True)
    return BlockingTransport(ca_bundle, max_connections)


def _make_async(loop: asyncio.AbstractEventLoop, ca_bundle: str | None, max_connections: int) -> AsyncTransport:
    try:
        from tensormesh_transport.asynchronous.transport import AsyncioTransport
    except ImportError:
        import httpx

        from tensormesh_transport.httpx_transport import AsyncHttpxTransport

        return AsyncHttpxTransport(httpx.AsyncClient(**_settings(httpx, ca_bundle, max_connections)), own=True)
    return AsyncioTransport(loop, ca_bundle, max_connections)


def _settings(httpx: Any, ca_bundle: str | None, max_connections: int) -> dict[str, Any]:
    from tensormesh_transport.tls import trust

    return {"verify": trust(ca_bundle), "limits": httpx.Limits(max_connections=max_connections)}
