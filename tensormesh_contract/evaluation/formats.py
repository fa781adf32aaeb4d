"""
Whether a string has the format that a document gives it.

Knows the formats our documents use; one it does not know fits.
"""

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_WHOLE = re.compile(r"-?\d+")


def fits(text: str, name: str) -> bool:
    """Tell whether a text has a format."""
    match name:
        case "int64":
            return _WHOLE.fullmatch(text) is not None and -(2**63) <= int(text) < 2**63
        case "uint64":
            return text.isdecimal() and int(text) < 2**64
        case "decimal":
            return _reads(text, _decimal)
        case "date-time":
            return _INSTANT.fullmatch(text) is not None and _reads(text[:19], datetime.fromisoformat)
        case "date":
            return _reads(text, date.fromisoformat)
        case "uuid":
            return _reads(text, uuid.UUID)
        case _:
            return True


def _decimal(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation as exc:
        raise ValueError(text) from exc
    if not found.is_finite():
        raise ValueError(text)
    return found


def _reads(text: str, read: Callable[[str], object]) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
