"""
Reads every attribute of a model, and checks what it reads against the type that the attribute promises.

`samples` are values that the documents allow, of every variant and format that a schema knows.
"""

from __future__ import annotations

import datetime
import decimal
import types
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from tensormesh_generated import models
from tensormesh_runtime.errors import TensormeshError
from tensormesh_runtime.json_model import JsonModel


class _Field:
    """Stands for `Field[read, given]`, which only type checkers see."""

    def __class_getitem__(cls, pair: tuple[Any, Any]) -> Any:
        return pair[0]


@cache
def promised(kind: type[JsonModel], package: Any = models) -> dict[str, Any]:
    """The attributes of a model and their types."""
    names = {name: getattr(package, name) for name in package.__all__}
    names |= {
        "Any": Any,
        "Literal": Literal,
        "Field": _Field,
        "DeprecatedField": _Field,
        "OpenObject": package.OpenObject,
    }
    names |= {"datetime": datetime, "decimal": decimal, "Mapping": Mapping, "Sequence": Sequence}
    fields = {item.name for item in kind.__attrs_attrs__}
    return {name: eval(text, names) for name, text in kind.__annotations__.items() if name in fields}  # noqa: S307


def broken_promises(
    model: JsonModel, place: str = "", *, allowed: type[Exception] | tuple[()] = TensormeshError, package: Any = models
) -> Iterator[str]:
    """
    Where an attribute reads as something else than its type, at any depth.

    Args:
        allowed: an error that keeps the promise; of what the documents allow there is none.
        package: where the models are.
    """
    hints = promised(type(model), package)
    for item in model.__attrs_attrs__:
        here = f"{place}.{item.name}"
        try:
            value = getattr(model, item.name)
        except allowed:
            continue
        yield from _broken(value, hints[item.name], here)
        for inner in _models_in(value):
            yield from broken_promises(inner, here, allowed=allowed, package=package)


def _models_in(value: Any) -> Iterator[Any]:
    if hasattr(value, "__attrs_attrs__"):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _models_in(inner)


def _broken(value: Any, hint: Any, place: str) -> Iterator[str]:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return
    if origin in (Union, types.UnionType):
        reasons = [list(_broken(value, inner, place)) for inner in arguments]
        if all(reasons):
            yield min(reasons, key=len)[0]
    elif origin is Literal:
        if not isinstance(value, tuple({type(one) for one in arguments})):
            yield f"{place} is {value!r}, not one of {arguments}"
    elif origin is list:
        if not isinstance(value, list):
            yield f"{place} is {value!r}, not a list"
        else:
            for index, inner in enumerate(value):
                yield from _broken(inner, arguments[0], f"{place}[{index}]")
    elif origin is dict:
        if not isinstance(value, dict):
            yield f"{place} is {value!r}, not an object"
        else:
            for key, inner in value.items():
                yield from _broken(inner, arguments[1], f"{place}[{key!r}]")
    elif hint is float:
        if type(value) not in (int, float):
            yield f"{place} is {value!r}, not a number"
    elif not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        yield f"{place} is {value!r}, not {hint.__name__}"


FORMATS = {
    "date-time": ["2026-04-02T09:15:00Z", "2026-04-02T11:15:00.123456789+02:00"],
    "int64": ["7", "-9223372036854775808"],
    "uint64": ["18446744073709551615"],
    "decimal": ["0.10", "12345678901234567890.123456789"],
}
SCALARS = {"integer": [7], "number": [1.5, 2], "boolean": [True], "null": [None]}


def samples(schema: Any, schemas: Mapping[str, Any], within: tuple[str, ...] = ()) -> list[Any]:
    """Values that a schema allows: one at least of each variant, type and format in it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        # One that contains itself ends with what it requires.
        inner = schemas[name] if within.count(name) < 2 else _required_only(schemas[name])
        return samples(inner, schemas, (*within, name))
    if "const" in schema:
        return [schema["const"]]
    if variants := schema.get("oneOf") or schema.get("anyOf"):
        return [value for variant in variants for value in samples(variant, schemas, within)]
    kinds = schema.get("type", [])
    return [
        value
        for kind in (kinds if isinstance(kinds, list) else [kinds])
        for value in _of_type(kind, schema, schemas, within)
    ]


def _required_only(schema: Any) -> Any:
    required = schema.get("required", [])
    return (
        schema | {"properties": {key: schema["properties"][key] for key in required}}
        if "properties" in schema
        else schema
    )


def _of_type(kind: str, schema: Any, schemas: Mapping[str, Any], within: tuple[str, ...]) -> list[Any]:
    if kind == "array":
        return [samples(schema["items"], schemas, within), []]
    if kind == "string":
        known = schema.get("enum") or [*schema.get("x-known-values", []), "something new"]
        return FORMATS.get(schema.get("format", "")) or [value for value in known if value is not None]
    if kind != "object":
        return SCALARS[kind]
    if "properties" not in schema:
        values = schema.get("additionalProperties")
        return (
            [{"key": value} for value in samples(values, schemas, within)] if isinstance(values, dict) else [{"a": [1]}]
        )
    columns = {key: samples(item, schemas, within) or [None] for key, item in schema["properties"].items()}
    rows = max([len(values) for values in columns.values()], default=1)
    full = [{key: values[row % len(values)] for key, values in columns.items()} for row in range(rows)]
    return [*full, {key: full[0][key] for key in schema.get("required", ())}]
