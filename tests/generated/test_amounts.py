"""Amounts of money: for people, added, compared, summed; and what tokens cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tensormesh_generated.models import (
    Money,
    ResponsesUsage,
    ServerlessPricing,
    ServerlessUsageRow,
    TextCompletionResponse,
    UsageInfo,
)
from tensormesh_runtime.errors import ValidationError


def usd(amount: str) -> Money:
    return Money.of(amount, currency_code="USD")


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (usd("108.7"), "108.70 USD"),
        (usd("-0.5"), "-0.50 USD"),
        (usd("0.000000001"), "0.000000001 USD"),
        (usd("1000000"), "1000000.00 USD"),
        (Money.of(3), "3.00"),
        (Money(), "0.00"),
        (Money.from_dict({"units": "9223372036854775807", "nanos": 999999999}), "9223372036854775807.999999999"),
    ],
)
def test_an_amount_is_written_for_people(money: Money, text: str) -> None:
    assert str(money) == f"{money}" == text
    assert f"{money:>40}" == text.rjust(40)


def test_amounts_add_and_sum() -> None:
    assert usd("1.25") + usd("0.75") == usd("2")
    assert usd("1") - usd("2.5") == usd("-1.5")
    assert -usd("1.5") == usd("-1.5")
    assert usd("0.1") * 3 == 3 * usd("0.1") == usd("0.3")
    assert usd("10") * Decimal("0.2") == usd("2")
    assert sum([usd("0.1"), usd("0.2"), usd("0.3")]) == usd("0.6")
    assert type(sum([usd("1")])) is Money


def test_amounts_compare() -> None:
    """By what they amount to, however it is written."""
    assert usd("1") < usd("1.5") <= usd("1.50") < usd("2")
    assert usd("2") > usd("-3")
    assert usd("2") >= usd("2")
    assert max([usd("1"), usd("3"), usd("2")]) == usd("3")
    assert Money.from_dict({"units": "5", "currencyCode": "USD"}) == Money(units=5, nanos=0, currency_code="USD")
    assert usd("1") != Money.of(1, currency_code="EUR")
    assert usd("1") != 1
    assert Money.from_dict({"units": "1", "novelty": 1}) != Money.of(1)


def test_nothing_is_nothing_of_any_currency() -> None:
    """What is nought is often left out, its currency too."""
    assert Money() + usd("2") == usd("2") + Money() == usd("2")
    assert Money() < usd("2")
    assert sum([Money(), usd("1")]) == usd("1")


@pytest.mark.parametrize("other", [Money.of(1, currency_code="EUR"), Money.of(1)])
def test_what_is_not_alike_is_neither_added_nor_compared(other: Money) -> None:
    acts: list[Any] = [lambda: usd("1") + other, lambda: usd("1") < other, lambda: other >= usd("1")]

    for act in acts:
        with pytest.raises(ValidationError, match="cannot be put together or compared"):
            act()


def test_a_number_that_is_no_amount_is_refused() -> None:
    acts: list[Any] = [lambda: usd("1") * 0.1, lambda: usd("1") + 5, lambda: usd("1") < 5, lambda: 1 + usd("1")]

    for act in acts:
        with pytest.raises(TypeError):
            act()


@pytest.mark.parametrize("odd", [{"units": "many"}, {"nanos": []}, {"nanos": "x", "units": "1"}])
def test_an_amount_that_cannot_be_read_is_our_error(odd: dict[str, Any]) -> None:
    """And neither looks like another, nor breaks what prints it."""
    money = Money.from_dict(odd)

    with pytest.raises(ValidationError):
        _ = money.amount
    with pytest.raises(ValidationError):
        money + usd("1")
    assert str(money) == repr(money)
    assert money == Money.from_dict(odd)
    assert money != usd("1")


def price(**prices: Any) -> ServerlessPricing:
    given = {"input": usd("0.15"), "output": usd("0.60"), **prices}
    return ServerlessPricing(**{f"{name}_token_price": value for name, value in given.items()})


USAGES = [
    UsageInfo.from_dict(
        {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
        | {"prompt_tokens_details": {"cached_tokens": 600}}
    ),
    ResponsesUsage.from_dict(
        {"input_tokens": 1000, "output_tokens": 100, "input_tokens_details": {"cached_tokens": 600}}
    ),
    ServerlessUsageRow.from_dict({"inputTokens": "1000", "outputTokens": "100", "cachedTokens": "600"}),
    {"prompt_tokens": 1000, "total_tokens": 1100, "prompt_tokens_details": {"cached_tokens": 600}},
    TextCompletionResponse.from_dict(
        {
            "choices": [],
            "usage": {
                "prompt_tokens": 1000,
                "completion_tokens": 100,
                "prompt_tokens_details": {"cached_tokens": 600},
            },
        }
    ),
]


@pytest.mark.parametrize("usage", USAGES, ids=lambda usage: type(usage).__name__)
def test_a_price_says_what_an_answer_costs(usage: Any) -> None:
    """Tokens from the cache are free, unless the price says otherwise."""
    assert price().cost(usage) == usd("0.00012")
    assert price(cached=usd("0.05")).cost(usage) == usd("0.00015")
    assert price(cached=Money()).cost(usage) == usd("0.00012")


def test_a_cost_finer_than_a_billionth_is_rounded() -> None:
    assert price(input=usd("0.0375")).cost({"prompt_tokens": 1, "completion_tokens": 0}) == usd("0.000000038")


@pytest.mark.parametrize(
    "usage", [None, {}, UsageInfo.from_dict({}), TextCompletionResponse.from_dict({"choices": []})]
)
def test_without_a_usage_there_is_no_cost(usage: Any) -> None:
    """What to ask for is said."""
    with pytest.raises(ValidationError, match="include_usage"):
        price().cost(usage)


def test_a_price_that_is_not_said_is_not_nothing() -> None:
    with pytest.raises(ValidationError, match="not said"):
        ServerlessPricing(output_token_price=usd("1")).cost({"prompt_tokens": 1, "completion_tokens": 1})
    with pytest.raises(ValidationError, match="not said"):
        ServerlessPricing().cost({"prompt_tokens": 0, "completion_tokens": 0})


@pytest.mark.parametrize("cached", [-5, 5000, None])
def test_a_count_that_cannot_be_is_held_to_what_can(cached: Any) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 0, "prompt_tokens_details": {"cached_tokens": cached}}

    assert usd("0") <= price().cost(usage) <= usd("0.00015")


def test_a_count_that_is_none_is_our_error() -> None:
    with pytest.raises(ValidationError, match="prompt_tokens is 'many', which is no number of tokens"):
        price().cost({"prompt_tokens": "many"})
