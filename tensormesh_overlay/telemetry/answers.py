"""What a span says of an answer, be it a model or the JSON object that a stream adds up to."""

from __future__ import annotations

from typing import Any

from tensormesh_overlay.telemetry import conventions as names
from tensormesh_overlay.telemetry.requests import is_count
from tensormesh_runtime.json_model import JsonModel

Object = dict[str, Any]


def answer_attributes(answer: Any) -> Object:
    """What is known of an answer: its name, its model, why it ended, and the tokens that it took."""
    said, told = held(answer), Object()
    for attribute, key in ((names.RESPONSE_ID, "id"), (names.RESPONSE_MODEL, "model")):
        if isinstance(value := said.get(key), str):
            told[attribute] = value
    if reasons := finish_reasons(answer):
        told[names.FINISH_REASONS] = tuple(reasons)
    if usage := held(said.get("usage")):
        # Chats and responses have different words for the same.
        read = held(usage.get("prompt_tokens_details") or usage.get("input_tokens_details"))
        written = held(usage.get("completion_tokens_details") or usage.get("output_tokens_details"))
        counts = (
            (names.INPUT_TOKENS, usage.get("prompt_tokens", usage.get("input_tokens"))),
            (names.OUTPUT_TOKENS, usage.get("completion_tokens", usage.get("output_tokens"))),
            (names.CACHED_TOKENS, read.get("cached_tokens")),
            (names.REASONING_TOKENS, written.get("reasoning_tokens")),
        )
        told |= {attribute: count for attribute, count in counts if is_count(count)}
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
