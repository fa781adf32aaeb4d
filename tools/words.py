"""Which words people write for a value: short ones of enumerations, spans of time. Printed into its operations."""

from __future__ import annotations

from tools.documents import JsonObject
from tools.names import enum_prefix
from tools.python_types import CONVERTED, Types, lies_ahead


def words(types: Types, key: str, schema: JsonObject, short: bool, seen: tuple[str, ...] = ()) -> str:
    """
    The expression that says it (see `tensormesh_runtime.words`); empty where there are none.

    Args:
        key: what the value is called where it stands.
        short: whether short words are taken for values of enumerations.
    """
    name = schema["$ref"].rpartition("/")[2] if "$ref" in schema else ""
    if name in seen:
        return ""
    target = types.resolve(schema)
    converter = CONVERTED.get(("string" if "string" in types.kinds(target) else "", target.get("format", "")))
    if converter:
        return f"_words.Moment(ahead={lies_ahead(key)})" if converter[1] == "TIMESTAMP" else "_words.Digits()"
    for item in target.get("oneOf") or target.get("anyOf") or ():
        if found := words(types, key, item, short, (*seen, name)):
            return found
    if "items" in target:
        return words(types, key, target["items"], short, seen)
    if isinstance(values := target.get("additionalProperties"), dict):
        found = words(types, key, values, short, (*seen, name))
        return f"_words.Each({found})" if found else ""
    known = target.get("enum") or target.get("x-known-values") or ()
    prefix = enum_prefix(name)
    if short and known and all(value and value.startswith(prefix) for value in known):
        return f"_words.Word({prefix!r}, {tuple(known)!r})"
    inner = {
        below: found
        for below, item in target.get("properties", {}).items()
        if (found := words(types, below, item, short, (*seen, name)))
    }
    return f"{{{', '.join(f'{below!r}: {found}' for below, found in inner.items())}}}" if inner else ""
