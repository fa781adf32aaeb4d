"""Times as people write them, and as the service does."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

_SPAN = re.compile(r"([+-]?)(\d+)([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parsed(value: Any) -> datetime | None:
    """A time as the service writes it, in UTC where it has no offset; None where it is none."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def written(time: datetime) -> str:
    """A time as the service takes it, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pause(text: str, now: datetime) -> float | None:
    """The seconds that `Retry-After` asks for, by number or by date; None where it asks for nothing."""
    try:
        seconds = float(text)
    except ValueError:
        from email.utils import parsedate_to_datetime

        try:
            date = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        seconds = ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def moment(value: str, now: datetime, *, ahead: bool = False) -> str:
    """
    A time as people type it, made what the service takes; without an offset it is UTC.

    Raises:
        ValueError: it is no time.
        OverflowError: it is out of range.
    """
    text = value.strip()
    if text == "now":
        found = now.replace(microsecond=0)
    elif span := _SPAN.fullmatch(text):
        length = timedelta(**{_UNITS[span[3]]: int(span[2])})
        forward = span[1] == "+" or (span[1] == "" and ahead)
        found = now.replace(microsecond=0) + (length if forward else -length)
    else:
        found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found.isoformat().replace("+00:00", "Z")
