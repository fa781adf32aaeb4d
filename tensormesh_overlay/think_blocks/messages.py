"""Think blocks in messages, whole or in pieces: they leave the text and become `reasoning`, in place."""

from __future__ import annotations

from typing import Any

from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.think_blocks.fields import unify_message
from tensormesh_overlay.think_blocks.splitter import OPEN, ThinkSplitter


def read_message(message: dict[str, Any], think: ThinkPolicy) -> None:
    """Make a whole message what the policy says, in place."""
    if not (message.get("role") and isinstance(message["role"], str)):
        message["role"] = "assistant"
    if think == "keep":
        unify_message(message)
    else:
        split_message(message, inside=think == "open")


def split_message(message: dict[str, Any], *, inside: bool = False) -> None:
    """Split the `content` of a whole message in place, and make one of what hosts write in several ways."""
    unify_message(message)
    content, existing = message.get("content"), message.get("reasoning")
    if existing is None:
        existing = ""
    if not isinstance(content, str) or not isinstance(existing, str):
        return
    if not inside and not content.lstrip().startswith(OPEN):
        return
    splitter = ThinkSplitter(inside=inside)
    splitter.follow(existing)
    reasoning, visible = map("".join, zip(splitter.feed(content), splitter.flush(), strict=True))
    if splitter.split:
        message["content"] = visible or None
    if reasoning:
        message["reasoning"] = existing + reasoning


def split_delta(splitter: ThinkSplitter, delta: dict[str, Any], *, ends: bool) -> None:
    """Split the `content` of a piece of a message in place; `ends` says that nothing more comes."""
    given, content = delta.get("reasoning"), delta.get("content")
    if isinstance(given, str):
        splitter.follow(given)
    text = content if isinstance(content, str) else ""
    if not (text or ends):
        return
    reasoning, visible = splitter.feed(text)
    if ends and not splitter.visible:
        more, rest = splitter.flush()
        reasoning, visible = reasoning + more, visible + rest
    if visible != text:
        delta["content"] = visible or None
    if reasoning:
        delta["reasoning"] = given + reasoning if isinstance(given, str) else reasoning
