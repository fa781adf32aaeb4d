"""
One request and what came back, whoever sent it.

Knows what was observed, and its form in a file of JSON lines; refuses to judge.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from tensormesh_contract.json_types import Json, JsonObject, is_too_deep
from tensormesh_contract.operations import SurfaceName
from tensormesh_contract.sse import Event, read_events


class RecordError(ValueError):
    """A file of exchanges that cannot be read, and where it is wrong."""


@dataclass(frozen=True, slots=True)
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

    @property
    def json(self) -> Json:
        """The body read as JSON; None when it is none, or nested too deep to be meant."""
        return _json(self.body)

    @property
    def size(self) -> tuple[int, str, bytes]:
        """An order in which the plainest request comes first."""
        return (len(self.body) + len(self.target), self.target, self.body)


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

    @property
    def json(self) -> Json:
        """The body read as JSON; None when it is none, or nested too deep to be meant."""
        return _json(self.body)

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
        source: who sent it: "probe", or a phase of the campaign.
        example: whether the request is an example of the document, and so has to be accepted.
    """

    surface: SurfaceName
    request: Request
    answer: Answer | None
    problem: str = ""
    source: str = ""
    example: bool = False


def _json(body: bytes) -> Json:
    try:
        value = cast("Json", json.loads(body))
    except (ValueError, RecursionError):
        return None
    return None if is_too_deep(value) else value


def to_line(exchange: Exchange) -> str:
    """Write an exchange as one line of JSON."""
    request, answer = exchange.request, exchange.answer
    record: JsonObject = {
        "surface": exchange.surface,
        "source": exchange.source,
        "example": exchange.example,
        "problem": exchange.problem,
        "request": {
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": dict(request.headers),
            "body": _text(request.body),
        },
        "answer": None
        if answer is None
        else {
            "status": answer.status,
            "headers": [[name, value] for name, value in answer.headers],
            "body": _text(answer.body),
        },
    }
    return json.dumps(record, ensure_ascii=True)


def from_lines(lines: Iterable[str]) -> Iterator[Exchange]:
    """
    Read exchanges back.

    Raises:
        RecordError: a line is not what `to_line` writes.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _exchange(json.loads(line))
            except (ValueError, KeyError, TypeError) as exc:
                raise RecordError(f"Line {number} is no recorded exchange: {exc!r}.") from exc


def _exchange(record: dict[str, object]) -> Exchange:
    request, answer = cast("dict[str, str]", record["request"]), record["answer"]
    given: Answer | None = None
    if answer is not None:
        parts = cast("dict[str, object]", answer)
        headers = cast("list[list[str]]", parts["headers"])
        given = Answer(
            int(str(parts["status"])), tuple((name, value) for name, value in headers), _bytes(str(parts["body"]))
        )
    return Exchange(
        SurfaceName(str(record["surface"])),
        Request(
            request["method"],
            request["path"],
            request["query"],
            cast("dict[str, str]", request["headers"]),
            _bytes(request["body"]),
        ),
        given,
        str(record["problem"]),
        str(record["source"]),
        bool(record["example"]),
    )


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(body).decode("ascii")
    return "base64:" + base64.b64encode(body).decode("ascii") if text.startswith("base64:") else text


def _bytes(text: str) -> bytes:
    encoded = text.removeprefix("base64:")
    return base64.b64decode(encoded, validate=True) if encoded != text else text.encode()
