"""
Logins on their way: started by a command line, decided in a browser, collected once.

The command line holds the secret code; the address it prints holds another,
short one, which decides nothing without the form it leads to.
"""

import secrets
import sqlite3

from tensormesh_local.control_plane import chosen
from tensormesh_local.control_plane.moments import SECOND, Moment
from tensormesh_local.control_plane.tokens import digest

# No vowels, so that no word comes out, and nothing that looks like something else.
_LETTERS = "BCDFGHJKMPQRSTVWXZ"


def start(db: sqlite3.Connection, now: Moment) -> tuple[str, str]:
    """Begin a login; gives the secret code and the short one."""
    code = f"cli-{secrets.token_urlsafe(24)}"
    halves = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(2))
    user_code = "-".join(halves)
    db.execute(
        "INSERT INTO logins (code_digest, user_code, form_token, state, expires_at) VALUES (?, ?, ?, 'waiting', ?)",
        (digest(code), user_code, secrets.token_urlsafe(24), now + chosen.LOGIN_SECONDS * SECOND),
    )
    return code, user_code


def by_code(db: sqlite3.Connection, code: str) -> sqlite3.Row | None:
    """Find a login by its secret code."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM logins WHERE code_digest = ?", (digest(code),)).fetchone()
    return row


def by_user_code(db: sqlite3.Connection, user_code: str) -> sqlite3.Row | None:
    """Find a login by its short code, in capitals or not."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM logins WHERE user_code = ?", (user_code.upper(),)).fetchone()
    return row


def has_expired(row: sqlite3.Row, now: Moment) -> bool:
    """Tell whether a login is too old to be decided or collected."""
    return bool(row["expires_at"] <= now)


def decide(db: sqlite3.Connection, row: sqlite3.Row, user_id: str | None) -> None:
    """Approve a waiting login as a user, or deny it."""
    db.execute(
        "UPDATE logins SET state = ?, user_id = ? WHERE code_digest = ?",
        ("denied" if user_id is None else "approved", user_id, row["code_digest"]),
    )


def collect(db: sqlite3.Connection, row: sqlite3.Row) -> None:
    """Note that the tokens of a login were handed out."""
    db.execute("UPDATE logins SET state = 'collected' WHERE code_digest = ?", (row["code_digest"],))
