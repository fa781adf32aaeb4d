"""Summaries of runs that never were."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tensormesh_batch.progress.summary import Summary


def summary(seconds: float = 1.0, done: int = 0, **others: Any) -> Summary:
    """A run of 1,000 rows, of which nothing is known but what is said."""
    fields: dict[str, Any] = {
        "rows": 1_000,
        "done_before": 0,
        "failed": 0,
        "bad_lines": 0,
        "in_flight": 10,
        "limit": 16,
        "prompt_tokens": 0,
        "cached_tokens": 0,
        "completion_tokens": 0,
        "cost_usd": None,
        "saved_usd": None,
        "unpriced": 0,
        "turned_away": 0,
        "again": 0,
        "maybe_twice": 0,
        "answer_seconds": 0.0,
        "order": "input",
        **others,
    }
    if isinstance(fields["cost_usd"], str):
        fields["cost_usd"] = Decimal(fields["cost_usd"])
    return Summary(seconds=seconds, done=done, **({"left": fields["rows"] - done - fields["failed"]} | fields))
