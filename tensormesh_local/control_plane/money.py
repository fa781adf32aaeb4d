"""
Amounts of money as the control plane writes them.

Knows whole units as a string and billionths as a number; refuses floats.
"""

from decimal import Decimal

from tensormesh_local.wire import JsonObject

BILLION = 1_000_000_000


def money(amount: Decimal, currency: str = "USD") -> JsonObject:
    """Write an amount."""
    units = int(amount)
    return {
        "currencyCode": currency,
        "units": str(units),
        "nanos": int((amount - units) * BILLION),
    }
