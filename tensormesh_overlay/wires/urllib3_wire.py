"""The wire of the synchronous client: urllib3. Threads may share it."""

from __future__ import annotations

import contextlib
import http.client
import os
import threading
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import urllib3
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
from tensormesh_overlay.wires.reasons import broken, timed_out

IDLE_CONNECTIONS = 256
"""How many connections to one host are kept for later; more may be open at a time."""

DRAIN_SECONDS = 0.25
"""How long the end of a body may take to arrive once a stream has said its last word."""


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
        begin = time.monotonic()
        body = self.open(request)
        total = request.limits.total
        content = bytearray()
        try:
            for piece in body:
                content += piece
                if total is not None and time.monotonic() - begin > total:
                    raise timed_out(request, "the answer was not complete", total, sent=True)
        finally:
            body.close()
        return HTTPResponse(body.status_code, body.headers, bytes(content))

    def open(self, request: HTTPRequest) -> Urllib3Body:
        """Send a request whose body is read piece by piece."""
        pool, prefix = self._pool(request.base_url)
        limits = request.limits
        with _errors(request):
            response = pool.urlopen(
                request.method,
                prefix + request.path,
                body=request.content,
                headers=request.headers,
                timeout=urllib3.Timeout(connect=limits.connect, read=limits.first_byte),
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
            )
        return Urllib3Body(request, response)

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
                found = self._pools[base_url] = self._make_pool(base_url)
        return found

    def _make_pool(self, base_url: str) -> tuple[urllib3.HTTPConnectionPool, str]:
        parts = urlsplit(base_url)
        context = trust(self._ca_bundle) if parts.scheme == "https" else None
        address = proxy(base_url)
        manager: urllib3.PoolManager
        try:
            if address is None:
                manager = urllib3.PoolManager(maxsize=IDLE_CONNECTIONS, ssl_context=context)
            else:
                user = urlsplit(address)
                headers = None
                if user.username is not None:
                    headers = urllib3.make_headers(proxy_basic_auth=f"{user.username}:{user.password or ''}")
                manager = urllib3.ProxyManager(
                    address, maxsize=IDLE_CONNECTIONS, ssl_context=context, proxy_headers=headers
                )
            pool = manager.connection_from_url(base_url)
        except (LocationValueError, ValueError) as error:
            raise ConfigurationError(f"{base_url} cannot be called: {error}") from error
        self._managers.append(manager)
        through_proxy = address is not None and parts.scheme == "http"
        return pool, base_url if through_proxy else parts.path


class Urllib3Body:
    """An answer whose body is still arriving."""

    def __init__(self, request: HTTPRequest, response: urllib3.BaseHTTPResponse) -> None:
        self._request = request
        self._response: Final = response
        self.status_code = response.status
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    def __iter__(self) -> Iterator[bytes]:
        self._wait_at_most(self._request.limits.idle)
        response = self._response
        with _errors(self._request):
            if response.chunked:
                yield from response.stream(None)
            else:
                while piece := response.read1():
                    yield piece
        response.release_conn()

    def finish(self) -> None:
        """Keep the connection where the end of the body is there already."""
        self._wait_at_most(DRAIN_SECONDS)
        with contextlib.suppress(APIConnectionError), _errors(self._request):
            if not self._response.read1():
                self._response.release_conn()

    def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        with _errors(self._request):
            self._response.close()

    def _wait_at_most(self, seconds: float) -> None:
        connection = self._response.connection
        sock = getattr(connection, "sock", None)
        if sock is not None:
            sock.settimeout(seconds)


@contextlib.contextmanager
def _errors(request: HTTPRequest) -> Iterator[None]:
    """Turn what urllib3 raises into our errors, by table."""
    limits = request.limits
    try:
        yield
    except ConnectTimeoutError as error:
        raise timed_out(request, "no connection", limits.connect, sent=False) from error
    except ReadTimeoutError as error:
        raise timed_out(request, "nothing came", None, sent=True) from error
    except (NewConnectionError, ProxyError) as error:
        raise broken(request, error, sent=False) from error
    except SSLError as error:
        raise broken(request, error, sent="CERTIFICATE_VERIFY_FAILED" not in str(error)) from error
    except (HTTPError, http.client.HTTPException, OSError) as error:
        raise broken(request, error, sent=True) from error
    except ValueError as error:
        # http.client refuses what cannot stand in a request line.
        raise ConfigurationError(f"{request.place} cannot be called: {error}") from error
