"""Hides credentials in what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tensormesh_cli.values.json_text import dumps, loads

HIDDEN = "***"
_LONG_ENOUGH = 20
"""A shorter secret would be half given away by its ends."""

_STRING = re.compile(r'"(?:[^"\\]+|\\.)*+"', re.DOTALL)
_QUERY = re.compile(r"([?#]).*", re.DOTALL)
_SCHEME = re.compile(r"^\s*[A-Za-z][A-Za-z0-9.+-]*://")


def masked(secret: str) -> str:
    """Enough of a secret to tell it from another, and not more."""
    return f"{secret[:4]}...{secret[-4:]}" if len(secret) >= _LONG_ENOUGH else HIDDEN


def address(text: str) -> str:
    """A URL as it may be shown: without user and password, and without its query."""
    before, at, rest = text.rpartition("@")
    if at:  # a password may hold any sign, so all that stands before goes
        text = f"{''.join(_SCHEME.findall(before))}{HIDDEN}@{rest}"
    return _QUERY.sub(rf"\1{HIDDEN}", text)


def hidden(value: Any, places: Sequence[Sequence[str]]) -> Any:
    """
    The value with the secrets at `places` masked.

    Args:
        places: keys from the top down; `*` is every item.
    """
    if not places:
        return value
    if any(not place for place in places):
        return masked(value) if isinstance(value, str) and value else value
    if isinstance(value, Mapping):
        return {key: hidden(item, _below(places, str(key))) for key, item in value.items()}
    if isinstance(value, list):
        return [hidden(item, _below(places, "")) for item in value]
    return value


def hidden_text(text: str, value: Any, places: Sequence[Sequence[str]]) -> str:
    """The JSON text of `value` with the same secrets masked, however they are spelt, and all else untouched."""
    secrets = set(found_at(value, places))

    def shown(found: re.Match[str]) -> str:
        quoted = found[0]
        said = loads(quoted) if "\\" in quoted else quoted[1:-1]
        return dumps(masked(said)) if said in secrets else quoted

    return _STRING.sub(shown, text) if secrets else text


def _below(places: Sequence[Sequence[str]], key: str) -> list[Sequence[str]]:
    return [place[1:] for place in places if place[0] == key or place[0] == "*"]


def found_at(value: Any, places: Sequence[Sequence[str]]) -> Iterator[str]:
    """The texts at some places; see `hidden`."""
    if any(not place for place in places):
        if isinstance(value, str) and value:
            yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from found_at(item, _below(places, str(key)))
    elif isinstance(value, list):
        for item in value:
            yield from found_at(item, _below(places, ""))
