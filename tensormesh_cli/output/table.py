"""Rows and columns that fit the screen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tensormesh_cli.output.json_text import dumps
from tensormesh_cli.output.text import readable
from tensormesh_cli.output.visible import visible

CELL = 48
"""Characters of a cell that a screen shows."""

_GAP = "  "
_WORD = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")


@dataclass(frozen=True)
class Table:
    """A finished table, and the columns for which there was no room."""

    text: str
    left_out: tuple[str, ...] = ()


def rows_of(value: Any) -> list[Any] | None:
    """The list that an answer is about: itself, or the first one under a key; None where it is about one thing."""
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping):
        return next((item for item in value.values() if isinstance(item, list)), None)
    return None


def table(value: Any, *, width: int | None = None, color: bool = False, columns: Sequence[str] = ()) -> Table:
    """
    A table of an answer: one line an item, or one line a key.

    Args:
        columns: what to show first; all else comes after it.
        width: columns of the screen; without it nothing is cut or left out.
    """
    rows = rows_of(value)
    if rows is None:
        return _pairs(value, width, color)
    records = [row if isinstance(row, Mapping) else {"value": row} for row in rows]
    names = sorted(_columns(records), key=lambda name: columns.index(name) if name in columns else len(columns))
    cells = {name: [_cell(_short(name, record.get(name))) for record in records] for name in names}
    names = [name for name in names if any(cells[name])]
    if width is not None:
        cells = {name: [_cut(cell, CELL) for cell in cells[name]] for name in names}
    widths = {name: max(map(_width, [name, *cells[name]])) for name in names}
    shown = list(names)
    while width is not None and len(shown) > 1 and _total(shown, widths) > width:
        shown.pop()
    lines = [_line([_bold(_pad(name, widths[name]), color) for name in shown])] if shown else []
    lines += [_line([_pad(cells[name][index], widths[name]) for name in shown]) for index in range(len(records))]
    return Table("".join(f"{line}\n" for line in lines), tuple(names[len(shown) :]))


def _pairs(value: Any, width: int | None, color: bool) -> Table:
    while isinstance(value, Mapping) and len(value) == 1 and isinstance(next(iter(value.values())), Mapping):
        value = next(iter(value.values()))
    if not isinstance(value, Mapping):
        return Table(f"{_cell(value)}\n")
    room = max((_width(str(key)) for key in value), default=0)
    cut = None if width is None else max(CELL, width - room - len(_GAP))
    lines = [
        _line([_bold(_pad(str(key), room), color), _cell(item) if cut is None else _cut(_cell(item), cut)])
        for key, item in value.items()
    ]
    return Table("".join(f"{line}\n" for line in lines))


def _columns(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """In the order they come; what has parts of its own last."""
    names = list(dict.fromkeys(str(name) for record in records for name in record))
    nested = {name for name in names if any(isinstance(readable(record.get(name)), dict | list) for record in records)}
    return [name for name in names if name not in nested] + [name for name in names if name in nested]


def _short(name: str, value: Any) -> Any:
    """`GPU_TYPE_H200` under `gpuType` is `h200`, the way it may be typed, too; unspecified is nothing."""
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        return value
    kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
    _, found, rest = value.rpartition(f"{kind}_") if value.count(f"{kind}_") == 1 else ("", "", "")
    if not found or not rest:
        return value
    return "" if rest == "UNSPECIFIED" else rest.lower()


def _cell(value: Any) -> str:
    value = readable(value)
    if value is None:
        return ""
    if isinstance(value, str):
        return visible(value, lines=False)
    return dumps(value)


def _cut(text: str, room: int) -> str:
    if _width(text) <= room:
        return text
    kept, used = "", 0
    for character in text:
        used += _width(character)
        if used > room - 1:
            break
        kept += character
    return f"{kept}…"


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _pad(text: str, room: int) -> str:
    return text + " " * (room - _width(text))


def _bold(text: str, color: bool) -> str:
    return f"\033[1m{text}\033[0m" if color else text


def _line(cells: Sequence[str]) -> str:
    return _GAP.join(cells).rstrip()


def _total(names: Sequence[str], widths: Mapping[str, int]) -> int:
    return sum(widths[name] for name in names) + len(_GAP) * (len(names) - 1)
