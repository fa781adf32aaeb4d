"""
JSON whose numbers come out as they went in: fractions are read as `Decimal` and written digit by digit.

It goes to terminals, too, so characters that nobody sees are written as escapes: the value stays the same.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tensormesh_cli.values.invisible import INVISIBLE


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
    pieces: list[str] = []
    _write(value, pieces, indent, 0)
    return "".join(pieces)


def _write(value: Any, pieces: list[str], indent: int | None, level: int) -> None:
    if isinstance(value, Mapping | list | tuple):
        keyed = isinstance(value, Mapping)
        opening, closing = "{}" if keyed else "[]"
        line = "" if indent is None else f"\n{' ' * indent * level}"
        before = f"{opening}{line}{' ' * (indent or 0)}"
        for key in value:
            pieces.append(f"{before}{_string(str(key))}: " if keyed else before)
            _write(value[key] if keyed else key, pieces, indent, level + 1)
            before = f",{line}{' ' * (indent or 0)}" if line else ", "
        pieces.append(f"{line}{closing}" if value else opening + closing)
    elif isinstance(value, Decimal):
        pieces.append(str(value))
    elif isinstance(value, str):
        pieces.append(_string(value))
    elif isinstance(value, float) and not math.isfinite(value):
        pieces.append("null")  # JSON has no word for what some hosts send
    else:
        pieces.append(json.dumps(value))


def _string(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    # Among them is half of a surrogate pair, which has no UTF-8 and survives as an escape.
    return written if written.isprintable() else INVISIBLE.sub(_escaped, written)


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
