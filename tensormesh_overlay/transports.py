"""
The only module that knows the HTTP library (httpx): sends what `wire` made, and turns its errors into ours.

httpx is imported when the first request leaves, so that building a client costs next to nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensormesh_overlay.errors import APIConnectionError, APITimeoutError, ConfigurationError
from tensormesh_overlay.wire import HTTPRequest, HTTPResponse, plain_url

if TYPE_CHECKING:
    import httpx

STREAM_IDLE_SECONDS = 120.0
"""The longest silence between two pieces of a stream; a model may think long, but not for ever."""

MAX_ERROR_BODY_BYTES = 1024 * 1024
"""How much of an error answer to a stream request is read."""


@dataclass(frozen=True)
class Timeouts:
    """Limits in seconds; none of them can be infinite."""

    seconds: float
    stream_idle: float = STREAM_IDLE_SECONDS

    def whole(self) -> httpx.Timeout:
        import httpx

        return httpx.Timeout(self.seconds)

    def stream(self) -> httpx.Timeout:
        import httpx

        return httpx.Timeout(self.seconds, read=self.stream_idle)


@contextlib.contextmanager
def _errors(request: HTTPRequest) -> Iterator[None]:
    """Turn what httpx raises into our errors, by table."""
    import httpx

    place = f"{request.method} {plain_url(request.url)}"
    try:
        yield
    except httpx.TimeoutException as error:
        kind = type(error).__name__.removesuffix("Timeout").lower()
        raise APITimeoutError(f"{place}: no answer in time ({kind}); timeout= sets the limit in seconds") from error
    except (httpx.TransportError, httpx.DecodingError, httpx.StreamError, ssl.SSLError, OSError) as error:
        raise APIConnectionError(f"{place}: {_reason(error)}") from error
    except (httpx.InvalidURL, httpx.CookieConflict) as error:
        raise ConfigurationError(f"{place}: {error}") from error


def _reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"the host's certificate is not trusted ({text}); ca_bundle= names the file of a private authority"
    if "refused" in text.lower() or "name or service" in text.lower() or "nodename" in text.lower():
        return f"nobody answers there ({text}); check the base URL and the network"
    return f"the connection broke ({text})"


def _verify(ca_bundle: str | None) -> ssl.SSLContext | bool:
    if ca_bundle is None:
        return True
    try:
        return ssl.create_default_context(cafile=ca_bundle)
    except (ssl.SSLError, OSError) as error:
        raise ConfigurationError(f"ca_bundle {ca_bundle!r} holds no certificates: {error}") from error


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


class Transport:
    """Sends requests over one pool of connections. Threads may share it."""

    def __init__(self, timeouts: Timeouts, ca_bundle: str | None, client: Any = None) -> None:
        self._timeouts = timeouts
        self._ca_bundle = ca_bundle
        self._own = client is None
        self._client: httpx.Client | None = client
        self._lock = threading.Lock()

    def _pool(self) -> httpx.Client:
        with self._lock:
            if self._client is None or (self._own and self._client.is_closed):
                import httpx

                self._client = httpx.Client(verify=_verify(self._ca_bundle), follow_redirects=False)
            return self._client

    def send(self, request: HTTPRequest) -> HTTPResponse:
        client = self._pool()
        with _errors(request):
            response = client.request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.content,
                timeout=self._timeouts.whole(),
                follow_redirects=False,
            )
            return HTTPResponse(response.status_code, _headers(response), response.content)

    def open(self, request: HTTPRequest) -> HTTPResponse | OpenBody:
        """Send a request whose answer comes in pieces; an answer that is no success is read whole."""
        client = self._pool()
        with _errors(request):
            built = client.build_request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.content,
                timeout=self._timeouts.stream(),
            )
            response = client.send(built, stream=True, follow_redirects=False)
            if response.is_success:
                return OpenBody(request, response)
            try:
                return HTTPResponse(response.status_code, _headers(response), _limited(response.iter_bytes()))
            finally:
                response.close()

    def close(self) -> None:
        with self._lock:
            if self._own and self._client is not None:
                self._client.close()


def _limited(pieces: Iterator[bytes]) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > MAX_ERROR_BODY_BYTES:
            break
    return bytes(body)


class OpenBody:
    """The body of a successful answer, still arriving."""

    def __init__(self, request: HTTPRequest, response: httpx.Response) -> None:
        self._request = request
        self._response = response
        self.status_code = response.status_code
        self.headers = _headers(response)

    def __iter__(self) -> Iterator[bytes]:
        with _errors(self._request):
            yield from self._response.iter_bytes()

    def close(self) -> None:
        with _errors(self._request):
            self._response.close()


class AsyncTransport:
    """The asynchronous twin of `Transport`: one pool for each event loop, since connections belong to theirs."""

    def __init__(self, timeouts: Timeouts, ca_bundle: str | None, client: Any = None) -> None:
        self._timeouts = timeouts
        self._ca_bundle = ca_bundle
        self._given: httpx.AsyncClient | None = client
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient]
        self._clients = weakref.WeakKeyDictionary()

    def _pool(self) -> httpx.AsyncClient:
        if self._given is not None:
            return self._given
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None or client.is_closed:
            import httpx

            client = self._clients[loop] = httpx.AsyncClient(verify=_verify(self._ca_bundle), follow_redirects=False)
        return client

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        client = self._pool()
        with _errors(request):
            response = await client.request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.content,
                timeout=self._timeouts.whole(),
                follow_redirects=False,
            )
            return HTTPResponse(response.status_code, _headers(response), response.content)

    async def open(self, request: HTTPRequest) -> HTTPResponse | AsyncOpenBody:
        """Send a request whose answer comes in pieces; an answer that is no success is read whole."""
        client = self._pool()
        with _errors(request):
            built = client.build_request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.content,
                timeout=self._timeouts.stream(),
            )
            response = await client.send(built, stream=True, follow_redirects=False)
            if response.is_success:
                return AsyncOpenBody(request, response)
            try:
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > MAX_ERROR_BODY_BYTES:
                        break
                return HTTPResponse(response.status_code, _headers(response), bytes(body))
            finally:
                await response.aclose()

    async def close(self) -> None:
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()


class AsyncOpenBody:
    """The asynchronous twin of `OpenBody`."""

    def __init__(self, request: HTTPRequest, response: httpx.Response) -> None:
        self._request = request
        self._response = response
        self.status_code = response.status_code
        self.headers = _headers(response)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors(self._request):
            async for piece in self._response.aiter_bytes():
                yield piece

    async def close(self) -> None:
        with _errors(self._request):
            await self._response.aclose()
