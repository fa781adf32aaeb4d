"""Which words people write for a value: short ones of enumerations, spans of time. Printed into its operations."""

from __future__ import annotations

import re

from tools.documents import JsonObject
from tools.shapes import Types


def enum_prefix(name: str) -> str:
    """`TicketStatus` -> `TICKET_STATUS_`, with which its values begin."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper() + "_"


def words(types: Types, key: str, schema: JsonObject, seen: tuple[str, ...] = ()) -> str:
    """
    The expression that says it (see `tensormesh_runtime.words`); empty where there are none.

    Args:
        key: what the value is called where it stands.
    """
    name = schema["$ref"].rpartition("/")[2] if "$ref" in schema else ""
    if name in seen:
        return ""
    target = types.resolve(schema)
    if target.get("format") == "date-time":
        return f"Moment(ahead={key.startswith('expires')})"
    if "items" in target:
        return words(types, key, target["items"], seen)
    known = target.get("enum") or target.get("x-known-values") or ()
    prefix = enum_prefix(name)
    if known and all(value and value.startswith(prefix) for value in known):
        return f"Word({prefix!r}, {tuple(known)!r})"
    inner = {
        below: found
        for below, item in target.get("properties", {}).items()
        if (found := words(types, below, item, (*seen, name)))
    }
    return f"{{{', '.join(f'{below!r}: {found}' for below, found in inner.items())}}}" if inner else ""
