"""
Calls that are repeated. A generator without I/O.

The pump sends where `attempts` yields None and tells it the outcome; it waits where seconds are yielded.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from tensormesh_overlay.configuration.retry_policy import Attempt, RetryPolicy
from tensormesh_overlay.errors import APIConnectionError


def attempts[R: Any](
    policy: RetryPolicy,
    retries: int,
    idempotent: bool,
    method: str,
    url: str,
    watch: Callable[[Attempt], None] | None = None,
) -> Generator[float | None, R | APIConnectionError | None, R]:
    """
    Drive one call: yields None to have it sent, or seconds to wait; is told what came of it; returns the last answer.

    Args:
        retries: how often to try again.
        idempotent: whether a second try does what one does.
        watch: is told of every try, in place of the policy's `observe`.

    Raises:
        APIConnectionError: the last try brought no answer.
    """
    watch = watch or policy.observe
    begin = began = policy.clock() if retries or watch else 0.0
    attempt, sent = 0, False
    while True:
        outcome = yield None
        assert outcome is not None  # noqa: S101  (the pump has something to tell whenever it sent)
        took = policy.clock() - began if watch else 0.0
        wait = None
        if attempt < retries and policy.allows(idempotent, outcome):
            wait = policy.delay(attempt, outcome)
            if policy.clock() - begin + wait > policy.deadline:
                wait = None
        attempt += 1
        error = outcome if isinstance(outcome, APIConnectionError) else None
        sent = sent or error is None or error.sent
        if watch:
            answered = None if isinstance(outcome, APIConnectionError) else outcome
            status = None if answered is None else answered.status_code
            request_id = None if answered is None else answered.headers.get("x-request-id")
            watch(Attempt(attempt, method, url, status, error, wait, outcome.resent, took, request_id))
        if wait is not None:
            yield wait
            began = policy.clock() if watch else 0.0
        elif isinstance(outcome, APIConnectionError):
            # What the host may have seen of an earlier try, it may have carried out.
            outcome.sent = sent
            raise outcome
        else:
            return outcome
