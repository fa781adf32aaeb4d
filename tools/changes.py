"""
Says in the words of a change log how one generated package differs from another.

Breaking is what may need a change in a program that uses the package: a name that is gone, something that must be
given now, a value that is no longer taken, an answer that may be something else, or another host.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tools.documents import JsonObject
from tools.interface import Interface, Item
from tools.python_types import Types
from tools.schema_values import alternatives, bounds, covers

BREAKING = {
    "call", "discriminator", "in", "key", "module", "place", "positional", "rename", "repeat", "returns",
    "security", "wrap",
}  # fmt: skip
"""Facts by which a program calls, or reads what it gets."""
OFFERS = {
    "caller", "columns", "paging", "securitySchemes", "stream", "upsert", "x-amount", "x-cost", "x-items", "x-text",
    "x-unit",
}  # fmt: skip
"""Facts that offer something where there was nothing."""
NEEDS = {"body_needed", "confirm", "required"}
"""Facts that ask for something where they hold."""
UPPER = {"exclusiveMaximum", "maxItems", "maxLength", "maximum"}
LIMITS = {"additionalProperties", "exclusiveMinimum", "format", "minItems", "minLength", "minimum", "pattern"} | UPPER
"""Words that keep values out."""

PLACES = {
    "content application/json": "",
    "responses 200": "answer",
    "requestBody": "body",
}
"""What is told in other words than where it stands."""

CALLS = {"operation", "command"}
PUBLIC = CALLS | {"command by hand", "model", "type"}
"""What programs name."""
LONGEST = 90

ABSENT = object()
"""What stands where a document says nothing: null is said."""

Place = tuple[str, ...]


class Change(NamedTuple):
    """One difference: of what, in words, and whether it may break a program."""

    name: str
    text: str
    breaking: bool = False


class Changes(NamedTuple):
    """All differences; `described` names what has other words, or the same facts in another order."""

    changes: list[Change]
    described: list[str]


class Use(NamedTuple):
    """Which way something goes."""

    sent: bool
    received: bool


def compare_interfaces(old: Interface, new: Interface) -> Changes:
    """What became of `old`."""
    sent, received = (_reached(old, sends) | _reached(new, sends) for sends in (True, False))
    added = {_identity(item): name for name, item in new.items() if name not in old}
    changes = [Change(name, f"new {_introduced(item)}") for name, item in new.items() if name not in old]
    for name, item in old.items():
        if name not in new:
            other = added.get(_identity(item))
            changes.append(Change(name, f"gone; it is {other} now" if other else "gone", item.kind in PUBLIC))
    described = []
    for name in old.keys() & new.keys():
        before, after = old[name], new[name]
        if _same(before, after):
            continue
        # What no operation reaches is read, if anything.
        found = list(_item(name, before, after, Use(name in sent, name in received or name not in sent)))
        changes += found
        words = [
            key for key in before.members.keys() & after.members.keys() if _prose(before, key) != _prose(after, key)
        ]
        described += [_whole(name, key, after) for key in words]
        if before.kind == after.kind and (before.prose != after.prose or not (found or words)):
            described.append(name)
    return Changes(sorted(changes), sorted(described))


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal, and of the same types: 1 is not true."""
    return one == other and repr(one) == repr(other)


def _prose(item: Item, key: str) -> Any:
    return item.members[key].get("prose")


def _identity(item: Item) -> str:
    """What stays when only the name changes."""
    if item.kind == "operation":
        return f"{item.facts['method']} {item.facts['path']}"
    return repr((item.kind, item.facts, item.members))


def _introduced(item: Item) -> str:
    if item.kind != "operation":
        return item.kind
    answers = (answer.get("content", {}) for status, answer in item.facts["responses"].items() if status[0] == "2")
    answer = next((_text(media) for content in answers for media in content.values()), "nothing")
    return "operation: {method} {path} -> {answer}, {call}()".format_map({**item.facts, "answer": answer})


