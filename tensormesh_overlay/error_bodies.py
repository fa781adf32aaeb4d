"""What hosts write when they fail, in any of the shapes that they use, and under any status. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_WORDS = (
    *("message", "detail", "msg", "error_description", "error_message", "errorMessage", "error_msg", "status_msg"),
)
_ERRORS = ("error", "response.error")
_NUMBERS = ("code", "status_code", "status", "http_code")
_ALONE = frozenset({*_WORDS, *_NUMBERS, "error", "type", "object", "success", "request_id"})
"""What stands in an object that is nothing but an error."""

SENTENCE_LENGTH = 500
"""Characters; plain text that is longer is no sentence."""

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


_HANDED_OUT = re.compile(r'("\w*(?:token|secret|password|api_?key|cli_?code)"\s*:\s*")(?:[^"\\]|\\.)*+', re.IGNORECASE)
"""A key, token or password that an answer was about to hand out, in its JSON."""


def without_secrets(text: str) -> str:
    """JSON, or a part of it, as it may be shown."""
    return _HANDED_OUT.sub(r"\1***", text)


def message_of(body: Any) -> str | None:
    """The sentence in an error body; None where it has none, or several, each with a place of its own."""
    body = _first(body)
    while isinstance(body, Mapping):
        error = body.get("error")
        # A text there is the least of all: beside a sentence, it is a name for the error.
        found = (_inner(body), *(body.get(key) for key in _WORDS), error)
        body = next((inner for inner in found if inner and isinstance(inner, str | Mapping)), None)
    return body if isinstance(body, str) else None


def sentence_of(body: Any) -> str | None:
    """What an error body says in words: its sentence, or those that it has for each place where something is wrong."""
    if isinstance(body, str):
        # A page, half of some JSON, or bytes that are no text, are no sentence.
        plain = body.isprintable() and len(body) <= SENTENCE_LENGTH and "\ufffd" not in body
        return body if plain and body[:1].isalnum() else None
    for detail in reversed(_details(body)):
        if sentence := (message_of(detail) or "").strip():
            return sentence
    return "; ".join(": ".join(part for part in told if part) for told in _places(body)) or None


def code_of(body: Any) -> str | int | None:
    """The name or number that a host gives to what went wrong."""
    for place in _details(body):
        for key in ("code", "error_code", "errorCode", "status_code"):
            code = place.get(key)
            if (isinstance(code, str) and code) or type(code) is int:
                return code
    # Beside a sentence, a text there is a name.
    name = body.get("error") if isinstance(body, Mapping) else None
    return name if isinstance(name, str) and name and name != message_of(body) else None


def type_of(body: Any) -> str | None:
    """The kind of error that a host speaks of."""
    return next((kind for place in _details(body) if isinstance(kind := place.get("type"), str) and kind), None)


def param_of(body: Any) -> str | None:
    """The field of the request that a host complains of; None where it names none, or several."""
    for place in _details(body):
        if isinstance(param := place.get("param"), str) and param:
            return param
    fields = [where.removeprefix("body.") for where, _ in _places(body) if where]
    return fields[0] if len(fields) == 1 else None


def status_of(body: Any) -> int | None:
    """The status that an error body names, by its number or by a name that has one."""
    body = _first(body)
    if not isinstance(body, Mapping):
        return None
    for place in (*_details(body), _first(body.get("errors"))):
        for value in [place.get(key) for key in (*_NUMBERS, "type", "error")] if isinstance(place, Mapping) else ():
            number = int(value) if type(value) is float and value.is_integer() else value
            text = str(number) if type(number) in (int, str) else ""
            if len(text) == 3 and text.isascii() and text.isdigit() and text[0] in "45":
                return int(text)
            if text in _STATUSES:
                return _STATUSES[text]
    return None


def is_error(body: Mapping[str, Any]) -> bool:
    """Whether an object says that it is an error, whatever else it holds."""
    error = body.get("error")
    if error and (not isinstance(error, Mapping) or any(error.values())):
        return True
    if body.get("type") in _ERRORS or body.get("object") == "error":
        return True
    return _refused(body) is not None or _failed(body) is not None


def is_only_error(body: Mapping[str, Any]) -> bool:
    """Whether an object is an error and nothing else: what came of something may hold one, too."""
    return body.keys() <= _ALONE and is_error(body)


def is_list_of_an_error(body: Any) -> bool:
    """Some hosts wrap all that they say, errors too, in a list of one."""
    return isinstance(body, list) and len(body) == 1 and isinstance(body[0], dict) and looks_like_error(body[0])


def looks_like_error(body: Mapping[str, Any]) -> bool:
    """Whether an object that holds nothing of an answer is an error."""
    if is_error(body) or any(isinstance(body.get(key), list) and body[key] for key in ("detail", "errors")):
        return True
    return body.get("type") != "ping" and message_of(body) is not None


def _details(body: Any) -> list[Mapping[str, Any]]:
    """The objects of an error body that hold its details, the innermost first."""
    found: list[Mapping[str, Any]] = []
    body = _first(body)
    while isinstance(body, Mapping):
        found.insert(0, body)
        detail = body.get("detail")
        body = _inner(body) or (detail if isinstance(detail, Mapping) else body.get("response"))
    return found


def _places(body: Any) -> list[tuple[str, str]]:
    """The places that a list of faults names, as FastAPI and others write it, and what is said of each."""
    lists = [body.get(key) for key in ("detail", "errors")] if isinstance(body, Mapping) else []
    items = [item for listed in lists if isinstance(listed, list) for item in listed if isinstance(item, Mapping | str)]
    faults = []
    for item in items:
        if isinstance(item, str):
            faults.append(("", item))
            continue
        where = item.get("loc", item.get("field"))
        steps = where if isinstance(where, list) else [where] if isinstance(where, str) else []
        if words := message_of(item):
            faults.append((".".join(str(step) for step in steps if isinstance(step, str | int)), words))
    return faults


def _inner(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The object inside an error body that holds its words."""
    found = _first(body.get("error"))
    return found if isinstance(found, Mapping) and found else _refused(body) or _failed(body)


def _refused(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The state of a call beside its answer, as some hosts tell it, where it says that there is none."""
    base = body.get("base_resp")
    return base if isinstance(base, dict) and base.get("status_code") not in (None, 0, "0", "") else None


def _failed(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The error of the first choice, where each choice holds one: routers say so when the host behind them fails."""
    choices = body.get("choices")
    error = None
    for choice in reversed(choices) if isinstance(choices, list) else ():
        error = choice.get("error") if isinstance(choice, dict) else None
        if not error:
            return None
    return error if isinstance(error, Mapping) or error is None else {"error": error}


def _first(body: Any) -> Any:
    """An error, where it comes in a list of one; some hosts wrap all that they say so."""
    return body[0] if isinstance(body, list) and len(body) == 1 and isinstance(body[0], Mapping) else body
