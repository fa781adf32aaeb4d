"""The wire of the asynchronous client: aiohttp, whose cost per request does not grow with the number in flight."""

from __future__ import annotations

import asyncio
import contextlib
import io
import math
import select
import socket
import ssl
import weakref
from collections.abc import AsyncIterator
from functools import partial
from typing import NamedTuple

import aiohttp
from aiohttp.client_proto import ResponseHandler
from yarl import URL

from tensormesh_overlay.errors import APIConnectionError, ConfigurationError
from tensormesh_overlay.limits import Limits
from tensormesh_overlay.tls import Proxy, proxy, trust
from tensormesh_overlay.wire import HTTPRequest, HTTPResponse
from tensormesh_overlay.wires.keepalive import DRAIN_SECONDS, IDLE_SECONDS, SOCKET_OPTIONS
from tensormesh_overlay.wires.reasons import CLOSED, broken, silent, unconnected, unfinished, unproxied
from tensormesh_overlay.wires.translation import Translated

MAX_HEADER_BYTES = 64 * 1024
"""How long a header of an answer may be; as many as the synchronous wire takes."""

MAX_UPLOAD_PIECE_BYTES = 1024 * 1024
"""How much is sent in one go; aiohttp warns of more."""


class _Pool(NamedTuple):
    """The connections of one event loop, and the answers that may still be arriving over them."""

    session: aiohttp.ClientSession
    answers: weakref.WeakSet[aiohttp.ClientResponse]


class AiohttpWire:
    """Sends requests over one pool of connections for each event loop, since connections belong to theirs."""

    def __init__(self, ca_bundle: str | None) -> None:
        self._ca_bundle = ca_bundle
        self._pools: dict[asyncio.AbstractEventLoop, _Pool] = {}
        self._proxies: dict[str, Proxy | None] = {}
        self._context: ssl.SSLContext | None = None
        self._timeouts: dict[Limits, aiohttp.ClientTimeout] = {}
        _running_loop()  # where there is none, there is nothing to make, and later nothing to close
        # Not by `__del__`: in a circle, a session may be collected before its wire, and complains.
        weakref.finalize(self, _let_go, self._pools)

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """Send a request and read its whole answer."""
        limits = request.limits
        with Translated(_meaning, request):
            response = await self._request(request)
        with Translated(_meaning, request, True):
            try:
                if limits.total is not None and limits.total <= min(limits.first_byte, limits.idle):
                    content = await response.read()
                else:
                    content = b"".join([piece async for piece in AiohttpBody(self, request, response)])
            finally:
                response.close()
        return HTTPResponse(response.status, _headers(response), content)

    async def open(self, request: HTTPRequest) -> AiohttpBody:
        """Send a request whose body is read piece by piece."""
        with Translated(_meaning, request):
            response = await self._request(request)
        return AiohttpBody(self, request, response)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        """Close the connections of this event loop. Whoever waits for one has an error at once."""
        pool = self._pools.pop(_running_loop(), None)
        if pool is not None:
            for answer in list(pool.answers):
                if answer.connection is not None:
                    # aiohttp wakes those who wait for headers, and leaves those who wait for a body waiting.
                    answer.content.set_exception(aiohttp.ClientConnectionError(CLOSED))
                    answer.close()
            await pool.session.close()
        _forget_dead_loops(self._pools)

    async def _request(self, request: HTTPRequest) -> aiohttp.ClientResponse:
        base_url, limits = request.base_url, request.limits
        loop = _running_loop()
        pool = self._pools.get(loop)
        if pool is None or pool.session.closed:
            pool = self._pools[loop] = _Pool(_new_session(loop), weakref.WeakSet())
            _forget_dead_loops(self._pools)
        if base_url not in self._proxies:
            self._proxies[base_url] = proxy(base_url)
        through, headers, secure = self._proxies[base_url], request.headers, base_url.startswith("https:")
        if through is not None and not secure:
            headers = {**headers, **through.headers}
        response = pool.session.request(
            request.method,
            URL(request.url, encoded=True),
            data=_upload(request.content),
            headers=headers,
            allow_redirects=False,
            proxy=None if through is None else through.address,
            proxy_headers=None if through is None else through.headers,
            ssl=self._tls() if secure else True,
            timeout=self._timeout(limits),
        )
        until_headers = limits.connect + limits.first_byte
        try:
            if limits.total is not None and limits.total <= until_headers:
                answer = await response
            else:
                # Silence is not the only way to never answer: headers may come piece by piece for ever.
                async with asyncio.timeout(until_headers):
                    answer = await response
        except aiohttp.ClientError as error:
            if pool.session.closed:
                raise aiohttp.ClientConnectionError(CLOSED) from error.__cause__
            raise
        pool.answers.add(answer)
        return answer

    def _timeout(self, limits: Limits) -> aiohttp.ClientTimeout:
        found = self._timeouts.get(limits)
        if found is None:
            if len(self._timeouts) > 100:
                self._timeouts.clear()
            found = self._timeouts[limits] = aiohttp.ClientTimeout(
                total=limits.total,
                connect=_before(limits.connect, limits.total),
                sock_read=limits.first_byte,
                ceil_threshold=math.inf,
            )
        return found

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = trust(self._ca_bundle)
        return self._context


