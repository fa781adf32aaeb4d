"""How to get to a host, and what the first bytes of a request look like on that way. No I/O."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from tensormesh_transport.core.race import literal
from tensormesh_transport.core.request_head import RequestHeaders, header_lines, request_line
from tensormesh_transport.errors import (
    ConnectError,
    ConnectTimeoutError,
    ProxyError,
    ResourceError,
)
from tensormesh_transport.messages import Request
from tensormesh_transport.origin import Origin, origin
from tensormesh_transport.proxies import Proxy, proxy
from tensormesh_transport.resources import Loading
from tensormesh_transport.secret import SecretBytes

if TYPE_CHECKING:
    import ssl

PIECE_BYTES = 256 * 1024
"""How much of a body is made ready for sending in one go."""


class Route(NamedTuple):
    """
    The way to a host.

    Attributes:
        origin: the host.
        dials: what a connection is made to: the host itself, or its proxy.
        proxy: the proxy between, if any.
    """

    origin: Origin
    dials: Origin
    proxy: Proxy | None

    @property
    def key(self) -> tuple[str, str, Proxy | None]:
        """What is the same for all requests that may share a connection."""
        return (self.origin.scheme, self.origin.authority, self.proxy)

    @property
    def secure(self) -> bool:
        return self.origin.scheme == "https"

    @property
    def encrypted(self) -> bool:
        """Whether TLS is spoken somewhere on the way."""
        return "https" in (self.origin.scheme, self.dials.scheme)

    @contextmanager
    def to_proxy(self) -> Iterator[None]:
        """A block in which whatever fails, but for time and what this machine lacks, is the fault of the proxy."""
        try:
            yield
        except ConnectError as error:
            if self.proxy is None or isinstance(error, ConnectTimeoutError | ResourceError):
                raise
            raise ProxyError(f"the proxy {self.proxy.address} cannot be used ({error})") from error.__cause__

    def target(self, path: str) -> str:
        """What stands in the request line: a proxy that sees the request is told the whole URL."""
        path = self.origin.path + path
        if not path.startswith("/"):
            path = f"/{path}"
        return path if self.proxy is None or self.secure else f"http://{self.origin.authority}{path}"


type Found = tuple[Route, ssl.SSLContext | None]
"""The way to a host, and a TLS context where one is needed on it."""


class Routes:
    """
    The ways to the hosts that were called so far, and whom to trust on them.

    Args:
        ca_bundle: see `tensormesh_transport.tls.trust`.
    """

    def __init__(self, ca_bundle: str | None) -> None:
        self._ca_bundle = ca_bundle
        self._found: dict[str, Found] = {}
        self._context: ssl.SSLContext | None = None

    def known(self, base_url: str) -> Found | None:
        """What was found before."""
        return self._found.get(base_url)

    def find(self, base_url: str) -> Found:
        """
        The way to a host.

        Raises:
            UsageError: one of the addresses is none that can be called, or there are no certificates.
            ResourceError: the system lets this process open no more files.
        """
        found = self._found.get(base_url)
        if found is None:
            route = _route(base_url)
            if route.encrypted or not literal(route.dials.host, route.dials.port):
                with Loading():
                    codecs.lookup("idna")  # names are looked up, and told to TLS, by way of it
            found = self._found[base_url] = (route, self.trust() if route.encrypted else None)
        return found

    def takes_long(self, base_url: str) -> bool:
        """Whether to find it takes so long that nobody should stand still meanwhile."""
        return self._context is None and base_url not in self._found and _route(base_url).encrypted

    def trust(self) -> ssl.SSLContext:
        """Load whom to trust, once."""
        if self._context is None:
            with Loading():
                from tensormesh_transport.tls import trust
            self._context = trust(self._ca_bundle)
        return self._context


def _route(base_url: str) -> Route:
    there, through = origin(base_url), proxy(base_url)
    return Route(there, there if through is None else origin(through.address), through)


def outgoing(route: Route, request: Request) -> list[memoryview]:
    """
    The bytes of a request, a large body in pieces; as views, which show no key where variables are printed.

    Raises:
        UsageError: its head would be read as something else.
    """
    content = request.content
    if not content:
        return [memoryview(_head(route, request))]
    if len(content) <= PIECE_BYTES:
        return [memoryview(_head(route, request) + content)]
    whole = memoryview(content)
    pieces = [whole[begin : begin + PIECE_BYTES] for begin in range(0, len(content), PIECE_BYTES)]
    return [memoryview(_head(route, request)), *pieces]


def _head(route: Route, request: Request) -> bytes:
    headers, method, path, content = request.headers, request.method, request.path, request.content
    if isinstance(headers, RequestHeaders):
        shared = headers if headers.shared is None else headers.shared
        its_route, its_method, its_path, head = shared.head
        if its_route is not route or its_path != path or its_method != method:
            head = SecretBytes(_head_without_length(route, request, shared))
            shared.head = (route, method, path, head)
        if headers.own:
            head = SecretBytes(head + header_lines(headers.own))
    else:
        head = _head_without_length(route, request, headers)
    return head + (b"\r\n" if content is None else b"content-length: %d\r\n\r\n" % len(content))


def _head_without_length(route: Route, request: Request, headers: Mapping[str, str]) -> bytes:
    own = {}
    if "host" not in headers:
        own["host"] = route.origin.authority
    if route.proxy is not None and route.proxy.authorization and not route.secure:
        own["proxy-authorization"] = route.proxy.authorization
    line = request_line(request.method, route.target(request.path))
    return b"".join((line, header_lines(own), header_lines(headers)))


def tunnel(route: Route) -> bytes:
    """What a proxy is asked for a way through to the host."""
    there = route.origin
    place = f"[{there.host}]:{there.port}" if ":" in there.host else f"{there.host}:{there.port}"
    headers = {"host": place}
    if route.proxy is not None and route.proxy.authorization:
        headers["proxy-authorization"] = route.proxy.authorization
    return b"".join((request_line("CONNECT", place), header_lines(headers), b"\r\n"))
