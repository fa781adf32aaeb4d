"""Who takes part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Offer = Literal["Sync", "Async", "texts"]


@dataclass(frozen=True)
class Peer:
    """
    One client.

    Attributes:
        name: its column, and the folder of its environment.
        what: the same in words.
        requirement: what is installed, from the index; none for the standard library, `.` for this tree.
        contestant: the module in `contestants/` that drives it.
        offers: what it can do.
    """

    name: str
    what: str
    requirement: str | None
    contestant: str
    offers: frozenset[Offer]

    @property
    def typed(self) -> bool:
        """Whether it gives objects rather than what `json` makes."""
        return "texts" in self.offers


OURS = "ours"
PUBLISHED = "published"
OPENAI = "openai"
HTTPX = "httpx"
AIOHTTP = "aiohttp"
SOCKET = "socket"

_TYPED: frozenset[Offer] = frozenset({"Sync", "Async", "texts"})
_BOTH: frozenset[Offer] = frozenset({"Sync", "Async"})
_SYNC: frozenset[Offer] = frozenset({"Sync"})
_ASYNC: frozenset[Offer] = frozenset({"Async"})

PEERS = (
    Peer(OURS, "this project, as a wheel with its own transport", ".", "with_tensormesh", _TYPED),
    Peer(PUBLISHED, "`tensormesh` of the index", "tensormesh==0.2.1", "with_tensormesh", _TYPED),
    Peer(OPENAI, "the newest `openai`", "openai", "with_openai", _TYPED),
    Peer(HTTPX, "bare httpx and `json`", "httpx", "with_httpx", _BOTH),
    Peer("httpx2", "bare httpx2 and `json`", "httpx2", "with_httpx", _BOTH),
    Peer(AIOHTTP, "bare aiohttp and `json`", "aiohttp", "with_aiohttp", _ASYNC),
    Peer("requests", "requests and `json`", "requests", "with_requests", _SYNC),
    Peer("urllib3", "urllib3 and `json`", "urllib3", "with_urllib3", _SYNC),
    Peer(
        SOCKET, "a socket that reads no HTTP and makes nothing of it: what the kernel costs", None, "with_socket", _SYNC
    ),
)
