"""`tm cost`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tensormesh_cli.account.spending import cost, month, span, window, words
from tests.cases import cases
from tests.cli.conftest import NOW, Tm

PRICES = [
    {
        "id": "p1",
        "name": "One",
        "model": "org/one",
        "inputTokenPrice": {"currencyCode": "USD", "units": "2", "nanos": 0},
        "cachedTokenPrice": {"currencyCode": "USD", "units": "0", "nanos": 500_000_000},
        "isActive": True,
    }
]


def charge(amount: str, *, at: str = "2026-05-20T00:00:00Z", currency: str = "USD", model: str = "org/one") -> Any:
    return {
        "type": "TRANSACTION_TYPE_CHARGE",
        "createdAt": at,
        "amount": {"currencyCode": currency, "units": "1"},
        "details": {"models": {model: {"name": "One", "total_amount": amount}}},
    }


USAGE = [
    {"modelId": "p1", "inputTokens": "3000000", "outputTokens": "5", "cachedTokens": "1000000", "requestCount": "7"}
]


def test_spend_is_what_was_charged_in_the_time() -> None:
    ledger = [
        charge("1.25"),
        charge("0.75"),
        charge("99", at="2026-04-01T00:00:00Z"),
        {**charge("50"), "type": "TRANSACTION_TYPE_TOP_UP"},
    ]

    found = cost(window("30d", NOW), ledger, PRICES, [])

    assert found["spend_subtotal"] == "2.00"
    assert found["per_model"][0]["model"] == "org/one"


@cases("amount", ["1e999999999", "1e-999999999", "-1e30", "NaN", "Infinity", "x"])
def test_an_amount_that_nobody_can_have_meant_is_nought(amount: str) -> None:
    """Written out, it would be as long as its exponent."""
    found = cost(window("30d", NOW), [charge("1.25"), charge(amount)], PRICES, [])

    assert found["spend_subtotal"] == "1.25"
    assert "spent:              1.2500 USD" in words(found)


@pytest.mark.parametrize("units", ["x", "9" * 30, [1]])
def test_a_price_that_is_none_saves_nothing(units: Any) -> None:
    prices = [{**PRICES[0], "inputTokenPrice": {"currencyCode": "USD", "units": units}}]

    assert cost(window("30d", NOW), [charge("1.25")], prices, USAGE)["spend_subtotal"] == "1.25"


def test_a_saving_is_the_difference_of_two_prices() -> None:
    found = cost(window("30d", NOW), [], PRICES, USAGE)

    assert found["cache_saving_total"] == "1.50"
    assert found["per_model"] == [
        {
            "model": "org/one",
            "name": "One",
            "events": 7,
            "input_tokens": 3_000_000,
            "output_tokens": 5,
            "cached_tokens": 1_000_000,
            "spend": "0.00",
            "cache_saving": "1.50",
            "currency": "USD",
        }
    ]


def test_ledger_and_usage_meet_under_one_name() -> None:
    found = cost(window("30d", NOW), [charge("3", model="p1"), charge("1", model="org/one")], PRICES, USAGE)

    assert [(item["spend"], item["cache_saving"]) for item in found["per_model"]] == [("4.00", "1.50")]


def test_amounts_carry_their_own_currency() -> None:
    found = cost(window("30d", NOW), [charge("3", currency="EUR")], PRICES, [])

    assert found["currency"] == "EUR"
    assert "spent:              3.0000 EUR" in words(found)


def test_two_currencies_are_not_added_up() -> None:
    found = cost(window("30d", NOW), [charge("3"), charge("4", currency="EUR")], PRICES, [])

    assert (found["spend_subtotal"], found["currency"]) == (None, None)
    assert found["totals"] == [
        {"currency": "EUR", "spend": "4.00", "cache_saving": "0.00"},
        {"currency": "USD", "spend": "3.00", "cache_saving": "0.00"},
    ]


def test_nothing_is_no_error() -> None:
    found = cost(window("24h", NOW), [], [], [])

    assert found["spend_subtotal"] == "0.00"
    assert words(found) == "Nothing was spent.\n"


def test_a_ledger_with_holes_is_no_error() -> None:
    odd: list[Any] = [{"type": "TRANSACTION_TYPE_CHARGE"}, charge("much"), {**charge("1"), "details": None}]

    assert cost(window("30d", NOW), odd, [{}], [{}])["spend_subtotal"] == "0.00"


def test_a_month_is_that_of_the_calendar() -> None:
    june = month("2026-06")

    assert (june.start.isoformat(), june.end.isoformat()) == ("2026-06-01T00:00:00+00:00", "2026-07-01T00:00:00+00:00")
    assert month("2026-12").end.isoformat() == "2027-01-01T00:00:00+00:00"


@cases("text", ["2026-00", "2026-6", "2026", "0000-01", "2026-13"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no month such as 2026-06"):
        month(text)


def test_a_span_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="it ends before it begins"):
        span("2026-06-02T00:00:00Z", "2026-06-01T00:00:00Z", NOW)


def test_the_sum_is_that_of_the_ledger(tm: Tm, control_plane: Any) -> None:
    """Against the host, with the whole ledger added up by hand."""
    entries, token = [], ""
    while True:
        page = control_plane(f"/v1/billing/transactions?pageSize=100&pageToken={token}")
        entries += page["transactions"]
        token = page["nextPageToken"]
        if not token:
            break
    found = tm.ok("cost", "--window", "30d")
    inside = [e for e in entries if e["type"].endswith("CHARGE") and found["from"] <= e["createdAt"] < found["to"]]
    expected = sum(Decimal(m["total_amount"]) for e in inside for m in e["details"]["models"].values())

    assert Decimal(found["spend_subtotal"]) == expected > 0
    assert found["view"] == "window"


def test_a_table_by_itself_names_the_currency(tm: Tm) -> None:
    heading, first, *_ = tm("cost", "-o", "table").stdout.splitlines()

    assert heading.split()[:4] == ["model", "spent", "saved", "currency"]
    assert first.split()[3] == "USD"


def test_the_screen_has_a_table_and_the_sums(tm: Tm) -> None:
    lines = tm("cost").stdout.splitlines()

    assert lines[2].split() == ["model", "spent", "saved", "requests", "input", "output", "cached"]
    assert lines[-2].startswith("spent:")
    assert lines[-1].startswith("saved by the cache:")
