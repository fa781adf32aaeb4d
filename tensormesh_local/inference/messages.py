"""
The messages of a request.

Knows both ways to write content (a string, a list of text parts) and how
earlier tool calls are written back; refuses to know what they add up to.
"""

import json
from collections.abc import Sequence

from tensormesh_local.engine.conversation import Message
from tensormesh_local.errors import bad_request
from tensormesh_local.validation import Reader
from tensormesh_local.wire import Json, JsonObject


def content_text(content: Json) -> str:
    """
    Give the text of a message's content: a string, or a list of text parts.

    Raises:
        Refusal: 400 for a part that is not text; no model here sees or hears.
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise bad_request("Message content must be a string or a list of parts.", "messages")
    texts: list[str] = []
    for part in content:
        text = _part_text(part) if isinstance(part, dict) else part
        if not isinstance(text, str):
            kind = part.get("type") if isinstance(part, dict) else type(part).__name__
            raise bad_request(f"Only text parts are read by this model, got {kind!r}.", "messages")
        texts.append(text)
    return "\n".join(texts)


def _part_text(part: JsonObject) -> Json:
    """Give the text of a part; earlier thought is not given to the model again."""
    match part.get("type"):
        case "thinking":
            return ""
        case "refusal":
            return part.get("refusal")
        case _:
            return part.get("text")


def read_messages(reader: Reader, name: str = "messages") -> tuple[Message, ...]:
    """Read the messages of a chat request; any role is a role."""
    items = reader.children(name)
    if items is None:
        if not reader.body.get(name):
            reader.missing(name)
        return ()
    if not items and not reader.problems:
        raise bad_request("Cannot apply chat template to an empty conversation. Provide at least one message.")
    found: list[Message] = []
    for item in items:
        role = item.required_text("role")
        calls = item.children("tool_calls") or []
        found.append(Message(role, content_text(item.body.get("content")), _written(calls), item.text("tool_call_id")))
    return tuple(found)


def _written(calls: Sequence[Reader]) -> str:
    """Write earlier tool calls back into the prompt, whatever their arguments look like."""
    return "".join(
        f"\n<tool_call>{json.dumps(call.body.get('function'), ensure_ascii=False)}</tool_call>" for call in calls
    )
