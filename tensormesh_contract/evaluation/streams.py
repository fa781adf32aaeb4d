"""
A stream checked against its document, event by event.

Knows what the data of an event may be and how a stream ends, but not
the fields of an event, which `values` knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from tensormesh_contract.documents.operations import Operation, Stream
from tensormesh_contract.documents.shapes import Shape
from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.evaluation.values import Deviation, Sightings, deviations
from tensormesh_contract.exchanges.sse import Event
from tensormesh_contract.json_values import read_json
from tensormesh_documents.json_types import Json

DONE = "[DONE]"
UNHAPPY_ENDS = ("response.incomplete", "response.failed", "error")


def stream_deviations(
    events: Sequence[Event], operation: Operation, errors: Shape | None, where: str, sightings: Sightings
) -> Iterator[Deviation]:
    """
    Check the events of a stream against an operation.

    Args:
        events: all of them.
        operation: whose stream it is.
        errors: what an error is, where one may come as an event.
        where: what to put before the way to a value.
        sightings: takes note of the objects in the events.
    """
    stream = operation.stream
    if stream is None:
        detail = "sends events, and the document knows no stream here"
        yield Deviation(Kind.MEDIA_TYPE, operation.node["responses"], where, "text/event-stream", detail, None)
        return
    facts = operation.node["x-tensormesh"]["stream"]
    last: Json = None
    for position, event in enumerate(events):
        last = event.data
        if not event.complete:
            detail = "breaks off in the middle of an event"
            yield Deviation(Kind.STREAM_END, facts["end"], where, "", detail, event.data[:80])
            return
        if event.data == DONE:
            if position != len(events) - 1:
                detail = "goes on after [DONE]"
                yield Deviation(Kind.STREAM_END, facts["end"], where, "", detail, events[position + 1].data[:80])
            continue
        yield from _event(event, stream, operation, errors, f"{where} event ", sightings)
    if not _ended(events, stream):
        detail = f"does not end with {_in_words(stream.end)}"
        yield Deviation(Kind.STREAM_END, facts["end"], where, "", detail, last)


def _event(
    event: Event, stream: Stream, operation: Operation, errors: Shape | None, where: str, sightings: Sightings
) -> Iterator[Deviation]:
    value = read_json(event.data)
    if not isinstance(value, dict):
        detail = "has data that is no JSON object"
        yield Deviation(
            Kind.STREAM_EVENT, operation.node["x-tensormesh"]["stream"], where, "", detail, event.data[:200]
        )
        return
    if _is_error(value, stream, errors):
        yield from deviations(value, cast("Shape", errors), f"{where}error ", sightings)
        return
    if stream.event.tag:
        kind = value.get(stream.event.tag)
        if isinstance(kind, str) and stream.event.tagged(value) is None:
            detail = f"is no {stream.event.name} that the document knows"
            yield Deviation(Kind.UNKNOWN_EVENT, stream.event.node, where, kind, detail, value)
            return
        if event.name and event.name != kind:
            detail = f"has the name {event.name} and the {stream.event.tag} {kind}"
            yield Deviation(Kind.STREAM_EVENT, stream.event.node, where, "name", detail, event.name)
        where = f"{where}{kind} " if isinstance(kind, str) else where
    yield from deviations(value, stream.event, where, sightings)


def _is_error(value: Json, stream: Stream, errors: Shape | None) -> bool:
    """An error comes as an event of its own, where events have no tag that could say so."""
    return errors is not None and not stream.event.tag and isinstance(value, dict) and "error" in value


def _ended(events: Sequence[Event], stream: Stream) -> bool:
    if not stream.end.startswith("type:"):
        return bool(events) and events[-1].data == stream.end
    # [DONE] may follow, and what has gone wrong ends such a stream as well.
    said = [value for event in events if isinstance(value := read_json(event.data), dict)]
    ends = {stream.end.removeprefix("type:"), *UNHAPPY_ENDS}
    return bool(said) and said[-1].get(stream.event.tag) in ends


def _in_words(end: str) -> str:
    return f"an event of type {end.removeprefix('type:')}" if end.startswith("type:") else end
