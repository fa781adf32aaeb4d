"""When a call may be repeated, and how long to wait first."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tensormesh_overlay.errors import APIConnectionError
from tensormesh_transport.messages import Response

RETRYABLE = frozenset({408, 429, 500, 502, 503, 504, *range(520, 525), 529})
"""Statuses after which another try may do better; 520 to 524 are a gateway's that lost its host, 529 is overload."""

TURNED_AWAY = frozenset({429, 503})
"""Statuses that say the host did not begin."""


class Attempt(NamedTuple):
    """
    One try of a call, as `RetryPolicy.observe` is told of it.

    Attributes:
        number: from 1.
        method, url: what was called; the URL without its query.
        status_code: the answer's status, None where there was no answer.
        error: why there was no answer.
        wait_seconds: how long the client waits before it tries again, None where it does not.
        resent: whether the request went out twice within this try: the host was closing the connection that had been
            kept, and nobody can have read any of it.
    """

    number: int
    method: str
    url: str
    status_code: int | None
    error: APIConnectionError | None
    wait_seconds: float | None
    resent: bool = False


class RetryPolicy(NamedTuple):
    """
    How calls are repeated. How often is `max_retries` of the client.

    GET, PUT and DELETE are repeated after 408, 429, 500, 502, 503, 504, 520 to 524 and 529, and after a broken
    connection. A POST may have been carried out, and paid for, even where no answer came; so it is not repeated, unless
    `posts` says so.

    Attributes:
        posts: repeat a POST too, where the host turned it away (429, 503) or never saw it (no connection).
        first_delay: seconds before the second try; it doubles from try to try, less up to half of it by chance.
        max_delay: seconds that no wait exceeds, whatever the host asks for in `Retry-After`.
        deadline: seconds after which no further try begins.
        observe: is told of every try, once it is over.
    """

    posts: bool = False
    first_delay: float = 0.5
    max_delay: float = 8.0
    deadline: float = 120.0
    observe: Callable[[Attempt], None] | None = None
    jitter: Callable[[], float] = random.random
    clock: Callable[[], float] = time.monotonic

    def allows(self, idempotent: bool, outcome: Response | APIConnectionError) -> bool:
        """Whether a call may be repeated after `outcome`."""
        if isinstance(outcome, APIConnectionError):
            return idempotent or (self.posts and not outcome.sent)
        return outcome.status_code in (RETRYABLE if idempotent else TURNED_AWAY if self.posts else ())

    def delay(self, attempt: int, outcome: Response | APIConnectionError) -> float:
        """Seconds to wait after try number `attempt` (from 0): what the host asks for, else growing with jitter."""
        asked = None if isinstance(outcome, APIConnectionError) else retry_after(outcome.headers)
        if asked is not None:
            return min(asked, self.max_delay)
        doublings = min(attempt, 30)  # a float cannot hold all of them
        return min(self.first_delay * 2.0**doublings, self.max_delay) * (0.5 + self.jitter() / 2)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the host asks to wait, given as a number or as a date; None where it does not ask or makes no sense."""
    text = headers.get("retry-after", "")
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            import datetime
            import email.utils

            moment = email.utils.parsedate_to_datetime(text)
        except (ValueError, OverflowError, OSError, ImportError):  # or there are no more files to be had
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        seconds = (moment - datetime.datetime.now(datetime.UTC)).total_seconds()
    return max(seconds, 0.0) if seconds == seconds else None
