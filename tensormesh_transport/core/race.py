"""In which order the addresses of a name are tried, and when the next one's turn has come (RFC 8305). No I/O."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Any

from tensormesh_transport.errors import ConnectError, words

HEAD_START_SECONDS = 0.25
"""How long an address is tried alone before the next one is tried beside it."""

type Address = tuple[int, int, int, Any]
"""Family, type, protocol, and what `connect` takes."""


def addresses(found: Sequence[Any]) -> list[Address]:
    """What `getaddrinfo` found, the two families in turn, so that one that leads nowhere costs little."""
    first: list[Address] = []
    others: list[Address] = []
    for family, kind, protocol, _, address in found:
        (first if family == found[0][0] else others).append((family, kind, protocol, address))
    return [one for one in chain.from_iterable(zip_longest(first, others)) if one is not None]


def literal(host: str, port: int) -> list[Address]:
    """The address that a host stands for without being looked up; none where it is a name."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, (host, port))]
    return []


class Race:
    """Several addresses, of which the first that answers wins."""

    def __init__(self, addresses: Sequence[Address], now: float) -> None:
        self._left = deque(addresses)
        self._running = 0
        self._reasons: list[str] = []
        self.next = now
        """When another address may be tried, whatever comes of those that are."""

    def start(self, now: float) -> Address | None:
        """The address to try now, if it is time for one."""
        if not self._left or (self._running and now < self.next):
            return None
        self._running += 1
        self.next = now + HEAD_START_SECONDS
        return self._left.popleft()

    def lost(self, error: OSError) -> None:
        """One of them did not answer; the next one's turn comes at once."""
        self._running -= 1
        self.next = 0.0
        self._reasons.append(words(error))

    @property
    def waits(self) -> bool:
        """Whether there is another address to try."""
        return bool(self._left)

    @property
    def error(self) -> ConnectError | None:
        """Why none of them won, once that is certain."""
        if self._left or self._running:
            return None
        return ConnectError("; ".join(dict.fromkeys(self._reasons)) or "the name has no address")
