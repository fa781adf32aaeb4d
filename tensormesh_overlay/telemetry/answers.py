"""What a span says of an answer, be it a model or the JSON object that a stream adds up to."""

from __future__ import annotations

from typing import Any

from tensormesh_overlay.telemetry import conventions as names
from tensormesh_overlay.telemetry.requests import is_count, whole
from tensormesh_runtime.json_model import JsonModel

Object = dict[str, Any]

# Chats and responses have different words for the same.
_COUNTS: tuple[tuple[str, tuple[tuple[str | None, str], ...]], ...] = (
    (names.INPUT_TOKENS, ((None, "prompt_tokens"), (None, "input_tokens"))),
    (names.OUTPUT_TOKENS, ((None, "completion_tokens"), (None, "output_tokens"))),
    (names.CACHED_TOKENS, (("prompt_tokens_details", "cached_tokens"), ("input_tokens_details", "cached_tokens"))),
    (
        names.REASONING_TOKENS,
        (("completion_tokens_details", "reasoning_tokens"), ("output_tokens_details", "reasoning_tokens")),
    ),
)
"""The count of each attribute: in which object of the usage it stands, or in itself, and its key there."""


def answer_attributes(answer: Any) -> Object:
    """What is known of an answer: its name, its model, why it ended, and the tokens that it took."""
    said, told = held(answer), Object()
    if isinstance(value := said.get("id"), str):
        told[names.RESPONSE_ID] = whole(value)
    if isinstance(value := said.get("model"), str):
        told[names.RESPONSE_MODEL] = whole(value)
    if reasons := finish_reasons(said):
        told[names.FINISH_REASONS] = tuple(map(whole, reasons))
    if usage := held(said.get("usage")):
        for attribute, ways in _COUNTS:
            for details, key in ways:
                found = usage if details is None else held(usage.get(details))
                if key in found:
                    if is_count(count := found[key]):
                        told[attribute] = count
                    break
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
    values = vars(value) if isinstance(value, JsonModel) else value
    return values if isinstance(values, dict) else {}
