"""What hosts write when they fail, in any of the shapes that they use, and under any status. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS = ("message", "detail", "msg", "error_message", "errorMessage", "error_msg", "status_msg")
_NUMBERS = ("code", "status_code", "status", "http_code")
_STATUSES = {
    "invalid_request_error": 400,
    "context_length_exceeded": 400,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_error": 403,
    "model_not_found": 404,
    "not_found_error": 404,
    "insufficient_quota": 429,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "internal_server_error": 500,
    "server_error": 500,
    "overloaded_error": 529,
}
"""Names of errors that OpenAI and those who follow it use, and the statuses that go with them."""


def message_of(body: Any) -> str | None:
    """The sentence in an error body; None where it has none, or several, each with a place of its own."""
    while isinstance(body, Mapping):
        error = body.get("error")
        # A text there is the least of all: beside a sentence, it is a name for the error.
        found = (_inner(body), *(body.get(key) for key in _WORDS), error)
        body = next((inner for inner in found if inner and isinstance(inner, str | Mapping)), None)
    return body if isinstance(body, str) else None


def status_of(body: Any) -> int | None:
    """The status that an error body names, by its number or by a name that has one."""
    inner = _inner(body) if isinstance(body, Mapping) else None
    for place in (inner, body):
        for value in [place.get(key) for key in (*_NUMBERS, "type")] if isinstance(place, Mapping) else ():
            text = str(value) if type(value) in (int, str) else ""
            if len(text) == 3 and text.isascii() and text.isdigit() and text[0] in "45":
                return int(text)
            if text in _STATUSES:
                return _STATUSES[text]
    return None


def is_error(body: Mapping[str, Any]) -> bool:
    """Whether an object says that it is an error, whatever else it holds."""
    if body.get("error") or "error" in (body.get("type"), body.get("object")):
        return True
    base = body.get("base_resp")
    return isinstance(base, Mapping) and base.get("status_code") not in (None, 0)


def looks_like_error(body: Mapping[str, Any]) -> bool:
    """Whether an object that holds nothing of an answer is an error."""
    if is_error(body) or any(isinstance(body.get(key), list) and body[key] for key in ("detail", "errors")):
        return True
    return body.get("type") != "ping" and message_of(body) is not None


def _inner(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The object inside an error body that holds its words."""
    for key in ("error", "base_resp"):
        found = body.get(key)
        if isinstance(found, Mapping) and found:
            return found
    return None
