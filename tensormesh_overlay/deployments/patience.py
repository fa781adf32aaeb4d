"""How long looking again and again may go on, and through which failures. No I/O."""

from __future__ import annotations

import math
import time
from datetime import timedelta

from tensormesh_overlay.errors import (
    APIConnectionError,
    ConfigurationError,
    InternalServerError,
    RateLimitError,
    TensormeshError,
)

AWAY_SECONDS = 60.0
"""How long a host may be away while somebody looks at it."""

PASSING = (APIConnectionError, InternalServerError, RateLimitError)
"""What may be over at the next look."""


class Patience:
    """
    What failures are lived through: those that pass, as long as they do.

    Args:
        interval: between two looks.
        away: seconds that a host may be away.
    """

    def __init__(self, interval: float | timedelta, away: float = AWAY_SECONDS) -> None:
        self.interval = seconds("interval", interval)
        self._away = away
        self._since: float | None = None

    def answered(self) -> None:
        self._since = None

    def failed(self, error: TensormeshError) -> None:
        """
        Live through a failure.

        Raises:
            TensormeshError: the failure, where it is not of a kind that passes, or has not passed for too long.
        """
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        if not isinstance(error, PASSING) or now - self._since > self._away:
            raise error


def seconds(name: str, value: float | timedelta) -> float:
    """
    A span of time in seconds.

    Raises:
        ConfigurationError: it is none, or none that has passed when it is over.
    """
    number = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < math.inf:
        raise ConfigurationError(f"{name} is {value!r}, and has to be a number of seconds above 0, or a timedelta")
    return float(number)
