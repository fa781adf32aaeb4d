"""
Made-up requests, put right where their schema cannot say what is wrong.

Knows the rules that go across fields, without which nearly every made-up
request is refused for the same reason, and the limits that keep one cheap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tensormesh_documents.json_types import Json, JsonObject

CHEAP_TOKENS = 16
CHEAP_CHOICES = 2
MOST_PENALTY = 10.0
_NOBODY = "00000000-0000-4000-8000-000000000000"
_TEXT = "Say hi."


@dataclass(frozen=True, slots=True)
class Surroundings:
    """
    What is known of a host.

    Args:
        models: models that it serves, the one to ask first.
        caller_id: the user whose token the run has; empty when it is not known.
    """

    models: Sequence[str] = ()
    caller_id: str = ""


def fixed_up(operation_id: str, body: Json, around: Surroundings) -> Json:
    """
    Put a body right.

    Args:
        operation_id: whose body it is.
        body: what was made up; it is not changed.
        around: what is known of the host.

    Returns:
        The body to send instead.
    """
    if not isinstance(body, dict):
        return body
    match operation_id:
        case "create_chat_completion":
            return _cheap(_scored(_chat(_served(body, around))), "max_tokens", "max_completion_tokens")
        case "create_completion":
            prompt = body.get("prompt") or _TEXT
            return _cheap(_scored(_streaming({**_served(body, around), "prompt": prompt})), "max_tokens")
        case "create_response":
            return _cheap(_choosing(_served(body, around)), "max_output_tokens")
        case "tokenize":
            return _one_form(_served(body, around))
        case "detokenize":
            return _served(body, around)
        case "admin_change_user_role" if body.get("targetUserId") == around.caller_id:
            # A run that takes its own role away sees nothing but 403 from then on.
            return {**body, "targetUserId": _NOBODY}
        case _:
            return body


def served(body: Json, around: Surroundings) -> Json:
    """Name a model that there is; the answer to any other is 404."""
    return _served(body, around) if isinstance(body, dict) and "model" in body else body


def _served(body: JsonObject, around: Surroundings) -> JsonObject:
    known = not around.models or body.get("model") in around.models
    return body if known else {**body, "model": around.models[0]}


def _chat(body: JsonObject) -> JsonObject:
    messages = body.get("messages") or [{"role": "user", "content": _TEXT}]
    found = _choosing(_streaming({**body, "messages": messages}))
    if found.get("top_logprobs") is not None:
        found["logprobs"] = True
    return found


def _streaming(body: JsonObject) -> JsonObject:
    """Options of a stream need a stream."""
    return {**body, "stream": True} if body.get("stream_options") is not None else body


def _choosing(body: JsonObject) -> JsonObject:
    """A choice of tools needs tools, and an empty list of them is refused."""
    found = dict(body)
    if not found.get("tools"):
        for name in ("tools", "tool_choice"):
            found.pop(name, None)
    return found


def _scored(body: JsonObject) -> JsonObject:
    """A beam is scored by its length to the power of `length_penalty`, and no number stands for just any power."""
    penalty = body.get("length_penalty")
    if isinstance(penalty, int | float) and abs(penalty) > MOST_PENALTY:
        return {**body, "length_penalty": MOST_PENALTY if penalty > 0 else -MOST_PENALTY}
    return body


def _one_form(body: JsonObject) -> JsonObject:
    """Text or messages, not both."""
    found = dict(body)
    if found.get("messages"):
        found.pop("prompt", None)
    else:
        found.pop("messages", None)
        found["prompt"] = found["prompt"] if isinstance(found.get("prompt"), str) else _TEXT
    return found


def _cheap(body: JsonObject, *limits: str) -> JsonObject:
    """Keep what is generated short. With `temperature` 0 there is one choice only."""
    found = dict(body)
    for name in limits:
        given = found.get(name)
        if name == limits[0] or given is not None:
            found[name] = given if isinstance(given, int) and 0 < given <= CHEAP_TOKENS else CHEAP_TOKENS
    choices = found.get("n")
    if isinstance(choices, int):
        most = 1 if found.get("temperature") == 0 else CHEAP_CHOICES
        found["n"] = min(max(choices, 1), most)
    return found
