"""Money as people write it, and as the control plane sends it: `{currencyCode, units, nanos}`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard

NANOS = 1_000_000_000
LARGEST = 10**15
CURRENCY = "USD"
EXACT = 4
"""So many decimals of an amount are shown to people as they are."""


def is_money(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and value.keys() <= {"currencyCode", "units", "nanos"}
        and ("units" in value or "nanos" in value)
    )


def amount(value: Mapping[str, Any]) -> Decimal:
    """
    The amount of a money object; what it leaves out is nought.

    Raises:
        ValueError: `units` or `nanos` is no whole number, or more than anybody has.
    """
    return _whole(value.get("units")) + Decimal(_whole(value.get("nanos"))) / NANOS


def _whole(value: Any) -> int:
    number = value if isinstance(value, float | Decimal) else int(value or 0)
    # Before it is made an integer: with a large exponent, that would be as long as the exponent says.
    if not -LARGEST < number < LARGEST:
        raise ValueError("more than anybody has")
    return int(number)


def money(text: str) -> dict[str, Any]:
    """
    `12.50`, or `12.50 EUR`, as a money object; without a currency it is US dollars.

    Raises:
        ValueError: it is no amount, or finer than a billionth.
    """
    number, _, currency = text.strip().partition(" ")
    try:
        value = Decimal(number)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no amount such as 12.50 or 12.50 EUR") from error
    if not value.is_finite() or abs(value) >= LARGEST:
        raise ValueError(f"{text!r} is no amount such as 12.50 or 12.50 EUR")
    units = int(value)
    nanos = (value - units) * NANOS
    if nanos != int(nanos):
        raise ValueError(f"{text!r} is finer than a billionth")
    code = (currency.strip() or CURRENCY).upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise ValueError(f"{currency.strip()!r} is no currency code such as USD")
    return {"currencyCode": code, "units": str(units), "nanos": int(nanos)}


def rounded(value: Decimal) -> Decimal:
    """
    An amount as people read it: exact with up to four decimals, which is how prices are written; a longer one to the
    cent, or, below one, to the hundredth part of a cent, and never to nought.
    """
    if value == round(value, EXACT):
        return value
    if abs(value) >= 1:
        return round(value, 2)
    return round(value, max(EXACT, 1 - value.adjusted()))


def plain(value: Decimal, currency: str = "") -> str:
    """At least two decimals, and as many as there are."""
    digits = f"{value.normalize():f}"
    whole, _, rest = digits.partition(".")
    return f"{whole}.{rest.ljust(2, '0')} {currency}".rstrip()
