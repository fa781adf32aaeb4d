"""The wire of the synchronous client: urllib3. Threads may share it."""

from __future__ import annotations

import contextlib
import http.client
import io
import math
import os
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
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
from tensormesh_overlay.wires.reasons import broken, in_handshake, silent, unconnected, unfinished

IDLE_CONNECTIONS = 256
"""How many connections to one host are kept for later; more may be open at a time."""

DRAIN_SECONDS = 0.25
"""How long the end of a body may take to arrive once a stream has said its last word."""

PIECE_BYTES = 64 * 1024


class Urllib3Wire:
    """Sends requests over one pool of connections for each host."""

    def __init__(self, ca_bundle: str | None) -> None:
        self._ca_bundle = ca_bundle
        self._lock = threading.Lock()
        self._pools: dict[str, tuple[urllib3.HTTPConnectionPool, str]] = {}
        self._managers: list[urllib3.PoolManager] = []
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
        with _errors(request, end):
            response = pool.urlopen(
                request.method,
                prefix + request.path,
                body=request.content,
                headers=request.headers,
                timeout=urllib3.Timeout(connect=limits.connect, read=limits.first_byte, total=limits.total),
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
            )
        return Urllib3Body(request, response, end)

    def close(self) -> None:
        """Close the connections that are not in use; the others when they are given back."""
        with self._lock:
            managers, self._managers, self._pools = self._managers, [], {}
        for manager in managers:
            manager.clear()

    def _pool(self, base_url: str) -> tuple[urllib3.HTTPConnectionPool, str]:
        """The connections to a host, and the path that all paths there begin with."""
        if self._process != os.getpid():
            # A forked child must not write into its parent's connections.
            self._process, self._pools, self._managers, self._lock = os.getpid(), {}, [], threading.Lock()
        found = self._pools.get(base_url)
        if found is None:
            with self._lock:
                found = self._pools.get(base_url) or self._make_pool(base_url)
                self._pools[base_url] = found
        return found

    def _make_pool(self, base_url: str) -> tuple[urllib3.HTTPConnectionPool, str]:
        parts = urlsplit(base_url)
        context = trust(self._ca_bundle) if parts.scheme == "https" else None
        through = proxy(base_url)
        manager: urllib3.PoolManager
        try:
            if through is None:
                manager = urllib3.PoolManager(maxsize=IDLE_CONNECTIONS, ssl_context=context)
            else:
                manager = urllib3.ProxyManager(
                    through.address, maxsize=IDLE_CONNECTIONS, ssl_context=context, proxy_headers=dict(through.headers)
                )
            pool = manager.connection_from_url(base_url)
            timed: Any = _SecureConnection if pool.scheme == "https" else _Connection
            pool.ConnectionCls = timed
        except (LocationValueError, ValueError) as error:
            raise ConfigurationError(f"{base_url} cannot be called: {error}") from error
        self._managers.append(manager)
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
        self._clock: Final[Clock] = response.connection.clock  # type: ignore[union-attr]  # a `_Timed` one
        self._clock.begin_body(request.limits.idle, end)
        self._end = end
        self._closed = False
        self.status_code = response.status
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    def __iter__(self) -> Iterator[bytes]:
        response = self._response
        # Without a size, `read1` takes a body that is too short for a whole one.
        pieces = response.stream(None) if response.chunked else iter(partial(response.read1, PIECE_BYTES), b"")
        with _errors(self._request, self._end, begun=True):
            for piece in pieces:
                yield piece
                if self._closed:
                    return
        response.release_conn()

    def finish(self) -> None:
        """Keep the connection where the end of the body is there already."""
        self._clock.begin_body(DRAIN_SECONDS, time.monotonic() + DRAIN_SECONDS)
        with contextlib.suppress(APIConnectionError), _errors(self._request, self._end, begun=True):
            if not self._response.read1(1):
                self._response.release_conn()

    def close(self) -> None:
        """Close the connection, unless the body was read to its end. Another thread that reads from it wakes up."""
        self._closed = True
        if self._response.connection is not None:
            self._clock.stop()
        with _errors(self._request, self._end, begun=True):
            self._response.close()


class Clock(io.RawIOBase):
    """
    The reading end of a connection, which knows when reading takes too long, and when an end comes too early.

    A timeout of the socket alone is a limit for each read, and many reads make a line: a host that sends a byte at a
    time would never be found too slow. And `http.client` takes headers that are cut off for whole ones.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._source = sock.makefile("rb", buffering=0)
        self._idle = sock.gettimeout() or math.inf
        self._end = time.monotonic() + self._idle
        self._in_headers = True

    def begin_body(self, idle: float, end: float) -> None:
        """From now on no read may take longer than `idle` seconds, and none may go on after `end`."""
        self._idle, self._end, self._in_headers = idle, end, False

    def makefile(self, mode: str) -> io.BufferedReader:
        """What `http.client` reads an answer from."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(min(self._idle, left))
        count = self._source.readinto(buffer)
        if not count and self._in_headers:
            raise http.client.RemoteDisconnected("the host closed the connection before it had answered")
        return count

    def stop(self) -> None:
        """Wake up whoever reads; there is nothing more to read."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._source.close()
        super().close()


class _Timed:
    """A connection whose answers are read by the clock."""

    clock: Clock

    def response_class(self, sock: socket.socket, *arguments: Any, **options: Any) -> http.client.HTTPResponse:
        self.clock = Clock(sock)
        return http.client.HTTPResponse(self.clock, *arguments, **options)  # type: ignore[arg-type]


class _Connection(_Timed, HTTPConnection):  # type: ignore[misc]  # http.client has a class there, called the same way
    pass


class _SecureConnection(_Timed, HTTPSConnection):  # type: ignore[misc]
    pass


@contextlib.contextmanager
def _errors(request: HTTPRequest, end: float, *, begun: bool = False) -> Iterator[None]:
    """Turn what urllib3 raises into our errors, by table."""
    try:
        yield
    except (NewConnectionError, ProxyError) as error:
        raise broken(request, error, sent=False) from error
    except ConnectTimeoutError as error:
        raise unconnected(request) from error
    except ReadTimeoutError as error:
        raise (unfinished(request) if time.monotonic() >= end else silent(request, begun=begun)) from error
    except SSLError as error:
        raise broken(request, error, sent=not in_handshake(error)) from error
    except (HTTPError, http.client.HTTPException, OSError) as error:
        raise broken(request, error, sent=True) from error
    except ValueError as error:
        # http.client refuses what cannot stand in a request line.
        raise ConfigurationError(f"{request.place} cannot be called: {error}") from error
