"""
The ledger of money: top-ups, credits and charges, and what is left.

The balance is never stored: it is what was put in less what was charged, so
the two cannot disagree.
"""

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.control_plane import chosen
from tensormesh_local.control_plane.moments import HOUR, Moment, floor, stamp
from tensormesh_local.control_plane.money import money, plain

CHARGE = "TRANSACTION_TYPE_CHARGE"
CHARGED = "Serverless usage"


@dataclass(frozen=True, slots=True)
class Payment:
    """Where the money of a top-up came from."""

    intent: str
    method: str


def decimal(value: str | None) -> Decimal:
    """Read the outcome of `decimal_sum`, which is null over no rows."""
    return Decimal(value or 0)


def balance(db: sqlite3.Connection, user_id: str) -> Decimal:
    """Tell what is left of a user's money; it can be less than nothing."""
    found = db.execute(
        "SELECT decimal_sum(CASE type WHEN ? THEN '-' || amount ELSE amount END) FROM transactions WHERE user_id = ?",
        (CHARGE, user_id),
    ).fetchone()[0]
    return decimal(found)


def add_money(
    db: sqlite3.Connection,
    user_id: str,
    amount: Decimal,
    at: Moment,
    *,
    description: str,
    payment: Payment | None = None,
) -> None:
    """Enter a top-up, or without a payment a credit."""
    db.execute(
        "INSERT INTO transactions"
        " (user_id, type, amount, description, created_at, payment_intent, payment_method)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            user_id,
            chosen.CREDIT if payment is None else chosen.TOP_UP,
            plain(amount),
            description,
            at,
            None if payment is None else payment.intent,
            None if payment is None else payment.method,
        ),
    )


def charge(db: sqlite3.Connection, user_id: str, amount: Decimal, at: Moment) -> None:
    """Add usage to the charge of its hour; the first usage of an hour opens it."""
    hour = floor(at, HOUR)
    found = db.execute("SELECT amount FROM transactions WHERE user_id = ? AND hour = ?", (user_id, hour)).fetchone()
    if found is None:
        db.execute(
            "INSERT INTO transactions (user_id, type, amount, description, created_at, hour) VALUES (?, ?, ?, ?, ?, ?)",
            (user_id, CHARGE, plain(amount), CHARGED, at, hour),
        )
    else:
        total = Decimal(found["amount"]) + amount
        db.execute("UPDATE transactions SET amount = ? WHERE user_id = ? AND hour = ?", (plain(total), user_id, hour))


def entry(db: sqlite3.Connection, row: sqlite3.Row) -> JsonObject:
    """Write a transaction; a charge with its share for each model."""
    found: JsonObject = {
        "transactionId": f"txn-{row['number']}",
        "stripePaymentIntentId": row["payment_intent"] or "",
        "paymentMethodId": row["payment_method"] or "",
        "createdAt": stamp(row["created_at"]),
        "amount": money(Decimal(row["amount"])),
        "description": row["description"],
        "status": chosen.TRANSACTION_DONE,
        "type": row["type"],
    }
    if row["hour"] is not None:
        found["details"] = {"models": _by_model(db, row["user_id"], row["hour"])}
    return found


def _by_model(db: sqlite3.Connection, user_id: str, hour: Moment) -> JsonObject:
    rows = db.execute(
        "SELECT model, name, sum(requests) AS requests, sum(prompt_tokens) AS prompt_tokens,"
        " sum(cached_tokens) AS cached_tokens, sum(completion_tokens) AS completion_tokens, decimal_sum(cost) AS cost"
        " FROM usage WHERE user_id = ? AND surface = 'serverless' AND minute >= ? AND minute < ? GROUP BY model",
        (user_id, hour, hour + HOUR),
    )
    return {
        row["model"]: {
            "name": row["name"],
            "event_count": row["requests"],
            "input_tokens": row["prompt_tokens"],
            "output_tokens": row["completion_tokens"],
            "cached_tokens": row["cached_tokens"],
            "total_amount": plain(Decimal(row["cost"])),
        }
        for row in rows
    }
