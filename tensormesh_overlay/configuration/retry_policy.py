"""When a call may be repeated, and how long to wait first."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import NamedTuple

from tensormesh_overlay.errors import APIConnectionError
from tensormesh_overlay.retry_after import retry_after
from tensormesh_runtime.publication import public
from tensormesh_transport.messages import Response

RETRIES = 2
"""How often a call is tried again where there is a policy and nobody says how often."""

RETRYABLE = frozenset({408, 429, 500, 502, 503, 504, *range(520, 525), 529})
"""Statuses after which another try may do better; 520 to 524 are a gateway's that lost its host, 529 is overload."""

TURNED_AWAY = frozenset({429, 503})
"""Statuses that say the host did not begin."""


@public
class Attempt(NamedTuple):
    """
    One try of a call, as `RetryPolicy.observe` is told of it.

    Attributes:
        number: from 1.
        method, url: what was called; the URL without its query, where a key may travel.
        status_code: the answer's status, None where there was no answer.
        error: why there was no answer.
        wait_seconds: how long the client waits before it tries again, None where it does not.
        resent: whether the request went out twice within this try: the host was closing the connection that had been
            kept, and nobody can have read any of it.
        duration_seconds: how long this try took: until the whole answer was there or, streamed, until it began.
        request_id: the host's name for the call, which support asks for first.
    """

    number: int
    method: str
    url: str
    status_code: int | None
    error: APIConnectionError | None
    wait_seconds: float | None
    resent: bool = False
    duration_seconds: float = 0.0
    request_id: str | None = None


@public
class RetryPolicy(NamedTuple):
    """
    How calls are repeated. How often is `max_retries` of the client: 2 where it has a policy, and nobody says.

    GET, PUT and DELETE are repeated after 408, 429, 500, 502, 503, 504, 520 to 524 and 529, and after a broken
    connection. A POST may have been carried out, and paid for, even where no answer came; so it is not repeated, unless
    `posts` says so.

    Attributes:
        posts: repeat a POST too, where the host turned it away (429, 503) or never saw it (no connection).
        first_delay: seconds before the second try; it doubles from try to try, less up to half of it by chance.
        max_delay: seconds that no wait of the client's own choice exceeds. What the host asks for in `Retry-After` is
            waited out, and not cut short: a try before that would be turned away as well.
        deadline: seconds after which no further try begins. Where a wait would lead past them, the client gives up at
            once.
        observe: is told of every try, once it is over, in the thread or task of the call; it should not take long. What
            it raises ends the call: that is what the caller gets, in place of an answer, which is let go.
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
            return asked
        doublings = min(attempt, 30)  # a float cannot hold all of them
        return min(self.first_delay * 2.0**doublings, self.max_delay) * (0.5 + self.jitter() / 2)
