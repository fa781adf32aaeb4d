"""How many rows and tokens a minute may take."""

from __future__ import annotations


class Pace:
    """
    A bucket that fills steadily and is drawn from.

    Args:
        per_minute: how much it gains in a minute; None for no limit.
    """

    def __init__(self, per_minute: float | None, now: float) -> None:
        self._at = now
        self.change(per_minute)
        self._level = self._room

    def change(self, per_minute: float | None) -> None:
        """Gain more or less from now on."""
        self._per_second = None if per_minute is None else per_minute / 60
        # A second's worth at most, so that no minute has two minutes' rows.
        self._room = max(self._per_second or 0.0, 1.0)

    def wait(self, now: float) -> float:
        """Seconds until it may be drawn from."""
        if self._per_second is None:
            return 0.0
        self._level = min(self._level + (now - self._at) * self._per_second, self._room)
        self._at = now
        return 0.0 if self._level > 0 else -self._level / self._per_second + 1e-6

    def draw(self, amount: float) -> None:
        """Take as much; what is taken too much is waited for afterwards."""
        if self._per_second is not None:
            self._level -= amount
