"""How a run went over time: a line each second at first, and then rarer, so that a run of days stays small."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tensormesh_batch.errors import cannot
from tensormesh_batch.progress.summary import Summary

EACH = 300
"""A line is written when a run is one part in so many older than at the last one: 300 lines of the first 300 seconds,
and some 200 more each time that the time doubles."""

LEAST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Moment:
    """
    How far a run was.

    Attributes:
        run: which run of the folder it was, from 1.
        seconds: since that run began.
        done, failed: rows, in all runs.
        in_flight, limit: rows under way, and how many might be.
        answer_seconds: the sum of the times that the answers of this run took.
        answers: how many those were.
        prompt_tokens, cached_tokens, completion_tokens: in all runs.
        turned_away: how often the host had no room, in this run.
        cost_usd: in all runs; None where it is not known.
    """

    run: int
    seconds: float
    done: int
    failed: int
    in_flight: int
    limit: int
    answer_seconds: float
    answers: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    turned_away: int
    cost_usd: float | None


class History:
    """
    The lines of a folder's runs.

    Args:
        path: the file, which need not be there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._run = max((moment.run for moment in moments(path)), default=0) + 1
        self._next = 0.0

    def tell(self, summary: Summary, *, last: bool = False) -> None:
        """
        Write down how far a run is, if it is time for that.

        Args:
            last: it has ended, so it is time.

        Raises:
            FolderError: it cannot be written.
        """
        if summary.seconds < self._next and not last:
            return
        self._next = summary.seconds + max(LEAST_SECONDS, summary.seconds / EACH) - LEAST_SECONDS / 2
        line = json.dumps({"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", **asdict(_moment(self._run, summary))})
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
        except OSError as error:
            raise cannot("written", self._path, error) from error


def _moment(run: int, found: Summary) -> Moment:
    return Moment(
        run=run,
        seconds=round(found.seconds, 2),
        done=found.done,
        failed=found.failed,
        in_flight=found.in_flight,
        limit=found.limit,
        answer_seconds=round(found.answer_seconds, 3),
        answers=found.done - found.done_before,
        prompt_tokens=found.prompt_tokens,
        cached_tokens=found.cached_tokens,
        completion_tokens=found.completion_tokens,
        turned_away=found.turned_away,
        cost_usd=None if found.cost_usd is None else float(found.cost_usd),
    )


def moments(path: Path) -> Iterator[Moment]:
    """
    What is written down; a line that was torn, or is of another version, is left out.

    Raises:
        FolderError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            for line in file:
                try:
                    found = json.loads(line)
                    moment = Moment(**{each.name: _number(found[each.name]) for each in fields(Moment)})
                except (ValueError, KeyError, TypeError, RecursionError):
                    continue
                yield moment
    except FileNotFoundError:
        return
    except OSError as error:
        raise cannot("read", path, error) from error


def _number(value: Any) -> Any:
    if value is not None and (
        isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value)
    ):
        raise ValueError(f"{value!r} is no number")
    return value
