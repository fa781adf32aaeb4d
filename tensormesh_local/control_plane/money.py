"""
Amounts of money: exact decimals inside, whole units and billionths outside.

The JSON form is `{currencyCode, units: string, nanos: number}`. Amounts are
rounded to a billionth only when they are written, half to even; refuses floats.
"""

from decimal import ROUND_HALF_EVEN, Decimal

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.control_plane.failure import invalid

CURRENCY = "USD"
BILLION = 1_000_000_000
_NANO = Decimal(1).scaleb(-9)


def money(amount: Decimal) -> JsonObject:
    """Write an amount; both parts carry its sign."""
    nanos = int(amount.quantize(_NANO, ROUND_HALF_EVEN).scaleb(9))
    sign = -1 if nanos < 0 else 1
    units, rest = divmod(abs(nanos), BILLION)
    return {"currencyCode": CURRENCY, "units": str(sign * units), "nanos": sign * rest}


def plain(amount: Decimal) -> str:
    """Write an amount as decimal text without an exponent and without trailing zeros."""
    text = format(amount, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def read_money(given: Json, field: str) -> Decimal:
    """
    Read an amount that has the shape of the document.

    Raises:
        Failure: when it is no money, in another currency, or its parts differ in sign.
    """
    if not isinstance(given, dict):
        raise invalid(field, "must be money: an object with currencyCode, units and nanos")
    currency = given.get("currencyCode") or CURRENCY
    if currency != CURRENCY:
        raise invalid(f"{field}.currencyCode", f"must be {CURRENCY}: everything here has its price in US dollars")
    units, nanos = int(str(given.get("units") or 0)), int(str(given.get("nanos") or 0))
    if abs(nanos) >= BILLION:
        raise invalid(f"{field}.nanos", "must be from -999999999 to 999999999")
    if units * nanos < 0:
        raise invalid(f"{field}.nanos", "must have the same sign as units")
    return Decimal(units) + Decimal(nanos).scaleb(-9)


def read_positive(given: Json, field: str) -> Decimal:
    """
    Read an amount above zero.

    Raises:
        Failure: as `read_money`, and for zero or less.
    """
    amount = read_money(given, field)
    if amount <= 0:
        raise invalid(field, "must be more than zero")
    return amount


def read_price(given: Json, field: str) -> Decimal:
    """
    Read a price, which may be zero; one that is left out is zero.

    Raises:
        Failure: as `read_money`, and for less than zero.
    """
    amount = Decimal(0) if given is None else read_money(given, field)
    if amount < 0:
        raise invalid(field, "must not be negative")
    return amount
