"""
What a run has seen in a file, each a line of JSON: the run, exchanges, behaviour and trouble.

Knows the form of a line; does not leave anything out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any, cast

from tensormesh_contract.documents.operations import Operation, Surface, SurfaceName
from tensormesh_contract.exchanges.about import About, Asked, LeftOut, Trouble
from tensormesh_contract.exchanges.behaviour import Behaviour
from tensormesh_contract.exchanges.exchange import Answer, Exchange, Promise, Request

type Seen = Exchange | Behaviour | Trouble | LeftOut


class RecordError(ValueError):
    """A file of exchanges that cannot be read, and where it is wrong."""


def to_line(seen: Seen | About) -> str:
    """Write what was seen as one line of JSON."""
    match seen:
        case Exchange():
            return json.dumps(asdict(seen), default=_text)
        case Behaviour():
            named = {"surface": seen.operation.surface, "id": seen.operation.id}
            requests = [asdict(request) for request in seen.requests]
            said = {"operation": named, "title": seen.title, "detail": seen.detail, "requests": requests}
            return json.dumps({"behaviour": said}, default=_text)
        case Trouble():
            return json.dumps({"trouble": asdict(seen)})
        case LeftOut():
            return json.dumps({"left_out": asdict(seen)})
        case About():
            return json.dumps({"run": asdict(seen)})


def from_lines(
    lines: Iterable[str], surfaces: Mapping[SurfaceName, Surface], tell: Callable[[str], None] = lambda _: None
) -> Iterator[Seen | About]:
    """
    Read back what was seen.

    Args:
        lines: those of a file.
        surfaces: the documents, where the operations of behaviour are looked up.
        tell: takes a line on what was left out: a last line that a run had no time to end.

    Raises:
        RecordError: a line is not what `to_line` writes.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _seen(json.loads(line), surfaces)
            except (ValueError, LookupError, TypeError, AttributeError) as exc:
                if number > 1 and not line.endswith("\n"):
                    tell(f"Line {number}, the last, is cut off and was left out.")
                    return
                raise RecordError(f"Line {number} is no recorded exchange: {exc!r}.") from exc


def _seen(record: dict[str, Any], surfaces: Mapping[SurfaceName, Surface]) -> Seen | About:
    if "run" in record:
        run = record["run"]
        asked = tuple(_made(Asked, one, surface=SurfaceName(one["surface"])) for one in run["asked"])
        # Earlier releases asked for everything.
        selected = {name: tuple(run.get(name, ())) for name in ("only", "without")}
        return _made(About, run, asked=asked, phases=tuple(run["phases"]), **selected)
    if "trouble" in record:
        return _made(Trouble, record["trouble"])
    if "left_out" in record:
        return _made(LeftOut, record["left_out"], surface=SurfaceName(record["left_out"]["surface"]))
    if "behaviour" in record:
        return _behaviour(record["behaviour"], surfaces)
    return _exchange(record)


def _behaviour(record: dict[str, Any], surfaces: Mapping[SurfaceName, Surface]) -> Behaviour:
    named = record["operation"]
    operation: Operation = surfaces[SurfaceName(named["surface"])].by_id(named["id"])
    requests = tuple(_request(one) for one in record["requests"])
    return _made(Behaviour, record, operation=operation, requests=requests)


def _exchange(record: dict[str, Any]) -> Exchange:
    answer = record["answer"]
    if answer is not None:
        headers = tuple((name, value) for name, value in answer["headers"])
        answer = Answer(int(answer["status"]), headers, _bytes(answer["body"]))
    return _made(
        Exchange,
        record,
        surface=SurfaceName(record["surface"]),
        request=_request(record["request"]),
        answer=answer,
        # Lines of earlier releases do not have these.
        promise=Promise(record.get("promise", "")),
        about=record.get("about", ""),
    )


def _request(record: dict[str, Any]) -> Request:
    return _made(Request, record, body=_bytes(record["body"]))


def _made[T](kind: type[T], record: dict[str, Any], **read: Any) -> T:
    """An object of all its fields, none left to its default; `read` has those that are no JSON."""
    names = (field.name for field in fields(cast("Any", kind)) if field.name not in read)
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