def _let_go(pools: dict[asyncio.AbstractEventLoop, _Pool]) -> None:
    """Whoever forgets a client loses its connections, and aiohttp has nothing to say about it."""
    for loop, pool in pools.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_close, loop, pool.session)
    _forget_dead_loops(pools)


def _forget_dead_loops(pools: dict[asyncio.AbstractEventLoop, _Pool]) -> None:
    """Nobody can close the connections of a loop that was closed itself; Python does when it collects them."""
    for loop in list(pools):  # other threads add theirs meanwhile
        pool = pools.pop(loop, None) if loop.is_closed() else None
        if pool is not None and (connector := pool.session.connector) is not None:
            pool.session.detach()
            next(connector.close().__await__(), None)  # it waits for nothing, and could not


class _Connection(ResponseHandler):
    """A connection that is not used again where anything but an answer has come, and that closes when it is told to."""

    def close(self) -> None:
        if self.transport is not None and self.transport.get_write_buffer_size():
            self.transport.abort()  # or it would wait until the host has read what nobody wants to send any more
        super().close()

    def is_connected(self) -> bool:
        transport = self.transport
        if transport is None or transport.is_closing() or self.should_close:
            return False
        return not _readable(transport.get_extra_info("socket"))


def _readable(sock: socket.socket) -> bool:
    if not hasattr(select, "poll"):
        return bool(select.select([sock], [], [], 0)[0])
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    return bool(waiting.poll(0))


def _new_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    made = socket.socket(*address[:3])
    made.setblocking(False)
    for option in SOCKET_OPTIONS:
        made.setsockopt(*option)
    return made


def _upload(content: bytes | None) -> bytes | io.BytesIO | None:
    """What is sent; piece by piece where it would keep the event loop busy."""
    return content if content is None or len(content) <= MAX_UPLOAD_PIECE_BYTES else io.BytesIO(content)


def _new_session(loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS, socket_factory=_new_socket)
    connector._factory = partial(_Connection, loop=loop)  # type: ignore[assignment]
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
    )
    # It would send some requests twice on its own account; whether that is done is for `max_retries` to say.
    session._retry_connection = False
    return session


def _running_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError as error:
        raise ConfigurationError(
            "AsyncTensormesh needs the event loop of asyncio, and none runs here; "
            "under trio, give it a client of your own: http_client=httpx.AsyncClient()"
        ) from error


def _close(loop: asyncio.AbstractEventLoop, session: aiohttp.ClientSession) -> None:
    # A task that began later might find that nothing runs any more.
    asyncio.Task(session.close(), loop=loop, eager_start=True)


class AiohttpBody:
    """An answer whose body is still arriving. It keeps the wire, and so its connections, as long as somebody reads."""

    def __init__(self, wire: AiohttpWire, request: HTTPRequest, response: aiohttp.ClientResponse) -> None:
        self._wire = wire
        self._request = request
        self._response = response
        self.status_code = response.status
        self.headers = _headers(response)
        connection = response.connection
        if connection is not None and connection.protocol is not None:
            # The limit for the first byte has done its work, and aiohttp's own clock stops where a parser fails.
            connection.protocol.read_timeout = None
            connection.protocol.start_timeout()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content, idle = self._response.content, self._request.limits.idle
        read, silence = content.readany, None
        with Translated(_meaning, self._request, True):
            try:
                while True:
                    async with asyncio.timeout(idle) as silence:
                        piece = await read()
                    if not piece:
                        return
                    yield piece
            except (aiohttp.ClientError, OSError) as error:
                # What came before the fault is still there; only the public ways to it are shut.
                if rest := content._read_nowait(-1):
                    yield rest
                if silence is not None and silence.expired():
                    raise silent(self._request, begun=True) from error
                raise

    async def finish(self) -> None:
        """Keep the connection where the end of the body is there already."""
        content = self._response.content
        with contextlib.suppress(APIConnectionError), Translated(_meaning, self._request):
            async with asyncio.timeout(DRAIN_SECONDS):
                await content.readany()

    async def close(self) -> None:
        """Close the connection, unless the body was read to its end. Waits for nothing, so nothing interrupts it."""
        self._response.close()


def _before(limit: float, total: float | None) -> float:
    """The limit, a little before `total`: of two that end together, the one that knows more must come first."""
    return limit if total is None else min(limit, total - min(0.05, total / 2))


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _meaning(error: BaseException, request: HTTPRequest, begun: bool = False) -> Exception | None:
    """What an error of aiohttp says, by table."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return unconnected(request)
        case aiohttp.SocketTimeoutError():
            return silent(request, begun=begun)
        case TimeoutError():
            return unfinished(request) if begun else silent(request, begun=False)
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientConnectorDNSError() if proxy(request.base_url):
            return unproxied(request, error.os_error)  # it looks up no other name there
        case aiohttp.ClientHttpProxyError():
            return unproxied(request, ConnectionError(f"it answered HTTP {error.status} {error.message}"))
        case aiohttp.ClientConnectorError():
            return broken(request, error.os_error, sent=False)
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError() | UnicodeError():
            return ConfigurationError(f"{request.place} cannot be called: {error}")
        case aiohttp.ClientError() | OSError() | EOFError():
            return broken(request, error, sent=True)
        case RuntimeError() if "different loop" in str(error):
            return ConfigurationError(f"{request.place}: only the event loop that asked can read the answer")
        case RuntimeError() if "closed" in str(error):  # by another task, in the middle of this call
            return broken(request, error, sent=True)
    return None
