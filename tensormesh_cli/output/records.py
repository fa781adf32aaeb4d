"""One line a record: CSV for spreadsheets, and JSON for programs that read line by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from tensormesh_cli.errors import CliError
from tensormesh_cli.output.control_characters import visible
from tensormesh_cli.output.table import rows_of, thing_of
from tensormesh_cli.values.json_text import dumps
from tensormesh_cli.values.money import amount, is_money, plain

MOST_COLUMNS = 2_000
"""More keys than a list of things has: as many items with a key of their own each would make a square of nothing."""


def to_jsonl(value: Any) -> str:
    """A line of JSON for each item of a list; one for all else."""
    return "".join(f"{dumps(row)}\n" for row in _records(value))


def to_csv(value: Any, columns: Sequence[str] = (), *, terminal: bool = False) -> str:
    """
    A line of headings, and one for each item. Every digit is as it came.

    An amount is a number under its key, with its currency beside it under `key.currencyCode`.

    Args:
        columns: what comes first.
        terminal: characters that nobody sees are spelt out, ends of lines among them.

    Raises:
        CliError: there are more keys than a table may have columns.
    """
    records = [_flat(row) for row in _records(value)]
    if terminal:
        records = [{_visible(name): _visible(cell) for name, cell in record.items()} for record in records]
    names = list(dict.fromkeys(name for record in records for name in record))
    if len(names) > MOST_COLUMNS:
        message = f"There are {len(names):,} different keys, and CSV has at most {MOST_COLUMNS:,} columns."
        raise CliError("protocol", message, "--output jsonl prints a line for each item, whatever its keys")
    names.sort(key=lambda name: _place(name, columns))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if names:
        writer.writerow(names)
    writer.writerows([record.get(name, "") for name in names] for record in records)
    return text.getvalue()


def _records(value: Any) -> list[Any]:
    rows = rows_of(value)
    return [thing_of(value)] if rows is None else rows


def _visible(text: str) -> str:
    return visible(text, lines=False)


def _place(name: str, columns: Sequence[str]) -> int:
    key = name.removesuffix(".currencyCode")
    return columns.index(key) if key in columns else len(columns)


def _flat(row: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, item in (row if isinstance(row, Mapping) else {"value": row}).items():
        if is_money(item):
            try:
                found[str(key)] = plain(amount(item))
                found[f"{key}.currencyCode"] = str(item.get("currencyCode") or "")
            except (TypeError, ValueError):
                found[str(key)] = dumps(item)
        elif item is None:
            found[str(key)] = ""
        else:
            found[str(key)] = item if isinstance(item, str) else dumps(item)
    return found
