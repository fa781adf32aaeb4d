"""A table as an input: a request for each of its rows, one at a time."""

from __future__ import annotations

import csv
import gzip
import os
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from tensormesh_batch.errors import InputError
from tensormesh_batch.rows.line import NO_REQUEST
from tensormesh_batch.rows.source import TABLES, check_there, is_table
from tensormesh_batch.rows.template import Template, described, names

NAMING = ("custom_id", "id")
"""The columns that name a row, the better one first."""

PROMPT = "prompt"
"""The column that is sent as it is where there is no template."""

_LONGEST_CELL = 64 << 20
_AT_ONCE = 1_000
_DELIMITERS = ",;\t|"
"""The one that stands most often in the heading parts the columns; the first of those that stand as often."""

_QUOTED = re.compile(r'"[^"]*"')


class Table:
    """
    The requests that a CSV or Parquet file makes, to be handed to `run`. May be gone through several times.

    A row that makes no request stands for a line that is none: it is refused, or set aside, with its number.

    Args:
        path: `.csv`, `.tsv` (both may be `.gz`) or `.parquet`, which needs the extra `parquet`.
        template: a text such as `Summarise: {text}`, with names of columns in braces; or a function from a row to a
            text or the body of a request. Without one, the column `prompt` is what is sent.
        system: a system message for each request that is made of a text.

    Raises:
        InputError: there is no such file, or its columns do not fit.
    """

    def __init__(self, path: str | os.PathLike[str], template: Template = None, *, system: str | None = None) -> None:
        self._path = Path(path)
        self._template: Template = f"{{{PROMPT}}}" if template is None else template
        self._given = template is not None
        self._system = system
        check_there(self._path)
        if not is_table(self._path):
            raise InputError(f"{self._path} is no table: its name ends with none of {', '.join(TABLES)}")

    def __iter__(self) -> Iterator[dict[str, Any]]:
        rows = self._parquet() if self._path.suffix.lower() == ".parquet" else self._csv()
        for number, row in enumerate(rows, 1):
            try:
                yield described(_name(row, number), self._checked(row), self._template, self._system)
            except ValueError as error:
                yield {NO_REQUEST: f"row {number}: {error}"}

    def _checked(self, row: Mapping[str, Any] | ValueError) -> Mapping[str, Any]:
        if isinstance(row, ValueError):
            raise row
        if isinstance(self._template, str):
            empty = sorted(name for name in names(self._template) if row[name] is None)
            if empty:
                raise ValueError(f"column {empty[0]!r} has no value")
            if not self._given and not str(row[PROMPT]).strip():
                raise ValueError(f"column {PROMPT!r} is empty")
        return row

    def _needed(self, columns: Sequence[str]) -> list[str] | None:
        """The columns that are looked at; None for all."""
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise InputError(f"{self._path} has two columns {twice[0]!r}; rename one")
        if not isinstance(self._template, str):
            return None
        try:
            wanted = names(self._template)
        except ValueError as error:
            raise InputError(str(error)) from error
        if missing := sorted(wanted.difference(columns)):
            known = ", ".join(columns)
            if not self._given:
                raise InputError(
                    f"{self._path} has no column {PROMPT!r}, so say by a template (--prompt) what is sent, such as "
                    f"{{{columns[0] if columns else 'text'}}}; its columns: {known}"
                )
            raise InputError(
                f"the template names {missing[0]!r}, and the columns of {self._path} are: {known}. Braces that mean "
                "themselves are {{ and }}"
            )
        return [name for name in columns if name in wanted or name in NAMING]

    def _csv(self) -> Iterator[Mapping[str, Any] | ValueError]:
        csv.field_size_limit(_LONGEST_CELL)
        try:
            with self._opened() as file:
                heading = file.readline()
                file.seek(0)
                reader = csv.reader(file, delimiter=self._delimiter(heading), strict=True)
                columns = next(reader, [])
                self._needed(columns)
                yield from self._cells(reader, columns)
        except UnicodeDecodeError as error:
            raise InputError(f"{self._path} is not UTF-8; save it as that") from error
        except csv.Error as error:
            raise InputError(f"{self._path} is no CSV: {error}") from error
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{self._path} cannot be read: {error}") from error

    def _cells(self, reader: Any, columns: Sequence[str]) -> Iterator[Mapping[str, Any] | ValueError]:
        try:
            for cells in reader:
                if len(cells) == len(columns):
                    yield dict(zip(columns, cells, strict=True))
                elif cells:  # else it is a blank line
                    yield ValueError(f"it has {len(cells)} values, and the table {len(columns)} columns")
        except csv.Error as error:
            raise InputError(f"{self._path} is no CSV: line {reader.line_num}: {error}") from error

    def _opened(self) -> TextIO:
        if self._path.suffix.lower() == ".gz":
            return gzip.open(self._path, "rt", encoding="utf-8-sig", newline="")
        return self._path.open(encoding="utf-8-sig", newline="")

    def _delimiter(self, heading: str) -> str:
        if ".tsv" in self._path.suffixes[-2:]:
            return "\t"
        bare = _QUOTED.sub("", heading)
        return max(_DELIMITERS, key=bare.count)

    def _parquet(self) -> Iterator[Mapping[str, Any]]:
        try:
            parquet: Any = import_module("pyarrow.parquet")
            arrow: Any = import_module("pyarrow")
        except ImportError as error:
            raise InputError("to read Parquet needs pyarrow: pip install pyarrow") from error
        try:
            with parquet.ParquetFile(self._path) as file:
                wanted = self._needed(list(file.schema_arrow.names))
                for some in file.iter_batches(batch_size=_AT_ONCE, columns=wanted):
                    yield from some.to_pylist()
        except (OSError, arrow.ArrowException) as error:
            raise InputError(f"{self._path} cannot be read: {error}") from error


def _name(row: Mapping[str, Any] | ValueError, number: int) -> str:
    """What a row is called: as its column says, else by its number."""
    if not isinstance(row, ValueError):
        for column in NAMING:
            if column in row:
                if row[column] in (None, ""):
                    raise ValueError(f"column {column!r} has no value")
                return str(row[column])
    return f"row-{number}"
