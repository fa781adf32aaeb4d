"""Through which proxy to go, which the environment says."""

from __future__ import annotations

import os
import re
from binascii import b2a_base64
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from tensormesh_transport.errors import UsageError
from tensormesh_transport.exemptions import is_exempt, is_local
from tensormesh_transport.origin import PORTS, check_host
from tensormesh_transport.secret import Secret

_PROXY = re.compile(r"(?:([\w+.-]+)://)?(?:(.*)@)?(.*)", re.DOTALL)
"""Kind, user with password, and place."""


class Proxy(NamedTuple):
    """
    A proxy.

    Attributes:
        address: a URL without path; no password stands in it.
        authorization: what it wants to see as `proxy-authorization`, or None.
    """

    address: str
    authorization: str | None = None


def _named(name: str) -> str:
    """What a variable says; that in lower case counts, even where it is empty."""
    value = os.environ.get(name)
    if value is None and not (name == "http_proxy" and "REQUEST_METHOD" in os.environ):
        # Within a CGI program HTTP_PROXY is what a stranger sent as the header `Proxy`.
        value = os.environ.get(name.upper())
    return value or ""


def proxy(url: str) -> Proxy | None:
    """
    The proxy for `url`, from HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY in lower or upper case.

    This machine is called directly, whatever they say.

    Raises:
        UsageError: it is no address, or of a kind that is not spoken here.
    """
    parts = urlsplit(url)
    variable = f"{parts.scheme}_proxy" if _named(f"{parts.scheme}_proxy") else "all_proxy"
    address = _named(variable)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    if not address or is_local(host) or is_exempt(host, port, _named("no_proxy")):
        return None
    # A password must not stay in the address, which errors show.
    kind, user, host = _PROXY.fullmatch(address.strip()).groups()  # type: ignore[union-attr]  # it takes anything
    kind = (kind or "http").lower()
    if kind not in ("http", "https"):
        raise UsageError(
            f"the environment ({variable.upper()}) names a proxy of the kind {kind!r}, which needs a client of your "
            "own: http_client=httpx.Client(proxy=...)"
        )
    try:
        place = urlsplit(f"{kind}://{host}")
        check_host(place)
    except ValueError as error:
        raise UsageError(f"the environment ({variable.upper()}) names a proxy that is no address: {error}") from error
    if user is None:
        return Proxy(f"{kind}://{place.netloc}")
    # Bytes, as they stand in the environment: they need not be text.
    name, _, password = map(unquote_to_bytes, user.encode(errors="surrogateescape").partition(b":"))
    secret = b2a_base64(name + b":" + password, newline=False).decode()
    return Proxy(f"{kind}://{place.netloc}", Secret(f"Basic {secret}"))


def added_headers(url: str) -> list[tuple[str, str]]:
    """The header that the proxy for `url` wants to see, if any."""
    try:
        found = proxy(url)
    except UsageError:
        return []
    return [] if found is None or found.authorization is None else [("proxy-authorization", found.authorization)]
