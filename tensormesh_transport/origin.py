"""The address of a host: what may be one, and its parts."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from tensormesh_transport.errors import UsageError

PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """
    Where a URL leads.

    Attributes:
        host: a name in ASCII, or an address without brackets.
        looked_up: the same, with the dot that a name may end in: it is looked up as it is, and with no domain after it.
            Nobody else is told, since few hosts and no certificate know themselves by it.
        authority: host and port as they stand in a URL, the port only where it is not the usual one.
        path: what all paths there begin with.
    """

    scheme: str
    host: str
    port: int
    authority: str
    path: str
    looked_up: str


def origin(url: str) -> Origin:
    """
    The parts of an address.

    Raises:
        UsageError: it is none that can be called.
    """
    try:
        parts = urlsplit(url)
        check_host(parts)
        host = parts.hostname or ""
        if not host.isascii():
            host = host.encode("idna").decode()
            _check_name(host)  # some letters of other alphabets stand for signs that none has
        port = parts.port or PORTS[parts.scheme]
    except ValueError as error:
        raise UsageError(str(error)) from error
    looked_up, host = host, host.removesuffix(".")
    if host == "localhost" or host.replace(".", "").isdigit():
        looked_up = host  # this machine, or an address: resolvers know neither with a dot
    authority = f"[{host}]" if ":" in host else host
    if port != PORTS[parts.scheme]:
        authority += f":{port}"
    return Origin(parts.scheme, host, port, authority, parts.path, looked_up)


def without_dot(url: str) -> str:
    """The same URL, with a host that ends in no dot."""
    place = urlsplit(url).netloc
    name, colon, port = place.partition(":")
    return url.replace(place, f"{name.removesuffix('.')}{colon}{port}", 1) if name.endswith(".") else url


def check_host(parts: SplitResult) -> None:
    """ValueError where a URL names no host, or no port, that could be called."""
    if parts.scheme not in PORTS:
        raise ValueError(f"it begins with neither http:// nor https:// but {parts.scheme!r}")
    host = parts.hostname or ""
    if parts.netloc.partition("]")[2][:1] not in ("", ":") or not host.isprintable():
        raise ValueError(f"{parts.netloc!r} is no name of a host: it holds signs that none has")
    _check_name(host)
    if not _has_port(parts):
        raise ValueError("its port is no number from 1 to 65535")


def _has_port(parts: SplitResult) -> bool:
    """Whether its port, if it has one, could be called."""
    try:
        return parts.port != 0
    except ValueError:
        # It says what stands there: a password, where somebody has forgotten the @ and the host behind it.
        return False


def _check_name(host: str) -> None:
    if any(sign in host for sign in " '\"<>[]"):
        raise ValueError(f"{host!r} is no name of a host: it holds signs that none has")
    name = host.removesuffix(".")
    if len(name) > 253 or not all(0 < len(label) < 64 for label in name.split(".")):
        raise ValueError(f"{host!r} is no name of a host: something between its dots is missing, or too long")
