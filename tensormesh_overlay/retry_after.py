"""How long a host asks to wait before the next try. No I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the host asks to wait, given as a number or as a date; None where it does not ask or makes no sense."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return max(milliseconds / 1000, 0.0)
    text = headers.get("retry-after", "")
    if not text:
        return None
    seconds = _number(text)
    if seconds is None:
        seconds = _until(text)
    return None if seconds is None else max(seconds, 0.0)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _until(text: str) -> float | None:
    try:
        import datetime
        import email.utils

        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError, OSError, ImportError):  # or there are no more files to be had
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return (moment - datetime.datetime.now(datetime.UTC)).total_seconds()
