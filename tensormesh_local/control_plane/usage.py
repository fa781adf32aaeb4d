"""
What inference was used, and what it cost.

Knows how use and its cost add up over time, but not where the token counts
come from.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tensormesh_local.accounts import Price, Tokens
from tensormesh_local.control_plane.moments import DAY, MINUTE, Moment, floor
from tensormesh_local.control_plane.money import plain
from tensormesh_local.control_plane.transactions import charge, decimal

SERVERLESS = "serverless"
ON_DEMAND = "on-demand"


@dataclass(frozen=True, slots=True)
class Source:
    """
    What was used.

    Args:
        surface: "serverless" or "on-demand".
        model: the price record or the deploymentId.
        name: the model's name for display.
        price: what its tokens cost.
    """

    surface: str
    model: str
    name: str
    price: Price


def record(
    db: sqlite3.Connection, user_id: str, source: Source, used: Tokens, at: Moment, *, requests: int = 1
) -> None:
    """Write usage down, and charge it where tokens have a price list: on serverless."""
    cost, saving = source.price.cost(used), source.price.saving(used)
    key = (user_id, source.surface, source.model, floor(at, MINUTE))
    found = db.execute(
        "SELECT cost, saving FROM usage WHERE user_id = ? AND surface = ? AND model = ? AND minute = ?", key
    ).fetchone()
    if found is None:
        db.execute(
            "INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, source.name, requests, used.prompt, used.cached, used.completion, plain(cost), plain(saving)),
        )
    else:
        db.execute(
            "UPDATE usage SET requests = requests + ?, prompt_tokens = prompt_tokens + ?,"
            " cached_tokens = cached_tokens + ?, completion_tokens = completion_tokens + ?, cost = ?, saving = ?"
            " WHERE user_id = ? AND surface = ? AND model = ? AND minute = ?",
            (
                requests,
                used.prompt,
                used.cached,
                used.completion,
                plain(Decimal(found["cost"]) + cost),
                plain(Decimal(found["saving"]) + saving),
                *key,
            ),
        )
    if source.surface == SERVERLESS:
        charge(db, user_id, cost, at)


def spent_since(db: sqlite3.Connection, user_id: str, start: Moment) -> Decimal:
    """Add up what was spent since a moment, to the minute."""
    found = db.execute(
        "SELECT decimal_sum(cost) FROM usage WHERE user_id = ? AND minute >= ?", (user_id, floor(start, MINUTE))
    ).fetchone()[0]
    return decimal(found)


def spent_by_day(db: sqlite3.Connection, user_id: str, start: Moment) -> dict[Moment, tuple[Decimal, Decimal]]:
    """Add up cost and saving of every day of UTC on which anything was used."""
    rows = db.execute(
        "SELECT minute - minute % ? AS day, decimal_sum(cost) AS cost, decimal_sum(saving) AS saving"
        " FROM usage WHERE user_id = ? AND minute >= ? GROUP BY day",
        (DAY, user_id, start),
    )
    return {row["day"]: (Decimal(row["cost"]), Decimal(row["saving"])) for row in rows}


@dataclass(frozen=True, slots=True)
class Minute:
    """Use of one model in one minute."""

    at: Moment
    model: str
    requests: int
    tokens: Tokens


def minutes(
    db: sqlite3.Connection,
    user_id: str,
    period: tuple[Moment, Moment],
    *,
    surface: str | None = None,
    model: str | None = None,
) -> Sequence[Minute]:
    """Give the use of every minute and model of a period, in the order of time."""
    rows = db.execute(
        "SELECT minute, model, requests, prompt_tokens, cached_tokens, completion_tokens FROM usage"
        " WHERE user_id = :user AND minute BETWEEN :start AND :end"
        " AND (:surface IS NULL OR surface = :surface) AND (:model IS NULL OR model = :model)"
        " ORDER BY minute, model",
        {"user": user_id, "start": floor(period[0], MINUTE), "end": period[1], "surface": surface, "model": model},
    )
    return [Minute(row[0], row[1], row[2], Tokens(row[3], row[4], row[5])) for row in rows]
