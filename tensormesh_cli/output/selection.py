"""Parts of an answer: what a query finds in it, and the columns of its items that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from tensormesh_cli.errors import CliError
from tensormesh_cli.output.rendering import Screen
from tensormesh_cli.output.table import rows_of, thing_of
from tensormesh_cli.values.json_text import dumps

# The library goes by the name of a type, and knows those of Python alone.
_Digits: Any = type("float", (float,), {"__doc__": "A fraction that remembers its digits."})


class Selected(NamedTuple):
    """What is wanted of an answer, how it is printed, and what has to be said about it."""

    value: Any
    screen: Screen
    forms: dict[str, Any]
    remark: str | None = None


class Selection(NamedTuple):
    """
    What of an answer is wanted.

    Attributes:
        query: a compiled JMESPath expression.
        columns: keys of the items, `a.b` for one below another.
    """

    query: Any = None
    columns: tuple[str, ...] = ()

    def found(self, value: Any) -> Any:
        """What the query finds; the value itself without one."""
        return _exact(self.query.search(_queried(value))) if self.query is not None else value


def compiled(text: str) -> Any:
    """
    A query.

    Raises:
        ValueError: it is none; its words say where.
    """
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.compile(text)
    except JMESPathError as error:
        raise ValueError(str(error)) from error


def selected(selection: Selection, value: Any, screen: Screen, forms: dict[str, Any]) -> Selected:
    """
    What is wanted of an answer.

    Raises:
        CliError: the query does not fit it, or none of its items has a column.
    """
    remark = None
    if selection.query is not None:
        value = searched(selection, value)
        forms = _plainly(value)
        remark = "The query found nothing." if value is None else None
    if not selection.columns or not isinstance(value, Mapping | list):
        return Selected(value, screen, forms, remark)
    rows = rows_of(next((item for item in (forms.get("records"), forms.get("rows")) if item is not None), value))
    if rows is not None:
        value = projected(rows, selection.columns)
    else:
        value, remark = _parts(thing_of(value), selection.columns)
    names = list(dict.fromkeys(name for row in value for name in row)) if isinstance(value, list) else list(value)
    return Selected(
        value, replace(screen, format=screen.format or "table"), {"columns": names, "all_columns": True}, remark
    )


def _parts(thing: Mapping[str, Any], columns: Sequence[str]) -> tuple[dict[str, Any], str | None]:
    """The columns of one thing. It may be what an act has left, and shown once: a slip in a name must not hide it."""
    names = [_spelt(name, list(thing)) for name in columns]
    there = {name: _at(thing, name) for name in names if _has(thing, name)}
    missing = [name for name in names if name not in there]
    if not missing:
        return there, None
    return there or dict(thing), f"There is no column {', '.join(map(repr, missing))}: there are {', '.join(thing)}."


def _plainly(value: Any) -> dict[str, Any]:
    """Texts without quotes, a line each."""
    if isinstance(value, Mapping) or value is None:
        return {} if value is not None else {"raw": "", "words": ""}
    if isinstance(value, list):
        texts = value and all(isinstance(item, str) for item in value)
        return {"words": "".join(f"{item}\n" for item in value)} if texts else {}
    text = value if isinstance(value, str) else dumps(value)
    return {"raw": text, "words": text}


def searched(selection: Selection, value: Any) -> Any:
    """
    What the query of a selection finds.

    Raises:
        CliError: it asks for what cannot be done with this answer.
    """
    from jmespath.exceptions import JMESPathError

    try:
        return selection.found(value)
    except (JMESPathError, TypeError, ValueError, ArithmeticError) as error:
        raise CliError("input", f"The query does not fit the answer: {error}", "--output json shows the answer") from (
            error
        )


def projected(rows: Sequence[Any], columns: Sequence[str]) -> list[dict[str, Any]]:
    """
    The rows with these columns only.

    Raises:
        CliError: none of the rows has one of them.
    """
    records = [row if isinstance(row, Mapping) else {"value": row} for row in rows]
    known = list(dict.fromkeys(str(key) for record in records for key in record))
    names = [_spelt(name, known) for name in columns]
    for name in names if records else ():
        if not any(_has(record, name) for record in records):
            raise CliError("input", f"There is no column {name!r}.", f"there are {', '.join(known)}")
    return [{name: _at(record, name) for name in names} for record in records]


def _spelt(name: str, known: Sequence[str]) -> str:
    """A column as the answer spells it, whatever case it was typed in."""
    alike = [key for key in known if key.lower() == name.lower()]
    return alike[0] if len(alike) == 1 and name not in known else name


def _has(record: Any, name: str) -> bool:
    if not isinstance(record, Mapping):
        return False
    first, _, rest = name.partition(".")
    return name in record or (bool(rest) and _has(record.get(first), rest))


def _at(record: Any, name: str) -> Any:
    if not isinstance(record, Mapping):
        return None
    if name in record:
        return record[name]
    first, _, rest = name.partition(".")
    return _at(record.get(first), rest) if rest else None


def _queried(value: Any) -> Any:
    if isinstance(value, Decimal):
        made = _Digits(value)
        made.digits = value
        return made
    if isinstance(value, Mapping):
        return {key: _queried(item) for key, item in value.items()}
    return [_queried(item) for item in value] if isinstance(value, list | tuple) else value


def _exact(value: Any) -> Any:
    if isinstance(value, _Digits):
        return value.digits
    if isinstance(value, Mapping):
        return {key: _exact(item) for key, item in value.items()}
    return [_exact(item) for item in value] if isinstance(value, list) else value
