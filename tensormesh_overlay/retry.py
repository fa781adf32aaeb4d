"""
When to try again, and how long to wait first. A generator without I/O and without a clock.

The pump sends what `attempts` yields and tells it the outcome; it waits where a number is yielded.
"""

from __future__ import annotations

import datetime
import email.utils
import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass

from tensormesh_overlay.errors import APIConnectionError
from tensormesh_overlay.wire import HTTPResponse

RETRYABLE = frozenset({429, 500, 502, 503, 504})
FIRST_DELAY_SECONDS = 0.5
MAX_DELAY_SECONDS = 8.0


@dataclass(frozen=True)
class Send:
    """Send the request (once more)."""


@dataclass(frozen=True)
class Wait:
    """Wait so many seconds."""

    seconds: float


Outcome = HTTPResponse | APIConnectionError | None


def attempts(
    retries: int, jitter: Callable[[], float] = random.random
) -> Generator[Send | Wait, Outcome, HTTPResponse]:
    """
    Drive one call: yields what to do next, is sent what came of it, and returns the last answer.

    Args:
        retries: how often to try again; 0 for a call that must not be repeated.
        jitter: a number from 0 to 1; spreads clients that failed together.

    Raises:
        APIConnectionError: the last attempt brought no answer.
    """
    for attempt in range(retries + 1):
        outcome = yield Send()
        last = attempt == retries
        if isinstance(outcome, HTTPResponse):
            if last or outcome.status_code not in RETRYABLE:
                return outcome
            yield Wait(delay(attempt, outcome.headers, jitter))
        elif isinstance(outcome, APIConnectionError):
            if last:
                raise outcome
            yield Wait(delay(attempt, {}, jitter))
    raise AssertionError("range(retries + 1) is never empty")


def delay(attempt: int, headers: Mapping[str, str], jitter: Callable[[], float]) -> float:
    """Seconds to wait after attempt number `attempt` (from 0): what the host asks for, else growing with jitter."""
    asked = retry_after(headers)
    if asked is not None:
        return min(asked, MAX_DELAY_SECONDS)
    ceiling = min(FIRST_DELAY_SECONDS * 2.0**attempt, MAX_DELAY_SECONDS)
    return ceiling * (0.5 + jitter() / 2)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the host asks to wait, given as a number or as a date; None where it does not ask or makes no sense."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        seconds = (moment - datetime.datetime.now(datetime.UTC)).total_seconds()
    return max(seconds, 0.0) if seconds == seconds else None
