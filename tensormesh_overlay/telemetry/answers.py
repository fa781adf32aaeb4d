"""What a span says of an answer, be it a model or the JSON object that a stream adds up to."""

from __future__ import annotations

from typing import Any

from tensormesh_overlay.telemetry import conventions as names
from tensormesh_overlay.telemetry.requests import is_count, whole
from tensormesh_runtime.json_model import JsonModel

Object = dict[str, Any]

# Chats and responses have different words for the same.
_TOTALS = (
    (names.INPUT_TOKENS, "prompt_tokens", "input_tokens"),
    (names.OUTPUT_TOKENS, "completion_tokens", "output_tokens"),
)
"""The counts that stand in the usage itself: the attribute of each, and its keys; the first that is there counts."""
_SHARES = (
    (names.CACHED_TOKENS, "cached_tokens", "prompt_tokens_details", "input_tokens_details"),
    (names.REASONING_TOKENS, "reasoning_tokens", "completion_tokens_details", "output_tokens_details"),
)
"""What some of those tokens were: the attribute, the key of the count, and the objects in which it stands."""


def answer_attributes(answer: Any) -> Object:
    """What is known of an answer: its name, its model, why it ended, and the tokens that it took."""
    said = held(answer)
    told = usage_attributes(held(said.get("usage")))
    if isinstance(value := said.get("id"), str):
        told[names.RESPONSE_ID] = whole(value)
    if isinstance(value := said.get("model"), str):
        told[names.RESPONSE_MODEL] = whole(value)
    if reasons := finish_reasons(said):
        told[names.FINISH_REASONS] = tuple(map(whole, reasons))
    return told


def usage_attributes(usage: Object) -> Object:
    """The tokens that an answer took."""
    told: Object = {}
    for attribute, key, other in _TOTALS:
        if is_count(count := usage.get(key if key in usage else other)):
            told[attribute] = count
    for attribute, key, details, others in _SHARES:
        found = held(usage.get(details))
        if key not in found and others in usage:
            found = held(usage[others])
        if is_count(count := found.get(key)):
            told[attribute] = count
    return told


def finish_reasons(answer: Any) -> list[str]:
    """Why each choice ended; of a response, what broke it off, or its status."""
    said = held(answer)
    choices = said.get("choices")
    if isinstance(choices, list):
        found = [held(choice).get("finish_reason") for choice in choices]
    else:
        found = [held(said.get("incomplete_details")).get("reason") or said.get("status")]
    return [reason for reason in found if isinstance(reason, str)]


def held(value: Any) -> Object:
    """What an object holds, as it came; nothing where it is none."""
    if isinstance(value, JsonModel):
        return value.__dict__
    return value if isinstance(value, dict) else {}
