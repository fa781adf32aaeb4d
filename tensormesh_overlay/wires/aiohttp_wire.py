"""The wire of the asynchronous client: aiohttp, whose cost per request does not grow with the number in flight."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import weakref
from collections.abc import AsyncIterator, Iterator

import aiohttp
from yarl import URL

from tensormesh_overlay.errors import APIConnectionError, ConfigurationError
from tensormesh_overlay.limits import Limits
from tensormesh_overlay.tls import proxy, trust
from tensormesh_overlay.wire import HTTPRequest, HTTPResponse
from tensormesh_overlay.wires.reasons import broken, timed_out

DRAIN_SECONDS = 0.25
"""How long the end of a body may take to arrive once a stream has said its last word."""

KEEP_ALIVE_SECONDS = 30.0
"""How long an unused connection is kept."""


class AiohttpWire:
    """Sends requests over one pool of connections for each event loop, since connections belong to theirs."""

    def __init__(self, ca_bundle: str | None) -> None:
        self._ca_bundle = ca_bundle
        self._sessions: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession]
        self._sessions = weakref.WeakKeyDictionary()
        self._proxies: dict[str, str | None] = {}
        self._context: ssl.SSLContext | None = None
        self._timeouts: dict[Limits, aiohttp.ClientTimeout] = {}

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """Send a request and read its whole answer."""
        with _errors(request):
            response = await self._request(request)
            try:
                content = await response.read()
            finally:
                response.close()
        return HTTPResponse(response.status, _headers(response), content)

    async def open(self, request: HTTPRequest) -> AiohttpBody:
        """Send a request whose body is read piece by piece."""
        limits = request.limits
        with _errors(request):
            async with asyncio.timeout(limits.connect + limits.first_byte):
                response = await self._request(request)
        return AiohttpBody(request, response)

    async def close(self) -> None:
        """Close the connections of this event loop."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    async def _request(self, request: HTTPRequest) -> aiohttp.ClientResponse:
        base_url = request.base_url
        if base_url not in self._proxies:
            self._proxies[base_url] = proxy(base_url)
        return await self._session().request(
            request.method,
            URL(request.url, encoded=True),
            data=request.content,
            headers=request.headers,
            allow_redirects=False,
            proxy=self._proxies[base_url],
            ssl=self._tls() if base_url.startswith("https:") else True,
            timeout=self._timeout(request.limits),
        )

    def _timeout(self, limits: Limits) -> aiohttp.ClientTimeout:
        found = self._timeouts.get(limits)
        if found is None:
            if len(self._timeouts) > 100:
                self._timeouts.clear()
            found = self._timeouts[limits] = aiohttp.ClientTimeout(
                total=limits.total, sock_connect=limits.connect, sock_read=max(limits.idle, limits.first_byte)
            )
        return found

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = trust(self._ca_bundle)
        return self._context

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None or session.closed:
            session = self._sessions[loop] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return session


class AiohttpBody:
    """An answer whose body is still arriving."""

    def __init__(self, request: HTTPRequest, response: aiohttp.ClientResponse) -> None:
        self._request = request
        self._response = response
        self.status_code = response.status
        self.headers = _headers(response)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = self._response.content.readany
        with _errors(self._request):
            while piece := await read():
                yield piece

    async def finish(self) -> None:
        """Keep the connection where the end of the body is there already."""
        content = self._response.content
        with contextlib.suppress(APIConnectionError), _errors(self._request):
            async with asyncio.timeout(DRAIN_SECONDS):
                await content.readany()

    async def close(self) -> None:
        """Close the connection, unless the body was read to its end. Waits for nothing, so nothing interrupts it."""
        self._response.close()


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


@contextlib.contextmanager
def _errors(request: HTTPRequest) -> Iterator[None]:
    """Turn what aiohttp raises into our errors, by table."""
    limits = request.limits
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise timed_out(request, "no connection", limits.connect, sent=False) from error
    except TimeoutError as error:
        raise timed_out(request, "nothing came, or not everything", limits.total, sent=True) from error
    except aiohttp.ClientConnectorError as error:
        raise broken(request, error, sent=False) from error
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
        raise ConfigurationError(f"{request.place} cannot be called: {error}") from error
    except (aiohttp.ClientError, OSError, EOFError) as error:
        raise broken(request, error, sent=True) from error
    except RuntimeError as error:
        # Another task closed the client in the middle of this call.
        if "closed" not in str(error):
            raise
        raise broken(request, error, sent=True) from error
