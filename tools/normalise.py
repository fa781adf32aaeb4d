"""
What openapi-python-client 0.29.1 is told of the merged document: which operations and components there are.

The generator drops some things without a word, gets some wrong and stops at others: tags of unions, formats, nullable
enums, defaults that it would send, errors that it would return, names that it would change. Shapes and operations are
read from the document itself, so it hears of none of that.
"""

from __future__ import annotations

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
    parameters = [resolve(item, document) for item in operation.get("parameters", [])]
    return {
        "operationId": operation["operationId"],
        "tags": operation["tags"],
        "responses": {"200": {"description": ""}},
        # It compares them with the path.
        "parameters": [
            {"name": item["name"], "in": "path", "required": True, "schema": {"type": "string"}}
            for item in parameters
            if item["in"] == "path"
        ],
    }


def _component(name: str, schema: JsonObject, types: Types) -> JsonObject:
    if types.has_class(name):
        return {"type": "object"}
    # Values make an enum, which has a file; what is neither is opaque, and gets one from us.
    values = [value for value in schema.get("enum") or schema.get("x-known-values") or [] if value is not None]
    return {"type": "string", "enum": values} if values else {"description": "opaque"}
