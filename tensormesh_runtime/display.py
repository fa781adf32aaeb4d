"""How a model looks where people look at it: on one line, in a notebook, as a table. Secrets are never shown."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

SHOWN_TEXT = 200
"""Characters of a text that are shown: what a model wrote may be pages."""
SHOWN_ITEMS = 6
SHOWN_DEPTH = 5
SHOWN_ROWS = 60
JSON_ENCODER = "json.encoder"


class ModelName(str):
    """
    The name of a model. The standard library's `json` says of what it cannot write just that: here it says more.

    It offers no other place for advice: it asks an object for nothing before it gives up.
    """

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        plain = str.__format__(self, spec)
        if sys._getframe(1).f_globals.get("__name__") != JSON_ENCODER:
            return plain
        return f"{plain} (it has to_json(); within other data use to_dict(), or json.dumps(..., default=dict))"


class _Verbatim(str):
    """What stands for a value, and is no text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


SECRET = _Verbatim("***")


def fields_shown(model: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a model that say something, and what is shown of each: no secret, and not all of what is long."""
    for name, value, secret in model._shown():
        if value is not None:
            yield name, SECRET if secret and value else _short(value)


def one_line(model: Any, depth: int = SHOWN_DEPTH) -> str:
    """The `repr` of a model, however much it holds."""
    if depth == 0:
        return f"{type(model).__name__}(...)"
    return (
        f"{type(model).__name__}({', '.join(f'{name}={_inside(value, depth)}' for name, value in fields_shown(model))})"
    )


def pretty(model: Any, printer: Any, cycle: bool) -> None:
    """What IPython shows of a model: a line where it fits, else a line for each field."""
    if cycle:
        printer.text(f"{type(model).__name__}(...)")
        return
    with printer.group(4, f"{type(model).__name__}(", ")"):
        for index, (name, value) in enumerate(fields_shown(model)):
            if index:
                printer.text(",")
                printer.breakable()
            else:
                printer.breakable("")
            printer.text(f"{name}=")
            printer.pretty(value)


class PrettyRepr:
    """`_repr_pretty_` of models. Some tools (Hypothesis) ask a class for it as they ask an instance."""

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        if instance is not None:
            return partial(pretty, instance)
        return lambda *given: pretty(*given) if len(given) == 3 else given[0].text(repr(owner))


def as_table(items: Sequence[Any], more: bool) -> str | None:
    """A list of models as HTML; None where it is one of something else. A column for each field that is no object."""
    rows = [dict(fields_shown(item)) for item in items[:SHOWN_ROWS] if hasattr(item, "_shown")]
    if not rows or len(rows) < len(items[:SHOWN_ROWS]):
        return None
    names = list(dict.fromkeys(name for row in rows for name in row if name != "additional_properties"))
    columns = [name for name in names if not any(isinstance(row.get(name), list | Mapping) for row in rows)]
    lines = [_row("th", columns), *(_row("td", [_cell(row.get(name, "")) for name in columns]) for row in rows)]
    left = len(items) - len(rows)
    notes = [f"{left} more" if left else "", "more pages" if more else ""]
    note = f"<p>... {' and '.join(filter(None, notes))}</p>" if any(notes) else ""
    return f"<table>{''.join(lines)}</table>{note}"


def _row(tag: str, cells: Sequence[str]) -> str:
    from html import escape

    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _cell(value: Any) -> str:
    # Text without its quotes, an amount as people write it.
    return value.strip("'") if isinstance(value, _Verbatim) else str(value)


def _short(value: Any, depth: int = SHOWN_DEPTH) -> Any:
    """A value of which only so much is shown, however long or deep it is."""
    if type(value) is str and len(value) > SHOWN_TEXT:
        return _Verbatim(f"{value[:SHOWN_TEXT]!r}... ({len(value)} characters)")
    if not isinstance(value, list | dict):
        return value
    if depth == 0:
        return _Verbatim("...")
    left = len(value) - SHOWN_ITEMS
    if isinstance(value, list):
        items = [_short(item, depth - 1) for item in value[:SHOWN_ITEMS]]
        return [*items, _Verbatim(f"... {left} more")] if left > 0 else items
    kept = {key: _short(value[key], depth - 1) for key in islice(value, SHOWN_ITEMS)}
    return kept | {_Verbatim("..."): _Verbatim(f"{left} more")} if left > 0 else kept


def _inside(value: Any, depth: int) -> str:
    if depth == 0:
        return "..."
    if hasattr(value, "_shown"):
        return one_line(value, depth - 1)
    if type(value) is list:
        return "[" + ", ".join(_inside(item, depth - 1) for item in value) + "]"
    if type(value) is dict:
        return "{" + ", ".join(f"{key!r}: {_inside(item, depth - 1)}" for key, item in value.items()) + "}"
    return repr(value)
