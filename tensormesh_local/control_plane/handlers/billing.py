"""Balance, address, ledger, spending and serverless usage of one user."""

import json
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.control_plane import chosen, transactions, usage
from tensormesh_local.control_plane.call import EMPTY, Call
from tensormesh_local.control_plane.failure import invalid, not_found
from tensormesh_local.control_plane.moments import DAY, Moment, calendar, floor, moment, stamp
from tensormesh_local.control_plane.money import money
from tensormesh_local.control_plane.pages import token_page

_WINDOWS = {"spend24h": 1, "spend7d": 7, "spend30d": 30}
_MONTH_DAYS = 30


def get_balance(call: Call) -> JsonObject:
    return {"balance": money(transactions.balance(call.db, call.subject().id))}


def get_billing_address(call: Call) -> JsonObject:
    user = call.subject()
    found = call.db.execute("SELECT address FROM users WHERE id = ?", (user.id,)).fetchone()[0]
    if found is None:
        raise not_found(f"A billing address of the user {user.id}")
    return {"address": json.loads(found)}


def update_billing_address(call: Call) -> JsonObject:
    user = call.subject()
    address = json.dumps(call.arguments.object("address"))
    call.db.execute("UPDATE users SET address = ? WHERE id = ?", (address, user.id))
    call.record("update", ("billing_address", user.id), "changed the billing address", user_id=user.id)
    return EMPTY


def list_transactions(call: Call) -> JsonObject:
    user = call.subject()
    rows, token = token_page(
        call.db, call.arguments, "SELECT * FROM transactions WHERE user_id = ?", (user.id,), user.id
    )
    return {"transactions": [transactions.entry(call.db, row) for row in rows], "nextPageToken": token}


def get_spending_history(call: Call) -> JsonObject:
    """Give one interval for every day of UTC, quiet ones included."""
    today = floor(call.now, DAY)
    days = [today - DAY * back for back in range(_MONTH_DAYS, -1, -1)]
    spent = usage.spent_by_day(call.db, call.subject().id, days[0])
    nothing = (Decimal(0), Decimal(0))
    buckets: list[Json] = []
    for day in days:
        amount, saving = spent.get(day, nothing)
        buckets.append({"bucketStart": stamp(day), "amount": money(amount), "costSaving": money(saving)})
    return {"buckets": buckets}


def spending_of(call: Call, user_id: str) -> JsonObject:
    """Add up what a user spent over the three windows that end now."""
    return {name: money(usage.spent_since(call.db, user_id, call.now - DAY * days)) for name, days in _WINDOWS.items()}


def get_spending_summary(call: Call) -> JsonObject:
    return spending_of(call, call.subject().id)


def _day(at: Moment) -> Moment:
    return floor(at, DAY)


def _week(at: Moment) -> Moment:
    """Give the Monday of a week."""
    return moment(calendar(_day(at)) - timedelta(days=calendar(at).weekday()))


def _month(at: Moment) -> Moment:
    return moment(calendar(_day(at)).replace(day=1))


_BUCKETS = {"USAGE_BUCKET_DAY": _day, "USAGE_BUCKET_WEEK": _week, "USAGE_BUCKET_MONTH": _month}


def get_serverless_usage_history(call: Call) -> JsonObject:
    name = call.arguments.text("bucket") or "USAGE_BUCKET_DAY"
    start_of = _BUCKETS.get(name)
    if start_of is None:
        raise invalid("bucket", f"must be one of {', '.join(_BUCKETS)}")
    period = call.arguments.period(call.now, chosen.USAGE_RANGE_SECONDS)
    found: dict[tuple[Moment, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for used in usage.minutes(call.db, call.subject().id, period, surface=usage.SERVERLESS):
        sums = found[start_of(used.at), used.model]
        tokens = used.tokens
        for at, count in enumerate((tokens.prompt, tokens.completion, tokens.cached, used.requests)):
            sums[at] += count
    rows: list[Json] = [
        {
            "bucketStart": stamp(start),
            "modelId": model,
            "inputTokens": str(sums[0]),
            "outputTokens": str(sums[1]),
            "cachedTokens": str(sums[2]),
            "requestCount": str(sums[3]),
        }
        for (start, model), sums in sorted(found.items())
    ]
    return {"rows": rows}


HANDLERS = (
    get_balance,
    get_billing_address,
    update_billing_address,
    list_transactions,
    get_spending_history,
    get_spending_summary,
    get_serverless_usage_history,
)
