"""How long a host asks to wait before the next try. No I/O."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

LONGEST_SECONDS = 86_400.0
"""Of several answers to how long, one that is longer makes no sense."""

_SEVERAL = re.compile(r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,)?[^,]+", re.IGNORECASE)
"""Headers that come twice are one with a comma between; so have dates one within."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """
    Seconds the host asks to wait, given as a number or as a date; None where it does not ask or makes no sense.

    Where several ask, such as a host and who stands before it, the longest that makes sense.
    """
    text = headers.get("retry-after-ms", "")
    if text and (milliseconds := _longest(text, 1_000.0)) is not None:
        return milliseconds
    text = headers.get("retry-after", "")
    return _longest(text, 1.0) if text else None


def _longest(text: str, unit: float) -> float | None:
    number = _number(text)
    if number is not None:
        return max(number / unit, 0.0)
    asked = [_number(each) for each in _SEVERAL.findall(text)]
    found = [each / unit for each in asked if each is not None]
    if unit == 1.0:
        found += [each for text in _SEVERAL.findall(text) if (each := _until(text.strip())) is not None]
    if len(found) == 1:
        return max(found[0], 0.0)
    return max((max(each, 0.0) for each in found if each <= LONGEST_SECONDS), default=None)


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
