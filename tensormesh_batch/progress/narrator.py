"""How far a run is, on one line, and what it is going to cost."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from decimal import Decimal

from tensormesh_batch.progress.amounts import length, usd
from tensormesh_batch.progress.summary import Summary

RECENT_SECONDS = 30.0
"""Speed is that of so many seconds."""

WORTH_A_FORECAST = 0.01
"""Of all rows, the share that must be through before anybody says what all of them cost."""

_LEAST_ROWS = 20


class Narrator:
    """
    Tells on one line how far a run is.

    Args:
        budget: what it may cost, in US dollars, where there is a limit.
    """

    def __init__(self, budget: Decimal | None = None) -> None:
        self._budget = budget
        self._seen: deque[Summary] = deque()

    def line(self, now: Summary) -> str:
        """How far it is now. To be called again and again, since speed is a matter of the last seconds."""
        self._seen.append(now)
        while len(self._seen) > 2 and now.seconds - self._seen[1].seconds >= RECENT_SECONDS:
            self._seen.popleft()
        return ", ".join(self._parts(now))

    def _parts(self, now: Summary) -> Iterator[str]:
        rows, tokens, through = self._speeds(now)
        yield f"{now.done:,} of {now.rows:,} rows"
        yield f"{rows:,.{0 if rows >= 10 else 1}f} rows/s"
        yield f"{now.in_flight:,}/{now.limit:,} in flight"
        if tokens:
            yield f"{tokens:,.0f} tokens/s"
        if now.cached_share is not None:
            yield f"{now.cached_share:.0%} cached"
        if now.cost_usd is not None:
            of = "" if self._budget is None else f" of {usd(self._budget)}"
            yield f"{usd(now.cost_usd)}{of} USD"
            if (whole := forecast(now)) is not None and now.left:
                more = ", more than the budget" if self._budget is not None and whole > self._budget else ""
                yield f"in all about {usd(whole)} USD{more}"
        if through and now.left:
            yield f"{length(now.left / through)} left"
        if now.stopped is not None:
            yield "ending: what is under way is waited for; Ctrl-C again ends it at once"
        if now.failed:
            yield f"{now.failed:,} failed"

    def _speeds(self, now: Summary) -> tuple[float, float, float]:
        """Answers, tokens, and rows that are through, each in a second."""
        then = self._seen[0]
        if then is now:  # nothing to compare it with but its beginning
            seconds = now.seconds
            answers = through = now.done - now.done_before
            tokens = 0
        else:
            seconds = now.seconds - then.seconds
            answers = now.done - then.done
            through = answers + now.failed - then.failed
            tokens = _tokens(now) - _tokens(then)
        if seconds <= 0:
            return 0.0, 0.0, 0.0
        return answers / seconds, max(tokens, 0) / seconds, through / seconds


def _tokens(found: Summary) -> int:
    return found.prompt_tokens + found.completion_tokens


def forecast(now: Summary) -> Decimal | None:
    """What all rows together are going to cost; None as long as too few of them are through to tell."""
    priced = now.done - now.unpriced
    if now.cost_usd is None or priced < max(now.rows * WORTH_A_FORECAST, min(_LEAST_ROWS, now.rows)):
        return None
    return now.cost_usd * (now.done + now.left) / priced
