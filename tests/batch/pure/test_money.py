"""Exact sums, and the most that a row can cost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_batch.money.budget import Budget
from tensormesh_batch.money.price import Price, Tokens, dollars, tokens_of
from tensormesh_batch.money.worst_case import worst_case


def test_cached_tokens_are_free() -> None:
    assert dollars(Price.of("2,10").cost(Tokens(1_000_000, 400_000, 0))) == Decimal("1.2")


@pytest.mark.parametrize("text", ["", "1", "1,2,3", "a,b", "-1,1", "nan,1", "inf,1"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no price such as"):
        Price.of(text)


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 5, "completion_tokens": 2}, Tokens(5, 0, 2)),
        ({"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 3}}, Tokens(5, 3, 2)),
        ({"input_tokens": 5, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 9}}, Tokens(5, 5, 2)),
        ({"prompt_tokens": "5"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_usage_is_read_as_far_as_it_makes_sense(usage: object, tokens: Tokens | None) -> None:
    assert tokens_of({"usage": usage}) == tokens


@pytest.mark.parametrize(
    ("body", "context", "tokens"),
    [
        ({"messages": [{}], "max_tokens": 5}, None, Tokens(100 + 64, 0, 5)),
        ({"messages": [{}], "max_tokens": 5, "n": 3}, None, Tokens(164, 0, 15)),
        ({"prompt": ["a", "b"], "max_tokens": 5}, None, Tokens(132, 0, 10)),
        ({"messages": [{}]}, None, None),
        ({"messages": [{}]}, 4_096, Tokens(164, 0, 4_096)),
        ({"messages": [{"content": [{"type": "image_url"}]}], "max_tokens": 5}, None, None),
        ({"messages": [{"content": [{"type": "image_url"}]}], "max_tokens": 5}, 4_096, Tokens(4_096, 0, 5)),
    ],
)
def test_the_most_that_a_row_can_have(body: dict[str, object], context: int | None, tokens: Tokens | None) -> None:
    assert worst_case(100, body, context) == tokens


@given(st.integers(1, 10_000), st.lists(st.tuples(st.integers(0, 500), st.integers(0, 100)), max_size=50))
def test_a_budget_is_never_exceeded(total: int, rows: list[tuple[int, int]]) -> None:
    budget = Budget(total)
    under_way: list[tuple[int, int]] = []
    for worst, share in rows:
        if not budget.can_afford(worst):
            for reserved, spent in under_way:
                budget.settle(reserved, spent)
            under_way.clear()
            continue
        if budget.needs_lease(worst):
            budget.lease(worst)
        budget.reserve(worst)
        assert budget.spent + sum(reserved for reserved, _ in under_way) + worst <= budget.leased <= total
        under_way.append((worst, worst * share // 100))
    for reserved, spent in under_way:
        budget.settle(reserved, spent)
    assert budget.spent <= total
