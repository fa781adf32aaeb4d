"""Exact sums, and the most that a row can cost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_batch.money.budget import Budget, Treasury
from tensormesh_batch.money.price import Price, Tokens, dollars, tokens_of
from tensormesh_batch.money.worst_case import worst_case
from tests.cases import cases


def test_cached_tokens_are_free() -> None:
    assert dollars(Price.of("2,10").cost(Tokens(1_000_000, 400_000, 0))) == Decimal("1.2")


@cases("text", ["", "1", "1,2,3", "a,b", "-1,1", "nan,1", "inf,1"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no price such as"):
        Price.of(text)


@cases(
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


@cases(
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


@given(
    st.integers(1, 10_000),
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 500), st.integers(0, 100), st.booleans()), max_size=60),
)
def test_a_budget_is_never_exceeded(total: int, workers: int, rows: list[tuple[int, int, int, bool]]) -> None:
    """Whoever sends, settles, or dies in whatever order."""
    treasury = Treasury(total, workers=workers)
    budgets = {worker: Budget() for worker in range(workers)}
    under_way: dict[int, list[tuple[int, int]]] = {worker: [] for worker in budgets}
    spent_by_the_dead = 0
    for number, worst, share, dies in rows:
        worker = number % workers
        budget = budgets[worker]
        if not budget.can_afford(worst):
            budget.allowed = treasury.give(worker, budget.spent + budget.reserved, worst)
        if budget.can_afford(worst):
            budget.reserve(worst)
            under_way[worker].append((worst, worst * share // 100))
        elif dies:
            spent_by_the_dead += budget.spent + sum(cost for _, cost in under_way[worker])
            treasury.settle(worker, None)
            budgets[worker], under_way[worker] = Budget(), []
        else:
            for reserved, cost in under_way[worker]:
                budget.settle(reserved, cost)
            under_way[worker] = []
        at_most = sum(each.spent + each.reserved for each in budgets.values())
        assert spent_by_the_dead + at_most <= treasury.leased <= total


def test_what_a_worker_has_left_over_is_anothers_when_it_has_ended() -> None:
    treasury = Treasury(1_000, workers=2)
    assert treasury.give("a", 0, 900) == 905
    assert treasury.give("b", 0, 100) == 0
    treasury.settle("a", 500)
    assert treasury.give("b", 0, 500) == 500
