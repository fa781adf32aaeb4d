"""
The field `response_format`: text, any JSON object or, if allowed, a schema.

Knows what is accepted, the types a schema may name, and what the refusal says;
refuses to write JSON.
"""

from tensormesh_local.errors import bad_request
from tensormesh_local.validation import Reader
from tensormesh_local.wire import Json, JsonObject

FIELD = "response_format"
PLAIN = ("json_object", "text")
TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")


def read_response_format(reader: Reader, *, allow_schema: bool) -> JsonObject | None:
    """
    Read the format: None for text, {} for any object, else the schema.

    Raises:
        Refusal: 400 for another type or another key than the service takes.
    """
    found = reader.child(FIELD)
    if found is None:
        return None
    if "type" not in found.body:
        found.missing("type")
        return None
    kind = found.body["type"]
    if kind == "json_schema" and allow_schema:
        return _schema(found)
    if kind not in PLAIN:
        raise bad_request(f'response_format.type must be "json_object" or "text", got {kind!r}.', FIELD)
    extra = sorted(set(found.body) - {"type"})
    if extra:
        raise bad_request(f"response_format takes no other key than `type`, got {', '.join(extra)}.", FIELD)
    return {} if kind == "json_object" else None


def _schema(reader: Reader) -> JsonObject | None:
    outer = reader.child("json_schema")
    if outer is None:
        if reader.body.get("json_schema") is None:
            reader.missing("json_schema")
        return None
    inner = outer.child("schema")
    return checked_schema(inner.body) if inner is not None else {}


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
