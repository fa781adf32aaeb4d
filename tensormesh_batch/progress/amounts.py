"""Sums of money and lengths of time, as people read them."""

from __future__ import annotations

from decimal import Decimal


def usd(amount: Decimal) -> str:
    """An amount with as many decimals as say something."""
    if amount == 0:
        return "0.00"
    return f"{amount:,.2f}" if amount >= 1 else f"{amount:.{max(2, 2 - amount.adjusted() - 1)}f}"


def length(seconds: float) -> str:
    """`1.5 s`, `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def count(number: int, one: str, many: str) -> str:
    """`1 row is left`, `1,000 rows are left`."""
    return f"{number:,} {one if number == 1 else many}"
