"""
JSON values, and the names that JSON Schema has for their types.

Knows how to go through them, but no schema.
"""

import json
from collections.abc import Iterator
from typing import cast

from tensormesh_documents.json_types import Json

DEEPEST = 100
"""How deep a value may be nested to be evaluated; no answer of a sound host comes near."""


def type_name(value: Json) -> str:
    """Name the JSON type of a value; a whole number is an integer, however it is written."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


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


def read_json(text: str | bytes) -> Json:
    """Read JSON; None when it is none, or nested too deep to be meant."""
    try:
        value = cast("Json", json.loads(text))
    except (ValueError, RecursionError):
        return None
    return None if is_too_deep(value) else value
