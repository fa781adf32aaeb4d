"""
The requests this host has seen.

Knows the newest of them, whole; does not keep a secret: keys are gone before
a request is written down.
"""

import re
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from tensormesh_documents.json_types import Json, JsonObject

KEPT = 1_000
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

    def close(self) -> None:
        """Nothing more happens to this request."""
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


@dataclass
class RequestLog:
    """The newest requests, the oldest of them first. Safe to use from any thread."""

    _records: deque[Record] = field(default_factory=lambda: deque[Record](maxlen=KEPT))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, record: Record) -> None:
        """Write a request down."""
        with self._lock:
            self._records.append(record)

    def records(self) -> list[Record]:
        """Give all requests that are still known."""
        with self._lock:
            return list(self._records)

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._records.clear()
