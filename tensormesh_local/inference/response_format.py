"""
The field `response_format`: text, any JSON object or, if allowed, a schema.

Knows what is accepted, the types a schema may name, and what the refusal says;
does not write JSON.
"""

from typing import Any, Literal

from pydantic import BaseModel, Field

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.errors import bad_request

FIELD = "response_format"
PLAIN = ("json_object", "text")
TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")


class JsonSchema(BaseModel, defer_build=True):
    """A schema and its name."""

    name: str
    schema_: dict[str, Any] | None = Field(None, alias="schema")


class ResponseFormat(BaseModel, defer_build=True):
    """The field as the engine takes it."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


def check_response_format(body: JsonObject, *, allow_schema: bool) -> None:
    """
    Raises:
        Refusal: 400 for another type or another key than the service takes.
    """
    found = body.get(FIELD)
    if not isinstance(found, dict) or "type" not in found:
        return
    kind = found["type"]
    if kind == "json_schema" and allow_schema:
        if found.get("json_schema") is None:
            message = "When response_format type is 'json_schema', the 'json_schema' field must be provided."
            raise bad_request(message, FIELD)
        return
    if kind not in PLAIN:
        raise bad_request(f'response_format.type must be "json_object" or "text", got {kind!r}.', FIELD)
    extra = sorted(set(found) - {"type"})
    if extra:
        raise bad_request(f"response_format takes no other key than `type`, got {', '.join(extra)}.", FIELD)


def read_response_format(found: ResponseFormat | None) -> JsonObject | None:
    """Read the format: None for text, {} for any object, else the schema."""
    if found is None or found.type == "text":
        return None
    return checked_schema(found.json_schema.schema_ or {}) if found.json_schema is not None else {}


def checked_schema(schema: JsonObject) -> JsonObject:
    """
    Give a schema back when its types exist.

    Raises:
        Refusal: 400 naming the type that does not.
    """
    _check_types(schema)
    return schema


def _check_types(schema: Json) -> None:
    if isinstance(schema, list):
        for item in schema:
            _check_types(item)
    if not isinstance(schema, dict):
        return
    kind = schema.get("type")
    for name in kind if isinstance(kind, list) else [kind]:
        if name is not None and name not in TYPES:
            raise bad_request(f'Failed to transform json schema into a grammar: Unsupported type "{name}"')
    for key in ("items", "anyOf", "oneOf", "allOf"):
        _check_types(schema.get(key))
    for key in ("properties", "$defs"):
        named = schema.get(key)
        _check_types([*named.values()] if isinstance(named, dict) else None)
