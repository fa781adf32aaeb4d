"""
Exchanges in a file, each a line of JSON.

Knows the form of a line; refuses to leave anything out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import cast

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.exchanges.exchange import Answer, Exchange, Request
from tensormesh_contract.json_types import JsonObject


class RecordError(ValueError):
    """A file of exchanges that cannot be read, and where it is wrong."""


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
