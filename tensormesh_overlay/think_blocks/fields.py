"""
Where hosts write one thing in several ways: made one, in place, for whole messages and for pieces of them.

Some send content as a list of parts, arguments of a function as an object, reasoning under two names, and no role.
"""

from __future__ import annotations

import json
from typing import Any

_THOUGHTS = ("thinking", "reasoning")
_REASONINGS = ("reasoning", "reasoning_content")


def unify_message(message: dict[str, Any]) -> None:
    """The fields of a whole message, or of a piece of one."""
    content = message.get("content")
    if content is not None and not isinstance(content, str):
        _unify_content(message, content)
    for key in _REASONINGS:
        if isinstance(thought := message.get(key), list | dict) and (text := text_of(thought)) is not None:
            message[key] = text
    other = message.get("reasoning_content")
    if other is not None and not message.get("reasoning"):
        message["reasoning"] = other
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and isinstance(function.get("arguments"), dict | list):
            function["arguments"] = json.dumps(function["arguments"], ensure_ascii=False)


def unify_response(response: Any) -> None:
    """A whole response."""
    output = response.get("output") if isinstance(response, dict) else None
    for item in output if isinstance(output, list) else ():
        unify_item(item)


def unify_item(item: Any) -> None:
    """One item of a response."""
    if not isinstance(item, dict):
        return
    content, kind = item.get("content"), "reasoning_text" if item.get("type") == "reasoning" else "output_text"
    if isinstance(content, str):
        item["content"] = [{"type": kind, "text": content}]
    parts = content if isinstance(content, list) else []
    for place, part in enumerate(parts):
        if isinstance(part, str):
            parts[place] = {"type": kind, "text": part}
        elif isinstance(part, dict) and isinstance(part.get("text"), dict | list):
            part["text"] = text if (text := text_of(part["text"])) is not None else part["text"]
    if isinstance(item.get("arguments"), dict | list):
        item["arguments"] = json.dumps(item["arguments"], ensure_ascii=False)


def _unify_content(message: dict[str, Any], content: Any) -> None:
    texts: list[str] = []
    thoughts: list[str] = []
    others: list[Any] = []
    for part in content if isinstance(content, list) else [content]:
        kind = part.get("type") if isinstance(part, dict) else None
        text = text_of(part)
        if text is None:
            others.append(part)
        else:
            (thoughts if kind in _THOUGHTS else texts).append(text)
    message["content"] = "".join(texts) if texts else None
    if thoughts:
        existing = message.get("reasoning")
        message["reasoning"] = (existing if isinstance(existing, str) else "") + "".join(thoughts)
    if others:
        # What is no text has no place in a text, and is not lost.
        message["content_parts"] = others


def text_of(part: Any) -> str | None:
    """The text of a part, or of the parts in it; None where it has none."""
    if isinstance(part, str):
        return part
    if isinstance(part, dict):
        kind = part.get("type")
        text = part.get("text", part.get("value"))
        return text_of(part.get(kind, text) if kind in _THOUGHTS else text)
    if isinstance(part, list):
        texts = [text_of(inner) for inner in part]
        return "".join(text for text in texts if text is not None) if texts and None not in texts else None
    return str(part) if type(part) in (int, float) else None
