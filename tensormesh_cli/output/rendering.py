"""Which form an answer takes, and its text in that form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tensormesh_cli.values.json_text import dumps

Format = Literal["text", "json", "jsonl", "yaml", "raw", "table", "csv"]
NAMED = 4
"""So many columns without room are named; the rest is counted."""

FORMATS: tuple[Format, ...] = ("text", "json", "jsonl", "yaml", "raw", "table", "csv")


@dataclass(frozen=True)
class Screen:
    """
    Where output goes, and how it is wanted.

    Attributes:
        format: what was asked for; None leaves it to us: on a terminal lists are tables, all else is text.
        width: columns of the terminal; None in a pipe, where nothing is cut.
    """

    format: Format | None = None
    terminal: bool = False
    color: bool = False
    width: int | None = None


@dataclass(frozen=True)
class Rendered:
    """Text for stdout, and a remark for whoever reads it on a screen."""

    text: str
    remark: str | None = None


def render(
    value: Any,
    screen: Screen,
    *,
    raw: str | None = None,
    words: str | None = None,
    rows: Any = None,
    records: Any = None,
    columns: Sequence[str] = (),
    all_columns: bool = False,
) -> Rendered:
    """
    The text of an answer.

    Args:
        value: the answer as plain JSON values.
        raw: what `raw` prints instead: the answer as it came.
        words: what `text` prints instead: the answer as sentences.
        rows: what `table` prints instead.
        records: what `jsonl` and `csv` print instead; `rows` if they have what there is to say.
        columns: what a table shows first.
        all_columns: of these a table leaves none out.
    """
    match screen.format:
        case "json":
            return Rendered(f"{dumps(value, indent=2)}\n")
        case "raw":
            return Rendered(_ended(raw if raw is not None else dumps(value)))
        case "yaml":
            from tensormesh_cli.output.yaml_text import to_yaml

            return Rendered(to_yaml(value))
        case "jsonl" | "csv" as form:
            from tensormesh_cli.output.records import to_csv, to_jsonl

            things = next((item for item in (records, rows) if item is not None), value)
            return Rendered(
                to_jsonl(things) if form == "jsonl" else to_csv(things, columns, terminal=screen.terminal), _page(value)
            )
        case "table":
            return _table(value if rows is None else rows, screen, columns, all_columns)
    if words is not None:
        return Rendered(_ended(words))
    if screen.format is None and screen.terminal:
        from tensormesh_cli.output.table import rows_of

        if _is_void(value):
            return Rendered("Done.\n")
        if rows_of(value) is not None:
            return _table(value, screen, columns, all_columns)
    from tensormesh_cli.output.yaml_text import to_text

    return Rendered(to_text(value, color=screen.color, screen=screen.terminal))


def _table(value: Any, screen: Screen, columns: Sequence[str], all_columns: bool) -> Rendered:
    from tensormesh_cli.output.table import rows_of, table

    made = table(value, width=screen.width, color=screen.color, columns=columns, all_columns=all_columns)
    remarks = []
    if rows_of(value) == []:
        remarks.append("There are none.")
    if made.left_out:
        remarks.append(no_room(made.left_out, "text"))
    if made.remark:
        remarks.append(made.remark)
    if page := _page(value):
        remarks.append(page)
    return Rendered(made.text, " ".join(remarks) or None)


def no_room(columns: Sequence[str], form: str) -> str:
    """That columns were left out of a table, and which --output shows them."""
    more = len(columns) - NAMED
    what = ", ".join(columns[:NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"No room for {what}: --output {form} shows all."


def _page(value: Any) -> str | None:
    """What else there is of a list that comes in pages."""
    if not isinstance(value, dict):
        return None
    if value.get("nextPageToken"):
        return "There are more: --all lists them."
    try:
        page, size, total = (int(value.get(key) or 0) for key in ("page", "size", "total"))
    except (TypeError, ValueError):
        return None
    return f"Page {page} of {-(-total // size)}: --all lists all {total}." if 0 < page * size < total else None


def _is_void(value: Any) -> bool:
    return value in ({}, {"empty": {}}, {"empty": None})


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else type(text)(f"{text}\n")
