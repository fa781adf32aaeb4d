"""What is told of all calls of one kind, to one model, at one place: worked out once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from tensormesh_overlay.telemetry import conventions as names
from tensormesh_overlay.telemetry.requests import whole
from tensormesh_transport.errors import UsageError
from tensormesh_transport.origin import origin

Attributes = dict[str, Any]


class Labels(NamedTuple):
    """
    What is told of all of them. Nobody changes what is in it.

    Attributes:
        name: that of their spans.
        asked: with what their spans begin.
        measured: by what measurements of them are told apart, until it is known what answered.
    """

    name: str
    asked: Attributes
    measured: Attributes


@lru_cache(maxsize=256)
def labels(operation_id: str, model: str | None, base_url: str | None, *, streams: bool) -> Labels:
    """
    What is told of some calls.

    Args:
        operation_id: one of `conventions.OPERATIONS`.
        model: what they ask, where they say it.
        base_url: where they go.
    """
    operation = names.OPERATIONS[operation_id]
    measured: Attributes = {names.OPERATION_NAME: operation, names.PROVIDER_NAME: names.PROVIDER}
    if model is not None:
        measured[names.REQUEST_MODEL] = model = whole(model)
    measured |= _server(base_url)
    name = operation if model is None else f"{operation} {model}"
    return Labels(name, measured | {names.STREAM: True} if streams else measured, measured)


class Measured(NamedTuple):
    """By what a measurement is told apart: as attributes, and as a key."""

    attributes: Attributes
    key: tuple[tuple[str, Any], ...]


@lru_cache(maxsize=256)
def measured(
    operation_id: str, model: str | None, base_url: str | None, answered: str | None, error: str | None
) -> Measured:
    """
    By what measurements of ended calls are told apart.

    Args:
        answered: the model that answered, where that is known.
        error: the type of what went wrong.
    """
    known = labels(operation_id, model, base_url, streams=False).measured
    ends = ((names.RESPONSE_MODEL, answered), (names.ERROR_TYPE, error))
    attributes = known | {name: value for name, value in ends if value is not None}
    return Measured(attributes, tuple(attributes.items()))


def _server(base_url: str | None) -> Attributes:
    """The host and the port of an address."""
    try:
        place = origin(base_url or "")
    except UsageError:  # what is no address is told to whoever calls it
        return {}
    return {names.SERVER_ADDRESS: place.host, names.SERVER_PORT: place.port}
