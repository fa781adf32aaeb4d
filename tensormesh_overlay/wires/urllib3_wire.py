"""The wire of the synchronous client: urllib3. Threads may share it."""

from __future__ import annotations

import contextlib
import http.client
import math
import os
import threading
import time
import weakref
from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from tensormesh_overlay.errors import APIConnectionError, ConfigurationError
from tensormesh_overlay.tls import proxy, trust
from tensormesh_overlay.wire import HTTPRequest, HTTPResponse
from tensormesh_overlay.wires.keepalive import DRAIN_SECONDS, SOCKET_OPTIONS
from tensormesh_overlay.wires.reasons import CLOSED, broken, in_handshake, silent, unconnected, unfinished, unproxied
from tensormesh_overlay.wires.translation import Translated
from tensormesh_overlay.wires.urllib3_connection import Clock, Connection, ConnectLimit, SecureConnection

IDLE_CONNECTIONS = 256
"""How many connections to one host are kept for later; more may be open at a time."""

PIECE_BYTES = 64 * 1024

NO_RETRIES = urllib3.Retry(False, redirect=False)
"""What urllib3 makes of `retries=False`, for every request again."""


class Urllib3Wire:
    """Sends requests over one pool of connections for each host."""

    def __init__(self, ca_bundle: str | None) -> None:
        self._ca_bundle = ca_bundle
        self._lock = threading.RLock()  # a signal may come at any moment, and close the client
        self._pools: dict[str, tuple[urllib3.HTTPConnectionPool, str]] = {}
        self._connections: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._process = os.getpid()

    def send(self, request: HTTPRequest) -> HTTPResponse:
        """Send a request and read its whole answer."""
        body = self.open(request)
        try:
            return HTTPResponse(body.status_code, body.headers, b"".join(body))
        finally:
            body.close()

    def open(self, request: HTTPRequest) -> Urllib3Body:
        """Send a request whose body is read piece by piece."""
        pool, prefix = self._pool(request.base_url)
        limits = request.limits
        end = math.inf if limits.total is None else time.monotonic() + limits.total
        with Translated(_meaning, request, end):
            response = pool.urlopen(
                request.method,
                prefix + request.path,
                body=request.content,
                headers=request.headers,
                timeout=urllib3.Timeout(connect=ConnectLimit(limits), read=limits.first_byte, total=limits.total),
                retries=NO_RETRIES,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
            )
        return Urllib3Body(request, response, end)

    def close(self) -> None:
        """Close all connections. Whoever waits for one, in whatever thread, has an error at once."""
        self._leave_to_parent()
        with self._lock:
            pools, self._pools = self._pools, {}
            connections = list(self._connections)
        for pool, _ in pools.values():
            pool.close()
        for connection in connections:
            connection.stop()

    def _pool(self, base_url: str) -> tuple[urllib3.HTTPConnectionPool, str]:
        """The connections to a host, and the path that all paths there begin with."""
        self._leave_to_parent()
        found = self._pools.get(base_url)
        if found is None:
            with self._lock:
                found = self._pools.get(base_url) or self._make_pool(base_url)
                self._pools[base_url] = found
        return found

    def _leave_to_parent(self) -> None:
        """A forked child must neither write into its parent's connections nor shut them down."""
        if self._process != os.getpid():
            self._process, self._pools, self._lock = os.getpid(), {}, threading.RLock()
            self._connections = weakref.WeakSet()

    def _make_pool(self, base_url: str) -> tuple[urllib3.HTTPConnectionPool, str]:
        parts = urlsplit(base_url)
        context = trust(self._ca_bundle) if parts.scheme == "https" else None
        through = proxy(base_url)
        manager: urllib3.PoolManager
        try:
            options: Any = {"maxsize": IDLE_CONNECTIONS, "ssl_context": context, "socket_options": SOCKET_OPTIONS}
            if through is None:
                manager = urllib3.PoolManager(**options)
            else:
                manager = urllib3.ProxyManager(through.address, proxy_headers=dict(through.headers), **options)
            pool = manager.connection_from_url(base_url)
            kind = SecureConnection if pool.scheme == "https" else Connection
            pool.ConnectionCls = partial(_noted, kind, self._connections, self._lock)  # type: ignore[assignment]
        except (LocationValueError, ValueError) as error:
            raise ConfigurationError(f"{base_url} cannot be called: {error}") from error
        whole_url = through is not None and parts.scheme == "http"
        return pool, base_url if whole_url else parts.path


class Urllib3Body:
    """
    An answer whose body is still arriving.

    Args:
        end: when all of it must be there, by `time.monotonic`.
    """

    def __init__(self, request: HTTPRequest, response: urllib3.BaseHTTPResponse, end: float) -> None:
        self._request = request
        self._response: Final = response
        self._clock: Final[Clock] = response.connection.clock  # type: ignore[union-attr]  # one of ours
        self._clock.begin_body(request.limits.idle, end)
        self._end = end
        self._closed = False
        self.status_code = response.status
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    def __iter__(self) -> Iterator[bytes]:
        response = self._response
        if response.chunked:
            pieces = response.stream(PIECE_BYTES, decode_content=True)
        else:  # without a size, `read1` takes a body that is too short for a whole one
            pieces = iter(partial(response.read1, PIECE_BYTES), b"")
        with Translated(_meaning, self._request, self._end, True):
            try:
                for piece in pieces:
                    yield piece
                    if self._closed:
                        return
            except (AttributeError, ValueError):
                # Another thread closed it between two reads, and took apart what this one reads from.
                if not self._closed:
                    raise
                return
        response.release_conn()

    def finish(self) -> None:
        """Keep the connection where the end of the body is there already."""
        self._clock.begin_body(DRAIN_SECONDS, time.monotonic() + DRAIN_SECONDS)
        with contextlib.suppress(APIConnectionError), Translated(_meaning, self._request, self._end, True):
            if not self._response.read1(1):
                self._response.release_conn()

    def close(self) -> None:
        """Close the connection, unless the body was read to its end. Another thread that reads from it wakes up."""
        self._closed = True
        if self._response.connection is not None:
            self._clock.stop()
        # A signal that interrupts the reading cannot close what is read from: that happens when the reading goes on.
        with Translated(_meaning, self._request, self._end, True), contextlib.suppress(RuntimeError):
            self._response.close()


def _noted(
    kind: type[Connection], connections: weakref.WeakSet[Connection], lock: threading.RLock, **options: Any
) -> Connection:
    """A new connection, among all that there are."""
    made = kind(**options)
    with lock:
        connections.add(made)
    return made


def _meaning(error: BaseException, request: HTTPRequest, end: float, begun: bool = False) -> Exception | None:
    """What an error of urllib3 says, by table."""
    match error:
        case ClosedPoolError():
            return APIConnectionError(f"{request.place}: {CLOSED}", sent=False)
        case LocationValueError():
            return ConfigurationError(f"{request.place} cannot be called: {error}")
        case ProxyError():
            why = error.original_error
            return unconnected(request) if type(why) is ConnectTimeoutError else unproxied(request, why)
        case NewConnectionError():
            return broken(request, error, sent=False)
        case ConnectTimeoutError():
            return unconnected(request)
        case ReadTimeoutError():
            return unfinished(request) if time.monotonic() >= end else silent(request, begun=begun)
        case SSLError():
            return broken(request, error, sent=not in_handshake(error))
        case HTTPError() | http.client.HTTPException() | OSError():
            return broken(request, error, sent=True)
        case ValueError():  # http.client refuses what cannot stand in a request line
            return ConfigurationError(f"{request.place} cannot be called: {error}")
    return None
