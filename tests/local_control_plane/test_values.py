"""Moments and money: exact both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_local.accounts import Price, Tokens
from tensormesh_local.control_plane.failure import Failure
from tensormesh_local.control_plane.moments import calendar, moment, read_stamp, stamp
from tensormesh_local.control_plane.money import money, plain, read_money
from tests.cases import cases

times = st.datetimes(timezones=st.just(UTC))
amounts = st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**12), max_value=10**12)
counts = st.integers(0, 10**9)


@given(times)
def test_a_moment_is_read_as_it_was_written(time: datetime) -> None:
    assert calendar(read_stamp(stamp(moment(time)))) == time


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), st.integers(-1439, 1439))
def test_an_offset_is_the_same_moment(time: datetime, minutes: int) -> None:
    local = time.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    assert read_stamp(local.isoformat()) == moment(local)


@cases(
    ("text", "written"),
    [
        ("2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z"),
        ("2026-06-01t00:00:00z", "2026-06-01T00:00:00Z"),
        ("2026-06-01T02:00:00+02:00", "2026-06-01T00:00:00Z"),
        ("2026-06-01T00:00:00.5Z", "2026-06-01T00:00:00.500Z"),
        ("2026-06-01T00:00:00.123456789Z", "2026-06-01T00:00:00.123456Z"),
    ],
)
def test_moments_are_written_in_utc_with_the_digits_they_need(text: str, written: str) -> None:
    assert stamp(read_stamp(text)) == written


@cases(
    "text",
    [
        "",
        "2026-06-01",
        "2026-06-01 00:00:00Z",
        "2026-06-01T00:00:00",
        "2026-06-01T00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-06-01T24:00:00Z",
        "2026-06-01T00:00:00+25:00",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2026-06-01T00:00:00.1234567890Z",
        "٢٠٢٦-06-01T00:00:00Z",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        read_stamp(text)


@given(amounts)
def test_money_is_read_as_it_was_written(amount: Decimal) -> None:
    assert read_money(money(amount), "amount") == amount


@given(amounts)
def test_both_parts_of_money_have_one_sign(amount: Decimal) -> None:
    written = money(amount)

    assert int(str(written["units"])) * int(str(written["nanos"])) >= 0
    assert abs(int(str(written["nanos"]))) < 10**9


@given(amounts)
def test_plain_text_is_the_same_number_without_an_exponent(amount: Decimal) -> None:
    assert Decimal(plain(amount)) == amount
    assert "E" not in plain(amount)


@cases(("amount", "written"), [("1E+3", "1000"), ("0.10", "0.1"), ("0E-9", "0"), ("100", "100"), ("-0.5", "-0.5")])
def test_plain_text_has_no_zeros_to_spare(amount: str, written: str) -> None:
    assert plain(Decimal(amount)) == written


def test_less_than_a_billionth_is_rounded_only_when_written() -> None:
    price = Price(input=Decimal("0.07"))
    one = price.cost(Tokens(1, 0, 0))

    assert one == Decimal("0.00000007")
    assert money(Decimal("0.0000000005"))["nanos"] == 0
    assert money(Decimal("0.0000000015"))["nanos"] == 2


@given(counts, counts, counts)
def test_cost_and_saving_together_are_the_price_without_a_cache(fresh: int, cached: int, completion: int) -> None:
    price = Price(Decimal("0.15"), Decimal("0.60"), Decimal("0.01"))
    used = Tokens(fresh + cached, cached, completion)
    uncached = Tokens(fresh + cached, 0, completion)

    assert price.cost(used) + price.saving(used) == price.cost(uncached)


@cases("given", [None, 5, "5", [], True])
def test_only_an_object_is_money(given: object) -> None:
    with pytest.raises(Failure, match="must be money"):
        read_money(given, "amount")  # type: ignore[arg-type]
