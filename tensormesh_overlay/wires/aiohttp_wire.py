"""The wire of the asynchronous client: aiohttp, whose cost per request does not grow with the number in flight."""

from __future__ import annotations

import asyncio
import contextlib
import math
import ssl
import weakref
from collections.abc import AsyncIterator, Iterator

import aiohttp
from yarl import URL

from tensormesh_overlay.errors import APIConnectionError, ConfigurationError
from tensormesh_overlay.limits import Limits
from tensormesh_overlay.tls import proxy, trust
from tensormesh_overlay.wire import HTTPRequest, HTTPResponse
from tensormesh_overlay.wires.reasons import broken, silent, unconnected, unfinished

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
        with _errors(request, begun=True):
            try:
                _keep_quiet(response, request.limits)
                content = await response.read()
            finally:
                response.close()
        return HTTPResponse(response.status, _headers(response), content)

    async def open(self, request: HTTPRequest) -> AiohttpBody:
        """Send a request whose body is read piece by piece."""
        with _errors(request):
            response = await self._request(request)
        _keep_quiet(response, request.limits)
        return AiohttpBody(request, response)

    async def close(self) -> None:
        """Close the connections of this event loop."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    async def _request(self, request: HTTPRequest) -> aiohttp.ClientResponse:
        base_url, limits = request.base_url, request.limits
        if base_url not in self._proxies:
            self._proxies[base_url] = proxy(base_url)
        response = self._session().request(
            request.method,
            URL(request.url, encoded=True),
            data=request.content,
            headers=request.headers,
            allow_redirects=False,
            proxy=self._proxies[base_url],
            ssl=self._tls() if base_url.startswith("https:") else True,
            timeout=self._timeout(limits),
        )
        until_headers = limits.connect + limits.first_byte
        if limits.total is not None and limits.total <= until_headers:
            return await response
        # Silence is not the only way to never answer: headers may come piece by piece for ever.
        async with asyncio.timeout(until_headers):
            return await response

    def _timeout(self, limits: Limits) -> aiohttp.ClientTimeout:
        found = self._timeouts.get(limits)
        if found is None:
            if len(self._timeouts) > 100:
                self._timeouts.clear()
            found = self._timeouts[limits] = aiohttp.ClientTimeout(
                total=limits.total,
                connect=_before(limits.connect, limits.total),
                sock_read=_before(limits.first_byte, limits.total),
                ceil_threshold=math.inf,
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
        content = self._response.content
        read = content.readany
        with _errors(self._request, begun=True):
            try:
                while piece := await read():
                    yield piece
            except (aiohttp.ClientError, OSError):
                # What came before the fault is still there; only the public ways to it are shut.
                if rest := content._read_nowait(-1):
                    yield rest
                raise

    async def finish(self) -> None:
        """Keep the connection where the end of the body is there already."""
        content = self._response.content
        with contextlib.suppress(APIConnectionError), _errors(self._request):
            async with asyncio.timeout(DRAIN_SECONDS):
                await content.readany()

    async def close(self) -> None:
        """Close the connection, unless the body was read to its end. Waits for nothing, so nothing interrupts it."""
        self._response.close()


def _before(limit: float, total: float | None) -> float:
    """The limit, a little before `total`: of two that end together, the one that knows more must come first."""
    return limit if total is None else min(limit, total - min(0.05, total / 2))


def _keep_quiet(response: aiohttp.ClientResponse, limits: Limits) -> None:
    """From the headers on, another silence is allowed than before them."""
    connection = response.connection
    if limits.idle != limits.first_byte and connection is not None and connection.protocol is not None:
        connection.protocol.read_timeout = limits.idle
        connection.protocol.start_timeout()


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


@contextlib.contextmanager
def _errors(request: HTTPRequest, *, begun: bool = False) -> Iterator[None]:
    """Turn what aiohttp raises into our errors, by table."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise unconnected(request) from error
    except aiohttp.SocketTimeoutError as error:
        raise silent(request, begun=begun) from error
    except TimeoutError as error:
        raise (unfinished(request) if begun else silent(request, begun=False)) from error
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
