"""Reads every attribute of a model, and checks what it reads against the type that the attribute promises."""

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
from tensormesh_runtime.open_object import OpenObject


class _Field:
    """Stands for `Field[read, given]`, which only type checkers see."""

    def __class_getitem__(cls, pair: tuple[Any, Any]) -> Any:
        return pair[0]


@cache
def promised(kind: type[JsonModel]) -> dict[str, Any]:
    """The attributes of a model and their types."""
    names = {name: getattr(models, name) for name in models.__all__}
    names |= {"Any": Any, "Literal": Literal, "Field": _Field, "OpenObject": OpenObject}
    names |= {"datetime": datetime, "decimal": decimal, "Mapping": Mapping, "Sequence": Sequence}
    fields = {item.name for item in kind.__attrs_attrs__}
    return {name: eval(text, names) for name, text in kind.__annotations__.items() if name in fields}  # noqa: S307


def broken_promises(model: JsonModel, place: str = "") -> Iterator[str]:
    """Where an attribute reads as something else than its type, at any depth; an error of ours keeps the promise."""
    hints = promised(type(model))
    for item in model.__attrs_attrs__:
        here = f"{place}.{item.name}"
        try:
            value = getattr(model, item.name)
        except TensormeshError:
            continue
        yield from _broken(value, hints[item.name], here)


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
    elif isinstance(hint, type) and issubclass(hint, JsonModel):
        if not isinstance(value, hint):
            yield f"{place} is {value!r}, not {hint.__name__}"
        else:
            yield from broken_promises(value, place)
    elif hint is float:
        if type(value) not in (int, float):
            yield f"{place} is {value!r}, not a number"
    elif not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        yield f"{place} is {value!r}, not {hint.__name__}"
