"""
The keys that inference accepts: from the moment they are created until they expire or are deleted.

A key's id is the key itself, so the activity feed names keys by their number.
"""

import json
import secrets
import sqlite3

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.control_plane.arguments import read_user_id
from tensormesh_local.control_plane.call import EMPTY, Call
from tensormesh_local.control_plane.failure import Code, Failure, invalid
from tensormesh_local.control_plane.inference_keys import NewKey, add_key
from tensormesh_local.control_plane.moments import Moment, stamp


def _moment(at: Moment | None) -> str | None:
    return None if at is None else stamp(at)


def _entry(row: sqlite3.Row) -> JsonObject:
    return {
        "id": row["key"],
        "name": row["name"],
        "scopes": json.loads(row["scopes"]),
        "createdAt": stamp(row["created_at"]),
        "expiresAt": _moment(row["expires_at"]),
        "deletedAt": _moment(row["deleted_at"]),
    }


def _resource(row: sqlite3.Row) -> tuple[str, str]:
    return "api_key", f"key-{row['number']}"


def list_user_api_keys(call: Call) -> JsonObject:
    shown = "" if call.arguments.flag("includeDeleted") else "AND deleted_at IS NULL"
    rows = call.db.execute(
        f"SELECT * FROM api_keys WHERE user_id = ? {shown} ORDER BY number DESC",  # noqa: S608
        (call.subject().id,),
    )
    return {"apiKeys": [_entry(row) for row in rows]}


def create_user_api_key(call: Call) -> JsonObject:
    owner = call.user(read_user_id(call.arguments.text("userId"), "userId"))
    expires_at = call.arguments.moment("expiresAt")
    if expires_at is not None and expires_at <= call.now:
        raise invalid("expiresAt", "must be in the future")
    key = f"ak-local-{secrets.token_urlsafe(24)}"
    name, scopes = call.arguments.text("name"), call.arguments.texts("scopes")
    add_key(call.db, NewKey(key, owner.id, name, scopes, expires_at), call.now)
    row = call.db.execute("SELECT * FROM api_keys WHERE key = ?", (key,)).fetchone()
    description = f'created the API key "{row["name"]}"'
    call.record("create", _resource(row), description, user_id=owner.id, metadata={"name": row["name"]})
    return {"apiKey": _entry(row)}


def delete_user_api_key(call: Call) -> JsonObject:
    owner = call.subject()
    row = call.db.execute(
        "SELECT * FROM api_keys WHERE key = ? AND user_id = ? AND deleted_at IS NULL",
        (call.arguments.text("apiKey"), owner.id),
    ).fetchone()
    if row is None:
        # The key may be a real one that was mistyped, so it is not repeated.
        raise Failure(Code.NOT_FOUND, f"The user {owner.id} has no such API key, or deleted it before.")
    call.db.execute("UPDATE api_keys SET deleted_at = ? WHERE number = ?", (call.now, row["number"]))
    description = f'deleted the API key "{row["name"]}"'
    call.record("delete", _resource(row), description, user_id=owner.id, metadata={"name": row["name"]})
    return EMPTY


HANDLERS = (list_user_api_keys, create_user_api_key, delete_user_api_key)
