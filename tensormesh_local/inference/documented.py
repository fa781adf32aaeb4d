"""
The types of the documented fields that no operation here reads.

Knows what the documents say of a request and holds a body against it, with the
leniency of the engine ("1" is a number) and its strictness about null; refuses
to know ranges and rules between fields, which the operations have themselves.
"""

from collections.abc import Collection, Iterator
from functools import cache

from tensormesh_documents.library import Library
from tensormesh_documents.pointers import resolve, walk
from tensormesh_local.validation import Reader
from tensormesh_local.wire import Json, JsonObject

_NO_NULL = {
    "array": ("list_type", "list"),
    "boolean": ("bool_type", "boolean"),
    "integer": ("int_type", "integer"),
    "number": ("float_type", "number"),
    "string": ("string_type", "string"),
}


@cache
def _document() -> JsonObject:
    return Library().document("inference").value


def check_documented(reader: Reader, schema: str, *, apart: Collection[str] = ()) -> None:
    """
    Note every documented field of a body that does not have its type.

    Args:
        reader: the body.
        schema: the name of its schema in the documents.
        apart: fields with a rule of their own, said in its own words.
    """
    whole = _document()
    _, found = walk(whole, ("components", "schemas", schema))
    _check_object(reader, found, whole, apart)
    for name, one in _object(found.get("properties")).items():
        if name in reader.body and reader.body[name] is None:
            _check_null(reader, name, _object(one))


def _check_object(reader: Reader, schema: JsonObject, whole: JsonObject, apart: Collection[str] = ()) -> None:
    known, others = _object(schema.get("properties")), schema.get("additionalProperties")
    required = schema.get("required")
    for name in required if isinstance(required, list) else ():
        if isinstance(name, str) and name not in reader.body:
            reader.missing(name)
    for name in reader.body:
        one = known.get(name, others)
        if isinstance(one, dict) and name not in apart:
            _check(reader, name, one, whole)


def _check(reader: Reader, name: str, schema: JsonObject, whole: JsonObject) -> None:
    schema, value = resolve(schema, whole), reader.body[name]
    if value is None:
        return
    alternatives = [one for key in ("oneOf", "anyOf") for one in _objects(schema.get(key))]
    if alternatives:
        tried = [Reader(reader.body, reader.loc) for _ in alternatives]
        for scratch, one in zip(tried, alternatives, strict=True):
            _check(scratch, name, one, whole)
        if all(scratch.problems for scratch in tried):
            reader.problems.extend(tried[0].problems)
        return
    kinds = _kinds(schema)
    match next((kind for kind in kinds if kind != "null"), kinds[0]):
        case "string":
            _check_text(reader, name, schema)
        case "integer":
            reader.integer(name)
        case "number":
            reader.number(name)
        case "boolean":
            reader.flag(name)
        case "array":
            _check_items(reader, name, schema, whole)
        case "object":
            child = reader.child(name)
            if child is not None:
                _check_object(child, schema, whole)
        case "null":
            reader.wrong(name, "none_required", "Input should be None", value)
        case _:
            pass


def _check_null(reader: Reader, name: str, schema: JsonObject) -> None:
    """The engine takes null in place of an object or a union as not given; of anything else, only where it says so."""
    kinds = _kinds(schema)
    kind, said = next((_NO_NULL[one] for one in kinds if isinstance(one, str) and one in _NO_NULL), ("", ""))
    if kind and "null" not in kinds:
        reader.wrong(name, kind, f"Input should be a valid {said}", None)


def _check_text(reader: Reader, name: str, schema: JsonObject) -> None:
    choices = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(choices, list):
        reader.choice(name, [choice for choice in choices if isinstance(choice, str)])
    else:
        reader.text(name)


def _check_items(reader: Reader, name: str, schema: JsonObject, whole: JsonObject) -> None:
    value, items = reader.body[name], schema.get("items")
    if not isinstance(value, list):
        reader.wrong(name, "list_type", "Input should be a valid list", value)
        return
    if isinstance(items, dict):
        numbered = Reader({str(i): item for i, item in enumerate(value)}, f"{reader.loc}.{name}", reader.problems)
        for position in numbered.body:
            _check(numbered, position, items, whole)


def _kinds(schema: JsonObject) -> list[Json]:
    kind = schema.get("type")
    return kind if isinstance(kind, list) else [kind]


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _objects(value: Json) -> Iterator[JsonObject]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
