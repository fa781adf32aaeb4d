"""Through which proxy to go, which the environment says."""

from __future__ import annotations

import os
import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from tensormesh_transport.errors import UsageError
from tensormesh_transport.origin import check_host
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


def proxy(url: str) -> Proxy | None:
    """
    The proxy for `url`, from HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY in upper or lower case.

    Raises:
        UsageError: it is no address, or of a kind that is not spoken here.
    """
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from base64 import b64encode
    from urllib.request import getproxies_environment, proxy_bypass

    parts, proxies = urlsplit(url), getproxies_environment()
    address = proxies.get(parts.scheme) or proxies.get("all")
    # NO_PROXY may name an address of IPv6 with its brackets or without.
    if not address or proxy_bypass(parts.netloc) or proxy_bypass(parts.hostname or ""):
        return None
    # A password must not stay in the address, which errors show.
    kind, user, host = _PROXY.fullmatch(address.strip()).groups()  # type: ignore[union-attr]  # it takes anything
    kind = (kind or "http").lower()
    if kind not in ("http", "https"):
        raise UsageError(
            f"the environment names a proxy of the kind {kind!r}, which needs a client of your own: "
            "http_client=httpx.Client(proxy=...)"
        )
    try:
        place = urlsplit(f"{kind}://{host}")
        check_host(place)
    except ValueError as error:
        raise UsageError(f"the environment names a proxy that is no address, {host!r}: {error}") from error
    if user is None:
        return Proxy(f"{kind}://{place.netloc}")
    # Bytes, as they stand in the environment: they need not be text.
    name, _, password = map(unquote_to_bytes, user.encode(errors="surrogateescape").partition(b":"))
    secret = b64encode(name + b":" + password).decode()
    return Proxy(f"{kind}://{place.netloc}", Secret(f"Basic {secret}"))
