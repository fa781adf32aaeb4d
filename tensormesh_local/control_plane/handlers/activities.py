"""The audit trail: who did what to which resource, and when."""

import json
import sqlite3

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.control_plane.call import Call
from tensormesh_local.control_plane.failure import not_found
from tensormesh_local.control_plane.moments import SECOND, stamp
from tensormesh_local.control_plane.pages import numbered_page

_PREFIX = "act-"
_WITH_ACTOR = "SELECT a.*, u.display_name FROM activities AS a JOIN users AS u ON u.id = a.actor_id"
_FILTERS = {"action": "action", "resourceType": "resource_type", "resourceId": "resource_id"}


def _entry(row: sqlite3.Row) -> JsonObject:
    return {
        "activityId": f"{_PREFIX}{row['number']}",
        "actorType": "user",
        "actorId": row["actor_id"],
        "actorDisplay": row["display_name"],
        "userId": row["user_id"],
        "action": row["action"],
        "resourceType": row["resource_type"],
        "resourceId": row["resource_id"],
        "description": row["description"],
        "metadata": json.loads(row["metadata"]),
        "occurredAt": stamp(row["occurred_at"]),
        "recordedAt": stamp(row["occurred_at"]),
    }


def list_activities(call: Call) -> JsonObject:
    """List the newest first; both ends of a time range are included."""
    wheres, values = ["a.user_id = ?"], [call.subject().id]
    for name, column in _FILTERS.items():
        if call.arguments.text(name):
            wheres.append(f"{column} = ?")
            values.append(call.arguments.text(name))
    start, end = call.arguments.period(call.now, call.now // SECOND)
    page = numbered_page(
        call.db,
        call.arguments,
        f"{_WITH_ACTOR} WHERE {' AND '.join(wheres)} AND occurred_at BETWEEN ? AND ?"
        " ORDER BY occurred_at DESC, a.number DESC",
        (*values, start, end),
    )
    return {
        "activities": [_entry(row) for row in page.rows],
        "page": page.number,
        "size": page.size,
        "total": page.total,
    }


def get_activity(call: Call) -> JsonObject:
    activity_id = call.arguments.text("activityId")
    row = call.db.execute(f"{_WITH_ACTOR} WHERE '{_PREFIX}' || a.number = ?", (activity_id,)).fetchone()
    if row is None or not call.sees(row["user_id"]):
        raise not_found(f"The activity {activity_id}")
    return {"activity": _entry(row)}


HANDLERS = (list_activities, get_activity)
