"""
Lists a page at a time, in both styles of the document.

Numbered pages count from 1 and know their total; a page beyond the last is
empty. Token pages go on after the last entry shown, so that entries added
meanwhile neither repeat nor hide any.
"""

import base64
import binascii
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from tensormesh_documents.json_types import Json
from tensormesh_local.control_plane import chosen
from tensormesh_local.control_plane.arguments import Arguments
from tensormesh_local.control_plane.failure import Failure, invalid


def _size(arguments: Arguments, name: str) -> int:
    return min(arguments.count(name) or chosen.PAGE_SIZE, chosen.LARGEST_PAGE)


@dataclass(frozen=True, slots=True)
class NumberedPage:
    """Rows of one page, and how many there are on all."""

    rows: list[sqlite3.Row]
    number: int
    size: int
    total: int


def numbered_page(
    db: sqlite3.Connection, arguments: Arguments, query: str, values: Sequence[str | int]
) -> NumberedPage:
    """
    Cut the page that `page` and `size` ask for out of a query.

    Raises:
        Failure: when either is negative.
    """
    number, size = arguments.count("page") or 1, _size(arguments, "size")
    total = db.execute(f"SELECT count(*) FROM ({query})", values).fetchone()[0]  # noqa: S608 - our own queries
    rows = db.execute(f"{query} LIMIT ? OFFSET ?", (*values, size, (number - 1) * size)).fetchall()
    return NumberedPage(rows, number, size, total)


def token_page(
    db: sqlite3.Connection, arguments: Arguments, query: str, values: Sequence[str | int], scope: str
) -> tuple[list[sqlite3.Row], str]:
    """
    Cut the page that `pageSize` and `pageToken` ask for out of a query, newest entries first.

    Args:
        db: the database.
        arguments: what the caller sent.
        query: a query with the columns `created_at` and `number` and a WHERE clause.
        values: the values of the query.
        scope: what the list is about; a token works for no other list.

    Returns:
        The rows and the token of the next page, "" on the last.

    Raises:
        Failure: when the token was not given out for this list, or the size is negative.
    """
    size, token = _size(arguments, "pageSize"), arguments.text("pageToken")
    if token:
        query += " AND (created_at, number) < (?, ?)"
        values = (*values, *_read_token(token, scope))
    order = " ORDER BY created_at DESC, number DESC LIMIT ?"
    rows = db.execute(query + order, (*values, size + 1)).fetchall()
    if len(rows) <= size:
        return rows, ""
    last = rows[size - 1]
    return rows[:size], _write_token([last["created_at"], last["number"], scope])


def _write_token(place: list[Json]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def _read_token(token: str, scope: str) -> tuple[int, int]:
    try:
        padded = token + "=" * (-len(token) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as exc:
        raise _bad_token() from exc
    match place:
        case [int(created_at), int(number), str(found)] if found == scope and max(abs(created_at), abs(number)) < 2**63:
            return created_at, number
        case _:
            raise _bad_token()


def _bad_token() -> Failure:
    return invalid("pageToken", "is not the nextPageToken of a page of this list; start without one")
