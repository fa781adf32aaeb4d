"""
The account store as inference sees it: keys, models, and the meter.

Knows which table answers which question; each answer is one short transaction.
"""

import sqlite3
from decimal import Decimal

from tensormesh_local.accounts import Key, Price, UsageRecord
from tensormesh_local.catalogue import Model, served_as
from tensormesh_local.control_plane import usage
from tensormesh_local.control_plane.deployments import deployments_of, served
from tensormesh_local.control_plane.failure import Failure
from tensormesh_local.control_plane.inference_keys import find_key
from tensormesh_local.control_plane.moments import Clock, Moment, moment
from tensormesh_local.control_plane.store import Store
from tensormesh_local.control_plane.tokens import holder
from tensormesh_local.control_plane.users import find_user


class AccountStore:
    """Answers `Accounts` out of one database."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def _now(self) -> Moment:
        return moment(self._clock())

    def find_key(self, key: str) -> Key | None:
        """Look a key up; None for one that never was."""
        with self._store.transaction() as db:
            return find_key(db, key, self._now())

    def token_problem(self, token: str) -> str | None:
        """Tell why a control-plane token opens nothing, in a sentence; None when it does."""
        try:
            with self._store.transaction() as db:
                holder(db, token, self._now())
        except Failure as failure:
            return failure.message
        return None

    def has_user(self, user_id: str) -> bool:
        """Tell whether there is a user."""
        with self._store.transaction() as db:
            return find_user(db, user_id) is not None

    def serverless_models(self) -> tuple[Model, ...]:
        """Give the models with a price in force, in the order they were priced."""
        with self._store.transaction() as db:
            rows = db.execute("SELECT model FROM serverless_prices WHERE is_active ORDER BY number").fetchall()
        return tuple(served_as(row["model"]) for row in rows)

    def on_demand_models(self, user_id: str) -> tuple[Model, ...]:
        """Give the deployments of a user."""
        with self._store.transaction() as db:
            return served(db, user_id, self._now())

    def token_price(self, surface: str, model: str) -> Price | None:
        """Give the price of a serverless model."""
        if surface != usage.SERVERLESS:
            return None
        with self._store.transaction() as db:
            row = _price_row(db, model)
        return None if row is None else _price(row)

    def charge(self, record: UsageRecord) -> None:
        """Count what an answer has used; on serverless its price goes off the balance."""
        now = self._now()
        with self._store.transaction() as db:
            if record.surface == usage.SERVERLESS:
                usage.record(db, record.user_id, _serverless(db, record.model), record.tokens, now)
            else:
                _on_demand(db, record, now)


def _serverless(db: sqlite3.Connection, model: str) -> usage.Source:
    """Find the prices of a model."""
    row = _price_row(db, model)
    if row is None:
        return usage.Source(usage.SERVERLESS, model, model, Price())
    return usage.Source(usage.SERVERLESS, row["id"], row["name"], _price(row))


def _price_row(db: sqlite3.Connection, model: str) -> sqlite3.Row | None:
    """Find the price record of a model, which may have gone out of force while it answered."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM serverless_prices WHERE model = ? ORDER BY is_active DESC, number DESC LIMIT 1", (model,)
    ).fetchone()
    return row


def _price(row: sqlite3.Row) -> Price:
    return Price(*(Decimal(row[f"{kind}_price"]) for kind in ("input", "output", "cached")))


def _on_demand(db: sqlite3.Connection, record: UsageRecord, now: Moment) -> None:
    """Count for a deployment, which costs by the hour and not by the token, and write its log."""
    used = record.tokens
    for row in deployments_of(db, record.user_id):
        if row["name"] == record.model:
            source = usage.Source(usage.ON_DEMAND, row["deployment_id"], row["name"], Price())
            usage.record(db, record.user_id, source, used, now)
            line = f"POST {record.path} 200 prompt={used.prompt} cached={used.cached} completion={used.completion}"
            db.execute(
                "INSERT INTO deployment_requests (deployment_id, at, line) VALUES (?, ?, ?)",
                (row["deployment_id"], now, line),
            )
