"""
Calls that are repeated. A generator without I/O.

The pump sends where `attempts` yields None and tells it the outcome; it waits where seconds are yielded.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from tensormesh_overlay.configuration.retry_policy import Attempt, RetryPolicy
from tensormesh_overlay.errors import APIConnectionError


def attempts[R: Any](
    policy: RetryPolicy, retries: int, idempotent: bool, method: str, url: str
) -> Generator[float | None, R | APIConnectionError | None, R]:
    """
    Drive one call: yields None to have it sent, or seconds to wait; is told what came of it; returns the last answer.

    Args:
        retries: how often to try again.
        idempotent: whether a second try does what one does.

    Raises:
        APIConnectionError: the last try brought no answer.
    """
    begin = policy.clock() if retries else 0.0
    attempt = 0
    while True:
        outcome = yield None
        assert outcome is not None  # noqa: S101  (the pump has something to tell whenever it sent)
        wait = None
        if attempt < retries and policy.allows(idempotent, outcome):
            wait = policy.delay(attempt, outcome)
            if policy.clock() - begin + wait > policy.deadline:
                wait = None
        attempt += 1
        if policy.observe is not None:
            error = outcome if isinstance(outcome, APIConnectionError) else None
            status = None if isinstance(outcome, APIConnectionError) else outcome.status_code
            policy.observe(Attempt(attempt, method, url, status, error, wait, outcome.resent))
        if wait is not None:
            yield wait
        elif isinstance(outcome, APIConnectionError):
            raise outcome
        else:
            return outcome
