"""Rows and columns that fit the screen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tensormesh_cli.output.control_characters import Painted, visible
from tensormesh_cli.output.yaml_text import readable
from tensormesh_cli.values.json_text import dumps
from tensormesh_cli.values.money import amount, is_money

MOST_COLUMNS = 200
"""More columns than anybody reads beside each other; those beyond are left out wherever the table goes."""

CELL = 48
"""Columns of the screen that a cell takes at most, where not all of every cell fits."""

LEAST = 12
"""So much of a sentence is worth showing."""

_GAP = "  "
_WORD = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?( [A-Z]{3})?")
_FRACTION = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Table:
    """A finished table, and the columns for which there was no room."""

    text: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Column:
    name: str
    cells: Sequence[str]

    @cached_property
    def width(self) -> int:
        return max(map(_width, [self.name, *self.cells]))

    @cached_property
    def numbers(self) -> bool:
        return all(_NUMBER.fullmatch(cell) for cell in self.cells if cell)

    @property
    def sentences(self) -> bool:
        return not self.numbers and any(" " in cell for cell in self.cells)

    def shown(self, width: int) -> list[str]:
        """Heading and cells, each as wide as `width`; numbers stand to the right."""
        cut = [_cut(cell, width) for cell in (self.name, *self.cells)]
        return [_pad(cell, width, right=self.numbers) for cell in cut]


def rows_of(value: Any) -> list[Any] | None:
    """The list that an answer is about: itself, or the first one under a key; None where it is about one thing."""
    if isinstance(value, list):
        return value
    if not isinstance(value, Mapping):
        return None
    lists = [item for item in value.values() if isinstance(item, list)]
    # Where things stand beside a list of their names, the things say more.
    return next((item for item in lists if item and isinstance(item[0], Mapping)), lists[0] if lists else None)


def table(value: Any, *, width: int | None = None, color: bool = False, columns: Sequence[str] = ()) -> Table:
    """
    A table of an answer: one line an item, or one line a key.

    Args:
        columns: what to show first; all else comes after it.
        width: columns of the screen; without it nothing is cut or shortened.
    """
    rows = rows_of(value)
    if rows is None:
        return _pairs(value, width, color)
    records = [row if isinstance(row, Mapping) else {"value": row} for row in rows]
    names = sorted(_names(records), key=lambda name: columns.index(name) if name in columns else len(columns))
    names, beyond = names[:MOST_COLUMNS], names[MOST_COLUMNS:]
    every = [_Column(_shown(name), _cells(name, records, screen=width is not None)) for name in names]
    every = [column for column in every if any(column.cells)]
    widths = _widths(every, width)
    shown = [column.shown(room) for column, room in zip(every, widths, strict=False)]
    lines = [_line(cells) for cells in zip(*shown, strict=True)]
    if lines:
        lines[0] = _line([_bold(column[0], color) for column in shown])
    left_out = (*(column.name for column in every[len(widths) :]), *map(_shown, beyond))
    return Table(Painted("".join(f"{line}\n" for line in lines)), left_out)


def _widths(columns: Sequence[_Column], width: int | None) -> list[int]:
    """The widths of the columns from the left that are shown."""
    whole = [column.width for column in columns]
    if width is None or _total(whole) <= width:
        return whole
    found = [min(wanted, CELL) for wanted in whole]
    while len(found) > 1 and _total(found) > width:
        found.pop()
    room = width - _total(found)
    if room < 0:
        return [width]
    if len(found) < len(columns) and columns[len(found)].sentences and room - len(_GAP) >= LEAST:
        found.append(min(whole[len(found)], room - len(_GAP)))
        room = width - _total(found)
    for index, wanted in enumerate(whole[: len(found)]):
        more = min(wanted - found[index], room)
        found[index] += more
        room -= more
    return found


def _pairs(value: Any, width: int | None, color: bool) -> Table:
    while isinstance(value, Mapping) and len(value) == 1 and isinstance(next(iter(value.values())), Mapping):
        value = next(iter(value.values()))
    if not isinstance(value, Mapping):
        return Table(f"{_cell(value)}\n")
    room = max((_width(_shown(key)) for key in value), default=0)
    cut = None if width is None else max(LEAST, width - room - len(_GAP))
    lines = []
    for key, item in value.items():
        cell = _cell(_short(str(key), item))
        lines.append(_line([_bold(_pad(_shown(key), room), color), cell if cut is None else _cut(cell, cut)]))
    return Table(Painted("".join(f"{line}\n" for line in lines)))


def _shown(name: Any) -> str:
    """A key as a heading."""
    return visible(str(name), lines=False)


def _names(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """In the order they come; what has parts of its own last."""
    names = list(dict.fromkeys(str(name) for record in records for name in record))
    nested = {
        str(name) for record in records for name, value in record.items() if isinstance(readable(value), dict | list)
    }
    return [name for name in names if name not in nested] + [name for name in names if name in nested]


def _cells(name: str, records: Sequence[Mapping[str, Any]], *, screen: bool) -> list[str]:
    values = [record.get(name) for record in records]
    amounts = [str(readable(value)).partition(" ")[0] for value in values if is_money(value)]
    places = max((len(text.partition(".")[2]) for text in amounts), default=0)
    return [_cell(_short(name, _aligned(value, places)), screen=screen) for value in values]


def _aligned(value: Any, places: int) -> Any:
    """An amount with as many decimals as the others of its column."""
    if not is_money(value):
        return value
    try:
        return f"{amount(value):.{places}f} {value.get('currencyCode') or ''}".rstrip()
    except (TypeError, ValueError):
        return value


def _short(name: str, value: Any) -> Any:
    """`GPU_TYPE_H200` under `gpuType` is `h200`, the way it may be typed, too; unspecified is nothing."""
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        return value
    kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
    _, found, rest = value.rpartition(f"{kind}_") if value.count(f"{kind}_") == 1 else ("", "", "")
    if not found or not rest:
        return value
    return "" if rest == "UNSPECIFIED" else rest.lower()


def _cell(value: Any, *, screen: bool = False) -> str:
    """
    One value as text.

    Args:
        screen: leave out what nobody reads there: parts of a second, items of a long list.
    """
    value = readable(value)
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, str):
        text = visible(value, lines=False)
        return _FRACTION.sub(r"\1\2", text) if screen else text
    text = dumps(value)
    return f"{len(value)} items" if screen and isinstance(value, list) and len(text) > CELL else text


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


def _pad(text: str, room: int, *, right: bool = False) -> str:
    gap = " " * (room - _width(text))
    return f"{gap}{text}" if right else f"{text}{gap}"


def _bold(text: str, color: bool) -> str:
    return f"\033[1m{text}\033[0m" if color else text


def _line(cells: Sequence[str]) -> str:
    return _GAP.join(cells).rstrip()


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)
