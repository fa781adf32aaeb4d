"""What a span says of a request, beside where it goes and what it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tensormesh_overlay.telemetry import conventions as names

Told = dict[str, Any]

_BEYOND = 2**63


def settings(body: Mapping[str, Any]) -> Told:
    """The settings of a request, as far as they are of the types that OpenTelemetry has for them."""
    told: Told = {}
    for field in body:
        if (tell := _TOLD.get(field)) is not None:
            tell(told, field, body[field])
    return told


def is_count(value: Any) -> bool:
    """Whether a value is a whole number of the size that exporters have for it: one beyond it loses all they send."""
    return isinstance(value, int) and not isinstance(value, bool) and -_BEYOND <= value < _BEYOND


def whole(text: str) -> str:
    """A text with no half of a character in it: exporters cannot send one, and lose all that they had to send."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def _float(told: Told, field: str, value: Any) -> None:
    if isinstance(value, float) or is_count(value):
        told[names.FLOATS[field]] = float(value)


def _whole_number(told: Told, field: str, value: Any) -> None:
    if is_count(value):
        told[names.WHOLE_NUMBERS[field]] = value


def _stop(told: Told, field: str, value: Any) -> None:
    texts = [value] if isinstance(value, str) else value
    if isinstance(texts, list | tuple) and all(isinstance(one, str) for one in texts):
        told[names.STOP_SEQUENCES] = tuple(map(whole, texts))


def _choices(told: Told, field: str, value: Any) -> None:
    if is_count(value) and value != 1:
        told[names.CHOICE_COUNT] = value


def _effort(told: Told, field: str, value: Any) -> None:
    effort = _inner(value, "effort") if field == "reasoning" else value
    if isinstance(effort, str) and effort:
        told[names.REASONING_LEVEL] = whole(effort)


def _previous(told: Told, field: str, value: Any) -> None:
    if isinstance(value, str):
        told[names.PREVIOUS_RESPONSE_ID] = whole(value)


def _output(told: Told, field: str, value: Any) -> None:
    kind = _inner(value, "type") if field == "response_format" else _inner(value, "format", "type")
    if isinstance(kind, str):
        told[names.OUTPUT_TYPE] = "json" if kind.startswith("json") else whole(kind)


_TOLD: dict[str, Callable[[Told, str, Any], None]] = {
    **dict.fromkeys(names.FLOATS, _float),
    **dict.fromkeys(names.WHOLE_NUMBERS, _whole_number),
    "stop": _stop,
    "n": _choices,
    "reasoning_effort": _effort,
    "reasoning": _effort,
    "previous_response_id": _previous,
    "response_format": _output,
    "text": _output,
}
"""Fields of a request, and what tells them."""


def _inner(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
