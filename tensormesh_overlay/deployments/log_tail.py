"""Tells new lines of a log from those that were there before. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tensormesh_overlay.errors import ValidationError
from tensormesh_runtime.types import UNSET, Unset

if TYPE_CHECKING:
    from tensormesh_generated.models import LogEntry

LAST = 100
"""How many lines a log begins with that is followed from where it is now."""
MOST = 1_000
"""How many lines one look asks for; where as many come, the next look follows at once."""
INTERVAL_SECONDS = 2.0
FORWARD, BACKWARD = "LOG_DIRECTION_FORWARD", "LOG_DIRECTION_BACKWARD"


class LogTail:
    """
    What was seen of a log that is asked for again and again, each time from its last line's moment on.

    Args:
        start: the earliest line, in any form that the call takes; without it, the last lines there are.
        last: how many those are.
    """

    def __init__(self, start: datetime | timedelta | str | Unset, last: int) -> None:
        self._start: Any = start
        self._last = last
        self._moment = datetime.min.replace(tzinfo=UTC)
        self._seen: Counter[tuple[str, str]] = Counter()
        self.full = False
        """Whether more lines may be there already than the last look gave."""

    @property
    def question(self) -> dict[str, Any]:
        """What to ask for next."""
        if self._start is UNSET:
            return {"direction": BACKWARD, "limit": max(self._last, 1)}
        return {"start_time": self._start, "direction": FORWARD, "limit": MOST}

    def feed(self, lines: Sequence[LogEntry]) -> list[LogEntry]:
        """The lines that are new, oldest first."""
        first, backward = not self._seen, self._start is UNSET
        seen, fresh = Counter(self._seen), []
        in_order = reversed(lines) if backward else lines
        for moment, line in sorted(((self._when(line), line) for line in in_order), key=lambda pair: pair[0]):
            if moment < self._moment:
                continue
            if seen[_name(line)]:
                seen[_name(line)] -= 1
            else:
                fresh.append((moment, line))
        for moment, line in fresh:
            if moment > self._moment:
                self._moment, self._start = moment, _text(line)
                self._seen.clear()
            self._seen[_name(line)] += 1
        self.full = not backward and bool(fresh) and len(lines) >= MOST
        shown = [line for _, line in fresh]
        return shown[len(shown) - self._last :] if first and backward and len(shown) > self._last else shown

    def _when(self, line: LogEntry) -> datetime:
        """A line without a time is as old as the last one."""
        try:
            return line.timestamp or self._moment
        except ValidationError:
            return self._moment


def _text(line: LogEntry) -> str:
    return str(line["timestamp"])


def _name(line: LogEntry) -> tuple[str, str]:
    held = line.to_dict()
    return str(held.get("timestamp")), str(held.get("message"))
