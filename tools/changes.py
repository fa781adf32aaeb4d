"""
Says in the words of a change log how one generated package differs from another.

Breaking is what may need a change in a program that uses the package: a name that is gone, something that must be
given now, a value that is no longer taken, an answer that may be something else, or another host.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any, NamedTuple

from tools.answers import EVENTS
from tools.change_words import ABSENT, LONGEST, Place, exchanged, named, short, tell, text_of, where
from tools.documents import JsonObject
from tools.interface import NAMES, Interface, Item
from tools.python_types import Types
from tools.schema_values import OPEN, alternatives, bounds, covers

BREAKING = {
    "answer", "call", "discriminator", "key", "module", "opposite", "positional", "prefix", "rename", "repeat",
    "returns", "security", "wrap",
}  # fmt: skip
"""Facts by which a program calls, or reads what it gets."""
OFFERS = {
    "caller", "columns", "empty_ok", "items", "of", "paging", "reveals", "securitySchemes", "stream", "upsert",
    "x-items", "x-unit",
}  # fmt: skip
"""Facts that offer something where there was nothing."""
NEEDS = {"body_needed", "confirm", "required"}
"""Facts that ask for something where they hold."""
UPPER = {"exclusiveMaximum", "maxItems", "maxLength", "maximum"}
LIMITS = {"additionalProperties", "exclusiveMinimum", "format", "minItems", "minLength", "minimum", "pattern"} | UPPER
"""Words that keep values out."""

CALLS = {"operation", "command"}
HOLDERS = {"additionalProperties": "each value", "items": "each item"}
PUBLIC = CALLS | {"command by hand", "model", "type"}
"""What programs name."""
KINDS = {
    "command": "made of its document now, not by hand",
    "command by hand": "written by hand now: its options may be others",
    "model": "a class now",
    "type": "no longer a class",
}

GONE, NEEDED, OTHER, NEW = range(4)
"""How soon a change is noticed: what is gone first."""


class Change(NamedTuple):
    """One difference: of what, in words, whether it may break a program, and how soon that is noticed."""

    name: str
    text: str
    breaking: bool = False
    rank: int = OTHER


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
    moved = _moved(old, new, lambda name: _identity(old[name]), lambda name: _identity(new[name]))
    changes = [
        Change(_title(name, old[name]), f"called {_title(other, new[other])} now", new[other].kind in PUBLIC, GONE)
        for name, other in moved.items()
        if new[other].kind != "operation"  # whose module is told
    ]
    old = {moved.get(name, name): _with_names(item, moved) for name, item in old.items()}
    sent, received = (_reached(old, sends) | _reached(new, sends) for sends in (True, False))
    for name, item in new.items():
        if name not in old:
            changes.append(Change(_title(name, item), f"new {_introduced(item)}", False, NEW))
    for name, item in old.items():
        if name not in new:
            changes.append(Change(_title(name, item), "gone", item.kind in PUBLIC, GONE))
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
            described.append(_title(name, after))
    return Changes(sorted(changes, key=lambda change: (not change.breaking, change.rank, *change)), sorted(described))


def _moved(
    old: Collection[str], new: Collection[str], before: Callable[[str], Any], after: Callable[[str], Any]
) -> dict[str, str]:
    """What has another name only: it stands for the same, which `before` and `after` tell of a name."""
    added = {after(name): name for name in new if name not in old}
    gone = ((name, added.pop(before(name), None)) for name in old if name not in new)
    return {name: other for name, other in gone if other is not None}


def _with_names(item: Item, moved: dict[str, str]) -> Item:
    """An item whose references lead to what has another name now."""
    if not moved:
        return item
    return item.model_copy(update={"facts": _referring(item.facts, moved), "members": _referring(item.members, moved)})


def _referring(value: Any, moved: dict[str, str], key: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _referring(inner, moved, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_referring(inner, moved, key) for inner in value]
    return moved.get(value, value) if key in ("$ref", "event", "profile", "x-accepts") else value


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


def _title(name: str, item: Item) -> str:
    """What something is called by who uses it."""
    return f"{item.facts['call'].removeprefix('client.')}()" if item.kind == "operation" else named(name)


def _rank(text: str) -> int:
    if text.startswith(("called ", "its plain function ")):
        return GONE
    return NEEDED if text.startswith(("must be given", "deprecated now")) else OTHER


def _stands_for(item: Item, key: str) -> Any:
    member = item.members[key]
    if item.kind == "command":
        places = [name for name, other in item.members.items() if other["place"] == "argument"]
        return places.index(key) if key in places else member["target"]
    return (member["name"], member["in"]) if item.kind == "operation" else member.get("key", repr(member.get("of")))


def _whole(name: str, key: str, item: Item) -> str:
    """What a part of it is called."""
    title = _title(name, item)
    if item.kind == "operation":
        return f"{title[:-1]}{key}{'' if key in item.facts['positional'] else '='})"
    return f"{title} {key}" if item.kind == "command" else f"{title}.{key}" if key else title


def _introduced(item: Item) -> str:
    if item.kind != "operation":
        return item.kind
    answers = (answer for status, answer in item.facts["responses"].items() if status[0] == "2")
    return "operation: {method} {path} -> {answer}, {module}".format_map(
        {**item.facts, "answer": text_of(next(answers))}
    )


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
    title = _title(name, old)
    if old.kind != new.kind:
        yield Change(title, KINDS[new.kind], True)
        return
    moved = _moved(old.members, new.members, partial(_stands_for, old), partial(_stands_for, new))
    for key, other in moved.items():
        # What is given by its place is called by nobody.
        breaking = old.members[key].get("place") != "argument"
        yield Change(_whole(name, key, old), f"called {other} now", breaking, GONE if breaking else OTHER)
    old = old.model_copy(update={"members": {moved.get(key, key): member for key, member in old.members.items()}})
    facts = old.facts
    if "positional" in facts:
        facts = facts | {"positional": [moved.get(key, key) for key in facts["positional"]]}
    for text, breaking in _facts((), facts, new.facts, use):
        yield Change(title, text, breaking, _rank(text))
    use = Use(sent=True, received=False) if new.kind in CALLS else use
    for key in old.members.keys() | new.members.keys():
        whole = _whole(name, key, new if key in new.members else old)
        if key not in new.members:
            yield Change(whole, "gone", True, GONE)
        elif key not in old.members:
            member = new.members[key]
            must = ", must be given" if use.sent and _is_needed(member) else ""
            yield Change(whole, f"new, {_type(member, new.kind)}{must}", bool(must), NEEDED if must else NEW)
        else:
            for text, breaking in _member(old.members[key], new.members[key], use):
                yield Change(whole, text, breaking, _rank(text))


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
    if place[-1:] and place[-1] in NAMES and place[0] != "requestBody":
        # What is there by name comes and goes one by one.
        old, new = ({} if item is ABSENT else item for item in (old, new))
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
        yield tell(place, old, new), _breaks(place, old, new, use)


def _are_mappings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _schema(place: Place, old: JsonObject, new: JsonObject, use: Use, known: JsonObject) -> Iterator[tuple[str, bool]]:
    before, after = bounds(old, new), bounds(new, old)
    if not (covers(old, new, grows=False) and covers(new, old, grows=False)):
        narrower = use.sent and not covers(new, old, grows=False)
        wider = use.received and not covers(known, new, grows=True)
        name = where(place)
        yield f"{name}: {_became(old, new)}" if name else _became(old, new), narrower or wider
        # Another type has another format, if any.
        before, after = ({key: item for key, item in one.items() if key != "format"} for one in (before, after))
    yield from _facts(place, before, after, use)


def _breaks(place: Place, before: Any, after: Any, use: Use) -> bool:
    word = place[-1]
    if word in LIMITS:
        limits, limited = (item is not ABSENT and item is not True for item in (after, before))
        if limits and limited and word not in ("additionalProperties", "format", "pattern"):
            return use.sent if (after < before) == (word in UPPER) else use.received
        return (use.sent and limits) or (use.received and limited)
    if word == "default" and place[0] != "servers":
        return use.sent and ABSENT not in (before, after)
    if place == ("kind",):
        # What took no value says so where it stands alone.
        return before in ("boolean", "flag") or (after != "text" and (before, after) != ("integer", "number"))
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
        # Another success, or a success of another kind.
        more = (len(place) == 2 and before is ABSENT) or (place[2:3] == ("content",) and word != EVENTS)
        return place[1].startswith("2") and more
    if place[0] == "content":
        # Of a shared answer, be it that of a success or not.
        return word != EVENTS
    if place[0] in OFFERS:
        return before is not ABSENT and place != ("stream", "end")
    return after is True if word in NEEDS else place[0] in BREAKING


def _type(member: JsonObject, kind: str) -> str:
    if "schema" not in member:
        return str(member["kind"])
    missing = [{"type": "null"}] if kind == "model" and not member.get("required") else []
    return short(Types({}).annotation({"oneOf": [member["schema"], *missing]}))


def _became(old: JsonObject, new: JsonObject) -> str:
    before, after = (Types({}).annotation(schema) for schema in (old, new))
    one, other = (alternatives(schema, grows=False) for schema in (old, new))
    for word, told in HOLDERS.items():
        if "Literal" in f"{before}{after}" and len(one) == len(other) == 1 and word in one[0] and word in other[0]:
            return f"{told}: {_became(one[0][word], other[0][word])}"
    hidden = "Literal" in f"{before}{after}" or (OPEN in one and OPEN in other)
    if before != after and len(before) + len(after) < LONGEST and not hidden:
        return f"{before} -> {after}"
    if len(one) == len(other) == 1:
        return f"{_alternative(one[0])} -> {_alternative(other[0])}"
    return exchanged([*map(_alternative, one)], [*map(_alternative, other)]) or f"{text_of(one)} -> {text_of(other)}"


def _alternative(schema: JsonObject) -> str:
    known = f" ({schema['format']}, text in JSON)" if "format" in schema else ""
    return repr(schema["const"]) if "const" in schema else f"{Types({}).annotation(schema)}{known}"