def _reached(items: Interface, sends: bool) -> set[str]:
    """The models, types and parts that the operations of a package send, or those that they receive."""
    seen: set[str] = set()
    waiting: list[Any] = []
    for item in items.values():
        if item.kind == "operation":
            answers = [item.facts["responses"], {"$ref": item.facts.get("stream", {}).get("event")}]
            waiting += [item.facts.get("requestBody"), item.members] if sends else answers
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting += found
        elif isinstance(found, dict):
            names = {found.get("$ref"), *(found.get("x-accepts", ()) if sends else ())}
            for name in names - seen:
                seen.add(name)
                waiting += [items[name].facts, items[name].members] if name in items else []
            waiting += [inner for inner in found.values() if isinstance(inner, dict | list)]
    return seen


def _item(name: str, old: Item, new: Item, use: Use) -> Iterator[Change]:
    if old.kind != new.kind:
        yield Change(name, f"{old.kind} -> {new.kind}", True)
        return
    for text, breaking in _facts((), old.facts, new.facts, use):
        yield Change(name, text, breaking)
    use = Use(sent=True, received=False) if new.kind in CALLS else use
    for key in old.members.keys() | new.members.keys():
        whole = _whole(name, key, new)
        if key not in new.members:
            yield Change(whole, "gone", True)
        elif key not in old.members:
            member = new.members[key]
            must = ", must be given" if use.sent and _is_needed(member) else ""
            yield Change(whole, f"new, {_type(member, new.kind)}{must}", bool(must))
        else:
            for text, breaking in _member(old.members[key], new.members[key], use):
                yield Change(whole, text, breaking)


def _whole(name: str, key: str, item: Item) -> str:
    return f"{name} {key}" if item.kind in CALLS else f"{name}.{key}" if key else name


def _is_needed(member: JsonObject) -> bool:
    return bool(member.get("required")) and "const" not in member.get("schema", {})


def _member(old: JsonObject, new: JsonObject, use: Use) -> Iterator[tuple[str, bool]]:
    if old.get("required") != new.get("required"):
        if new.get("required"):
            yield "must be given now" if use.sent else "is always there now", use.sent and _is_needed(new)
        else:
            yield "may be missing now" if use.received else "need not be given now", use.received
    one, other = ({**member, "required": None, "prose": None, "schema": None} for member in (old, new))
    yield from _facts((), one, other, use)
    if "schema" in old and "schema" in new:
        # What may be missing reads as None then: null is nothing new.
        known = old["schema"] if old.get("required") else {"oneOf": [old["schema"], {"type": "null"}]}
        yield from _schema((), old["schema"], new["schema"], use, known)


def _facts(place: Place, old: Any, new: Any, use: Use) -> Iterator[tuple[str, bool]]:
    """How two values differ that stand at one place, down to the last word."""
    if _same(old, new):
        return
    use = {"responses": Use(False, True), "requestBody": Use(True, False)}.get(place[0] if place else "", use)
    whole = place[-1:] in (("security",), ("x-may-accept",)) or place[:1] == ("x-security",)
    if place[-1:] == ("schema",) and isinstance(old, dict) and isinstance(new, dict):
        yield from _schema(place[:-1], old, new, use, old)
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _facts((*place, key), old.get(key, ABSENT), new.get(key, ABSENT), use)
    elif not whole and _are_mappings(old) and _are_mappings(new) and len(old) == len(new):
        for index, pair in enumerate(zip(old, new, strict=True)):
            yield from _facts((*place, str(index)), *pair, use)
    else:
        yield _fact(place, old, new), _breaks(place, old, new, use)


def _are_mappings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _schema(place: Place, old: JsonObject, new: JsonObject, use: Use, known: JsonObject) -> Iterator[tuple[str, bool]]:
    if not (covers(old, new, grows=False) and covers(new, old, grows=False)):
        narrower = use.sent and not covers(new, old, grows=False)
        wider = use.received and not covers(known, new, grows=True)
        name = _name(place)
        yield f"{name}: {_became(old, new)}" if name else _became(old, new), narrower or wider
    yield from _facts(place, bounds(old, new), bounds(new, old), use)


