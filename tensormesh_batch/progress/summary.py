"""What a run has done, or has done so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from tensormesh_batch.folder.manifest import Manifest
from tensormesh_batch.money.price import dollars
from tensormesh_batch.progress.amounts import count, length, usd
from tensormesh_batch.tally import Tally


@dataclass(frozen=True, slots=True)
class Summary:
    """
    What a run has done.

    Attributes:
        rows: requests of the input.
        done: of these, how many have an answer in the folder.
        done_before: of these, how many had one before this run.
        failed: rows that were set aside, with their reason, in `errors.jsonl`.
        bad_lines: lines of the input that are no requests, and were set aside.
        left: rows that were neither answered nor set aside.
        seconds: how long this run took.
        in_flight, limit: rows under way, and how many may be.
        prompt_tokens, cached_tokens, completion_tokens: as the host counted them, in all runs of the folder.
        cost_usd: what all runs of the folder cost, as far as prices and usage are known.
        saved_usd: what the cached tokens would have cost, in all runs of the folder, as far as prices are known.
        unpriced: answers whose cost is not known.
        turned_away: how often the host had no room for a row.
        again: how often a row was sent again after a failure that passes.
        maybe_twice: of these, how often the host may have answered, and counted, the row before.
        answer_seconds: the sum of the times that the answers of this run took.
        order: the order in which the rows went: `prefix` or `input`.
        stopped: why it ended before its end, if it did.
    """

    rows: int
    done: int
    done_before: int
    failed: int
    bad_lines: int
    left: int
    seconds: float
    in_flight: int
    limit: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost_usd: Decimal | None
    saved_usd: Decimal | None
    unpriced: int
    turned_away: int
    again: int
    maybe_twice: int
    answer_seconds: float
    order: str
    stopped: str | None = None

    @property
    def cached_share(self) -> float | None:
        """Of all tokens that went in, the share that came from the cache; None where nothing was counted."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else None

    @property
    def rows_per_second(self) -> float:
        """Rows that this run got through."""
        return (self.done - self.done_before) / self.seconds if self.seconds > 0 else 0.0

    def __str__(self) -> str:
        return "\n".join(_lines(self))

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; money as text."""
        found = asdict(self)
        for name in ("cost_usd", "saved_usd"):
            found[name] = None if found[name] is None else f"{found[name]:f}"
        return {**found, "cached_share": self.cached_share, "rows_per_second": self.rows_per_second}


def summary(
    manifest: Manifest,
    before: Tally,
    now: Tally,
    *,
    seconds: float,
    in_flight: int = 0,
    limit: int = 0,
    stopped: str | None = None,
) -> Summary:
    """The summary of a run of a folder."""
    whole = Tally()
    whole.add(before)
    whole.add(now)
    known = whole.cost > 0 or whole.done > whole.unpriced
    return Summary(
        rows=manifest.input.rows,
        done=whole.done,
        done_before=before.done,
        failed=whole.failed,
        bad_lines=manifest.input.bad,
        left=max(manifest.input.rows - whole.done - whole.failed, 0),
        seconds=seconds,
        in_flight=in_flight,
        limit=limit,
        prompt_tokens=whole.prompt,
        cached_tokens=whole.cached,
        completion_tokens=whole.completion,
        cost_usd=dollars(whole.cost) if known else None,
        saved_usd=dollars(whole.saved) if known else None,
        unpriced=whole.unpriced,
        turned_away=whole.turned_away,
        again=whole.again,
        maybe_twice=whole.doubtful,
        answer_seconds=now.seconds,
        order=manifest.input.order,
        stopped=stopped,
    )


def _lines(found: Summary) -> Iterator[str]:
    now = found.done - found.done_before
    speed = f", {found.rows_per_second:,.1f} rows/s" if now else ""
    yield f"{found.done:,} of {found.rows:,} rows have an answer; {now:,} came in {length(found.seconds)}{speed}"
    if found.failed:
        rows = count(found.failed, "row", "rows")
        yield f"{rows} failed; errors.jsonl says why, and retry_failed (--retry-failed) goes on with them"
    if found.bad_lines:
        yield f"{count(found.bad_lines, 'line is no request', 'lines are no requests')}; errors.jsonl says why"
    if found.left:
        yield f"{count(found.left, 'row is', 'rows are')} left; the same command goes on"
    if found.prompt_tokens or found.completion_tokens:
        yield f"{found.prompt_tokens:,} tokens in, {found.completion_tokens:,} out{_cached(found)}"
    if found.cost_usd is not None:
        unknown = count(found.unpriced, "answer", "answers")
        but = f", without {unknown} whose cost is not known" if found.unpriced else ""
        yield f"cost {usd(found.cost_usd)} USD{but}"
    elif found.done:
        yield "cost unknown: no price is known for what was asked"
    if found.turned_away:
        yield f"the host had no room {count(found.turned_away, 'time', 'times')}"
    if found.maybe_twice:
        yield f"{count(found.maybe_twice, 'row', 'rows')} may have been answered, and paid for, twice"
    if found.stopped:
        yield f"it ended early: {found.stopped}"


def _cached(found: Summary) -> str:
    if found.cached_share is None:
        return ""
    saved = f", which saved {usd(found.saved_usd)} USD" if found.saved_usd else ""
    order = " (rows with the same beginning went together)" if found.order == "prefix" else ""
    return f"; {found.cached_tokens:,} ({found.cached_share:.1%}) came from the cache{saved}{order}"
