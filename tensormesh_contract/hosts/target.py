"""
Which host a run is about.

Knows addresses and which surface a well-known host is; does not send anything.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.hosts.credentials import Credentials


class TargetError(ValueError):
    """A host that cannot be meant, and what to say instead."""


@dataclass(frozen=True, slots=True)
class Target:
    """
    One surface of one host.

    Args:
        surface: which.
        base_url: where it is.
        credentials: with what it is asked.
        own: whether it was started for this run and is gone after it.
        certificates: the file of certificates to trust in place of the usual ones.
    """

    surface: SurfaceName
    base_url: str
    credentials: Credentials
    own: bool = False
    certificates: str | None = None

    @property
    def shown_url(self) -> str:
        """The address to print: that of a host which is gone by then is of no use."""
        return "$HOST" if self.own else self.base_url


def is_local(url: str) -> bool:
    """Tell whether an address is on this machine."""
    name = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def checked_url(text: str) -> str:
    """
    Give an address without what does not belong to it.

    Raises:
        TargetError: it is no http(s) address, or holds a password.
    """
    if "@" in text:
        # First of all: what comes below shows the address.
        raise TargetError("An address must not hold a password; give the key in the environment variable KEY.")
    refusal = TargetError(f"A host is an address such as https://serverless.tensormesh.ai, not {text!r}.")
    try:
        parts = urlsplit(text)
        port = parts.port
        # A name that no resolver can be asked for.
        (parts.hostname or "").encode("idna").decode("idna")
    except ValueError:
        raise refusal from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not text.isprintable():
        raise refusal
    return text.partition("?")[0].partition("#")[0].rstrip("/")


def without_version(url: str) -> str:
    """Give an address without a `/v1` at its end, with which the paths of the documents begin."""
    return url.removesuffix("/v1")


def guessed_surface(url: str, user_id: str) -> SurfaceName:
    """Guess the surface: by a path of the local host, a name of the service, or a user id, which one surface takes."""
    parts = urlsplit(url)
    for name in SurfaceName:
        if parts.path.rstrip("/").endswith(f"/{name}"):
            return name
    if (parts.hostname or "").startswith("api."):
        return SurfaceName.CONTROL_PLANE
    if user_id or (parts.hostname or "").startswith("external."):
        return SurfaceName.ON_DEMAND
    return SurfaceName.SERVERLESS
