"""
The change to a document that a finding suggests, as YAML to paste.

Knows how our documents are written; does not decide whether the document or
the host is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import cast

import yaml

from tensormesh_contract.documents.openness import MAY_BE_PASSED_OVER, MAY_BE_REFUSED
from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.exchanges.exchange import BODILESS
from tensormesh_contract.json_values import type_name
from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_documents.library import Node
from tensormesh_documents.places import Place

_TYPE_ORDER = ("string", "integer", "number", "boolean", "object", "array", "null")
_TODO = "Unverified: what it means."


_PAGE = "text/html"
"""The page of a proxy or a login, and never an answer of an API of JSON."""


def snippet(kind: Kind, node: Node, name: str, samples: Sequence[Json], documented: str = "") -> str:
    """
    Suggest a change.

    Args:
        kind: what was found.
        node: where.
        name: the field, header, status or type that it is about.
        samples: values that were seen there, of a missing field the fields that came without it.
        documented: the name that the document has for a field that is spelt otherwise.

    Returns:
        YAML for the place of `node`, or for the object that holds it where it begins with the same key; then, after
        `---`, what belongs to the components of that document. Empty where only a person can tell.
    """
    schema = node.value if isinstance(node.value, dict) else {}
    match kind:
        case Kind.UNDOCUMENTED_FIELD:
            parts: JsonObject = {}
            field = _named({**inferred(samples), "description": _TODO}, f"{_pascal(node.name)}{_pascal(name)}", parts)
            found = as_yaml({"properties": {name: field}})
            return f"{found}\n---\n{as_yaml({'components': {'schemas': parts}})}" if parts else found
        case Kind.SPELLING:
            return _renamed(schema, documented, name)
        case Kind.MISSING_FIELD:
            given = schema.get("required")
            if not isinstance(given, list) or name not in given:
                return ""
            there = [sample for sample in samples if isinstance(sample, list)]
            return as_yaml({"required": [one for one in given if one != name and all(one in each for each in there)]})
        case Kind.TYPE:
            if "$ref" in schema:
                said = {key: value for key, value in schema.items() if key != "$ref"}
                return as_yaml({"oneOf": [{"$ref": schema["$ref"]}, {"type": "null"}], **said})
            # What is an object with fields in one answer and something else in another is two things.
            return as_yaml(_with_types(schema, samples)) if "properties" not in schema else ""
        case Kind.UNKNOWN_VALUE:
            return as_yaml(_with_values(schema, samples))
        case Kind.CONSTANT:
            return f"# in place of const\n{as_yaml(_with_values(schema, samples))}"
        case Kind.FORMAT if name != "pattern":
            kept = {key: value for key, value in schema.items() if key in ("type",)}
            return f"# without format\n{as_yaml(kept)}"
        case Kind.STATUS if not name.startswith("3"):  # nobody documents that a host is somewhere else
            return as_yaml({"responses": {name: _response(node, int(name))}})
        case Kind.UNDOCUMENTED_HEADER:
            return as_yaml({"headers": {name: {"description": _TODO, "schema": {"type": "string"}}}})
        case Kind.WRONG_ACCEPTED if "properties" in schema:
            required = schema.get("required")
            return as_yaml({"required": [one for one in required if one != name] if isinstance(required, list) else []})
        case Kind.PARAMETER_REFUSED | Kind.WRONG_ACCEPTED if "operationId" not in schema:
            prose = " ".join(str(schema.get("description", _TODO)).split())
            more = MAY_BE_REFUSED if kind is Kind.PARAMETER_REFUSED else MAY_BE_PASSED_OVER
            return as_yaml({"description": f"{prose} {more}"})
        case Kind.MEDIA_TYPE if name not in {"none", _PAGE, *_documented_types(node)}:
            return as_yaml({"content": {name: {"schema": {} if name.endswith("json") else {"type": "string"}}}})
        case _:
            return ""


def joined(suggestions: Iterable[tuple[Place, str]]) -> str:
    """
    Put the suggestions of one cause together: what several say of one place as one, and what all places get once.

    Args:
        suggestions: what is suggested, with the place.

    Returns:
        YAML; where places get different ones, each below a comment with its place.
    """
    at: dict[Place, list[str]] = {}
    for place, text in suggestions:
        if text and text not in at.setdefault(place, []):
            at[place].append(text)
    texts = {place: _one_place(several) for place, several in at.items() if several}
    if len(set(texts.values())) < 2:
        return next(iter(texts.values()), "")
    return "\n".join(f"# at {place} {place.pointer}\n{text}" for place, text in texts.items())


def _renamed(schema: JsonObject, old: str, new: str) -> str:
    """Give a field a second name; empty where its object has it from elsewhere, or nobody can tell."""
    fields, required = schema.get("properties"), schema.get("required")
    if not isinstance(fields, dict) or old not in fields:
        return ""
    found: JsonObject = {"properties": {new: fields[old]}}
    if isinstance(required, list) and old in required:
        found["required"] = [one for one in required if one != old]
    return as_yaml(found)


def _one_place(texts: Sequence[str]) -> str:
    """Merge what is suggested for one place: fields and headers add up, and what all keep of a list."""
    if len(texts) == 1:
        return texts[0]
    documents = [[*yaml.safe_load_all(text)] for text in texts]
    first: JsonObject = {}
    for document, *_ in documents:
        for key, value in cast("JsonObject", document).items():
            known = first.get(key)
            if isinstance(known, dict) and isinstance(value, dict):
                first[key] = {**known, **value}
            elif isinstance(known, list) and isinstance(value, list):
                first[key] = [one for one in known if one in value]
            else:
                first[key] = value
    parts: JsonObject = {}
    for _, *more in documents:
        for document in more:
            parts |= document["components"]["schemas"]
    return f"{as_yaml(first)}\n---\n{as_yaml({'components': {'schemas': parts}})}" if parts else as_yaml(first)


def _documented_types(response: Node) -> set[str]:
    content = response.get("content")
    return {name for name, _ in content.items()} if content is not None else set()


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


def _named(schema: JsonObject, name: str, parts: JsonObject) -> JsonObject:
    """Move objects with fields among the components, as the documents have them, and refer to them there."""
    found = dict(schema)
    items, fields = found.get("items"), found.pop("properties", None)
    if isinstance(items, dict):
        found["items"] = _named(items, f"{name}Item", parts)
    if not isinstance(fields, dict):
        return found
    part: JsonObject = {"type": "object", "description": _TODO}
    parts[name] = part
    part["properties"] = {
        key: _named(cast("JsonObject", value), f"{name}{_pascal(key)}", parts) for key, value in fields.items()
    }
    said = {"description": found.pop("description")} if "description" in found else {}
    reference: JsonObject = {"$ref": f"#/components/schemas/{name}"}
    given = found.pop("type")
    others = {str(one) for one in given if one != "object"} if isinstance(given, list) else set[str]()
    return {"oneOf": [reference, {"type": _types(others), **found}], **said} if others else {**reference, **said}


def _pascal(name: str) -> str:
    """Write a name as those of components are written."""
    return "".join(word[0].upper() + word[1:] for word in re.findall("[A-Za-z]+|[0-9]+", name))


def _types(names: Iterable[str]) -> Json:
    ordered = [name for name in _TYPE_ORDER if name in set(names)]
    return ordered[0] if len(ordered) == 1 else [*ordered]


def _with_types(schema: JsonObject, samples: Sequence[Json]) -> JsonObject:
    sent = {type_name(value) for value in samples}
    lists = [value for value in samples if isinstance(value, list)]
    items: JsonObject = {"items": _plain_items(lists)} if lists else {}
    for keyword in ("oneOf", "anyOf"):
        variants = schema.get(keyword)
        if isinstance(variants, list):
            more: list[Json] = [{"type": name, **(items if name == "array" else {})} for name in sorted(sent)]
            return {keyword: [*variants, *more]}
    given = schema.get("type")
    known = {str(name) for name in given} if isinstance(given, list) else {str(given)}
    return {"type": _types(known | sent), **(items if "items" not in schema else {})}


def _plain_items(lists: Sequence[list[Json]]) -> JsonObject:
    """Say no more of elements than what they are."""
    found = {type_name(item) for one in lists for item in one}
    free: JsonObject = {"type": "object", "additionalProperties": True}
    return {"type": _types(found)} if found and not found & {"object", "array"} else free


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
    """Write it as its neighbours are: errors share one shape, and so may this one; successes do as well."""
    known = cast("JsonObject", responses.value)
    neighbour = known.get("200") if status < 400 else known.get("400", known.get("default"))
    given = neighbour if isinstance(neighbour, dict) else {}
    if status >= 400 and "$ref" in given:
        return {"$ref": given["$ref"]}
    found: JsonObject = {"description": _TODO}
    if "headers" in given:
        found["headers"] = given["headers"]
    if status not in BODILESS:
        # Of one operation, all successes have one content.
        unknown: Json = {"application/json": {"schema": {"type": "object"}}}
        found["content"] = given.get("content", unknown) if status < 300 else unknown
    return found


class _Dumper(yaml.SafeDumper):
    """Lists are written in one line, as the documents do where they are short."""


def _list(dumper: yaml.SafeDumper, value: list[Json]) -> yaml.Node:
    plain = all(not isinstance(item, dict | list) for item in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=plain)


_Dumper.add_representer(list, _list)


def as_yaml_list(entries: Sequence[JsonObject]) -> str:
    """Write a list of objects, each from a line of its own."""
    return "\n".join(f"- {as_yaml(entry)}".replace("\n", "\n  ") + "\n" for entry in entries)


def as_yaml(value: JsonObject) -> str:
    """Write a value as the documents do."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110).strip()
