"""What a span says of an answer, be it a model or the JSON object that a stream adds up to."""

from __future__ import annotations

from typing import Any

from tensormesh_generated.json_model import JsonModel
from tensormesh_overlay.telemetry import conventions as names
from tensormesh_overlay.telemetry.requests import is_count

_COUNTS = (
    (names.INPUT_TOKENS, ("prompt_tokens",), ("input_tokens",)),
    (names.OUTPUT_TOKENS, ("completion_tokens",), ("output_tokens",)),
    (names.CACHED_TOKENS, ("prompt_tokens_details", "cached_tokens"), ("input_tokens_details", "cached_tokens")),
    (
        names.REASONING_TOKENS,
        ("completion_tokens_details", "reasoning_tokens"),
        ("output_tokens_details", "reasoning_tokens"),
    ),
)
"""Attributes, and where chats and responses have their values within the usage."""


def answer_attributes(answer: Any) -> dict[str, Any]:
    """What is known of an answer: its name, its model, why it ended, and the tokens that it took."""
    told: dict[str, Any] = {}
    for attribute, key in ((names.RESPONSE_ID, "id"), (names.RESPONSE_MODEL, "model")):
        if isinstance(value := at(answer, key), str):
            told[attribute] = value
    if reasons := finish_reasons(answer):
        told[names.FINISH_REASONS] = tuple(reasons)
    usage = at(answer, "usage")
    for attribute, *paths in _COUNTS:
        for path in paths:
            if is_count(value := at(usage, *path)):
                told[attribute] = value
                break
    return told


def finish_reasons(answer: Any) -> list[str]:
    """Why each choice ended; of a response, what broke it off, or its status."""
    choices = at(answer, "choices")
    if isinstance(choices, list):
        found = [at(choice, "finish_reason") for choice in choices]
    else:
        found = [at(answer, "incomplete_details", "reason") or at(answer, "status")]
    return [reason for reason in found if isinstance(reason, str)]


def at(value: Any, *path: str) -> Any:
    """What stands at a place, as it came; None where there is nothing."""
    for key in path:
        held = vars(value) if isinstance(value, JsonModel) else value
        value = held.get(key) if isinstance(held, dict) else None
    return value
