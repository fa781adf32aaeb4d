"""How long a host asks to wait before the next try. No I/O."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

LONGEST_SECONDS = 86_400.0
"""Of several answers to how long, one that is longer makes no sense."""

_SEVERAL = re.compile(r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,)?[^,]+", re.IGNORECASE)
"""Headers that come twice are one with a comma between; so have dates one within."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """
    Seconds the host asks to wait, given as a number or as a date; None where it does not ask or makes no sense.

    Where several ask, such as a host and who stands before it, the longest that makes sense.
    """
    milliseconds = _longest(headers.get("retry-after-ms", ""), _of_milliseconds)
    return _longest(headers.get("retry-after", ""), _seconds) if milliseconds is None else milliseconds


def _longest(text: str, read: Callable[[str], float | None]) -> float | None:
    found = [max(seconds, 0.0) for each in _SEVERAL.findall(text) if (seconds := read(each)) is not None]
    if len(found) == 1:
        return found[0]
    return max((each for each in found if each <= LONGEST_SECONDS), default=None)


def _of_milliseconds(text: str) -> float | None:
    number = _number(text)
    return None if number is None else number / 1_000


def _seconds(text: str) -> float | None:
    number = _number(text)
    return _until(text.strip()) if number is None else number


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
