"""`tm cost`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from tensormesh_cli.account import spending
from tensormesh_cli.account.spending import Period
from tensormesh_cli.app import App, current
from tensormesh_cli.command_line.groups import Command
from tensormesh_cli.command_line.parameter_types import Moment
from tensormesh_cli.output.control_characters import painted
from tensormesh_cli.output.rendering import no_room
from tensormesh_cli.output.table import table
from tensormesh_cli.values.times import clock, written


@click.command(cls=Command)
@click.option("--user-id", help="The user the call is about; the caller if left out.")
@click.option("--window", type=click.Choice(tuple(spending.WINDOWS)), help="Up to now. [default: 30d]")
@click.option("--month", metavar="YYYY-MM", help="A calendar month, in UTC.")
@click.option("--start", type=Moment(), help="From a moment on, such as 2026-06-01 or 12h.")
@click.option("--end", type=Moment(), help="Up to a moment. [default: now]")
def cost(user_id: str | None, window: str | None, month: str | None, start: str | None, end: str | None) -> None:
    """
    Tell what inference cost, by model, and what its cache saved.

    Spent is what was charged in the time. Saved is how much less prompt tokens cost because they came from the cache.
    """
    app = current()
    period = _period(window, month, start, end, datetime.now(UTC))
    scope = {"user_id": user_id} if user_id else {}
    with app.progress("Reading the ledger"):
        document = _document(app, period, scope)
    rows = spending.rows(document, currency=document["currency"] is None)  # one currency stands with the sums
    shown = table(rows, width=app.screen.width, color=app.screen.color)
    ends = [written(period.start), written(period.end)]
    if app.screen.terminal:
        ends = [clock(end) or end for end in ends]
    title = " to ".join(ends)
    parts = [f"{title}\n", shown.text, spending.words(document)]
    words = painted((part for part in parts if part), "\n")
    app.emit(document, words=words, rows=spending.rows(document, currency=True), records=document["per_model"])
    if shown.left_out and app.wants_text:
        app.note(no_room(shown.left_out, "json"))


def _period(window: str | None, month: str | None, start: str | None, end: str | None, now: datetime) -> Period:
    modes = [name for name, value in (("--window", window), ("--month", month), ("--start", start)) if value]
    if len(modes) > 1:
        raise click.UsageError(f"{' and '.join(modes)} are ways to say the same; give one of them.")
    if end and not start:
        raise click.UsageError("--end goes with --start.")
    try:
        if month:
            return spending.month(month)
        return spending.span(start, end, now) if start else spending.window(window or "30d", now)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from error


def _document(app: App, period: Period, scope: dict[str, Any]) -> dict[str, Any]:
    def ask(client: Any) -> tuple[list[Any], list[Any], list[Any]]:
        billing = client.control_plane.billing
        transactions = [item.to_dict() for item in billing.transactions.auto_paging_iter(**scope)]
        prices = [item.to_dict() for item in billing.pricing.serverless.list(active_only=False)]
        usage = billing.spending.usage_history(
            bucket="USAGE_BUCKET_DAY", start_time=written(period.start), end_time=written(period.end), **scope
        )
        return transactions, prices, [item.to_dict() for item in usage]

    transactions, prices, usage = app.call(ask)
    return spending.cost(period, transactions, prices, usage)
