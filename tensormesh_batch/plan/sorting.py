"""Rows in the order of their marks, for more of them than there is memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from tensormesh_batch.plan.record import Record, signed


class Sorter:
    """
    Rows that come in the order of the input, and go in another.

    Args:
        rows: a database of its own.
    """

    def __init__(self, rows: sqlite3.Connection) -> None:
        self._rows = rows
        self._rows.execute(
            "CREATE TABLE line (number INTEGER PRIMARY KEY, key INTEGER, name INTEGER, offset INTEGER, length INTEGER,"
            " marks BLOB)"
        )

    def add(self, rows: Iterable[tuple[int, int, int, int, int, bytes]]) -> None:
        """Rows as number, key, hash of the custom_id, offset, length and marks."""
        stored = ((n, signed(key), signed(name), *rest) for n, key, name, *rest in rows)
        self._rows.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)", stored)

    def same_name(self) -> tuple[int, int] | None:
        """The numbers of two rows with the same custom_id, if there are such."""
        found = self._rows.execute(
            "SELECT min(number), max(number) FROM line GROUP BY name HAVING count(*) > 1 LIMIT 1"
        )
        row = found.fetchone()
        return (row[0], row[1]) if row else None

    def in_order(self, *, by_marks: bool) -> Iterator[tuple[Record, bytes]]:
        """The rows without whom they wait for, and their marks."""
        order = "marks, number" if by_marks else "number"
        for key, offset, number, length, marks in self._rows.execute(
            f"SELECT key, offset, number, length, marks FROM line ORDER BY {order}"  # noqa: S608  (one of two words)
        ):
            yield Record(key & 0xFFFFFFFFFFFFFFFF, offset, number, length, 0, 0), marks
