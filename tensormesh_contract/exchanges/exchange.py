"""
One request and what came back, whoever sent it.

Knows what was observed; does not evaluate it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.exchanges.sse import Event, read_events
from tensormesh_contract.json_values import Reading, read_json, reading
from tensormesh_documents.json_types import Json

WALK = "walk"
"""The source of requests along the links of the documents, each of them right."""
BODILESS = frozenset({204, 205, 304})
"""Statuses whose answers have no body, by HTTP itself."""


class Promise(StrEnum):
    """What the documents promise of a request that differs in one thing from one that succeeds."""

    NONE = ""
    TAKES = "takes"
    """A documented parameter, with a usual value: to be accepted."""
    CHECKS = "checks"
    """A documented parameter, with a value of no type that it has: to be refused."""
    REQUIRES = "requires"
    """Without a required parameter: to be refused."""
    WANTS_KEY = "wants a key"
    """Without a key: to be refused."""
    KNOWS_KEYS = "knows its keys"
    """With a key that there is not: to be refused."""
    KNOWS_MODELS = "knows its models"
    """For a model that there is not: to be refused."""


@dataclass(frozen=True)
class Request:
    """
    What was sent.

    Args:
        method: the HTTP method.
        path: the path below the base URL, as sent.
        query: the query string, as sent, without its question mark.
        headers: the headers, names in lower case; secrets are gone from them.
        body: the body; empty for none.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @cached_property
    def json(self) -> Json:
        """The body read as JSON; None when it is none, or nested too deep to be meant."""
        return read_json(self.body)

    @property
    def size(self) -> tuple[int, str, bytes]:
        """An order in which the plainest request comes first."""
        return (len(self.body) + len(self.target), self.target, self.body)


def plainest(chains: Iterable[tuple[Request, ...]]) -> tuple[Request, ...]:
    """Choose, of requests that show the same one after the other, the plainest."""
    return min(chains, key=lambda chain: [request.size for request in chain])


@dataclass(frozen=True)
class Answer:
    """
    What came back.

    Args:
        status: the HTTP status.
        headers: the headers in order, names in lower case.
        body: the whole body.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def succeeded(self) -> bool:
        """Whether its status says so."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """Give the first header of a name, by its name in lower case."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case; empty for none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @cached_property
    def reading(self) -> Reading:
        """The body read as JSON, with what is wrong with it."""
        return reading(self.body)

    @property
    def json(self) -> Json:
        """The body read as JSON; None when it is none, or nested too deep to be meant."""
        return self.reading.value

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The events, when it is a stream."""
        return tuple(read_events(self.body)) if self.media_type == "text/event-stream" else ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """
    One request with its answer.

    Args:
        surface: of which document.
        request: what was sent.
        answer: what came back; None for nothing.
        problem: why nothing came back, or not all of it.
        source: who sent it: the walk, the login, or a phase of the fuzz run.
        example: whether the request is an example of the document, and so has to be accepted.
        promise: what the documents promise of this request beyond that.
        about: the parameter that the promise is about; empty for none.
    """

    surface: SurfaceName
    request: Request
    answer: Answer | None
    problem: str = ""
    source: str = ""
    example: bool = False
    promise: Promise = Promise.NONE
    about: str = ""
