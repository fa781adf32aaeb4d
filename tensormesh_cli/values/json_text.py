"""JSON whose numbers come out as they went in: fractions are read as `Decimal` and written digit by digit."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def loads(text: str | bytes) -> Any:
    """
    Decode JSON.

    Raises:
        ValueError: it is not JSON, or nested too deeply.
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def dumps(value: Any, *, indent: int | None = None) -> str:
    """Encode plain values; on one line without `indent`."""
    return "".join(_pieces(value, indent, 0))


def _pieces(value: Any, indent: int | None, level: int) -> list[str]:
    if isinstance(value, Mapping):
        items = [[_string(str(key)), ": ", *_pieces(item, indent, level + 1)] for key, item in value.items()]
        return _block("{", items, "}", indent, level)
    if isinstance(value, list | tuple):
        return _block("[", [_pieces(item, indent, level + 1) for item in value], "]", indent, level)
    if isinstance(value, Decimal):
        return [str(value)]
    if isinstance(value, str):
        return [_string(value)]
    if isinstance(value, float) and not math.isfinite(value):
        return ["null"]  # JSON has no word for what some hosts send
    return [json.dumps(value)]


def _block(opening: str, items: list[list[str]], closing: str, indent: int | None, level: int) -> list[str]:
    if not items:
        return [opening + closing]
    pad, end = ("", "") if indent is None else (f"\n{' ' * indent * (level + 1)}", f"\n{' ' * indent * level}")
    pieces = [opening]
    for index, item in enumerate(items):
        if index:
            pieces.append(", " if indent is None else ",")
        pieces += [pad, *item]
    return [*pieces, end, closing]


def _string(text: str) -> str:
    # Half of a surrogate pair has no UTF-8; escaped it survives.
    lone = any("\ud800" <= character <= "\udfff" for character in text)
    return json.dumps(text, ensure_ascii=lone)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
