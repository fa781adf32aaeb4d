"""
The change to a document that a finding suggests, as YAML to paste.

Knows how our documents are written; refuses to decide whether the document or
the host is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import yaml

from tensormesh_contract.documents import Node
from tensormesh_contract.findings import Kind
from tensormesh_contract.json_types import Json, JsonObject, type_name

_TYPE_ORDER = ("string", "integer", "number", "boolean", "object", "array", "null")
_TODO = "Unverified: what it means."


def snippet(kind: Kind, node: Node, name: str, samples: Sequence[Json]) -> str:
    """
    Suggest a change.

    Args:
        kind: what was found.
        node: where.
        name: the field, header, status or type that it is about.
        samples: values that were seen.

    Returns:
        YAML for the place of `node`; empty where only a person can tell.
    """
    schema = node.value if isinstance(node.value, dict) else {}
    match kind:
        case Kind.UNDOCUMENTED_FIELD:
            return as_yaml({"properties": {name: {**inferred(samples), "description": _TODO}}})
        case Kind.MISSING_FIELD:
            given = schema.get("required")
            return as_yaml({"required": [one for one in given if one != name] if isinstance(given, list) else []})
        case Kind.TYPE:
            return as_yaml(_with_types(schema, samples))
        case Kind.UNKNOWN_VALUE | Kind.CONSTANT:
            return as_yaml(_with_values(schema, samples))
        case Kind.FORMAT if name != "pattern":
            return as_yaml({key: value for key, value in schema.items() if key in ("type",)})
        case Kind.STATUS:
            return as_yaml({name: _response(node, int(name))})
        case Kind.UNDOCUMENTED_HEADER:
            return as_yaml({name: {"description": _TODO, "schema": {"type": "string"}}})
        case Kind.MEDIA_TYPE if name != "none":
            return as_yaml({"content": {name: {"schema": {"type": "string"}}}})
        case _:
            return ""


def inferred(samples: Iterable[Json], depth: int = 0) -> JsonObject:
    """Infer a schema that every sample fits, in the style of the documents."""
    values = list(samples)
    names = {type_name(value) for value in values} or {"null"}
    if {"integer", "number"} <= names:
        names.discard("integer")
    found: JsonObject = {"type": _types(names)}
    if "object" in names:
        objects = [value for value in values if isinstance(value, dict)]
        keys = list(dict.fromkeys(key for value in objects for key in value))
        if keys and depth < 3:
            found["properties"] = {
                key: {
                    **inferred([value[key] for value in objects if key in value], depth + 1),
                    "description": _TODO,
                }
                for key in keys
            }
        else:
            found["additionalProperties"] = True
    if "array" in names:
        items = [item for value in values if isinstance(value, list) for item in value]
        found["items"] = inferred(items, depth + 1) if items else {"type": "object", "additionalProperties": True}
    return found


def _types(names: Iterable[str]) -> Json:
    ordered = [name for name in _TYPE_ORDER if name in set(names)]
    return ordered[0] if len(ordered) == 1 else [*ordered]


def _with_types(schema: JsonObject, samples: Sequence[Json]) -> JsonObject:
    sent = {type_name(value) for value in samples}
    for keyword in ("oneOf", "anyOf"):
        variants = schema.get(keyword)
        if isinstance(variants, list):
            more: list[Json] = [{"type": name} for name in sorted(sent)]
            return {keyword: [*variants, *more]}
    given = schema.get("type")
    known = {str(name) for name in given} if isinstance(given, list) else {str(given)}
    return {"type": _types(known | sent)}


def _with_values(schema: JsonObject, samples: Sequence[Json]) -> JsonObject:
    new = [*dict.fromkeys(str(value) for value in samples)]
    if "const" in schema:
        return {"type": schema.get("type", "string"), "x-known-values": [schema["const"], *new]}
    mapping = schema.get("discriminator")
    if isinstance(mapping, dict):
        return {"discriminator": {"mapping": dict.fromkeys(new, "#/components/schemas/...")}}
    keyword = "enum" if "enum" in schema else "x-known-values"
    known = schema.get(keyword)
    return {keyword: [*(known if isinstance(known, list) else []), *new]}


def _response(responses: Node, status: int) -> Json:
    """Write it as its neighbours are: errors share one shape, and so may this one."""
    neighbour = cast("JsonObject", responses.value).get("400" if status >= 400 else "200")
    if status >= 400 and isinstance(neighbour, dict) and "$ref" in neighbour:
        return {"$ref": neighbour["$ref"]}
    return {"description": _TODO, "content": {"application/json": {"schema": {"type": "object"}}}}


class _Dumper(yaml.SafeDumper):
    """Lists are written in one line, as the documents do where they are short."""


def _list(dumper: yaml.SafeDumper, value: list[Json]) -> yaml.Node:
    plain = all(not isinstance(item, dict | list) for item in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=plain)


_Dumper.add_representer(list, _list)


def as_yaml(value: JsonObject) -> str:
    """Write a value as the documents do."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110).strip()
