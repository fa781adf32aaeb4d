"""How long the parts of one exchange may still take, by a clock that is handed in. No I/O."""

from __future__ import annotations

import math

from tensormesh_transport.errors import ConnectTimeoutError, ReadTimeoutError, TransportError
from tensormesh_transport.messages import Timeouts

DRAIN_SECONDS = 0.25
"""How long the end of a body may take to arrive once nothing more of it is wanted."""


class Deadline:
    """
    When the next thing must have happened.

    Args:
        now: seconds by the clock that all other times here are of.
    """

    __slots__ = ("_end", "_step", "_timeouts", "at")

    def __init__(self, timeouts: Timeouts, now: float) -> None:
        self._timeouts = timeouts
        self._end = math.inf if timeouts.total is None else now + timeouts.total
        self._step = "connect"
        self.at = min(now + timeouts.connect, self._end)

    def again(self, now: float) -> None:
        """Another connection is needed, within what is left of the time for all of it."""
        self._step = "connect"
        self.at = min(now + self._timeouts.connect, self._end)

    def sending(self, now: float) -> None:
        """The connection is there, or the host has taken more of the request."""
        self._step = "first_byte"
        self.at = min(now + self._timeouts.first_byte, self._end)

    def reading(self, now: float) -> None:
        """The headers are there, or another piece of the body."""
        if self._step != "drain":
            self._step = "idle"
            self.at = min(now + self._timeouts.idle, self._end)

    def draining(self, now: float) -> None:
        """The rest is not wanted, and may take a moment longer."""
        self._step = "drain"
        self.at = min(now + DRAIN_SECONDS, self._end)

    def error(self, now: float) -> TransportError:
        """What to say at `at`."""
        timeouts = self._timeouts
        if self._step == "connect":
            seconds = timeouts.connect if timeouts.total is None else min(timeouts.connect, timeouts.total)
            return ConnectTimeoutError(f"no connection within {seconds:g} s")
        if now >= self._end:
            return ReadTimeoutError(f"the answer was not complete within {timeouts.total:g} s")
        if self._step == "first_byte":
            return ReadTimeoutError(f"no answer came within {timeouts.first_byte:g} s")
        return ReadTimeoutError(f"nothing more came within {timeouts.idle:g} s")
