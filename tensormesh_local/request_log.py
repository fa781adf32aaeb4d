"""
The requests this host has seen.

Knows the newest of them, whole, and their answers while somebody looks; does
not keep a secret: keys are gone before a request is written down.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.accounts import Tokens

KEPT = 5_000
KEPT_BYTES = 128 << 20
KEPT_ANSWER_BYTES = 1 << 20
# Under this key of its scope a request finds its record.
RECORD = "tensormesh_local.record"
REDACTED = "***"
_SECRET = ("authorization", "cookie", "proxy-authorization", "x-api-key")


def redacted(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give headers without secrets; what kind of credential there was is kept."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name.lower() in _SECRET:
            scheme = re.match(r"\s*(bearer|basic)\s", value, re.IGNORECASE)
            value = f"{scheme.group(1)} {REDACTED}" if scheme else REDACTED
        found[name.lower()] = value
    return found


class Piece(NamedTuple):
    """A piece of an answer: after how many seconds it was sent, and its bytes."""

    at: float
    data: bytes


@dataclass
class Answer:
    """
    What was answered.

    Args:
        headers: the headers, names in lower case, without secrets.
        pieces: the body as it was sent, up to a bound.
        size: bytes of the whole body.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    size: int = 0

    @property
    def whole(self) -> bool:
        """Whether all that was sent is here."""
        return self.size <= KEPT_ANSWER_BYTES

    def begin(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Take the headers."""
        self.headers = redacted((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)

    def feed(self, data: bytes, at: float) -> None:
        """Take a piece of the body."""
        room = KEPT_ANSWER_BYTES - self.size
        self.size += len(data)
        if data and room > 0:
            self.pieces.append(Piece(at, data[:room]))


@dataclass
class Record:
    """
    One request and how it went.

    Args:
        method: the HTTP method.
        path: the path.
        query: the query string.
        headers: the headers, names in lower case, without secrets.
        body: the JSON body, or its text.
        request_id: the id the answer was given.
        status: the status of the answer; None as long as there is none.
        fault: whether a scripted fault was at work.
        completed: whether the answer was sent to its end.
        hung_up: whether the caller went away before that; see `wait`.
        size: bytes of the body.
        number: its place among all requests of this host, from 1; 0 as long as it is in no log.
        tokens: what the answer used; None where it does not say.
        seconds: how long the request took; None as long as it goes on.
        answer: what was answered; None where nobody was looking.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Json
    request_id: str
    status: int | None = None
    fault: bool = False
    completed: bool = False
    hung_up: bool = False
    size: int = 0
    number: int = 0
    tokens: Tokens | None = None
    seconds: float | None = None
    answer: Answer | None = None
    started: float = field(default_factory=time.time, init=False, repr=False, compare=False)
    """When it came, in seconds since 1970."""
    _begun: float = field(default_factory=time.perf_counter, repr=False, compare=False)
    _over: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def wait(self, seconds: float = 10.0) -> Self:
        """
        Wait until the host is through with this request, and give the record.

        A caller who goes away is noticed a moment later, so a test that asks for `hung_up` waits first.

        Raises:
            TimeoutError: the request still goes on.
        """
        if not self._over.wait(seconds):
            raise TimeoutError(f"{self.method} {self.path} still goes on after {seconds:g} s")
        return self

    @property
    def elapsed(self) -> float:
        """How many seconds ago it came."""
        return time.perf_counter() - self._begun

    def close(self) -> None:
        """Nothing more happens to this request."""
        self.seconds = self.elapsed
        self._over.set()

    def entry(self) -> JsonObject:
        """Write the record as JSON."""
        headers: JsonObject = {**self.headers}
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": headers,
            "body": self.body,
            "request_id": self.request_id,
            "status": self.status,
            "fault": self.fault,
            "completed": self.completed,
            "hung_up": self.hung_up,
        }


class RequestLog:
    """The newest requests, the oldest of them first. Safe to use from any thread."""

    def __init__(self, kept: int = KEPT, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept = kept
        self._kept_bytes = kept_bytes
        self._records = deque[Record]()
        self._bytes = 0
        self._number = 0
        self._lock = threading.Lock()
        self.keeps_answers = False
        """Whether the answers of requests that come from now on are kept."""

    def add(self, record: Record) -> None:
        """Write a request down."""
        if self.keeps_answers:
            record.answer = Answer()
        with self._lock:
            self._number += 1
            record.number = self._number
            self._records.append(record)
            self._grow(record.size)

    def answered(self, record: Record) -> None:
        """Count what is kept of the answer to a request."""
        if record.answer is not None:
            with self._lock:
                if self._records and record.number >= self._records[0].number:
                    self._grow(_kept(record.answer))

    def records(self, after: int = 0) -> list[Record]:
        """
        Give all requests that are still known.

        Args:
            after: leave out those up to this number.
        """
        with self._lock:
            if not after:
                return list(self._records)
            found = deque[Record]()
            for record in reversed(self._records):
                if record.number <= after:
                    break
                found.appendleft(record)
            return list(found)

    def record(self, number: int) -> Record | None:
        """Give a request by its number; None for one that is not known any more."""
        with self._lock:
            # They come and go in their order, so none is missing between the oldest and the newest.
            place = number - self._records[0].number if self._records else -1
            return self._records[place] if 0 <= place < len(self._records) else None

    @property
    def first(self) -> int:
        """The number of the oldest that is still known, or else of the next to come."""
        with self._lock:
            return self._records[0].number if self._records else self._number + 1

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._records.clear()
            self._bytes = 0

    def _grow(self, size: int) -> None:
        self._bytes += size
        while len(self._records) > self._kept or (self._bytes > self._kept_bytes and len(self._records) > 1):
            gone = self._records.popleft()
            self._bytes -= gone.size + (0 if gone.answer is None or gone.seconds is None else _kept(gone.answer))


def _kept(answer: Answer) -> int:
    return min(answer.size, KEPT_ANSWER_BYTES)
