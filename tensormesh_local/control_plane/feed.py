"""
The activity feed: what was done, by whom, to what.

No secret may be in any part of an entry: the feed is for reading.
"""

import json
import sqlite3
from dataclasses import dataclass, field

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.control_plane.moments import Moment


@dataclass(frozen=True, slots=True)
class Deed:
    """
    Something that was done.

    Args:
        action: what, a verb.
        resource: the kind of what it was done to, and its id.
        description: one sentence for people.
        metadata: more about it.
    """

    action: str
    resource: tuple[str, str]
    description: str
    metadata: JsonObject = field(default_factory=dict)


def enter(db: sqlite3.Connection, user_id: str, actor_id: str, deed: Deed, at: Moment) -> None:
    """Enter a deed of an actor into the feed of a user."""
    db.execute(
        "INSERT INTO activities"
        " (user_id, actor_id, action, resource_type, resource_id, description, metadata, occurred_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (user_id, actor_id, deed.action, *deed.resource, deed.description, json.dumps(deed.metadata), at),
    )
