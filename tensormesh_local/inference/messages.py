"""
The messages of a request.

Knows both ways to write content (a string, a list of parts) and how
earlier tool calls are written back, but not what they add up to.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from tensormesh_local.engine.conversation import Image, Message
from tensormesh_local.errors import bad_request
from tensormesh_local.inference.images import read_image

ROLES = ("system", "developer", "user", "assistant", "tool")
"""Whom the chat templates of the models here know."""


class Content(NamedTuple):
    """What is in a message."""

    text: str
    images: tuple[Image, ...] = ()


def read_content(content: Any) -> Content:
    """
    Read a message's content: a string, or a list of parts.

    Raises:
        Refusal: 400 for a part that is neither text nor a picture; no model here hears.
    """
    if content is None or isinstance(content, str):
        return Content(content or "")
    texts: list[str] = []
    images: list[Image] = []
    for part in content:
        url, text = _image_url(part), _part_text(part)
        if url is not None:
            images.append(read_image(url))
        elif text is not None:
            texts.append(text)
        else:
            raise bad_request(f"Text and images are what this model reads, got {part.type!r}.", "messages")
    return Content("\n".join(texts), tuple(images))


def check_role(role: str) -> str:
    """
    Give a role back that the chat templates know.

    Raises:
        Refusal: 400 for another.
    """
    if role not in ROLES:
        raise bad_request(f"Unexpected message role: {role!r}; there are {', '.join(ROLES)}.", "messages")
    return role


def _image_url(part: Any) -> str | None:
    """Give the address of a picture: within an object in chat, by itself in responses."""
    if part.type not in ("image_url", "input_image"):
        return None
    found = part.image_url
    url: str | None = found if isinstance(found, str | None) else found.url
    return url


def _part_text(part: Any) -> str | None:
    """Give the text of a part; earlier thought is not given to the model again."""
    if part.type == "thinking":
        return ""
    found: str | None = getattr(part, "refusal" if part.type == "refusal" else "text", None)
    return found


def read_messages(messages: Sequence[Any]) -> tuple[Message, ...]:
    """
    Read the messages of a chat request.

    Raises:
        Refusal: 400 when there are none, for a role that nobody has, and for what no model here reads.
    """
    if not messages:
        raise bad_request("Cannot apply chat template to an empty conversation. Provide at least one message.")
    return tuple(
        Message(
            check_role(one.role),
            content.text,
            "".join(written_call(call.function) for call in one.tool_calls or ()),
            one.tool_call_id,
            content.images,
            tuple(call.function.name for call in one.tool_calls or ()),
        )
        for one in messages
        for content in [read_content(one.content)]
    )


def written_call(function: Any) -> str:
    """Write an earlier tool call back into the prompt, whatever its arguments look like."""
    call = {"name": function.name, "arguments": function.arguments}
    return f"\n<tool_call>{json.dumps(call, ensure_ascii=False)}</tool_call>"
