"""What answers cost so far."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tensormesh import RunningCost
from tensormesh.errors import ValidationError
from tensormesh.types import ChatCompletionResponse, Money, ServerlessPricing
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed


def usd(amount: str) -> Money:
    return Money.of(amount, currency_code="USD")


def price(model: str, entered: str, written: str, *, active: bool = True) -> ServerlessPricing:
    return ServerlessPricing(
        model=model, input_token_price=usd(entered), output_token_price=usd(written), is_active=active
    )


def said(model: str, entered: int, written: int, cached: int = 0) -> ChatCompletionResponse:
    usage = {"prompt_tokens": entered, "completion_tokens": written, "total_tokens": entered + written}
    details = {"prompt_tokens_details": {"cached_tokens": cached}}
    return ChatCompletionResponse.from_dict({"model": model, "choices": [], "usage": usage | details})


PRICES = [price("a", "9", "9", active=False), price("a", "0.15", "0.60"), price("b", "1", "2")]


def test_costs_add_up_by_model() -> None:
    costs = RunningCost(PRICES)

    assert costs.add(said("a", 1000, 100, cached=600)) == usd("0.00012")
    costs.add(said("a", 1000, 100))
    costs.add(said("b", 1, 1))

    assert costs.by_model == {"a": usd("0.00033"), "b": usd("0.000003")}
    assert costs.total == usd("0.000333")
    assert costs.saved == usd("0.00009")
    assert costs.tokens["a"] == (2000, 200, 600)
    assert repr(costs) == "RunningCost(0.000333 USD, 2202 tokens)"


def test_nothing_costs_nothing() -> None:
    assert RunningCost(PRICES).total == usd("0")


def test_many_small_costs_are_not_rounded_one_by_one() -> None:
    costs = RunningCost([price("a", "0.0375", "1")])

    for _ in range(1000):
        costs.add(said("a", 1, 0))

    assert costs.total == usd("0.0000375")


def test_threads_may_share_one() -> None:
    costs = RunningCost(PRICES)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: costs.add(said("a", 10, 1)), range(400)))

    assert costs.tokens["a"] == (4000, 400, 0)


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        (said("c", 1, 1), "there is no price of 'c'; there are those of a, b"),
        (ChatCompletionResponse.from_dict({"model": "a", "choices": []}), "include_usage"),
        ({"prompt_tokens": 1, "completion_tokens": 1}, "give model="),
    ],
)
def test_what_cannot_be_counted_says_so(answered: Any, reason: str) -> None:
    costs = RunningCost(PRICES)

    with pytest.raises(ValidationError, match=reason):
        costs.add(answered)
    assert costs.tokens == {}


def test_a_usage_alone_needs_a_model() -> None:
    assert RunningCost(PRICES).add({"prompt_tokens": 1, "completion_tokens": 1}, model="b") == usd("0.000003")


def test_without_prices_there_is_no_cost() -> None:
    with pytest.raises(ValidationError, match="no prices"):
        RunningCost([])


def test_a_stream_that_is_left_early_has_a_cost_too(runner: Runner, client: Any, host: ScriptedHost) -> None:
    """Where counts come with every piece, which has to be asked for."""
    pieces = [
        {
            "model": "b",
            "choices": [{"index": 0, "delta": {"content": "a"}}],
            "usage": {"prompt_tokens": 5, "completion_tokens": count, "total_tokens": 5 + count},
        }
        for count in (1, 2, 3)
    ]
    rows = [{"model": "b", "inputTokenPrice": usd("1").to_dict(), "outputTokenPrice": usd("2").to_dict()}]
    host.plays(answer(200, {"pricing": rows}), streamed(events(*pieces)))
    costs = RunningCost(runner.run(client.control_plane.billing.pricing.serverless.list()))
    create = client.inference.serverless.chat.completions.create
    options = {"include_usage": True, "continuous_usage_stats": True}

    stream = runner.run(
        create(model="b", messages=[{"role": "user", "content": "?"}], stream=True, stream_options=options)
    )
    runner.next(stream)
    runner.next(stream)
    runner.run(stream.close())

    assert costs.add(stream) == usd("0.000011")
