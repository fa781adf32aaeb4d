"""Balance, ledger, address, spending and usage as an account reads them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tensormesh_local.control_plane.seed import COLLEAGUE_ID
from tests.local_control_plane.conftest import Clock

type Got = Callable[..., dict[str, Any]]
type Refused = Callable[..., str]


def amount(money: dict[str, Any]) -> Decimal:
    return Decimal(money["units"]) + Decimal(money["nanos"]).scaleb(-9)


def test_a_new_host_has_money_left(got: Got) -> None:
    balance = got("/v1/billing/balance")["balance"]

    assert balance["currencyCode"] == "USD"
    assert 50 < amount(balance) < 130


def test_the_newest_transaction_comes_first(got: Got) -> None:
    times = [entry["createdAt"] for entry in got("/v1/billing/transactions", pageSize=50)["transactions"]]

    assert times == sorted(times, reverse=True)


def test_a_top_up_names_its_payment(got: Got) -> None:
    entries = got("/v1/billing/transactions", pageSize=100)["transactions"]
    top_up = next(entry for entry in entries if entry["type"] == "TRANSACTION_TYPE_TOP_UP")

    assert amount(top_up["amount"]) == 75
    assert top_up["stripePaymentIntentId"].startswith("pi_")
    assert top_up["paymentMethodId"] == "pm_1LocalVisa4242"
    assert "details" not in top_up


def test_an_address_is_replaced_whole(owner: httpx.Client, got: Got) -> None:
    assert got("/v1/billing/address")["address"]["city"] == "Lyon"
    owner.put("/v1/billing/address", json={"address": {"line1": "1 New Street"}})

    assert got("/v1/billing/address") == {"address": {"line1": "1 New Street"}}


def test_a_user_without_an_address_gets_404(admin: httpx.Client, refused: Refused) -> None:
    refused(admin.get("/v1/billing/address", params={"userId": COLLEAGUE_ID}), 404, 5)


def test_the_spending_history_has_every_day_of_the_last_thirty_and_today(got: Got) -> None:
    buckets = got("/v1/billing/spending/history")["buckets"]

    assert len(buckets) == 31
    assert (buckets[0]["bucketStart"], buckets[-1]["bucketStart"]) == ("2026-05-04T00:00:00Z", "2026-06-03T00:00:00Z")
    assert len({bucket["bucketStart"] for bucket in buckets}) == 31


def test_history_summary_and_usage_agree_about_the_last_month(got: Got) -> None:
    buckets = got("/v1/billing/spending/history")["buckets"]
    summary = got("/v1/billing/spending/summary")

    assert sum(amount(bucket["amount"]) for bucket in buckets) == amount(summary["spend30d"]) > 5
    assert 0 < amount(summary["spend24h"]) <= amount(summary["spend7d"]) <= amount(summary["spend30d"])
    assert sum(amount(bucket["costSaving"]) for bucket in buckets) > 0


@pytest.mark.parametrize(
    ("bucket", "starts"),
    [
        ("USAGE_BUCKET_DAY", {"2026-05-31T00:00:00Z", "2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z"}),
        ("USAGE_BUCKET_WEEK", {"2026-05-25T00:00:00Z", "2026-06-01T00:00:00Z"}),
        ("USAGE_BUCKET_MONTH", {"2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"}),
    ],
)
def test_usage_falls_into_days_weeks_from_monday_and_months(got: Got, bucket: str, starts: set[str]) -> None:
    query = {"startTime": "2026-05-31T00:00:00Z", "endTime": "2026-06-02T23:59:59Z"}
    rows = got("/v1/billing/serverless-usage/history", bucket=bucket, **query)["rows"]

    assert {row["bucketStart"] for row in rows} == starts


def test_usage_is_the_same_in_every_width_of_bucket(got: Got) -> None:
    def total(bucket: str) -> dict[str, int]:
        rows = got("/v1/billing/serverless-usage/history", bucket=bucket)["rows"]
        names = ("inputTokens", "outputTokens", "cachedTokens", "requestCount")
        return {name: sum(int(row[name]) for row in rows) for name in names}

    days = total("USAGE_BUCKET_DAY")
    assert days == total("USAGE_BUCKET_WEEK") == total("USAGE_BUCKET_MONTH")
    assert days["requestCount"] > 1_000
    assert days["inputTokens"] > days["cachedTokens"] > 0


def test_usage_goes_by_the_id_of_the_price_record(got: Got) -> None:
    ids = {record["id"] for record in got("/v1/billing/serverless-pricing")["pricing"]}
    rows = got("/v1/billing/serverless-usage/history")["rows"]

    assert {row["modelId"] for row in rows} <= ids


def test_a_colleague_has_used_nothing(admin: httpx.Client, clock: Clock) -> None:
    query = {"userId": COLLEAGUE_ID}

    assert admin.get("/v1/billing/serverless-usage/history", params=query).json() == {"rows": []}
    assert amount(admin.get("/v1/billing/balance", params=query).json()["balance"]) == 20
