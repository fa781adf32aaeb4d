"""What is measured, and how far ahead of its peers this project means to be: all of it as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.peers.roster import AIOHTTP, HTTPX, OPENAI, PUBLISHED, SOCKET, Peer

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
ANSWER = json.loads((SAMPLES / "completion.json").read_bytes())["choices"][0]["message"]["content"]
WORD = json.loads((SAMPLES / "chunk.json").read_bytes())["choices"][0]["delta"]["content"]

Mode = Literal["Sync", "Async"]
Action = Literal["build", "ask", "request", "chunks", "texts", "first"]


@dataclass(frozen=True)
class Case:
    """
    One kind of call.

    Attributes:
        name: what `--case` takes.
        title: its line in the tables.
        mode: of the client.
        action: "build" (import, build a client) and "ask" (the same and one answer) are whole processes; the others
            are calls within one, see `contestants/warm.py`.
        in_flight: how many calls at once.
        chunks: how many a stream has.
        batch: how many of them the host writes at once.
        pace: seconds between two writes. Such streams wait more than they work: `in_flight` calls are counted, no more.
        delay: seconds before the first byte.
        tls: whether the connection is encrypted.
        rounds: at most so many, where one takes long.
    """

    name: str
    title: str
    mode: Mode
    action: Action
    in_flight: int = 1
    chunks: int = 0
    batch: int = 1
    pace: float = 0.0
    delay: float = 0.0
    tls: bool = False
    rounds: int = 1000

    @property
    def script(self) -> str:
        """What the host does, see `host/answers.py`."""
        settings = {"chunks": self.chunks, "batch": self.batch if self.chunks else 0}
        given = {**settings, "pace": self.pace, "delay": self.delay}
        return ",".join(f"{name}={value}" for name, value in given.items() if value) or "answer"

    @property
    def process(self) -> bool:
        return self.action in ("build", "ask")

    @property
    def unit(self) -> str:
        if self.process:
            return "process"
        return "chunk" if self.action in ("chunks", "texts") else "request"

    @property
    def expected(self) -> int:
        """What every call brings: characters or chunks. The first and the last chunk of a stream say nothing."""
        if self.action == "request":
            return len(ANSWER)
        return (self.chunks - 2) * len(WORD) if self.action == "texts" else self.chunks

    def suits(self, peer: Peer) -> bool:
        if peer.name == SOCKET:
            return self.mode == "Sync" and self.action in ("build", "request", "chunks") and not (self.pace or self.tls)
        return self.mode in peer.offers and (self.action != "texts" or peer.typed)


CASES = (
    Case("import-sync", "import and build a client, sync", "Sync", "build"),
    Case("import-async", "import and build a client, async", "Async", "build"),
    Case("first-answer-sync", "fresh process to its first answer, sync", "Sync", "ask"),
    Case("first-answer-async", "fresh process to its first answer, async", "Async", "ask"),
    Case("request-sync", "request, sync", "Sync", "request"),
    Case("request-sync-tls", "request, sync, TLS", "Sync", "request", tls=True),
    Case("request-async-1", "request, async, 1 in flight", "Async", "request"),
    Case("request-async-16", "request, async, 16 in flight", "Async", "request", 16),
    Case("request-async-64", "request, async, 64 in flight", "Async", "request", 64),
    Case("request-async-64-tls", "request, async, 64 in flight, TLS", "Async", "request", 64, tls=True),
    Case("request-async-256", "request, async, 256 in flight", "Async", "request", 256),
    Case("request-async-slow", "request, async, 64 in flight, answers after 50 ms", "Async", "request", 64, delay=0.05),
    Case("first-chunk-sync", "request to its first chunk, sync", "Sync", "first", chunks=2),
    Case("first-chunk-async", "request to its first chunk, async", "Async", "first", chunks=2),
    Case("chunks-sync-20", "chunk, sync, 20 in a stream", "Sync", "chunks", chunks=20),
    Case("chunks-sync-1000", "chunk, sync, 1,000 in a stream", "Sync", "chunks", chunks=1000),
    Case("chunks-sync-10000", "chunk, sync, 10,000 in a stream", "Sync", "chunks", chunks=10_000, rounds=3),
    Case("chunks-async-20", "chunk, async, 20 in a stream", "Async", "chunks", chunks=20),
    Case("chunks-async-1000", "chunk, async, 1,000 in a stream", "Async", "chunks", chunks=1000),
    Case("chunks-async-10000", "chunk, async, 10,000 in a stream", "Async", "chunks", chunks=10_000, rounds=3),
    Case("chunks-sync-batched", "chunk, sync, 20 in one write", "Sync", "chunks", chunks=1000, batch=20),
    Case("chunks-async-batched", "chunk, async, 20 in one write", "Async", "chunks", chunks=1000, batch=20),
    Case("chunks-sync-paced", "chunk, sync, one every 5 ms", "Sync", "chunks", chunks=100, pace=0.005),
    Case(
        "chunks-sync-paced-tls", "chunk, sync, one every 5 ms, TLS", "Sync", "chunks", chunks=100, pace=0.005, tls=True
    ),
    Case("chunks-async-paced", "chunk, async, one every 5 ms", "Async", "chunks", chunks=100, pace=0.005),
    Case(
        "chunks-async-paced-tls",
        "chunk, async, one every 5 ms, TLS",
        "Async",
        "chunks",
        chunks=100,
        pace=0.005,
        tls=True,
    ),
    Case("texts-sync", "text of a chunk, sync", "Sync", "texts", chunks=1000),
    Case("texts-async", "text of a chunk, async", "Async", "texts", chunks=1000),
    Case("texts-sync-batched", "text of a chunk, sync, 20 in one write", "Sync", "texts", chunks=1000, batch=20),
    Case("texts-async-batched", "text of a chunk, async, 20 in one write", "Async", "texts", chunks=1000, batch=20),
    Case(
        "streams-1000-paced", "chunk, 1,000 streams, one each 250 ms", "Async", "chunks", 1000, 10, pace=0.25, rounds=3
    ),
    Case("streams-1000-flooded", "chunk, 1,000 streams flooded", "Async", "chunks", 1000, 20, rounds=3),
)


@dataclass(frozen=True)
class Limit:
    """
    A ratio of two figures of one run, ours above another.

    Attributes:
        case: what is measured of ours.
        against: whose figure it is divided by; our own where `base` is another case.
        at_most: the ratio that has to hold.
        stretch: the ratio that would be good.
        figure: "cpu" is CPU time of a unit, "memory" the most that the process had.
        base: the case it is divided by, where that is not the same.
    """

    case: str
    against: str
    at_most: float
    stretch: float | None = None
    figure: Literal["cpu", "memory"] = "cpu"
    base: str | None = None


LIMITS = (
    Limit("request-sync", PUBLISHED, 0.25, 0.17),
    Limit("request-sync", HTTPX, 0.95),
    Limit("request-async-1", PUBLISHED, 0.65, 0.5),
    Limit("request-async-64", PUBLISHED, 0.6, 0.45),
    Limit("request-async-64", AIOHTTP, 0.9, 0.7),
    Limit("request-async-256", PUBLISHED, 0.6, 0.45),
    Limit("request-async-256", AIOHTTP, 0.9, 0.7),
    Limit("chunks-sync-1000", PUBLISHED, 0.6, 0.45),
    Limit("chunks-sync-1000", OPENAI, 0.15),
    Limit("chunks-async-1000", PUBLISHED, 0.45, 0.35),
    Limit("chunks-async-1000", OPENAI, 0.12),
    Limit("texts-sync", PUBLISHED, 0.5, 0.4),
    Limit("texts-async", PUBLISHED, 0.35, 0.3),
    Limit("chunks-sync-batched", PUBLISHED, 0.42, 0.35),
    Limit("chunks-async-batched", PUBLISHED, 0.38, 0.3),
    Limit("import-sync", PUBLISHED, 0.45, 0.25),
    Limit("import-sync", OPENAI, 0.15),
    Limit("first-answer-sync", PUBLISHED, 0.6, 0.5),
    Limit("first-answer-async", PUBLISHED, 0.55, 0.4),
    Limit("import-sync", PUBLISHED, 0.9, 0.8, "memory"),
    Limit("streams-1000-paced", PUBLISHED, 0.7, 0.5),
    Limit("streams-1000-paced", PUBLISHED, 1.0, 0.8, "memory"),
    Limit("request-async-256", "ours", 1.2, 1.05, base="request-async-16"),
)
