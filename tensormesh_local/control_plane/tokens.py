"""
Control-plane tokens: pairs of a short access token and a refresh token that works once.

Only digests are kept. The token the host hands out when it starts is an access
token without an end.
"""

import hashlib
import secrets
import sqlite3

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.control_plane import chosen
from tensormesh_local.control_plane.failure import unauthenticated
from tensormesh_local.control_plane.inference_keys import find_key
from tensormesh_local.control_plane.moments import SECOND, Moment


def digest(secret: str) -> str:
    """Give what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def keep(db: sqlite3.Connection, kind: str, token: str, user_id: str, expires_at: Moment | None) -> None:
    """Let a token in."""
    db.execute(
        "INSERT OR REPLACE INTO tokens (digest, kind, user_id, expires_at) VALUES (?, ?, ?, ?)",
        (digest(token), kind, user_id, expires_at),
    )


def issue(db: sqlite3.Connection, user_id: str, now: Moment) -> JsonObject:
    """Make a new pair for a user."""
    access, refresh = (f"{kind}-local-{secrets.token_urlsafe(24)}" for kind in ("cp", "rt"))
    keep(db, "access", access, user_id, now + chosen.ACCESS_TOKEN_SECONDS * SECOND)
    keep(db, "refresh", refresh, user_id, now + chosen.REFRESH_TOKEN_SECONDS * SECOND)
    return {
        "access_token": access,
        "refresh_token": refresh,
        "token_type": "Bearer",
        "expires_in": chosen.ACCESS_TOKEN_SECONDS,
    }


def holder(db: sqlite3.Connection, token: str, now: Moment) -> str:
    """
    Give the id of the user an access token belongs to.

    Raises:
        Failure: when it is not known or has expired; told apart from other credentials of this host.
    """
    row = db.execute("SELECT * FROM tokens WHERE digest = ?", (digest(token),)).fetchone()
    if row is None:
        if find_key(db, token, now) is not None:
            raise unauthenticated("This is an inference API key; the control plane needs a control-plane token.")
        raise unauthenticated("The control-plane token is not known; log in again.")
    if row["kind"] == "refresh":
        raise unauthenticated("This is a refresh token; trade it for an access token first.")
    if row["expires_at"] is not None and row["expires_at"] <= now:
        raise unauthenticated("The control-plane token has expired; refresh it, or log in again.")
    return str(row["user_id"])


def spend_refresh_token(db: sqlite3.Connection, token: str, now: Moment) -> str:
    """
    Use a refresh token up and give the id of its user.

    A second use is refused and ends nothing else, so that of two processes that refresh at once one wins
    and its pair stays good.

    Raises:
        Failure: when it is not known, was used before, or has expired.
    """
    row = db.execute("SELECT * FROM tokens WHERE digest = ? AND kind = 'refresh'", (digest(token),)).fetchone()
    if row is None:
        raise unauthenticated("The refresh token is not known; log in again.")
    if row["used_at"] is not None:
        raise unauthenticated("The refresh token was used before, and each works once; log in again.")
    if row["expires_at"] <= now:
        raise unauthenticated("The refresh token has expired; log in again.")
    db.execute("UPDATE tokens SET used_at = ? WHERE digest = ?", (now, row["digest"]))
    return str(row["user_id"])
