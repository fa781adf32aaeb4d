"""Between Python types and JSON schemas: what a parameter takes, and how its JSON is read."""

from __future__ import annotations

import datetime
import decimal
import enum
import math
import types
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from tensormesh_overlay.errors import ConfigurationError

Read = Callable[[Any], Any]


class ArgumentError(ValueError):
    """What a model gave for an argument is not of its type; the words are for the model."""


class Taken(NamedTuple):
    """What a parameter takes: its JSON schema, and what makes a value of JSON (or raises an `ArgumentError`)."""

    schema: dict[str, Any]
    read: Read


def taken(annotation: Any) -> Taken:
    """
    What a parameter of a type takes.

    Raises:
        ConfigurationError: there is no JSON for the type.
    """
    if (annotation is None or isinstance(annotation, type)) and annotation in _PLAIN:
        return _PLAIN[annotation]
    if annotation is Any:
        return Taken({}, lambda value: value)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner = taken(arguments[0])
        words = next((word for word in arguments[1:] if isinstance(word, str)), None)
        return inner if words is None else inner._replace(schema={**inner.schema, "description": words})
    if origin is Literal:
        return _choice(list(arguments), lambda value: value)
    if origin in (Union, types.UnionType):
        return _union([taken(one) for one in arguments])
    if annotation is list or origin in (list, Sequence):
        return _array(taken(arguments[0]) if arguments else taken(Any), list)
    if annotation is tuple or (origin is tuple and len(arguments) == 2 and arguments[1] is ...):
        return _array(taken(arguments[0]) if arguments else taken(Any), tuple)
    if annotation is set or origin is set:
        return _array(taken(arguments[0]) if arguments else taken(Any), set)
    if annotation is dict or origin in (dict, Mapping):
        return _object(taken(arguments[1]) if arguments else taken(Any))
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return _choice([member.value for member in annotation], annotation)
    return _by_pydantic(annotation)


def _kind(name: str, *classes: type, convert: Read = lambda value: value) -> Taken:
    def read(value: Any) -> Any:
        if not isinstance(value, classes) or (isinstance(value, bool) and bool not in classes):
            raise ArgumentError(f"{value!r:.100} is no {name}")
        return convert(value)

    return Taken({"type": name}, read)


def _whole(value: float) -> int:
    if not math.isfinite(value) or value != int(value):
        raise ArgumentError(f"{value!r} is no integer")
    return int(value)


def _text(format_: str, parse: Callable[[str], Any]) -> Taken:
    def read(value: Any) -> Any:
        try:
            return parse(value if isinstance(value, str) else str(value))
        except (ValueError, ArithmeticError) as error:
            raise ArgumentError(f"{value!r:.100} is no {format_}") from error

    return Taken({"type": "string", "format": format_}, read)


def _choice(values: list[Any], make: Read) -> Taken:
    def read(value: Any) -> Any:
        if value not in values:
            raise ArgumentError(f"{value!r:.100} is none of {', '.join(map(repr, values))}")
        return make(value)

    return Taken({"enum": values}, read)


def _union(variants: list[Taken]) -> Taken:
    def read(value: Any) -> Any:
        reasons = []
        for variant in variants:
            try:
                return variant.read(value)
            except ArgumentError as error:
                reasons.append(str(error))
        raise ArgumentError("; ".join(reasons))

    return Taken({"anyOf": [variant.schema for variant in variants]}, read)


def _array(item: Taken, make: Callable[[list[Any]], Any]) -> Taken:
    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise ArgumentError(f"{value!r:.100} is no array")
        return make([item.read(one) for one in value])

    return Taken({"type": "array", "items": item.schema}, read)


def _object(item: Taken) -> Taken:
    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise ArgumentError(f"{value!r:.100} is no object")
        return {key: item.read(one) for key, one in value.items()}

    return Taken({"type": "object", "additionalProperties": item.schema}, read)


def _by_pydantic(annotation: Any) -> Taken:
    """Data classes, typed dictionaries, models of its own, and whatever else it knows, where it is installed."""
    try:
        from pydantic import TypeAdapter, ValidationError
        from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError
    except ImportError as error:
        raise ConfigurationError(f"a tool cannot take {annotation!r} unless pydantic is installed") from error
    try:
        adapter = TypeAdapter(annotation)
        schema = adapter.json_schema()
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        raise ConfigurationError(f"a tool cannot take {annotation!r}: there is no JSON for it") from error

    def read(value: Any) -> Any:
        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            raise ArgumentError(str(error)) from error

    return Taken(schema, read)


_PLAIN: dict[Any, Taken] = {
    str: _kind("string", str),
    bool: _kind("boolean", bool),
    int: _kind("integer", int, float, convert=_whole),
    float: _kind("number", int, float, convert=float),
    None: _kind("null", type(None)),
    type(None): _kind("null", type(None)),
    datetime.datetime: _text("date-time", datetime.datetime.fromisoformat),
    datetime.date: _text("date", datetime.date.fromisoformat),
    datetime.time: _text("time", datetime.time.fromisoformat),
    decimal.Decimal: _text("decimal", decimal.Decimal),
    uuid.UUID: _text("uuid", uuid.UUID),
}
