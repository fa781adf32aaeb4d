"""
Deployments: rows, their state by the clock, and their JSON form.

Nothing happens in the background. A deployment knows when it was asked for and
when it will be up, and all else (status, events, log) follows from the time.
"""

import json
import sqlite3
from collections.abc import Sequence

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.catalogue import Model, deployed
from tensormesh_local.control_plane import chosen
from tensormesh_local.control_plane.moments import Moment, stamp

UP = "MODEL_STATUS_UP"
EVENT_TYPE = "EVENT_TYPE_UNSPECIFIED"

# What a deployment writes while it comes up, and how far it is by then.
_START_UP = (
    (0.0, "Pulling the weights of {path}"),
    (0.4, "Loading the weights on {gpu_count} x {gpu_type}"),
    (0.8, "Setting up the KV cache"),
    (1.0, "Application startup complete."),
)


def is_up(row: sqlite3.Row, now: Moment) -> bool:
    """Tell whether a deployment serves requests."""
    return bool(row["up_at"] <= now)


def start_up_log(row: sqlite3.Row, now: Moment) -> list[tuple[Moment, str]]:
    """Give the lines a deployment has written while coming up, as far as it is."""
    took = row["up_at"] - row["created_at"]
    lines = [(row["created_at"] + int(took * share), text.format_map(dict(row))) for share, text in _START_UP]
    return [(at, text) for at, text in lines if at <= now]


def entry(row: sqlite3.Row, now: Moment, endpoint: str) -> JsonObject:
    """Write a deployment as the document does; its key is in clear text, as on the service."""
    up = is_up(row, now)
    events: list[Json] = [
        {"createdAt": stamp(at), "log": text, "eventType": EVENT_TYPE} for at, text in start_up_log(row, now)
    ]
    return {
        "modelId": row["model_id"],
        "deploymentId": row["deployment_id"],
        "userId": row["user_id"],
        "description": row["description"],
        "modelPath": row["path"],
        "modelName": row["name"],
        "status": UP if up else chosen.MODEL_DEPLOYING,
        "events": events,
        "createdAt": stamp(row["created_at"]),
        "updatedAt": stamp(row["up_at"] if up else row["created_at"]),
        "modelSpec": json.loads(row["spec"]),
        "infra": json.loads(row["infra"]),
        "gpuCount": row["gpu_count"],
        "gpuType": row["gpu_type"],
        "replicas": 1,
        "endpoint": endpoint,
        "apiKey": row["api_key"],
    }


def add(db: sqlite3.Connection, **columns: str | int) -> None:
    """Store a new deployment, all columns of it but the number."""
    names = ", ".join(columns)
    marks = ", ".join(f":{name}" for name in columns)
    db.execute(f"INSERT INTO deployments ({names}) VALUES ({marks})", columns)  # noqa: S608 - our own names


def find(db: sqlite3.Connection, column: str, value: str) -> sqlite3.Row | None:
    """Look a deployment up that is not torn down, by one of its ids."""
    row: sqlite3.Row | None = db.execute(
        f"SELECT * FROM deployments WHERE {column} = ? AND deleted_at IS NULL",  # noqa: S608 - our own names
        (value,),
    ).fetchone()
    return row


def deployments_of(db: sqlite3.Connection, user_id: str) -> Sequence[sqlite3.Row]:
    """Give the deployments of a user, the oldest first."""
    return db.execute(
        "SELECT * FROM deployments WHERE user_id = ? AND deleted_at IS NULL ORDER BY number", (user_id,)
    ).fetchall()


def served(db: sqlite3.Connection, user_id: str, now: Moment) -> tuple[Model, ...]:
    """Give the models that on-demand inference serves a user, those that are still starting included."""
    return tuple(
        deployed(row["name"], row["path"], json.loads(row["spec"]), ready=is_up(row, now))
        for row in deployments_of(db, user_id)
    )