def _breaks(place: Place, before: Any, after: Any, use: Use) -> bool:
    word = place[-1]
    if word in LIMITS:
        limits, limited = (item is not ABSENT and item is not True for item in (after, before))
        if limits and limited and word not in ("additionalProperties", "format", "pattern"):
            return use.sent if (after < before) == (word in UPPER) else use.received
        return (use.sent and limits) or (use.received and limited)
    if word == "default":
        return use.sent and ABSENT not in (before, after)
    if place == ("kind",):
        return after != "text" and (before, after) != ("integer", "number")
    if word == "login":
        return bool(after == "needed")
    if word == "x-expects":
        return use.sent and after is not ABSENT and (before is ABSENT or not {*before} <= {*after})
    if word in ("choices", "methods", "surfaces", "x-accepts", "x-may-accept", "x-surfaces"):
        left = after if isinstance(after, list) else ()
        return isinstance(before, list) and any(item not in left for item in before)
    if word == "security" or place[0] == "x-security":
        # Nobody has to be let in.
        return not (after == [] or (isinstance(after, list) and any(not way for way in after)))
    if place[0] == "servers":
        # The first is called where a program names none.
        return place[1:2] == ("0",) if len(place) > 1 else ABSENT in (before, after) or before[:1] != after[:1]
    if place[0] == "responses":
        return len(place) == 2 and word.startswith("2") and before is ABSENT
    if place[0] in OFFERS:
        return before is not ABSENT
    return after is True if word in NEEDS else place[0] in BREAKING


def _fact(place: Place, before: Any, after: Any) -> str:
    name = _name(place)
    if (before is True or after is True) and ABSENT in (before, after):
        return f"{name} now" if after is True else f"no longer {name}"
    one, other = _text(before), _text(after)
    if len(one) + len(other) < LONGEST or not (isinstance(before, list) and isinstance(after, list)):
        return f"{name}: {_short(one)} -> {_short(other)}"
    return f"{name}: {_exchanged([*map(_text, before)], [*map(_text, after)]) or 'in another order'}"


def _name(place: Place) -> str:
    name = " ".join(key.removeprefix("x-").replace("_", " ") for key in place)
    for words, told in PLACES.items():
        name = name.replace(words, told)
    return " ".join(name.split())


def _text(value: Any) -> str:
    match value:
        case {"$ref": str(name)} | {"content": {"application/json": {"schema": {"$ref": str(name)}}}}:
            return name
        case {"schema": dict(schema)}:
            return Types({}).annotation(schema)
        case dict() if value:
            return " and ".join(f"{key} {_text(item)}" if item not in ([], "") else key for key, item in value.items())
        case list() if value:
            return ", ".join(map(_text, value))
        case dict() | list():
            return "empty"
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
    return "none" if value is ABSENT else str(value)


def _type(member: JsonObject, kind: str) -> str:
    if "schema" not in member:
        return str(member["kind"])
    missing = [{"type": "null"}] if kind == "model" and not member.get("required") else []
    return _short(Types({}).annotation({"oneOf": [member["schema"], *missing]}))


def _became(old: JsonObject, new: JsonObject) -> str:
    before, after = (Types({}).annotation(schema) for schema in (old, new))
    if before != after and len(before) + len(after) < LONGEST and "Literal" not in f"{before}{after}":
        return f"{before} -> {after}"
    one, other = (alternatives(schema, grows=False) for schema in (old, new))
    return _exchanged([*map(_alternative, one)], [*map(_alternative, other)]) or f"{_text(one)} -> {_text(other)}"


def _alternative(schema: JsonObject) -> str:
    known = f" ({schema['format']})" if "format" in schema else ""
    return repr(schema["const"]) if "const" in schema else f"{Types({}).annotation(schema)}{known}"


def _exchanged(before: list[str], after: list[str]) -> str:
    more, less = (", ".join(item for item in a if item not in b) for a, b in ((after, before), (before, after)))
    return "; ".join([f"also {more}"] * bool(more) + [f"no longer {less}"] * bool(less))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
