"""JSON values from bytes and to bytes."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_scan = json.JSONDecoder().raw_decode


def to_json(value: Any) -> bytes:
    """
    The JSON text of a value, as compact UTF-8. Half a character, which a host may have sent, goes back escaped.

    Raises:
        TypeError, ValueError, RecursionError: JSON has no word for it, such as NaN, or it is nested too deep.
    """
    text = _encode(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def steps_to_unsendable(value: Any) -> list[str | int]:
    """The way to the first value that keeps `value` from being sent as JSON, from the outside in."""
    steps: list[str | int] = []
    while isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            if not _can_be_sent(item):
                steps.append(step)
                value = item
                break
        else:
            break
    return steps


def _can_be_sent(value: Any) -> bool:
    try:
        to_json(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def from_json(content: bytes) -> Any:
    """
    The value of a JSON text. Bytes that are no UTF-8 become replacement characters.

    Raises:
        ValueError, RecursionError: it is no JSON, or nested too deep.
    """
    text = content.decode("utf-8", "replace")
    try:
        value, end = _scan(text)
    except ValueError:
        value, end = None, -1
    # `json.loads` knows of white space and says what is wrong; most texts do without.
    if end == len(text) or (end > 0 and not text[end:].strip()):
        return value
    return json.loads(content.decode(json.detect_encoding(content), "replace"))


def from_body(content: bytes) -> Any:
    """The value of a body, whatever it is: JSON, that of an event, or else its text; None where it is empty."""
    try:
        return from_json(content)
    except (ValueError, RecursionError, MemoryError):
        text = content.decode("utf-8", errors="replace").strip()
    return _of_event(text) or text or None


def _of_event(text: str) -> dict[str, Any] | None:
    """The first object in a stream of events: some hosts refuse in that form, too."""
    for line in text.splitlines() if text.startswith(("data:", "event:", "id:", ":")) else ():
        if line.startswith("data:"):
            with suppress(ValueError, RecursionError, MemoryError):
                if isinstance(found := json.loads(line.removeprefix("data:")), dict):
                    return found
    return None
