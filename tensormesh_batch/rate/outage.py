"""Whether the host is away: one row after another fails in the same way, whichever it is."""

from __future__ import annotations

ROWS = 8
"""So many different rows, and no answer between them: it is not the rows."""

LONGEST_PAUSE_SECONDS = 30.0


class Outage:
    """
    What is known of a host that may be away.

    While it is, one row at a time is sent, after pauses that grow, and a row whose try cannot have been its own fault
    keeps it.

    Args:
        now: when the run began.
    """

    def __init__(self, now: float) -> None:
        self._rows: set[int] = set()
        self._heard_at = now
        self._pause = 0.0
        self._next = 0.0

    @property
    def away(self) -> bool:
        return len(self._rows) >= ROWS

    def heard(self, now: float) -> None:
        """The host has answered a row, or refused it for what it is."""
        self._heard_at = now
        self._rows.clear()
        self._pause = 0.0

    def gone(self, now: float, row: int) -> None:
        """A row found nobody, or somebody who said that nobody is there."""
        was_away = self.away
        self._rows.add(row)
        if self.away and (not was_away or now >= self._next):
            self._pause = min(max(self._pause * 2, 1.0), LONGEST_PAUSE_SECONDS)
            self._next = now + self._pause

    def wait(self, now: float) -> float:
        """Seconds until a row may be sent to see whether the host is back."""
        return max(self._next - now, 0.0) if self.away else 0.0

    def silent_for(self, now: float) -> float:
        """Seconds since the host last answered."""
        return now - self._heard_at
