"""
Exchanges in a file, each a line of JSON.

Knows the form of a line; does not leave anything out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from typing import Any, cast

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.exchanges.exchange import Answer, Exchange, Request


class RecordError(ValueError):
    """A file of exchanges that cannot be read, and where it is wrong."""


def to_line(exchange: Exchange) -> str:
    """Write an exchange as one line of JSON."""
    return json.dumps(asdict(exchange), default=_text)


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
            except (ValueError, KeyError, TypeError, AttributeError) as exc:
                raise RecordError(f"Line {number} is no recorded exchange: {exc!r}.") from exc


def _exchange(record: dict[str, Any]) -> Exchange:
    request, answer = record["request"], record["answer"]
    if answer is not None:
        headers = tuple((name, value) for name, value in answer["headers"])
        answer = Answer(int(answer["status"]), headers, _bytes(answer["body"]))
    request = _made(Request, request, body=_bytes(request["body"]))
    return _made(Exchange, record, surface=SurfaceName(record["surface"]), request=request, answer=answer)


def _made[T](kind: type[T], record: dict[str, Any], **read: Any) -> T:
    """An object of all its fields, none left to its default; `read` has those that are no JSON."""
    names = [field.name for field in fields(cast("Any", kind))]
    return kind(**{name: record[name] for name in names} | read)


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(body).decode("ascii")
    return "base64:" + base64.b64encode(body).decode("ascii") if text.startswith("base64:") else text


def _bytes(text: str) -> bytes:
    encoded = text.removeprefix("base64:")
    return base64.b64decode(encoded, validate=True) if encoded != text else text.encode()
