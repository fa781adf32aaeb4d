"""
Moments in time: microseconds since 1970 inside, RFC 3339 with Z outside.

A whole number compares and sorts in the database as it does in Python, and
loses nothing on the way.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

type Clock = Callable[[], datetime]
type Moment = int

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt](?:[01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
# The first moment there is a date for.
FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def system_clock() -> datetime:
    """Tell the time of this machine."""
    return datetime.now(UTC)


def moment(time: datetime) -> Moment:
    """
    Count the microseconds of an aware datetime.

    Raises:
        ValueError: for a datetime without a time zone.
    """
    if time.tzinfo is None:
        raise ValueError("The clock of the local host must give aware datetimes, such as datetime.now(timezone.utc).")
    return (time - _EPOCH) // timedelta(microseconds=1)


def calendar(at: Moment) -> datetime:
    """Give the UTC datetime of a moment."""
    return _EPOCH + timedelta(microseconds=at)


def stamp(at: Moment) -> str:
    """Write a moment with as many digits as it needs: none, three or six."""
    digits = "seconds" if at % SECOND == 0 else "milliseconds" if at % 1_000 == 0 else "microseconds"
    return calendar(at).isoformat(timespec=digits).replace("+00:00", "Z")


def read_stamp(text: str) -> Moment:
    """
    Read a timestamp; digits beyond the microsecond are cut off.

    Raises:
        ValueError: when it is not RFC 3339, or no such time exists.
    """
    if _RFC_3339.fullmatch(text) is None:
        raise ValueError("not a timestamp of RFC 3339")
    whole, dot, rest = text.partition(".")
    if dot:
        digits = re.match(r"\d+", rest, re.ASCII)
        shown = digits.group() if digits else ""
        text = f"{whole}.{shown[:6]:0<6}{rest[len(shown) :]}"
    try:
        found = moment(datetime.fromisoformat(text.upper()))
        calendar(found)
    except (ValueError, OverflowError) as exc:
        raise ValueError("not a time that exists") from exc
    return found


def floor(at: Moment, width: int) -> Moment:
    """Give the start of the interval of a width that a moment falls into."""
    return at - at % width
