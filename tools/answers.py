"""What an operation is sent, and what a success of it is: JSON of some shape, text, or nothing."""

from __future__ import annotations

from tensormesh_documents.pointers import Keys, resolve
from tools.documents import JsonObject

JSON, EVENTS = "application/json", "text/event-stream"


def is_json(media_type: str) -> bool:
    return media_type == JSON or media_type.endswith("+json")


def is_text(media_type: str) -> bool:
    return media_type.startswith("text/") and media_type != EVENTS


def body_schema_of(raw: JsonObject, document: JsonObject) -> JsonObject:
    """The schema of the body; empty where there is none, or it is not JSON."""
    content = resolve(raw.get("requestBody", {}), document).get("content", {})
    schema: JsonObject = content.get(JSON, {}).get("schema", {})
    return schema


def successes(raw: JsonObject, document: JsonObject) -> dict[str, JsonObject]:
    """The content of each answer that is a success, by its status."""
    return {
        status: resolve(answer, document).get("content", {})
        for status, answer in raw["responses"].items()
        if status.startswith("2")
    }


def media_type_of(raw: JsonObject, document: JsonObject) -> str:
    """What the whole answer is; empty where it has no body."""
    types = [name for content in successes(raw, document).values() for name in content if name != EVENTS]
    return types[0] if types else ""


def schema_of(raw: JsonObject, document: JsonObject) -> JsonObject:
    """The schema of the whole answer; empty where it is not JSON."""
    for content in successes(raw, document).values():
        for name, media in content.items():
            if is_json(name):
                schema: JsonObject = media.get("schema", {})
                return schema
    return {}


def may_be_empty(raw: JsonObject, document: JsonObject) -> bool:
    """Whether a success by whose status there is no body stands beside one that has a body."""
    found = successes(raw, document)
    return any(found.values()) and not all(found.get(status, True) for status in ("204", "205"))


def place_of(raw: JsonObject, document: JsonObject) -> Keys:
    """Where the answer stands, below its operation: at the first success with a body, or the first of all."""
    found = successes(raw, document)
    status = next((status for status, content in found.items() if content), next(iter(found), "200"))
    return ("responses", status)
