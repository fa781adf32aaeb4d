"""
The JSON that a prompt asks for in words: a schema, an example, or the names of its keys.

Knows how people and frameworks write such prompts; does not make the JSON.
"""

import json
import re
from collections.abc import Iterator

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.engine.schema_values import MOST_READ

_QUOTE, _UNQUOTE = "['\"`\u2018\u201c]", "['\"`\u2019\u201d]"
_QUOTED = re.compile(rf"{_QUOTE}([A-Za-z_]\w*){_UNQUOTE}")
_LINK = r"(?:,|&|\s|\band\b|\bor\b){1,8}+"
_KEYS = r"(?:keys?|fields?|propert(?:y|ies))\b"
# So many names at most, that a long list of anything is not gone through once for each of its items.
_NAMES = rf"(?:{_QUOTE}[A-Za-z_]\w*{_UNQUOTE}{_LINK}){{1,32}}+"
_NAMED_BEFORE = re.compile(rf"({_NAMES})(?:as\s+(?:the\s+)?)?{_KEYS}", re.IGNORECASE)
_NAMED_AFTER = re.compile(rf"\b{_KEYS}:?\s+([^.?!\n]+)", re.IGNORECASE)
_OF_WHAT = re.compile(r"\b(?:of|for|from|about|in)\b")
_NO_NAMES = frozenset({"a", "and", "are", "as", "be", "named", "only", "or", "the", "with"})
_MOST_TRIED = 32


def written_schema(text: str) -> JsonObject | None:
    """The schema that stands in a text; the last, for instructions show what a schema is before they show theirs."""
    for found in reversed([*_objects(text)]):
        if isinstance(found.get("properties"), dict):
            return found
    return None


def written_example(text: str) -> JsonObject | None:
    """The schema of the first JSON object in a text."""
    return next((_schema_like(found) for found in _objects(text) if found), None)


def named_keys(text: str) -> list[str]:
    """The keys that a text names, as in `with 'a' and 'b' keys` and `with the keys a and b`."""
    text = text[:MOST_READ]
    if before := _NAMED_BEFORE.search(text):
        return list(dict.fromkeys(_QUOTED.findall(before[1])))
    if after := _NAMED_AFTER.search(text):
        named, *_ = _OF_WHAT.split(after[1], maxsplit=1)
        words = [word for word in re.findall(r"[A-Za-z_]\w*", named) if word not in _NO_NAMES]
        return list(dict.fromkeys(_QUOTED.findall(after[1]) or words))
    return []


def _objects(text: str) -> Iterator[JsonObject]:
    """The JSON objects in a text, the outermost of each."""
    text, at = text[:MOST_READ], 0
    decoder = json.JSONDecoder()
    for _ in range(_MOST_TRIED):
        at = text.find("{", at)
        if at < 0:
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        yield value


def _schema_like(value: Json) -> JsonObject:
    """The schema that an example stands for."""
    match value:
        case dict():
            return {"type": "object", "properties": {name: _schema_like(one) for name, one in value.items()}}
        case list():
            return {"type": "array", "items": _schema_like(value[0]) if value else {"type": "string"}}
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "number"}
        case _:
            return {"type": "string"}
