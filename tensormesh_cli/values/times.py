"""Times as people write them, and as the service does."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

_SPAN = re.compile(r"([+-]?)(\d+)([smhdw])")
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\dT00:00:00(\.0+)?(Z|\+00:00)", re.ASCII)
_ZONE = re.compile(r"[A-Z]{2,5}")
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


def clock(value: Any, *, seconds: bool = False) -> str | None:
    """
    A time as the service writes it, by the clock of whoever reads it: `2026-06-01 14:00 CEST`; None where it is none.
    """
    if not isinstance(value, str) or not _STAMP.fullmatch(value):
        return None
    try:
        local = datetime.fromisoformat(value).astimezone()
    except (ValueError, OverflowError, OSError):  # there is no such day, or it has no place in the calendar here
        return None
    zone = local.tzname() or ""
    if not _ZONE.fullmatch(zone):  # some systems have sentences for them
        zone = f"{local:%:z}"
    return f"{local:%Y-%m-%d %H:%M:%S} {zone}" if seconds and local.second else f"{local:%Y-%m-%d %H:%M} {zone}"


def day(value: Any) -> str | None:
    """The day that a time is the beginning of, in UTC; None where it is none."""
    return value[:10] if isinstance(value, str) and _MIDNIGHT.fullmatch(value) else None


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
