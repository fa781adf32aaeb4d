"""
Where a credential that is kept in a file may go: to the host that it comes from, and nowhere else.

A flag or a variable may lead a command anywhere, and so may a file of settings. What was given with them goes there,
too; what was kept for another host does not. Where a file does not say whose its credentials are, they are of the
service.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from tensormesh_cli.errors import CliError
from tensormesh_cli.output.secrets import address
from tensormesh_generated.surfaces import SURFACES

SERVICE = SURFACES["control_plane"].base_url
"""The control plane of the service."""

SERVERLESS = SURFACES["serverless"].base_url
ON_DEMAND = SURFACES["on_demand"]
"""The hosts of deployments: one for each provider."""

_ROUTED = re.sub(r"\\\{\w+\\\}", "[a-z0-9-]+", re.escape(ON_DEMAND.template))
_INFERENCE = re.compile(f"{re.escape(SERVERLESS)}|{_ROUTED}")
_PORTS = {"http": ":80", "https": ":443"}


class Home(NamedTuple):
    """
    Where a credential comes from.

    Attributes:
        said: the beginning of a sentence that ends with the first of `hosts`.
        hosts: the base URLs that it is for. One of the inference hosts of the service stands for all of them.
        giver: the control plane that gave a key. Whatever else is at the same place has it already.
        advice: how to have one for another host, which takes the place of `{base}`.
    """

    said: str
    hosts: tuple[str, ...]
    giver: str | None = None
    advice: str = ""


def is_home(home: Home, base: str) -> bool:
    """Whether the credential is one of the host at `base`."""
    place = _place(base)
    if place is None:
        return False
    if place in map(_place, home.hosts) or (home.giver is not None and _origin(home.giver) == _origin(base)):
        return True
    return is_inference(base) and any(map(is_inference, home.hosts))


def check(home: Home, base: str, source: str | None) -> None:
    """
    Let a credential go to the host at `base`, if it is its own.

    Args:
        source: what led to that host; None where nothing did.

    Raises:
        CliError: it is not.
    """
    if is_home(home, base):
        return
    advice = home.advice.format(base=address(base))
    raise CliError(
        "not_logged_in",
        f"{home.said} {address(home.hosts[0])}, and this command goes to {address(base)}.",
        f"{advice}, or drop {source}" if source else advice,
    )


def is_service(base: str) -> bool:
    """Whether a control plane is that of the service."""
    return _place(base) == SERVICE


def is_inference(base: str) -> bool:
    """Whether a host is one of the inference hosts of the service."""
    return _INFERENCE.fullmatch(_place(base) or "") is not None


def below(base: str, url: str) -> str | None:
    """What stands in a URL after a base URL, query and all; None where it is another place."""
    place = _place(base)
    try:
        parts = urlsplit(url)
        if place is None or parts.username is not None or _origin(f"{parts.scheme}://{parts.netloc}") != _origin(base):
            return None
    except ValueError:
        return None
    path = parts.path.removeprefix(urlsplit(place).path)
    if not parts.path.startswith(f"{urlsplit(place).path}/"):
        return None
    return f"{path}?{parts.query}" if parts.query else path


def _place(base: str) -> str | None:
    """A base URL in the one form that all its spellings have; None where it is none."""
    origin = _origin(base)
    if origin is None:
        return None
    return origin + urlsplit(base.strip()).path.rstrip("/").removesuffix("/v1").rstrip("/")


def _origin(base: str) -> str | None:
    try:
        parts = urlsplit(base.strip())
        if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None or parts.query:
            return None
        port = "" if parts.port is None else f":{parts.port}"
        port = "" if port == _PORTS[parts.scheme] else port
    except ValueError:
        return None
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{name}{port}"
