"""
What may be sent and not be shown: taken out of sight where it comes in.

Many tools print the local variables of every frame that an error came through (Sentry, rich, pytest).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensormesh_transport.secret import Secret, SecretBytes

_MAY_HOLD_SECRETS = frozenset({"extra_headers", "extra_query", "extra_body", "headers", "params", "json_body"})
"""The options of calls that may."""


def sealed(value: Any) -> Any:
    """A value that is sent as it was, and none of whose texts a `repr` shows."""
    try:
        return _sealed(value)
    except RecursionError:  # it contains itself, and whoever sends it will say so
        return value


def seal(options: Any, *secrets: str) -> None:
    """Put what may be secret among the options of a call, and what is, out of sight, where it stands."""
    for name in options.keys() & {*_MAY_HOLD_SECRETS, *secrets}:
        options[name] = sealed(options[name])


def type_name(value: Any) -> str:
    """The type of a value, as whoever gave it knows it."""
    return "str" if isinstance(value, str) else "bytes" if isinstance(value, bytes) else type(value).__name__


def _sealed(value: Any) -> Any:
    if type(value) is Secret:
        return value
    if isinstance(value, str):
        return Secret(str.__str__(value))  # by its own class: an enumeration of texts has another idea of it
    if isinstance(value, bytes):
        return SecretBytes(value)
    if isinstance(value, Mapping):
        return {name: _sealed(item) for name, item in value.items()}
    if type(value) is list or type(value) is tuple:
        return [_sealed(item) for item in value]
    if isinstance(value, type) or not hasattr(value, "to_dict"):
        return value
    return _sealed(value.to_dict())
