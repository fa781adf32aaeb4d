"""
One request and its answer, in full.

Knows how a streamed answer becomes events, each at its moment, but nothing of
what they say.
"""

import json
import re
from collections.abc import Iterable

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.console.redaction import query_without_secrets, without_keys, without_secrets
from tensormesh_local.console.rows import INFERENCE, split
from tensormesh_local.console.snippets import snippets
from tensormesh_local.json_output import spoken
from tensormesh_local.request_log import Answer, Piece, Record

MOST_EVENTS = 2_000
_END_OF_EVENT = re.compile(rb"\r?\n\r?\n")
_LONGEST_END = 3
"""Bytes of an end that the next piece may complete."""
NOT_KEPT = "This answer was not kept: answers are kept from the moment this page is first opened."
NOT_SHOWN = "Answers of the control plane are not kept: some hold keys."


def one_request(record: Record) -> JsonObject:
    """Write a request and what came of it."""
    surface, operation = split(record.path)
    body = without_secrets(record.body) if surface not in INFERENCE else record.body
    return {
        "headers": {without_keys(name): without_keys(value) for name, value in record.headers.items()},
        "path": without_keys(record.path),
        "query": query_without_secrets(record.query),
        "body": spoken(body),
        "answer": _answer(record, surface),
        "snippets": _snippets(record, surface, operation) if surface in INFERENCE else {},
        "sendable": record.method == "POST" and surface in INFERENCE,
    }


def _snippets(record: Record, surface: str, operation: str) -> JsonObject:
    query = query_without_secrets(record.query)
    return {**snippets(surface, without_keys(operation), record.body, record.method, query)}


def _answer(record: Record, surface: str) -> JsonObject:
    if surface not in INFERENCE:
        return {"missing": NOT_SHOWN}
    if record.answer is None:
        return {"missing": NOT_KEPT}
    answer = record.answer
    streamed = answer.headers.get("content-type", "").startswith("text/event-stream")
    headers: JsonObject = {without_keys(name): without_keys(value) for name, value in answer.headers.items()}
    found: JsonObject = {"headers": headers, "size": answer.size, "whole": answer.whole}
    if streamed:
        found["events"] = [*events(answer)]
        return found
    text = b"".join(piece.data for piece in answer.pieces).decode("utf-8", "replace")
    return {**found, "body": spoken(_read(text)), "at": answer.pieces[0].at if answer.pieces else None}


def events(answer: Answer) -> list[Json]:
    """The events of a streamed answer, each with the moment in which it was complete."""
    found: list[Json] = []
    for at, event in _events(answer.pieces):
        if len(found) == MOST_EVENTS:
            break
        found.append({"at": at, "data": event.decode("utf-8", "replace")})
    return found


def _events(pieces: Iterable[Piece]) -> Iterable[tuple[float, bytes]]:
    held, end, last = list[bytes](), b"", 0.0
    for at, data in pieces:
        held.append(data)
        end = (end + data)[-_LONGEST_END - len(data) :]
        last = at
        # All that is held is looked at again only where something ends, or else many pieces cost their square.
        if _END_OF_EVENT.search(end):
            *whole, rest = _END_OF_EVENT.split(b"".join(held))
            for event in whole:
                yield at, event
            held, end = [rest], rest[-_LONGEST_END:]
    if rest := b"".join(held):
        yield last, rest


def _read(text: str) -> Json:
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found
