"""
A stream checked against its document, event by event.

Knows what the data of an event may be and how a stream ends, but not
the fields of an event, which `values` knows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import cast

from tensormesh_contract.documents.operations import Operation, Stream
from tensormesh_contract.documents.shapes import Shape
from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.evaluation.spelling import Respelling, respelt, spelling_deviations
from tensormesh_contract.evaluation.values import Deviation, Sightings, deviations
from tensormesh_contract.evaluation.wishes import wish_deviations
from tensormesh_contract.exchanges.sse import Event
from tensormesh_contract.json_values import reading
from tensormesh_documents.json_types import Json, JsonObject

DONE = "[DONE]"
_CONSTANT = ("id", "created", "model")
_NO_OBJECT = "has data that is no JSON object"
UNHAPPY_ENDS = ("response.incomplete", "response.failed", "error")


def stream_deviations(
    events: Sequence[Event],
    operation: Operation,
    errors: Shape | None,
    where: str,
    sightings: Sightings,
    asked: Json = None,
) -> Iterator[Deviation]:
    """
    Check the events of a stream against an operation.

    Args:
        events: all of them.
        operation: whose stream it is.
        errors: what an error is, where one may come as an event.
        where: what to put before the way to a value.
        sightings: takes note of the objects in the events.
        asked: the body of the request.
    """
    stream = operation.stream
    if stream is None:
        detail = "sends events, and the document knows no stream here"
        yield Deviation(Kind.MEDIA_TYPE, operation.node["responses"], where, "text/event-stream", detail, None)
        return
    facts = operation.node["x-tensormesh"]["stream"]
    readings = [reading(event.data) for event in events]
    read = [_respelt(one.value, stream, errors) for one in readings]
    values = [value for value, _ in read]
    for position, (event, value) in enumerate(zip(events, values, strict=True)):
        if not event.complete:
            detail = "breaks off in the middle of an event"
            yield Deviation(Kind.STREAM_END, facts["end"], where, "", detail, event.data[:80])
            return
        if position == len(events) - 1 and _nearly_done(event.data):
            detail = f"ends with {event.data!r}, and not with {DONE}"
            yield Deviation(Kind.STREAM_END, facts["end"], where, "", detail, event.data)
            return
        if event.data == DONE:
            if position != len(events) - 1:
                detail = "goes on after [DONE]"
                yield Deviation(Kind.STREAM_END, facts["end"], where, "", detail, events[position + 1].data[:80])
                return
            continue
        if flaw := readings[position].flaw:
            detail = flaw if readings[position].readable or event.data[:1] == "{" else _NO_OBJECT
            if not (event.name and detail == _NO_OBJECT and not stream.event.tag):
                yield Deviation(Kind.STREAM_EVENT, facts, f"{where} event", "", detail, event.data[:200])
                continue
        yield from spelling_deviations(read[position][1], _way(value, stream, f"{where} event "))
        yield from _event(event, value, stream, operation, errors, f"{where} event ", sightings)
    said = [value for value in values if isinstance(value, dict)]
    last = events[-1].data if events else None
    ended = _ended(last, said, stream)
    if not ended:
        detail = f"does not end with {_in_words(stream.end)}"
        yield Deviation(Kind.STREAM_END, facts["end"], where, "", detail, last)
    if any(not one.readable and event.data != DONE for event, one in zip(events, readings, strict=True)):
        return  # what is missing may be in what could not be read
    if ended and all(event.data == DONE for event in events):
        detail = f"has no event but {DONE}"
        yield Deviation(Kind.STREAM_END, facts["end"], where, "", detail, last)
        return
    yield from _of_one_answer(said, stream, where)
    if ended:
        yield from wish_deviations(asked, said, operation, stream.event, f"{where} event")
    yield from _counts(asked, said, stream, where, ended=ended)


def _of_one_answer(said: Sequence[JsonObject], stream: Stream, where: str) -> Iterator[Deviation]:
    """Check that all events are of one answer: of one id and time, and numbered without a gap where they are."""
    for name in _CONSTANT if not stream.event.tag else ():
        found: list[Json] = [*dict.fromkeys(_scalar(value[name]) for value in said if name in value)]
        if len(found) > 1:
            node = stream.event.properties.get(name, stream.event).node
            detail = "changes from one event to the next"
            yield Deviation(Kind.STREAM_IDENTITY, node, f"{where} event", name, detail, found[:3])
    numbers = [number for value in said if isinstance(number := value.get("sequence_number"), int)]
    if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
        detail = "does not go up from one event to the next"
        yield Deviation(Kind.STREAM_IDENTITY, stream.event.node, f"{where} event", "sequence_number", detail, None)


def _scalar(value: Json) -> str | int | float | None:
    return value if isinstance(value, str | int | float) else None


def _counts(asked: Json, said: Sequence[JsonObject], stream: Stream, where: str, *, ended: bool) -> Iterator[Deviation]:
    """Check that usage comes if it was asked for, and then once, on an event that has nothing else to say."""
    usage = stream.event.properties.get("usage")
    if usage is None or stream.event.tag:
        return
    counting = [one for one in said if isinstance(one.get("usage"), dict)]
    options = asked.get("stream_options") if isinstance(asked, dict) else None
    wanted = isinstance(options, dict) and options.get("include_usage") is True
    always = isinstance(options, dict) and options.get("continuous_usage_stats") not in (None, False)
    kind, detail = Kind.NOT_ASKED, ""
    if not counting:
        # One that has broken off may have come to it, and one that has failed has nothing to count.
        if wanted and ended and not any("error" in one for one in said):
            kind, detail = Kind.NOT_SENT, "was asked for by stream_options.include_usage, and no event has it"
    elif always:
        return
    elif not wanted:
        detail = "comes, and stream_options.include_usage has not asked for it"
    elif len(counting) > 1:
        detail = "comes more than once, and was asked for once, on an event of its own before the end"
    elif counting[0].get("choices"):
        detail = "comes on an event with choices, and was asked for on one of its own before the end"
    if detail:
        seen: Json = [one["usage"] for one in counting][:2] or None
        yield Deviation(kind, usage.node, f"{where} event", "usage", detail, seen)


def _event(
    event: Event,
    value: Json,
    stream: Stream,
    operation: Operation,
    errors: Shape | None,
    where: str,
    sightings: Sightings,
) -> Iterator[Deviation]:
    if not isinstance(value, dict) and event.name and not stream.event.tag:
        detail = f"is no {stream.event.name}, and no other event is documented here"
        yield Deviation(Kind.UNKNOWN_EVENT, stream.event.node, where, event.name, detail, event.data[:200])
        return
    if not isinstance(value, dict):
        yield Deviation(
            Kind.STREAM_EVENT, operation.node["x-tensormesh"]["stream"], where, "", _NO_OBJECT, event.data[:200]
        )
        return
    if _is_error(value, stream, errors):
        yield from deviations(value, cast("Shape", errors), f"{where}error ", sightings)
        return
    if not stream.event.tag and not value.keys() & {*(stream.event.required or stream.event.properties)}:
        # No part of the answer: its fields are not those of one, so that none of them is missed.
        named = event.name or _kind(value)
        detail = f"is no {stream.event.name}, and no other event is documented here"
        yield Deviation(Kind.UNKNOWN_EVENT, stream.event.node, where, named, detail, value)
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
        where = _way(value, stream, where)
    yield from deviations(value, stream.event, where, sightings)


def _respelt(value: Json, stream: Stream, errors: Shape | None) -> tuple[Json, list[Respelling]]:
    """Give the data of an event with the documented names for its fields."""
    if not isinstance(value, dict) or _is_error(value, stream, errors):
        return value, []
    return respelt(value, stream.event, "")


def _way(value: Json, stream: Stream, where: str) -> str:
    """Go on to an event of a type, where events have one."""
    kind = value.get(stream.event.tag) if isinstance(value, dict) and stream.event.tag else None
    return f"{where}{kind} " if isinstance(kind, str) else where


def _kind(value: JsonObject) -> str:
    """Name an event by what it says of itself, else by its fields."""
    said = value.get("type") or value.get("event") or value.get("object")
    return said if isinstance(said, str) else ", ".join(value) or "empty"


def _nearly_done(data: str) -> bool:
    """Tell whether an end is meant that no reader takes for one."""
    return data != DONE and data.strip().strip('"').upper() == DONE


def _is_error(value: Json, stream: Stream, errors: Shape | None) -> bool:
    """An error comes as an event of its own, where events have no tag that could say so."""
    return errors is not None and not stream.event.tag and isinstance(value, dict) and "error" in value


def _ended(last: str | None, said: Sequence[JsonObject], stream: Stream) -> bool:
    if not stream.end.startswith("type:"):
        return last == stream.end
    # [DONE] may follow, and what has gone wrong ends such a stream as well.
    ends = {stream.end.removeprefix("type:"), *UNHAPPY_ENDS}
    return bool(said) and said[-1].get(stream.event.tag) in ends


def _in_words(end: str) -> str:
    return f"an event of type {end.removeprefix('type:')}" if end.startswith("type:") else end
