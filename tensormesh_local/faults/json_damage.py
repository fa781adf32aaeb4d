"""
Damage to JSON: fields left out, fields with another value.

Knows dotted paths, but not what the fields mean.
"""

import json

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.faults.script import Fault
from tensormesh_local.json_output import dump

PADDING = "padding"


def damaged(body: bytes, fault: Fault, found: set[str] | None = None) -> bytes:
    """
    Leave fields out of a whole JSON text and set others; another text stays as it is.

    Args:
        found: takes the keys of the fault that had something to do.
    """
    found = set() if found is None else found
    try:
        value: Json = json.loads(body)
    except ValueError:
        return body
    for path in fault.omit:
        for parent, key in _places(value, path.split(".")):
            if key in parent:
                found.add("omit")
                del parent[key]
    for path, new in fault.set.items():
        for parent, key in _places(value, path.split(".")):
            found.add("set")
            parent[key] = new
    return dump(value)


def padded(body: bytes, size: int) -> bytes:
    """Make a JSON object large with a field that nobody knows; another text stays as it is."""
    try:
        value: Json = json.loads(body)
    except ValueError:
        return body
    return dump({**value, PADDING: "x" * size}) if isinstance(value, dict) else body


def _places(value: Json, path: list[str]) -> list[tuple[JsonObject, str]]:
    """Find the objects that hold the last key of a path, or could hold it."""
    key, rest = path[0], path[1:]
    if isinstance(value, list):
        items = value if key == "*" else value[int(key) : int(key) + 1] if key.isdecimal() else []
        return [place for item in items if rest for place in _places(item, rest)]
    if not isinstance(value, dict):
        return []
    names = [*value] if key == "*" else [key]
    if not rest:
        return [(value, name) for name in names]
    return [place for name in names for place in _places(value.get(name), rest)]
