"""
The bodies of the inference operations, read by pydantic.

Knows how an object of the documents becomes a model, and where the engine is
stricter than they are. The engine reads by such models as well, so that its
leniency ("1" is a number) and its words come of themselves. Does not know
ranges and rules between fields, which the operations have themselves.
"""

import json
import operator
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, reduce
from types import GenericAlias
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_documents.library import Library
from tensormesh_documents.pointers import resolve
from tensormesh_local.errors import ApiError, bad_request, unreadable
from tensormesh_local.inference.response_format import ResponseFormat
from tensormesh_local.inference.thinking import Effort, TemplateArguments
from tensormesh_local.inference.tools import ToolType

type Schema = Mapping[str, Any]

_Token = Annotated[int, Field(ge=0)]
_TYPES = {"string": str, "integer": int, "number": float, "boolean": bool}
_WORDS: Any = Literal  # for type checkers: words are known only when the documents are read
# Fields of which the engine takes less than the documents say, by their name or by that of their object, too.
_STRICTER: Mapping[str, Any] = {
    "chat_template_kwargs": TemplateArguments,
    "stop": str | Annotated[list[str], Field(max_length=4)],
    "ChatCompletionRequest.reasoning_effort": Effort,
    "ChatCompletionRequest.response_format": ResponseFormat,
    "TextCompletionRequest.prompt": list[_Token] | list[list[_Token]] | str | list[str],
    "ResponseInputItem.type": Literal[
        "message",
        "function_call",
        "function_call_output",
        "reasoning",
        "item_reference",
        "web_search_call",
        "file_search_call",
    ],
    "ResponseReasoningConfig.effort": Effort | None,
    "ResponseTextFormat.type": Literal["text", "json_schema", "json_object"],
    "ResponseTool.type": ToolType,
    "TokenizeRequest.prompt": str,
    "DetokenizeRequest.tokens": list[Annotated[int, Field(ge=0, le=2**63 - 1)]],
}


class Body(BaseModel):
    """An object of a request; keys that nobody knows are no mistake."""

    model_config = ConfigDict(allow_inf_nan=False, protected_namespaces=())


def read_object(body: bytes, content_type: str) -> JsonObject:
    """
    Read a body as one JSON object.

    Raises:
        ApiError: 400 when it is none.
    """
    if not body:
        raise unreadable([{"type": "missing", "loc": (), "msg": "Field required", "input": None}])
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise bad_request("Unsupported Media Type: Only 'application/json' is allowed")
    try:
        value: Json = json.loads(body)
    except json.JSONDecodeError as exc:
        problem = {"type": "json_invalid", "loc": (exc.pos,), "msg": "JSON decode error", "input": {}}
        raise unreadable([{**problem, "ctx": {"error": exc.msg}}]) from exc
    except (UnicodeDecodeError, RecursionError, ValueError) as exc:
        raise ApiError(400, {"detail": "There was an error parsing the body"}) from exc
    if not isinstance(value, dict):
        message = "Input should be a valid dictionary or object to extract fields from"
        raise unreadable([{"type": "model_attributes_type", "loc": (), "msg": message, "input": value}])
    return value


def read_body(schema: str, body: JsonObject, *, either: tuple[str, ...] = ()) -> Any:
    """
    Read a body; what comes out has every documented field, null where it was not given.

    Args:
        schema: the name of its schema in the documents.
        body: what was sent.
        either: fields of which one has to be there.

    Raises:
        ApiError: 400 for everything in it that does not have its type.
    """
    try:
        return _adapter(schema, either).validate_python(body, from_attributes=True)
    except ValidationError as exc:
        raise unreadable(exc.errors(include_url=False)) from exc


@cache
def field_names(schema: str) -> frozenset[str]:
    """Give the fields of an object of the documents."""
    return frozenset(_followed({"$ref": f"#/components/schemas/{schema}"})["properties"])


@cache
def _adapter(schema: str, either: tuple[str, ...]) -> TypeAdapter[Any]:
    return TypeAdapter(_union(_model(schema, one, frozenset(either) - {one}) for one in either or ("",)))


@cache
def _model(name: str, needed: str = "", without: frozenset[str] = frozenset()) -> type[Body]:
    """
    Make the model of an object.

    Args:
        name: that of its schema.
        needed: a field that has to be there, besides what the documents require.
        without: fields that are left out.
    """
    schema = _followed({"$ref": f"#/components/schemas/{name}"})
    required = {needed, *schema.get("required", ())}
    names: Iterable[str] = [field for field in schema["properties"] if field not in without]
    if name.endswith("Request"):
        # The engine has the fields of a request in the order of the alphabet, and tells of them so.
        names = sorted(names, key=lambda field: "" if field in required else field)
    fields: dict[str, Any] = {}
    for field in names:
        one = schema["properties"][field]
        kind = _STRICTER.get(f"{name}.{field}", _STRICTER.get(field)) or _kind(one)
        if field not in required and not {"array", *_TYPES} & set(_kinds(one)):
            # The engine takes null in place of an object or a union as not given; of anything else, where it says so.
            kind = kind | None
        # Names that pydantic has for itself have an underscore here.
        fields[f"{field}_" if hasattr(Body, field) else field] = (
            kind,
            Field(... if field in required else None, alias=field),
        )
    return create_model(name, __base__=Body, **fields)


def _kind(schema: Schema) -> Any:
    """Give the type of a value."""
    found = _followed(schema)
    if "properties" in found:
        return _model(schema["$ref"].rpartition("/")[2])
    alternatives = [*found.get("oneOf", ()), *found.get("anyOf", ())]
    return _union(map(_kind, alternatives) if alternatives else (_plain(found, kind) for kind in _kinds(found)))


def _plain(schema: Schema, kind: str | None) -> Any:
    words = [word for word in schema.get("enum", [schema.get("const")]) if isinstance(word, str)]
    if words and kind == "string":
        return _WORDS[tuple(words)]
    if kind == "array":
        return GenericAlias(list, (_kind(schema["items"]),))
    if kind == "object":
        others = schema.get("additionalProperties")
        return GenericAlias(dict, (str, _kind(others) if isinstance(others, Mapping) else Any))
    return None if kind == "null" else _TYPES.get(str(kind), Any)


@cache
def _document() -> JsonObject:
    return Library().document("inference").value


def _followed(schema: Schema) -> Schema:
    return resolve(schema, _document())


def _kinds(schema: Schema) -> Sequence[str | None]:
    kinds = schema.get("type")
    return kinds if isinstance(kinds, list) else [kinds]


def _union(kinds: Iterable[Any]) -> Any:
    return reduce(operator.or_, kinds)
