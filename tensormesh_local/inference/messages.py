"""
The messages of a request.

Knows both ways to write content (a string, a list of text parts) and how
earlier tool calls are written back, but not what they add up to.
"""

import json
from collections.abc import Sequence
from typing import Any

from tensormesh_local.engine.conversation import Message
from tensormesh_local.errors import bad_request


def content_text(content: Any) -> str:
    """
    Give the text of a message's content: a string, or a list of text parts.

    Raises:
        Refusal: 400 for a part that is not text; no model here sees or hears.
    """
    if content is None or isinstance(content, str):
        return content or ""
    texts: list[str] = []
    for part in content:
        text = _part_text(part)
        if text is None:
            raise bad_request(f"Only text parts are read by this model, got {part.type!r}.", "messages")
        texts.append(text)
    return "\n".join(texts)


def _part_text(part: Any) -> str | None:
    """Give the text of a part; earlier thought is not given to the model again."""
    if part.type == "thinking":
        return ""
    found: str | None = getattr(part, "refusal" if part.type == "refusal" else "text", None)
    return found


def read_messages(messages: Sequence[Any]) -> tuple[Message, ...]:
    """
    Read the messages of a chat request; any role is a role.

    Raises:
        Refusal: 400 when there are none, or when one is more than text.
    """
    if not messages:
        raise bad_request("Cannot apply chat template to an empty conversation. Provide at least one message.")
    return tuple(
        Message(
            one.role,
            content_text(one.content),
            "".join(written_call(call.function) for call in one.tool_calls or ()),
            one.tool_call_id,
        )
        for one in messages
    )


def written_call(function: Any) -> str:
    """Write an earlier tool call back into the prompt, whatever its arguments look like."""
    call = {"name": function.name, "arguments": function.arguments}
    return f"\n<tool_call>{json.dumps(call, ensure_ascii=False)}</tool_call>"
