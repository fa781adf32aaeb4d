"""
A process whose clients may call nobody but this machine, such as one that runs somebody's tests.

`pytest --tensormesh-local` asks for it here; for the programs that tests start, the environment does, by `LOCAL_ONLY`.
"""

from __future__ import annotations

import os
from typing import Any

from tensormesh_overlay.configuration.misnomers import LOCAL_ONLY
from tensormesh_transport.errors import UsageError
from tensormesh_transport.exemptions import is_local
from tensormesh_transport.messages import Request
from tensormesh_transport.origin import origin

WITHIN = frozenset({"MockTransport", "ASGITransport", "WSGITransport"})
"""The transports of httpx that answer by themselves, whatever the address: they reach nobody."""

_confined_to: frozenset[str] | None = None


def confine(*hosts: str) -> None:
    """From now on, clients that are made here may call this machine only, and `hosts`, by whatever name it goes."""
    global _confined_to
    _confined_to = frozenset(hosts)


def free() -> None:
    """Clients that are made from now on may call anybody again."""
    global _confined_to
    _confined_to = None


def confined(carrier: Any, transport: object = None) -> Any:
    """
    What carries the requests of a new client: `carrier`, but as far as it may go.

    Args:
        carrier: a transport of either kind.
        transport: what of httpx it was made of, if it was.
    """
    asked = os.environ.get(LOCAL_ONLY, "").strip().lower() not in ("", "0", "false", "no")
    if _confined_to is None and not asked:
        return carrier
    if any(kind.__name__ in WITHIN for kind in type(transport).__mro__):
        return carrier
    return _Confined(carrier, _confined_to or frozenset())


class _Confined:
    """A transport, sync or async, that refuses what would leave this machine before any of it is sent."""

    def __init__(self, carrier: Any, hosts: frozenset[str]) -> None:
        self._carrier = carrier
        self._hosts = hosts
        if hasattr(carrier, "gate"):  # a client of somebody else's may have a proxy that leads away
            carrier.gate = self._check_host

    def __getattr__(self, name: str) -> Any:
        return getattr(self._carrier, name)

    def send(self, request: Request) -> Any:
        self._check(request)
        return self._carrier.send(request)

    def open(self, request: Request) -> Any:
        self._check(request)
        return self._carrier.open(request)

    def _check(self, request: Request) -> None:
        self._check_host(origin(request.base_url).host)

    def _check_host(self, host: str) -> None:
        if not is_local(host) and host not in self._hosts:
            raise UsageError(
                f"{host} is not this machine, and clients may not leave it here: pytest --tensormesh-local, or "
                f"{LOCAL_ONLY}, sees to that. The TENSORMESH_*_BASE_URL variables lead to the local host: give no base "
                "URL in code, and let no test take the variables away (the fixtures tensormesh_client and "
                "tensormesh_host.environment() need none)"
            )
