"""The most that a row can cost, known before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensormesh_batch.money.price import MOST_TOKENS, Tokens

_PER_MESSAGE = 32
"""Tokens that a chat template puts around a message, and more."""

_LIMITS = ("max_completion_tokens", "max_tokens")
_RESPONSE_LIMITS = ("max_output_tokens",)
"""Each operation obeys its own and knows nothing of the other's; of two that it has, nobody says which it obeys."""

_ELSEWHERE = ("previous_response_id", "conversation", "prompt")
"""Fields of a response by which the host adds to its input what the row does not show."""


def worst_case(size: int, body: Mapping[str, Any], context: int | None = None) -> Tokens | None:
    """
    The most tokens that a row can be counted with, none of them cached.

    No tokenizer makes more tokens of a text than it has bytes in UTF-8; templates add some to each message.

    Args:
        size: bytes of its line.
        context: the longest context of its model, where it is known: a prompt and an answer together are no longer.

    Returns:
        None where nothing limits it: the body has no `max_tokens`, or shows pictures or names what lies with the
        host, and the context is not known.
    """
    response = "input" in body
    listed = next((body[name] for name in ("messages", "input") if isinstance(body.get(name), list)), ())
    prompt = size + _PER_MESSAGE * (len(listed) + 1)
    names = _RESPONSE_LIMITS if response else _LIMITS
    limit = max((body[name] for name in names if _is_count(body.get(name))), default=None)
    choices = body.get("n") if _is_count(body.get("n")) else 1
    choices = max(choices or 1, body["best_of"] if _is_count(body.get("best_of")) else 1)
    prompts = body.get("prompt")
    if isinstance(prompts, list) and prompts and isinstance(prompts[0], str | list):
        choices *= len(prompts)
    if _shows_media(listed) or (response and _names_elsewhere(body, listed)):
        if context is None:
            return None
        prompt = context
    if limit is None:
        if context is None:
            return None
        limit = context
    return Tokens(prompt, 0, limit * choices) if limit * choices < MOST_TOKENS else None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _names_elsewhere(body: Mapping[str, Any], items: Any) -> bool:
    return any(body.get(name) for name in _ELSEWHERE) or any(
        isinstance(item, Mapping) and item.get("type") == "item_reference" for item in items
    )


def _shows_media(messages: Any) -> bool:
    return any(
        isinstance(part, Mapping)
        and part.get("type") not in ("text", "input_text", "output_text", "refusal", "thinking")
        for message in messages
        if isinstance(message, Mapping) and isinstance(message.get("content"), list)
        for part in message["content"]
    )
