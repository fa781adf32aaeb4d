"""Times, 64-bit integers and decimals keep their text and read as something better."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_generated import models
from tensormesh_generated.models import Money, User
from tensormesh_runtime.decode import DECIMAL, INTEGER, TIMESTAMP
from tensormesh_runtime.errors import ValidationError
from tensormesh_runtime.json_model import JsonModel
from tensormesh_runtime.types import UNSET

TIMES = [
    ("2026-04-02T09:15:00Z", datetime.datetime(2026, 4, 2, 9, 15, tzinfo=datetime.UTC)),
    ("2026-04-02T09:15:00.123456789Z", datetime.datetime(2026, 4, 2, 9, 15, 0, 123456, tzinfo=datetime.UTC)),
    ("2026-04-02T09:15:00.5Z", datetime.datetime(2026, 4, 2, 9, 15, 0, 500000, tzinfo=datetime.UTC)),
    ("2026-04-02T11:15:00+02:00", datetime.datetime(2026, 4, 2, 9, 15, tzinfo=datetime.UTC)),
    ("2026-04-02T09:15:00-00:00", datetime.datetime(2026, 4, 2, 9, 15, tzinfo=datetime.UTC)),
    ("2026-04-02T09:15:00", datetime.datetime(2026, 4, 2, 9, 15, tzinfo=datetime.UTC)),
    ("2026-04-02t09:15:00z", datetime.datetime(2026, 4, 2, 9, 15, tzinfo=datetime.UTC)),
]


def fields(convert: Any) -> list[tuple[type[JsonModel], str, str]]:
    """All fields of all models with this converter: the class, the Python name and the JSON key."""
    return [
        (getattr(models, name), attribute.name, attribute.metadata["key"])
        for name in models.__all__
        for attribute in getattr(getattr(models, name), "__attrs_attrs__", ())
        if attribute.metadata["convert"] is convert
    ]


@pytest.mark.parametrize(("text", "moment"), TIMES)
def test_a_time_reads_as_an_aware_datetime(text: str, moment: datetime.datetime) -> None:
    """Any RFC 3339 text is read to the microsecond; the text itself goes back to the last digit."""
    user = User.from_dict({"tosAcceptedAt": text})
    read = user.tos_accepted_at

    assert moment == read
    assert read is not None
    assert read.tzinfo is not None
    assert {"tosAcceptedAt": text} == user.to_dict()


@pytest.mark.parametrize("text", ["9223372036854775807", "-9223372036854775808", "007", "0"])
def test_a_64_bit_integer_reads_as_an_int(text: str) -> None:
    """No digit is lost, and the text goes back as it came."""
    for kind, name, key in fields(INTEGER):
        model = kind.from_dict({key: text})

        assert int(text) == getattr(model, name)
        assert {key: text} == model.to_dict()


@pytest.mark.parametrize("text", ["0.10", "12345678901234567890.123456789", "-1E+2", "0"])
def test_decimal_text_reads_as_a_decimal(text: str) -> None:
    """Money is not a float."""
    for kind, name, key in fields(DECIMAL):
        model = kind.from_dict({key: text})

        assert decimal.Decimal(text) == getattr(model, name)
        assert isinstance(getattr(model, name), decimal.Decimal)
        assert {key: text} == model.to_dict()


def test_there_are_fields_of_each_kind() -> None:
    """The tests above have something to test."""
    assert all(fields(convert) for convert in (TIMESTAMP, INTEGER, DECIMAL))


@pytest.mark.parametrize("number", [7, 9223372036854775807])
def test_a_number_where_text_is_promised_is_read_and_kept(number: int) -> None:
    """Some hosts send 64-bit integers as numbers; they go back as numbers."""
    kind, name, key = fields(INTEGER)[0]
    model = kind.from_dict({key: number})

    assert number == getattr(model, name)
    assert {key: number} == model.to_dict()


@pytest.mark.parametrize(
    ("convert", "wrong"),
    [(TIMESTAMP, "yesterday"), (TIMESTAMP, 7), (INTEGER, "many"), (INTEGER, []), (INTEGER, 1.5), (DECIMAL, "much")],
)
def test_text_that_is_none_of_that_says_so_when_read(convert: Any, wrong: Any) -> None:
    """The answer parses and goes back; only reading the field complains, and names it."""
    kind, name, key = fields(convert)[0]
    model = kind.from_dict({key: wrong})
    assert {key: wrong} == model.to_dict()

    with pytest.raises(ValidationError, match=rf"{kind.__name__}\.{name} is .*, which is not {convert.description}"):
        getattr(model, name)


def test_a_datetime_can_be_set() -> None:
    """It goes out as RFC 3339 text, UTC as `Z`."""
    user = User(id="1", tos_accepted_at=datetime.datetime(2026, 4, 2, 9, 15, tzinfo=datetime.UTC))
    assert user.to_dict() == {"id": "1", "tosAcceptedAt": "2026-04-02T09:15:00Z"}

    user.tos_accepted_at = datetime.datetime(
        2026, 4, 2, 11, 15, 0, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=2))
    )
    assert user.to_dict() == {"id": "1", "tosAcceptedAt": "2026-04-02T11:15:00.000005+02:00"}

    user.tos_accepted_at = None
    assert user.to_dict() == {"id": "1", "tosAcceptedAt": None}


def test_text_can_be_set_for_a_time() -> None:
    """Text is taken as it is, and read as a time."""
    user = User(id="1", tos_accepted_at="2026-04-02T09:15:00.123456789Z")

    assert user.to_dict() == {"id": "1", "tosAcceptedAt": "2026-04-02T09:15:00.123456789Z"}
    assert datetime.datetime(2026, 4, 2, 9, 15, 0, 123456, tzinfo=datetime.UTC) == user.tos_accepted_at


def test_a_time_without_a_zone_is_refused() -> None:
    """Nobody can know which moment is meant."""
    with pytest.raises(ValidationError, match="has no time zone"):
        User(id="1", tos_accepted_at=datetime.datetime(2026, 4, 2))


def test_numbers_can_be_set() -> None:
    """They go out as the text the API wants."""
    for convert, value, text in ((INTEGER, 2**62, str(2**62)), (DECIMAL, decimal.Decimal("0.10"), "0.10")):
        kind, name, key = fields(convert)[0]
        model = kind.from_dict({})
        setattr(model, name, value)

        assert {key: text} == model.to_dict()
        assert value == getattr(model, name)


def test_converted_fields_replace_copy_and_compare() -> None:
    """They are fields like any other."""
    moment = datetime.datetime(2026, 4, 2, tzinfo=datetime.UTC)

    assert User(id="1", tos_accepted_at=moment) == User(id="1").replace(tos_accepted_at=moment)
    assert User(id="1") == User(id="1", tos_accepted_at=moment).replace(tos_accepted_at=UNSET)
    assert User(id="1").is_set("tos_accepted_at") is False


@given(st.decimals(min_value=-(10**18), max_value=10**18, places=9))
def test_an_amount_of_money_is_one_exact_number(number: decimal.Decimal) -> None:
    """Whole units and billionths, of the same sign, and back."""
    money = Money.of(number, currency_code="USD")

    assert number == money.amount
    assert money == Money.from_dict(money.to_dict())
    assert (money.nanos or 0) * (money.units or 0) >= 0
    assert abs(money.nanos or 0) < 10**9


@pytest.mark.parametrize("data", [{}, {"units": None}, {"nanos": 0}])
def test_an_absent_part_of_an_amount_is_nothing(data: dict[str, Any]) -> None:
    """Hosts leave out zeros."""
    assert Money.from_dict(data).amount == 0


@pytest.mark.parametrize(
    "wrong", [0.1, "a lot", "0.0000000001", decimal.Decimal("NaN"), decimal.Decimal("Infinity"), None]
)
def test_what_is_no_exact_amount_is_refused(wrong: Any) -> None:
    """A float has lost its digits already."""
    with pytest.raises(ValidationError, match="amount"):
        Money.of(wrong)
