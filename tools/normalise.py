"""
Makes the merged document one that openapi-python-client 0.29.1 takes whole.

The generator drops some things without a word, gets some wrong and stops at others. Each step below goes round one
such trap and names it. What is lost on the way is not needed there: shapes and operations are read from the
document as it was before.
"""

from __future__ import annotations

import copy
from typing import Any

from tensormesh_documents.pointers import resolve
from tools.documents import JsonObject
from tools.shapes import INTERNAL, Types


def normalise(document: JsonObject) -> JsonObject:
    """The document as the generator gets it; the argument is left as it was."""
    schemas = document["components"].get("schemas", {})
    types = Types(schemas)
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": {
            path: {method: _operation(raw, document) for method, raw in item.items()}
            for path, item in document["paths"].items()
        },
        "components": {
            "schemas": {
                name: _component(name, schema, types) for name, schema in schemas.items() if name not in INTERNAL
            }
        },
    }


def _operation(operation: JsonObject, document: JsonObject) -> JsonObject:
    result: JsonObject = {"operationId": operation["operationId"], "tags": operation["tags"]}
    # Trap: declared errors become return values, a body that is not JSON crashes the reading of one, descriptions and
    # several kinds of parameter are lost. Our templates know all that better, so the generator hears of none of it.
    result["responses"] = {"200": {"description": ""}}
    result["parameters"] = [
        {"name": item["name"], "in": "path", "required": True, "schema": {"type": "string"}}
        for item in (resolve(item, document) for item in operation.get("parameters", []))
        if item["in"] == "path"
    ]
    return result


def _component(name: str, schema: JsonObject, types: Types) -> JsonObject:
    if types.has_class(name):
        return dict(_schema(schema, top=True))
    values = schema.get("enum") or schema.get("x-known-values")
    # Trap: a nullable enum becomes three classes; null is added where the enum is used.
    values = [value for value in values or [] if value is not None]
    if values:
        return {"type": "string", "enum": values}
    # Trap: a tagged union is tried class by class, and an unknown tag turns the whole list into raw dictionaries.
    # Our decoder goes by the tag; to the generator the union is opaque.
    return {"description": "opaque"}


def _schema(node: Any, *, top: bool = False) -> Any:
    if isinstance(node, list):
        return [_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    kinds = node.get("type")
    if "object" in (kinds if isinstance(kinds, list) else [kinds]) and not top:
        # Trap: each free-form map becomes a class of its own.
        return {}
    # Trap: a title becomes the class name. Defaults are sent. Inline enums make classes that may collide.
    # Bounds, formats and examples say nothing to the templates.
    result = {
        key: copy.deepcopy(value) if key == "required" else _schema(value)
        for key, value in node.items()
        if key in ("type", "items", "required", "oneOf", "anyOf", "const")
    }
    if "properties" in node:
        result["properties"] = {name: _schema(item) for name, item in node["properties"].items()}
    for key in ("oneOf", "anyOf"):
        if key in result and "discriminator" in node:
            return {}
    if result.get("const") is not None and not isinstance(result["const"], str | int):
        del result["const"]
    return result
