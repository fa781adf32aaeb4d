"""
JSON values, and the names that JSON Schema has for their types.

Knows how to go through them, but no schema.
"""

import codecs
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from tensormesh_documents.json_types import Json, JsonObject

DEEPEST = 100
"""How deep a value may be nested to be evaluated; no answer of a sound host comes near."""


_TYPE_NAMES = {type(None): "null", bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}


def type_name(value: Json) -> str:
    """Name the JSON type of a value; a whole number is an integer, however it is written."""
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return _TYPE_NAMES[type(value)]


def with_article(name: str) -> str:
    """Name one value of a type, as a sentence does."""
    return name if name == "null" else f"an {name}" if name[0] in "aeiou" else f"a {name}"


def in_words(names: list[str], last: str = "or") -> str:
    """Join names as a sentence does: a, b or c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}" if names else "nothing"


def nodes(value: Json) -> Iterator[Json]:
    """Give a value and everything in it, however deep."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, dict):
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def is_too_deep(value: Json) -> bool:
    """Tell whether a value is nested deeper than anybody means."""
    level: list[Json] = [value]
    for _ in range(DEEPEST):
        inner: list[Json] = []
        for node in level:
            if isinstance(node, dict):
                inner += node.values()
            elif isinstance(node, list):
                inner += node
        if not inner:
            return False
        level = inner
    return True


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What a text says as JSON.

    Args:
        value: the value; None where it is none.
        flaw: what is wrong with the text, as the rest of a sentence; empty for nothing.
        readable: whether there is a value all the same.
    """

    value: Json
    flaw: str = ""
    readable: bool = True


def read_json(text: str | bytes) -> Json:
    """Read JSON as Python does; None when it is none, or nested too deep to be meant."""
    try:
        value = cast("Json", json.loads(text))
    except (ValueError, RecursionError):
        return None
    return None if _may_be_deep(text) and is_too_deep(value) else value


def reading(text: str | bytes) -> Reading:
    """Read JSON as systems exchange it: UTF-8, without what only some readers know or none agree on."""
    flaw = ""
    if isinstance(text, bytes):
        if text.startswith(codecs.BOM_UTF8):
            flaw, text = "begins with a byte order mark", text.removeprefix(codecs.BOM_UTF8)
        if text.startswith(_GZIP):
            return Reading(None, "is compressed by gzip, and no content-encoding says so", readable=False)
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as exc:
            return Reading(None, f"is no UTF-8, from byte {exc.start} on", readable=False)
    try:
        value = cast("Json", _STRICT.decode(text))
    except _TwiceError as exc:
        flaw = f"has the field `{exc}` twice in one object, and readers differ in which counts"
        value = read_json(text)
    except _NumberError as exc:
        return Reading(None, f"has {exc}, which is no number of JSON that readers agree on", readable=False)
    except json.JSONDecodeError as exc:
        rest = exc.msg == "Extra data"
        detail = f"goes on after the end of its JSON: {text[exc.pos : exc.pos + 20]!r}" if rest else _NO_JSON
        return Reading(None, detail, readable=False)
    except RecursionError:
        return Reading(None, _TOO_DEEP, readable=False)
    except ValueError:
        # The one that is left: Python reads no longer numbers.
        return Reading(None, "has a number of thousands of digits", readable=False)
    if _may_be_deep(text) and is_too_deep(value):
        return Reading(None, _TOO_DEEP, readable=False)
    return Reading(value, flaw)


_GZIP = b"\x1f\x8b"
_TOO_DEEP = f"is nested more than {DEEPEST} deep"


_NO_JSON = "has a body that is no JSON"


class _TwiceError(ValueError):
    """A field that an object has twice."""


class _NumberError(ValueError):
    """What some write as a number, and JSON does not have."""


def _no_number(text: str) -> Json:
    raise _NumberError(text)


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _NumberError(text[:20])
    return value


def _members(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in found if names.count(name) > 1))
    return found


def _may_be_deep(text: str | bytes) -> bool:
    """Tell whether a text has as many beginnings as it would take; hardly one has."""
    if isinstance(text, str):
        return text.count("[") + text.count("{") > DEEPEST
    return text.count(b"[") + text.count(b"{") > DEEPEST


_STRICT = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_number, parse_float=_finite)
