"""
How fast a host is asked, whoever asks it.

Knows the pause between two requests and what `Retry-After` says, but not
what is sent: the walk and the fuzz run keep to the same one.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_RESTS = 3
LONGEST_REST_SECONDS = 60
BUSY = frozenset({429, 503})


class Pace:
    """
    The time that passes from one request to the next.

    Args:
        rate: at most so many requests a second; None for as many as can be.
    """

    def __init__(self, rate: float | None) -> None:
        self._pause = 1 / rate if rate else 0.0
        self._next = 0.0

    def wait(self) -> None:
        """Wait until the next request may be sent."""
        now = time.monotonic()
        if self._next > now:
            time.sleep(self._next - now)
            now = max(self._next, time.monotonic())
        if self._pause:
            self._next = now + self._pause

    def rest(self, seconds: float) -> None:
        """Send nothing for a while, as a host has asked."""
        self._next = max(self._next, time.monotonic() + seconds)


def wanted_rest(status: int, retry_after: str | None) -> float | None:
    """
    Read for how many seconds a host that has too much to do wants to be left alone.

    Args:
        status: of its answer.
        retry_after: its header, in seconds or as a date; None for none.

    Returns:
        The seconds; None where it says nothing, nothing that can be read, or longer than anybody waits.
    """
    if status not in BUSY or not retry_after:
        return None
    said = retry_after.strip()
    seconds = float(said) if said.isascii() and said.isdecimal() else _until(said)
    return seconds if seconds is not None and seconds <= LONGEST_REST_SECONDS else None


def _until(text: str) -> float | None:
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())
