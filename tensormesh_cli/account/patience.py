"""Through which failures looking at the control plane again and again goes on."""

from __future__ import annotations

import time

from tensormesh_cli.errors import CliError

AWAY_SECONDS = 60.0
"""How long a host may be away meanwhile."""

_PASSING = {"unreachable", "timeout", "server", "rate_limited", "protocol"}


class Patience:
    """Tells failures that may be over at the next look from those that end it."""

    def __init__(self) -> None:
        self._since: float | None = None

    @property
    def is_tried(self) -> bool:
        """Whether the last look failed."""
        return self._since is not None

    def answered(self) -> None:
        self._since = None

    def bears(self, error: CliError) -> bool:
        """Whether looking goes on after a failure: it is one that passes, and has not lasted for too long."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        return error.kind in _PASSING and now - self._since <= AWAY_SECONDS
