"""Which values a schema lets through, and whether another lets through the same: what decides who breaks."""

from __future__ import annotations

from tools.documents import JsonObject
from tools.python_types import CONVERTED, TYPES_OF_CONSTANTS, types_of, values_of

OPEN = {"type": "object", "x-open": True}
"""An object of a kind that a union does not know."""

TYPE_WORDS = {"$ref", "const", "enum", "type", "x-known-values", "x-name"}
"""Words that say what a value is, or is called; all others say something about it."""
NESTED = {"additionalProperties", "anyOf", "items", "oneOf"}
"""Words that hold schemas."""


def alternatives(schema: JsonObject, *, grows: bool) -> list[JsonObject]:
    """
    The schema as a list of ones that each say one thing: a type, a value or a component.

    Args:
        grows: whether a value that is not listed passes, as it does where it is read.
    """
    if "$ref" in schema:
        return [{"$ref": schema["$ref"]}]
    if "const" in schema:
        return [{key: schema[key] for key in ("const", "type") if key in schema}]
    if variants := schema.get("oneOf") or schema.get("anyOf"):
        found = [one for item in variants for one in alternatives(item, grows=grows)]
        return [*found, *([OPEN] if "discriminator" in schema else ())]
    return [one for kind in types_of(schema) or [""] for one in _typed(kind, schema, grows)]


def _typed(kind: str, schema: JsonObject, grows: bool) -> list[JsonObject]:
    if not kind:
        return [{}]
    if kind == "array":
        return [{"type": kind, "items": schema["items"]}]
    if kind == "object":
        values = schema.get("additionalProperties")
        return [{"type": kind, "additionalProperties": values if isinstance(values, dict) else {}}]
    if (kind, schema.get("format")) in CONVERTED:
        return [{"type": kind, "format": schema["format"]}]
    values = [{"const": value} for value in values_of(schema)] if kind == "string" else []
    return values if values and "enum" in schema and not grows else [*values, {"type": kind}]


def covers(wide: JsonObject, narrow: JsonObject, *, grows: bool) -> bool:
    """
    Whether everything that one schema lets through, another does.

    Args:
        grows: whether a value that is not listed passes. Where it does not, one that was listed has to be listed still:
            short words stand for those alone.
    """
    among = alternatives(wide, grows=grows)
    return all(any(_includes(one, other, among, grows) for one in among) for other in alternatives(narrow, grows=grows))


def _includes(wide: JsonObject, narrow: JsonObject, among: list[JsonObject], grows: bool) -> bool:
    if wide == {} or (wide == narrow and type(wide.get("const")) is type(narrow.get("const"))):
        return True
    if wide == OPEN:
        return grows and "$ref" in narrow
    if "const" in narrow:
        listed = not grows and isinstance(narrow["const"], str) and any("const" in one for one in among)
        return wide == {"type": TYPES_OF_CONSTANTS[type(narrow["const"])]} and not listed
    kinds = (wide.get("type"), narrow.get("type"))
    for kind, word in (("array", "items"), ("object", "additionalProperties")):
        if kinds == (kind, kind) and OPEN not in (wide, narrow):
            return covers(wide[word], narrow[word], grows=grows)
    return kinds == ("number", "integer")


def bounds(schema: JsonObject, other: JsonObject) -> JsonObject:
    """What a schema says about its values but for what they are; of schemas in it where another has such, too."""
    found = {key: item for key, item in schema.items() if key not in TYPE_WORDS | NESTED}
    if ("string", schema.get("format")) in CONVERTED:
        del found["format"]
    if "discriminator" in found:
        found["discriminator"] = schema["discriminator"]["propertyName"]  # the variants say the rest
    for key in NESTED & schema.keys():
        match schema[key], other.get(key):
            case bool(plain), _:
                found[key] = plain
            case dict(one), dict(two):
                found[key] = bounds(one, two)
            case list(one), list(two) if len(one) == len(two):
                found[key] = [bounds(*pair) for pair in zip(one, two, strict=True)]
    return found
