"""What a span says of a request."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tensormesh_overlay.telemetry import conventions as names
from tensormesh_transport.errors import UsageError
from tensormesh_transport.origin import origin


def request_attributes(body: dict[str, Any]) -> dict[str, Any]:
    """The settings of a request, as far as they are of the types that OpenTelemetry has for them."""
    told: dict[str, Any] = {}
    for field, value in body.items():
        if field in names.FLOATS:
            if isinstance(value, int | float) and not isinstance(value, bool):
                told[names.FLOATS[field]] = float(value)
        elif field in names.WHOLE_NUMBERS and is_count(value):
            told[names.WHOLE_NUMBERS[field]] = value
    stop, choices = body.get("stop"), body.get("n")
    if isinstance(stop, str):
        told[names.STOP_SEQUENCES] = (stop,)
    elif isinstance(stop, list) and all(isinstance(one, str) for one in stop):
        told[names.STOP_SEQUENCES] = tuple(stop)
    if is_count(choices) and choices != 1:
        told[names.CHOICE_COUNT] = choices
    effort = body.get("reasoning_effort") or _inner(body, "reasoning", "effort")
    if isinstance(effort, str):
        told[names.REASONING_LEVEL] = effort
    if isinstance(previous := body.get("previous_response_id"), str):
        told[names.PREVIOUS_RESPONSE_ID] = previous
    kind = _inner(body, "response_format", "type") or _inner(body, "text", "format", "type")
    if isinstance(kind, str):
        told[names.OUTPUT_TYPE] = "json" if kind.startswith("json") else kind
    return told


def is_count(value: Any) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


@lru_cache(maxsize=64)
def server(base_url: str | None) -> tuple[tuple[str, Any], ...]:
    """The host and the port of an address, as attributes."""
    try:
        place = origin(base_url or "")
    except UsageError:  # what is no address is told to whoever calls it
        return ()
    return ((names.SERVER_ADDRESS, place.host), (names.SERVER_PORT, place.port))


def _inner(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
