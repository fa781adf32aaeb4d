"""
The wire of a client of one's own: `http_client=httpx.Client(...)`, or a transport of httpx.

The library is taken from the client that is handed in, so that one with the same interface (httpx2) serves as well.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from tensormesh_overlay.errors import APIConnectionError, ConfigurationError
from tensormesh_overlay.wire import HTTPRequest, HTTPResponse
from tensormesh_overlay.wires.reasons import broken, silent, unconnected, unfinished
from tensormesh_overlay.wires.translation import Translated

if TYPE_CHECKING:
    import httpx


def library_of(client: object, kind: str) -> Any:
    """
    The module whose class `kind` a client or transport is made of.

    Raises:
        ConfigurationError: it is not made of any.
    """
    for base in type(client).__mro__:
        module = sys.modules.get(base.__module__.partition(".")[0])
        if base.__name__ == kind and hasattr(module, "TimeoutException"):
            return module
    raise ConfigurationError(f"this is not a {kind} of httpx but a {type(client).__name__}: {kind} is what fits here")


class _Wire:
    """What both colours share: the client, and whether it is to be closed here."""

    _kinds = ("", "")

    def __init__(self, client: Any, transport: Any) -> None:
        client_kind, transport_kind = self._kinds
        self._own = client is None
        if self._own:
            self._library = library_of(transport, transport_kind)
            self._client = getattr(self._library, client_kind)(transport=transport)
        else:
            self._library = library_of(client, client_kind)
            self._client = client


class _Body:
    """An answer whose body is still arriving; all of it must be there at `end`."""

    def __init__(self, library: Any, request: HTTPRequest, response: httpx.Response, end: float) -> None:
        self._library, self._request, self._response, self._end = library, request, response, end
        # From the headers on, another silence is allowed than before; transports look it up when they begin to read.
        timeouts = response.request.extensions.get("timeout")
        if isinstance(timeouts, dict):
            timeouts["read"] = min(request.limits.idle, max(end - time.monotonic(), 0.001))
        self.status_code = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    def _check(self) -> None:
        if time.monotonic() >= self._end:
            raise unfinished(self._request)


class HttpxWire(_Wire):
    """Sends requests through an `httpx.Client`, which is its owner's to close unless it was made here."""

    _kinds = ("Client", "BaseTransport")
    _client: httpx.Client

    def send(self, request: HTTPRequest) -> HTTPResponse:
        """Send a request and read its whole answer."""
        body = self.open(request)
        try:
            return HTTPResponse(body.status_code, body.headers, b"".join(body))
        finally:
            body.close()

    def open(self, request: HTTPRequest) -> HttpxBody:
        """Send a request whose body is read piece by piece."""
        end = _end(request)
        with Translated(_meaning, self._library, request):
            response = self._client.send(
                _built(self._library, self._client, request), stream=True, follow_redirects=False
            )
        return HttpxBody(self._library, request, response, end)

    def close(self) -> None:
        """Close the client, unless it is somebody else's."""
        if self._own:
            self._client.close()


class HttpxBody(_Body):
    """The body of an answer to an `HttpxWire`."""

    def __iter__(self) -> Iterator[bytes]:
        with Translated(_meaning, self._library, self._request, True):
            for piece in self._response.iter_bytes():
                yield piece
                self._check()

    def finish(self) -> None:
        """There is no telling whether the end of the body is there already."""

    def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        with Translated(_meaning, self._library, self._request):
            self._response.close()


class AsyncHttpxWire(_Wire):
    """The asynchronous twin of `HttpxWire`."""

    _kinds = ("AsyncClient", "AsyncBaseTransport")
    _client: httpx.AsyncClient

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """Send a request and read its whole answer."""
        body = await self.open(request)
        try:
            return HTTPResponse(body.status_code, body.headers, b"".join([piece async for piece in body]))
        finally:
            await body.close()

    async def open(self, request: HTTPRequest) -> AsyncHttpxBody:
        """Send a request whose body is read piece by piece."""
        end = _end(request)
        with Translated(_meaning, self._library, request):
            response = await self._client.send(
                _built(self._library, self._client, request), stream=True, follow_redirects=False
            )
        return AsyncHttpxBody(self._library, request, response, end)

    async def sleep(self, seconds: float) -> None:
        """Wait, be it under asyncio or trio: httpx runs in both."""
        import anyio

        await anyio.sleep(seconds)

    async def close(self) -> None:
        """Close the client, unless it is somebody else's."""
        if self._own:
            await self._client.aclose()


class AsyncHttpxBody(_Body):
    """The asynchronous twin of `HttpxBody`."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with Translated(_meaning, self._library, self._request, True):
            async for piece in self._response.aiter_bytes():
                yield piece
                self._check()

    async def finish(self) -> None:
        """There is no telling whether the end of the body is there already."""

    async def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        with Translated(_meaning, self._library, self._request):
            await self._response.aclose()


def _built(library: Any, client: httpx.Client | httpx.AsyncClient, request: HTTPRequest) -> httpx.Request:
    limits = request.limits
    timeout = library.Timeout(
        connect=limits.connect, read=limits.first_byte, write=limits.first_byte, pool=limits.connect
    )
    return client.build_request(
        request.method, request.url, headers=request.headers, content=request.content, timeout=timeout
    )


def _end(request: HTTPRequest) -> float:
    """When all of the answer must be there."""
    total = request.limits.total
    return math.inf if total is None else time.monotonic() + total


def _meaning(error: BaseException, library: Any, request: HTTPRequest, begun: bool = False) -> Exception | None:
    """What an error of the library says, by table."""
    match error:
        case library.ConnectTimeout() | library.PoolTimeout():
            return unconnected(request)
        case library.TimeoutException():
            return silent(request, begun=begun)
        case library.ConnectError() | library.UnsupportedProtocol() | library.ProxyError():
            return broken(request, error, sent=False)
        case library.HTTPError() | library.StreamError() | OSError():
            return broken(request, error, sent=True)
        case library.InvalidURL() | library.CookieConflict():
            return ConfigurationError(f"{request.place} cannot be called: {error}")
        case RuntimeError() if "closed" in str(error):  # here, or in the middle of this call
            return APIConnectionError(f"{request.place}: the http_client is closed", sent=False)
    return None
