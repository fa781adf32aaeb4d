"""
Who this host is: the names that a request may call it by, and the one it gives itself.

Knows what a browser does for a page of somebody else: it can have a name of its
own lead to 127.0.0.1, and tells so by `Host`, or ask across sites, and tells so
by `Origin`. Refuses both, before anything is read, noted or answered.
"""

import ipaddress
import re
import socket
from collections.abc import Mapping
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from tensormesh_local.json_output import JsonAnswer
from tensormesh_local.options import Options

# Under this key of its scope a request finds the authority that the host gives itself.
AUTHORITY = "tensormesh_local.authority"

MISDIRECTED, FORBIDDEN = 421, 403
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@/?#\\\s]+?)\.?(?::(\d{1,5}))?")
_ORIGIN = re.compile(r"(https?)://([^/]+)")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_FOREIGN = frozenset({"cross-site", "same-site"})
_SHOWN = 100

type _Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def authority(host: str, port: int) -> str:
    """Write where something listens as it stands in a URL; "any address" is reached at 127.0.0.1."""
    if _is_any(host):
        host = "127.0.0.1"
    host = str(_address(host) or host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Tell whether something is an address at which a machine reaches itself."""
    address = _address(host)
    return address is not None and address.is_loopback


class AuthorityMiddleware:
    """
    The outermost application: it lets in what is meant for this host, and comes from no page of another.

    Args:
        app: what is behind it.
        options: where the host listens, and which further names it goes by.
    """

    def __init__(self, app: ASGIApp, options: Options) -> None:
        self._app = app
        self._host = options.host
        self._any = _is_any(self._host)
        self._added = {name.lower().removesuffix(".") for name in options.allowed_hosts}
        self._names = {self._host.lower(), *self._added}
        self._addresses = {_address(name) for name in self._names} - {None}
        self._loopback = "localhost" in self._names or any(found and found.is_loopback for found in self._addresses)
        if self._any or self._loopback:
            self._names.add("localhost")
        if not self._loopback:
            self._names.add(socket.gethostname().lower())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app({**scope, AUTHORITY: self._given(scope)}, receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> JsonAnswer | None:
        hosts = _said(scope, b"host")
        for host in hosts:
            if not self._is_own(host, scope):
                why = (
                    f"This local host does not go by the name {host[:_SHOWN]!r}, which the header Host gives. "
                    "If you gave it that name, start it with --allow-host NAME (in Python: allowed_hosts)."
                )
                return JsonAnswer({"error": why}, MISDIRECTED)
        for origin in _said(scope, b"origin"):
            if not any(self._is_of(origin, host) for host in hosts):
                why = f"Pages of {origin[:_SHOWN]!r}, which the header Origin gives, may not ask this local host."
                return JsonAnswer({"error": why}, FORBIDDEN)
        # A picture of a page is asked for without Origin. Whoever follows a link to the login page navigates there.
        followed = scope["method"] == "GET" and _said(scope, b"sec-fetch-mode") == ["navigate"]
        if not followed and _FOREIGN & {*_said(scope, b"sec-fetch-site")}:
            why = "Pages of another origin, as the header Sec-Fetch-Site says, may not ask this local host."
            return JsonAnswer({"error": why}, FORBIDDEN)
        return None

    def _is_own(self, host: str, scope: Scope) -> bool:
        found = _AUTHORITY.fullmatch(host)
        if found is None:
            return False
        address = _address(found[1].strip("[]"))
        if address is None:
            return found[1] in self._names
        if self._any or address in self._addresses or address == _address(_listening(scope)[0]):
            return True  # Nobody has an address lead elsewhere. Behind a router it need not be one that we know.
        return self._loopback and address.is_loopback

    def _is_of(self, origin: str, host: str) -> bool:
        """Tell whether a page that was had from `origin` was had from this host, by the name in `host`."""
        found = _ORIGIN.fullmatch(origin)
        if found is None:
            return False
        scheme, place = found.groups()
        named = _parted(host, _DEFAULT_PORTS[scheme])
        # Something that speaks TLS may stand before a host that was given a name.
        return named == _parted(place, _DEFAULT_PORTS[scheme]) and (scheme == "http" or named[0] in self._added)

    def _given(self, scope: Scope) -> str:
        """The authority for addresses that the host hands out: where it listens, whatever the caller says."""
        host, port = _listening(scope)
        return authority(host if self._any else self._host, port)


def _said(scope: Scope, header: bytes) -> list[str]:
    return [value.decode("latin-1").strip().lower() for name, value in scope["headers"] if name.lower() == header]


def _listening(scope: Mapping[str, object]) -> tuple[str, int]:
    """Give the address and the port of this host that a connection has come to."""
    server = scope.get("server")
    if not isinstance(server, tuple | list):
        return "", 0
    return str(server[0]), int(server[1] or 0)


def _parted(text: str, default: int) -> tuple[str, int]:
    found = _AUTHORITY.fullmatch(text)
    return ("", default) if found is None else (found[1], int(found[2] or default))


def _is_any(host: str) -> bool:
    address = _address(host)
    return host == "" or (address is not None and address.is_unspecified)


@lru_cache(maxsize=64)
def _address(text: str) -> _Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
