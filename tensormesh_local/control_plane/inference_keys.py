"""
The keys that inference accepts, and why it refuses one.

There are two kinds: API keys, which open both surfaces, and the key of a
deployment, which opens on-demand.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from tensormesh_local.accounts import Key
from tensormesh_local.control_plane.moments import Moment, stamp


@dataclass(frozen=True, slots=True)
class NewKey:
    """An API key as it is created."""

    key: str = field(repr=False)
    user_id: str
    name: str
    scopes: Sequence[str] = ()
    expires_at: Moment | None = None


def add_key(db: sqlite3.Connection, new: NewKey, at: Moment) -> None:
    """
    Let an API key in.

    Raises:
        sqlite3.IntegrityError: when there is such a key, be it a deleted one.
    """
    db.execute(
        "INSERT INTO api_keys (key, user_id, name, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        (new.key, new.user_id, new.name, json.dumps([*new.scopes]), at, new.expires_at),
    )


def find_key(db: sqlite3.Connection, key: str, now: Moment) -> Key | None:
    """Look a key up; one that no longer opens anything says why."""
    row = db.execute("SELECT * FROM api_keys WHERE key = ?", (key,)).fetchone()
    if row is not None:
        return Key(row["user_id"], problem=_problem(row, now))
    row = db.execute(
        "SELECT * FROM deployments WHERE api_key = ? ORDER BY deleted_at IS NOT NULL LIMIT 1", (key,)
    ).fetchone()
    if row is None:
        return None
    gone = f"the deployment {row['name']} of this key was torn down"
    return Key(row["user_id"], row["name"], None if row["deleted_at"] is None else gone)


def _problem(row: sqlite3.Row, now: Moment) -> str | None:
    if row["deleted_at"] is not None:
        return f"this API key was deleted on {stamp(row['deleted_at'])}"
    if row["expires_at"] is not None and row["expires_at"] <= now:
        return f"this API key expired on {stamp(row['expires_at'])}"
    return None
