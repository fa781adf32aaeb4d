"""Whom to trust, and through which proxy to go. Both are settled by the environment where the client is silent."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from tensormesh_overlay.config import check_place
from tensormesh_overlay.errors import ConfigurationError
from tensormesh_overlay.headers import Secret

_PROXY = re.compile(r"(?:([\w+.-]+)://)?(?:(.*)@)?(.*)", re.DOTALL)
"""Kind, user with password, and place."""


def trust(ca_bundle: str | None) -> ssl.SSLContext:
    """
    A TLS context that trusts `ca_bundle` alone, or SSL_CERT_FILE and SSL_CERT_DIR where they are set, or else the
    system and certifi (some systems have no certificates where Python looks for them).

    Raises:
        ConfigurationError: the file holds no certificates.
    """
    try:
        context = ssl.create_default_context(cafile=ca_bundle)
    except (ssl.SSLError, OSError) as error:
        raise ConfigurationError(f"ca_bundle {ca_bundle!r} holds no certificates: {error}") from error
    if ca_bundle is None and not (os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


class Proxy(NamedTuple):
    """A proxy, and what it wants to see. Its `repr` shows no header, so it shows no password."""

    address: str
    headers: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Proxy({self.address})"


def proxy(url: str) -> Proxy | None:
    """
    The proxy for `url`, from HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY in upper or lower case.

    Raises:
        ConfigurationError: it is no address, or of a kind that this client does not speak.
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
        raise ConfigurationError(
            f"the environment names a proxy of the kind {kind!r}, which needs a client of your own: "
            "http_client=httpx.Client(proxy=...)"
        )
    try:
        check_place(urlsplit(f"{kind}://{host}"))
    except ValueError as error:
        raise ConfigurationError(f"the environment names a proxy that is no address, {host!r}: {error}") from error
    if user is None:
        return Proxy(f"{kind}://{host}", {})
    name, _, password = map(unquote, user.partition(":"))
    secret = b64encode(f"{name}:{password}".encode()).decode()
    return Proxy(f"{kind}://{host}", {"proxy-authorization": Secret(f"Basic {secret}")})
