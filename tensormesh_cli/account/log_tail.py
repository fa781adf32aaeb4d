"""Tells new lines of a log from those that were there before. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tensormesh_cli.values.times import parsed

Line = Mapping[str, Any]


def in_order(lines: Sequence[Line]) -> list[Line]:
    """The lines oldest first, whichever way they came; those of one moment stay as they were said."""
    times = [parsed(line.get("timestamp")) for line in lines]
    known = [moment for moment in times if moment is not None]
    found = list(zip(times, lines, strict=True))
    if not known or known[0] >= known[-1]:  # newest first, as they were asked for
        found.reverse()
    if None in times:
        return [line for _, line in found]
    return [line for _, line in sorted(found, key=lambda pair: pair[0] or datetime.min)]


def oldest(lines: Sequence[Line]) -> str | None:
    """The moment of the oldest line, as the service writes it."""
    known = [(moment, str(line["timestamp"])) for line in lines if (moment := parsed(line.get("timestamp")))]
    return min(known)[1] if known else None


class LogTail:
    """
    What was seen of a log that is asked for again and again, each time from its last line's moment on.

    Args:
        start: where to begin, as the service takes it.
    """

    def __init__(self, start: str) -> None:
        self.start = start
        self._moment = parsed(start) or datetime.min.replace(tzinfo=UTC)
        self._seen: Counter[tuple[str, str]] = Counter()

    def feed(self, lines: Sequence[Line]) -> list[Line]:
        """The lines that are new, oldest first."""
        fresh = []
        seen = Counter(self._seen)
        for moment, line in sorted(((self._when(line), line) for line in lines), key=lambda pair: pair[0]):
            if moment < self._moment:
                continue
            if seen[_name(line)]:
                seen[_name(line)] -= 1
            else:
                fresh.append((moment, line))
        for moment, line in fresh:
            if moment > self._moment:
                self._moment, self.start = moment, str(line["timestamp"])
                self._seen.clear()
            self._seen[_name(line)] += 1
        return [line for _, line in fresh]

    def _when(self, line: Line) -> datetime:
        """A line without a time is as old as the last one."""
        return parsed(line.get("timestamp")) or self._moment


def _name(line: Line) -> tuple[str, str]:
    return str(line.get("timestamp")), str(line.get("message"))
