"""Values as people read them: amounts, times, what a price is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tensormesh_cli.values.money import amount, is_money, plain, rounded
from tensormesh_cli.values.times import clock, written

PER = "per 1M tokens"
"""What a "token price" buys."""

_TOKEN_PRICE = re.compile(r"(\w+)TokenPrice")
_EPOCHS = {"created", "created_at", "completed_at", "expires_at"}
"""Keys of the inference hosts that hold times as seconds since 1970."""

_LATEST = 1 << 34


def readable(value: Any, *, screen: bool = False) -> Any:
    """The value with every money object as text, and what a price is for; see `to_text` for `screen`."""
    if is_money(value):
        try:
            number = amount(value)
        except (TypeError, ValueError):
            return value
        return plain(rounded(number) if screen else number, str(value.get("currencyCode") or ""))
    if isinstance(value, Mapping):
        return {key: _member(str(key), item, screen=screen) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [readable(item, screen=screen) for item in value]
    return (clock(value, seconds=True) or value) if screen else value


def priced(key: str) -> str | None:
    """What a price for tokens is the price of, by its key: `inputTokenPrice` is that of `input`."""
    found = _TOKEN_PRICE.fullmatch(key)
    return found[1] if found else None


def _member(key: str, value: Any, *, screen: bool) -> Any:
    shown = readable(since(key, value) if screen else value, screen=screen)
    return f"{shown} {PER}" if is_money(value) and isinstance(shown, str) and priced(key) else shown


def since(key: str, value: Any) -> Any:
    """Seconds since 1970 under a key that holds a time, as the time that they are; all else as it is."""
    if key not in _EPOCHS or isinstance(value, bool) or not isinstance(value, int) or not 0 < value < _LATEST:
        return value
    return written(datetime.fromtimestamp(value, UTC))
