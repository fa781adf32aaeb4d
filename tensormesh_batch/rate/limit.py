"""How many rows are under way at once: slow start, then growth by a little and cuts by a share (AIMD)."""

from __future__ import annotations

CUT = 0.8
GROWTH = 1.05
START = 8.0
COOLDOWN_SECONDS = 15.0
BETWEEN_GROWTH_SECONDS = 1.0
USED = 0.8
"""A limit that nobody came near to is not known to be safe, so it does not grow."""


class Limit:
    """
    The number of rows under way at once.

    It doubles with each round that goes well until the host turns a row away, and is cut then. From there on it grows
    slowly. What was sent before a cut says nothing about the limit after it. What is sent after it and turned away,
    too, cuts again, and nothing at all is sent for a while.

    Args:
        most: what it never exceeds.
    """

    def __init__(self, most: int, start: float = START) -> None:
        self._most = float(max(most, 1))
        self._limit = min(start, self._most)
        self._cut_at: float | None = None
        self._rest_until = 0.0
        self._pause_until = 0.0
        self._grew_at = 0.0
        self._well = 0
        """How many rows went well since the last growth."""

    @property
    def most(self) -> int:
        return int(self._most)

    @most.setter
    def most(self, value: int) -> None:
        self._most = float(max(value, 1))
        self._limit = min(self._limit, self._most)

    @property
    def now(self) -> int:
        """How many rows may be under way."""
        return max(int(self._limit), 1)

    def pause(self, now: float) -> float:
        """Seconds for which nothing is sent."""
        return max(self._pause_until - now, 0.0)

    def answered(self, now: float, under_way: int) -> None:
        """
        A row went well.

        Args:
            under_way: how many there were, this one among them.
        """
        if now < self._rest_until or under_way < USED * self._limit:
            return
        self._well += 1
        if self._well < self._limit:
            return
        if self._cut_at is None:
            self._grow(2.0, now)
        elif now - self._grew_at >= BETWEEN_GROWTH_SECONDS:
            self._grow(GROWTH, now)

    def turned_away(self, now: float, sent_at: float, retry_after: float | None) -> None:
        """
        The host had no room for a row.

        Args:
            sent_at: when it was sent.
            retry_after: seconds that the host asks to wait, if it does.
        """
        again = self._cut_at is not None and now < self._rest_until
        if self._cut_at is not None and sent_at <= self._cut_at:
            return
        rest = COOLDOWN_SECONDS if retry_after is None else retry_after
        if again:
            self._pause_until = now + rest
        self._limit = max(self._limit * CUT, 1.0)
        self._cut_at = self._grew_at = now
        self._rest_until = now + rest
        self._well = 0

    def _grow(self, by: float, now: float) -> None:
        self._limit = min(max(self._limit * by, self._limit + 1), self._most)
        self._grew_at = now
        self._well = 0
