"""Rows and columns that fit the screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tensormesh_cli.output.columns import CELL, GAP, LEAST, Column, cut_to, fitting, is_identifier, padded, text_width
from tensormesh_cli.output.control_characters import Painted, visible
from tensormesh_cli.output.readings import PER, priced, readable, since
from tensormesh_cli.values.json_text import dumps
from tensormesh_cli.values.money import amount, is_money, rounded
from tensormesh_cli.values.times import clock, day

MOST_COLUMNS = 200
"""More columns than anybody reads beside each other; those beyond are left out wherever the table goes."""

PRICES = f"Prices are {PER}."
KIND = "object"
"""The key under which inference hosts say of each model that it is a model."""

_WORD = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")


@dataclass(frozen=True)
class Table:
    """A finished table, the columns for which there was no room, and what has to be said about the rest."""

    text: str
    left_out: tuple[str, ...] = ()
    remark: str | None = None


def rows_of(value: Any) -> list[Any] | None:
    """The list that an answer is about: itself, or the first one under a key; None where it is about one thing."""
    if isinstance(value, list):
        return value
    if not isinstance(value, Mapping):
        return None
    lists = [item for item in value.values() if isinstance(item, list)]
    # Where things stand beside a list of their names, the things say more.
    return next((item for item in lists if item and isinstance(item[0], Mapping)), lists[0] if lists else None)


def thing_of(value: Any) -> Any:
    """What an answer is about that is about one thing: itself, or what its only key holds."""
    while isinstance(value, Mapping) and len(value) == 1:
        inner = next(iter(value.values()))
        if not isinstance(inner, Mapping) or is_money(inner):
            break
        value = inner
    return value


def table(
    value: Any, *, width: int | None = None, color: bool = False, columns: Sequence[str] = (), all_columns: bool = False
) -> Table:
    """
    A table of an answer: one line an item, or one line a key.

    Where there is no room for the ids of every item beside each other, each item is a few lines, one a key.

    Args:
        columns: what is worth showing, in this order; all else comes after it.
        width: columns of the screen; without it nothing is cut or shortened.
        all_columns: leave out none of `columns`.
    """
    rows = rows_of(value)
    if rows is None:
        return _pairs(value, width, color)
    records = [row if isinstance(row, Mapping) else {"value": row} for row in rows]
    names = sorted(_names(records), key=lambda name: columns.index(name) if name in columns else len(columns))
    names, beyond = names[:MOST_COLUMNS], names[MOST_COLUMNS:]
    every = _columns(records, names, columns, screen=width is not None, short=False)
    found = fitting(every, width)
    remark = None
    if (found is None or len(found) < len(every)) and any(priced(column.name) for column in every):
        every, remark = _columns(records, names, columns, screen=True, short=True), PRICES
        found = fitting(every, width)
    if found is None or (all_columns and len(found) < len(every)):
        return _stacked(every, width or 0, color, remark, beyond)
    shown = [column.shown(room) for column, room in found]
    lines = [_line(cells) for cells in zip(*shown, strict=True)]
    if lines:
        lines[0] = _line([_bold(column[0], color) for column in shown])
    left_out = _left_out(every, [column for column, _ in found], beyond)
    return Table(Painted("".join(f"{line}\n" for line in lines)), left_out, remark)


def _columns(
    records: Sequence[Mapping[str, Any]], names: Iterable[str], chosen: Sequence[str], *, screen: bool, short: bool
) -> list[Column]:
    """The columns that hold anything, by worth."""
    found = [
        Column(name, _heading(name, short=short), _cells(name, records, screen=screen), name in chosen)
        for name in names
        if not (screen and name == KIND)
    ]

    def worth(column: Column) -> tuple[int, ...]:
        if column.chosen:
            return 0, chosen.index(column.name)
        nested = any(isinstance(readable(record.get(column.name)), dict | list) for record in records)
        return (1, nested, column.constant, not is_identifier(column.name)) if screen else (1, nested)

    return sorted((column for column in found if any(column.cells)), key=worth)


def _stacked(every: Sequence[Column], width: int, color: bool, remark: str | None, beyond: Iterable[str]) -> Table:
    """One line a key, and an empty line between two items."""
    shown = [column for column in every if column.chosen] or every
    room = max(text_width(column.heading) for column in shown)
    cut = max(LEAST, width - room - len(GAP))
    blocks = []
    for index in range(len(shown[0].cells)):
        lines = [
            _line([_bold(padded(column.heading, room), color), cell if column.identifier else cut_to(cell, cut)])
            for column in shown
            if (cell := column.cells[index])
        ]
        blocks.append("".join(f"{line}\n" for line in lines))
    return Table(Painted("\n".join(blocks)), _left_out(every, shown, beyond), remark)


def _left_out(every: Iterable[Column], shown: Sequence[Column], beyond: Iterable[str]) -> tuple[str, ...]:
    names = {column.name for column in shown}
    return (
        *(column.heading for column in every if column.name not in names),
        *(_heading(name, short=True) for name in beyond),
    )


def _pairs(value: Any, width: int | None, color: bool) -> Table:
    value = thing_of(value)
    screen = width is not None
    if not isinstance(value, Mapping) or is_money(value):
        return Table(f"{_cell(value, screen=screen)}\n")
    shown = {_heading(str(key), short=False): (str(key), item) for key, item in value.items()}
    room = max(map(text_width, shown), default=0)
    cut = None if width is None else max(LEAST, width - room - len(GAP))
    lines = []
    for heading, (key, item) in shown.items():
        cell = _cell(_short(key, since(key, item) if screen else item), screen=screen)
        fits = cut is None or is_identifier(key)
        lines.append(_line([_bold(padded(heading, room), color), cell if fits else cut_to(cell, cut or 0)]))
    return Table(Painted("".join(f"{line}\n" for line in lines)))


def _heading(name: str, *, short: bool) -> str:
    """A key as a heading; a price says what it is for."""
    if what := priced(name):
        name = f"{what}/1M" if short else f"{what} {PER}"
    return visible(name, lines=False)


def _names(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """In the order they come."""
    return list(dict.fromkeys(str(name) for record in records for name in record))


def _cells(name: str, records: Sequence[Mapping[str, Any]], *, screen: bool) -> list[str]:
    values = [record.get(name) for record in records]
    if screen:
        values = [since(name, value) for value in values]
        days = [day(value) for value in values if value]
        if all(days):
            values = [day(value) for value in values]
    places = max((_places(value, screen) for value in values if is_money(value)), default=0)
    return [_cell(_short(name, _aligned(value, places)), screen=screen) for value in values]


def _places(value: Any, screen: bool) -> int:
    """How many decimals an amount is shown with."""
    try:
        number = amount(value)
    except (TypeError, ValueError):
        return 0
    text = f"{(rounded(number) if screen else number).normalize():f}"
    return max(2, len(text.partition(".")[2]))


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
    kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.rpartition(".")[2]).upper()
    _, found, rest = value.rpartition(f"{kind}_") if value.count(f"{kind}_") == 1 else ("", "", "")
    if not found or not rest:
        return value
    return "" if rest == "UNSPECIFIED" else rest.lower()


def _cell(value: Any, *, screen: bool = False) -> str:
    """
    One value as text.

    Args:
        screen: for somebody's eyes: times by the clock there, no items of a long list.
    """
    value = value if isinstance(value, str) else readable(value, screen=screen)
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, str):
        text = visible(value, lines=False)
        return (clock(text) or text) if screen else text
    text = dumps(value)
    return f"{len(value)} items" if screen and isinstance(value, list) and len(text) > CELL else text


def _bold(text: str, color: bool) -> str:
    return f"\033[1m{text}\033[0m" if color else text


def _line(cells: Sequence[str]) -> str:
    return GAP.join(cells).rstrip()
