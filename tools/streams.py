"""How an operation streams: what its block says, held against the objects that it speaks of."""

from __future__ import annotations

from collections import Counter

from tensormesh_runtime.operation import Streaming
from tools.answers import body_schema_of, schema_of
from tools.documents import JsonObject
from tools.names import pascal
from tools.python_types import Types
from tools.schema_rules import Problems

ADDS = {"chat": ("choices", "message", "delta"), "completion": ("choices", "text", "text"), "response": ()}
"""What events of OpenAI's APIs add up to: the list, and what an item of it has in the answer and in an event."""

ALONE = ("caller", "paging", "returns", "upsert")
"""Facts that a call which may stream does not obey."""

WAY = "say it by `adds: {key of the answer: key of an event}`, or by `final:` and the key of the event that holds it"


def stream_of(raw: JsonObject, answer: JsonObject, types: Types) -> Streaming:
    """The facts of a stream, as the package says them."""
    adds = raw.get("adds", {})
    if isinstance(adds, str):
        return Streaming(**raw)
    pieces, said = tuple(adds.items()), _said(raw, answer, types)
    return Streaming(**{**raw, "adds": "fields"}, pieces=pieces, said=said)


def stream_problems(raw: JsonObject, body: JsonObject, answer: JsonObject, types: Types) -> Problems:
    """
    What is wrong with a stream's block, below its operation.

    Args:
        raw: the operation.
        body: the schema of its body.
        answer: that of its answer.
    """
    facts = raw["x-tensormesh"]
    stream, place = facts["stream"], ("x-tensormesh", "stream")
    for word in ALONE:
        if facts.get(word):
            yield ("x-tensormesh", word), "a call that may stream does not obey it: take it out"
    field = body.get("properties", {}).get(stream["field"], {})
    if "boolean" not in types.kinds(field) or stream["field"] in body.get("required", ()):
        yield (*place, "field"), f"{stream['field']!r} is no boolean that may be left out: make it one"
    event = types.schemas[stream["event"]]
    if not types.has_class(stream["event"]) and "discriminator" not in event:
        yield (*place, "event"), "an event is an object, or one of several with a discriminator: make it that"
        return
    for name in (f"{pascal(stream['whole'])}Stream", f"Async{pascal(stream['whole'])}Stream"):
        if name in {*types.schemas, "EventStream"}:
            yield (*place, "whole"), f"{name} is taken: call the whole something else"
    yield from _sum(stream, answer, types)


def repeated_streams(document: JsonObject, types: Types) -> Problems:
    """What two streams say differently, or both, of one thing; below the document."""
    bodies: dict[str, str] = {}
    usages: dict[str, tuple[str, str]] = {}
    for path, item in document["paths"].items():
        for method, raw in item.items():
            stream = raw["x-tensormesh"].get("stream")
            if not stream:
                continue
            place = ("paths", path, method, "x-tensormesh", "stream")
            body = str(body_schema_of(raw, document))
            if bodies.setdefault(body, raw["operationId"]) != raw["operationId"]:
                problem = f"{bodies[body]} streams by the same body: give this call a component of its own"
                yield (*place, "field"), problem
            answer = types.resolve(schema_of(raw, document))
            usage = types.annotation(answer.get("properties", {}).get("usage", {"const": None}))
            known, owner = usages.setdefault(stream["whole"], (usage, raw["operationId"]))
            if usage != known:
                problem = f"that of {owner} has another `usage`: call this whole something else"
                yield (*place, "whole"), problem


def _variants(stream: JsonObject, types: Types) -> list[JsonObject]:
    """The objects that an event may be."""
    event = types.schemas[stream["event"]]
    found = types.variants(event) or [event]
    return [types.resolve(item) for item in found if types.kinds(item) != ["null"]]


def _said(stream: JsonObject, answer: JsonObject, types: Types) -> tuple[str, ...]:
    """The keys that mean the same in events as in the answer."""
    adds = stream.get("adds", {})
    found: JsonObject = {}
    for variant in _variants(stream, types):
        found |= variant.get("properties", {})
    same = (key for key, schema in answer["properties"].items() if found.get(key) == schema)
    return tuple(key for key in same if key not in adds)


def _sum(stream: JsonObject, answer: JsonObject, types: Types) -> Problems:
    place, adds = ("x-tensormesh", "stream", "adds"), stream.get("adds", {})
    if isinstance(adds, str):
        if "final" in stream:
            yield (*place[:2], "final"), f"{adds!r} says already what the events add up to: leave one of them out"
        if not _as_openai(adds, stream, answer, types):
            yield place, f"events and answer are not those of {adds!r}: {WAY}"
        return
    if not adds and "final" not in stream:
        yield place[:2], f"nothing tells what its events add up to: {WAY}"
        return
    variants = [variant.get("properties", {}) for variant in _variants(stream, types)]
    if "final" in stream:
        holders = [types.resolve(variant[stream["final"]]) for variant in variants if stream["final"] in variant]
        if answer not in holders:
            yield (*place[:2], "final"), f"no event has the whole answer under {stream['final']!r}: {WAY}"
    counts = Counter(key for variant in variants for key in variant)
    for key, source in adds.items():
        whole = _plain(answer.get("properties", {}).get(key, {}), types)
        pieces = [_plain(variant[source], types) for variant in variants if source in variant]
        if whole not in ("string", "array") or pieces[:1] != [whole]:
            yield (*place, key), f"{key!r} of the answer and {source!r} of an event must both be text, or both lists"
        elif counts[source] > 1:
            yield (*place, key), f"several kinds of event have a {source!r}: {WAY.partition(', or ')[2]}"
    filled = {*adds, *_said(stream, answer, types)}
    if "final" not in stream and (left := [key for key in answer.get("required", ()) if key not in filled]):
        yield place, f"no event says {left[0]!r}, which the answer always has: add it, or do not require it"


def _plain(schema: JsonObject, types: Types) -> str:
    kinds = {*types.kinds(schema)} - {"null"}
    return "string" if "string" in kinds else "array" if kinds == {"array"} else ""


def _as_openai(adds: str, stream: JsonObject, answer: JsonObject, types: Types) -> bool:
    if adds == "response":
        events = [types.within(variant, "response") for variant in _variants(stream, types)]
        return "output" in answer.get("properties", {}) and answer in events
    items, whole, piece = ADDS[adds]
    return all(
        key in types.items(schema, items).get("properties", {})
        for schema, key in ((answer, whole), (types.schemas[stream["event"]], piece))
    )
