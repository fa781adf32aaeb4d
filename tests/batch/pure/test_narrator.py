"""How far a run is, on a line."""

from __future__ import annotations

from decimal import Decimal

from tensormesh_batch.progress.amounts import length, usd
from tensormesh_batch.progress.narrator import Narrator, forecast
from tests.batch.pure.summaries import summary
from tests.cases import cases


def test_a_line_says_how_far_it_is() -> None:
    narrator = Narrator()
    narrator.line(summary(0.0))
    line = narrator.line(
        summary(10.0, 500, prompt_tokens=8_000, cached_tokens=2_000, completion_tokens=2_000, cost_usd="1.5", failed=3)
    )
    assert line == (
        "500 of 1,000 rows, 50 rows/s, 10/16 in flight, 1,000 tokens/s, 25% cached, 1.50 USD, "
        "in all about 2.99 USD, 9.9 s left, 3 failed"
    )


def test_what_is_not_known_is_not_said() -> None:
    assert Narrator().line(summary(0.0)) == "0 of 1,000 rows, 0.0 rows/s, 10/16 in flight"


def test_speed_is_that_of_the_last_seconds() -> None:
    narrator = Narrator()
    for second in range(61):
        line = narrator.line(summary(float(second), 2 * min(second, 30) + max(second - 30, 0) * 4))
    assert "4.0 rows/s" in line


def test_speed_is_not_that_of_runs_before() -> None:
    assert "5.0 rows/s" in Narrator().line(summary(10.0, 900, done_before=850))


def test_a_run_whose_rows_all_fail_comes_to_an_end_too() -> None:
    narrator = Narrator()
    narrator.line(summary(0.0))
    assert "10 s left" in narrator.line(summary(10.0, 0, failed=500))


def test_what_it_is_going_to_cost_is_held_against_the_budget() -> None:
    narrator = Narrator(Decimal(10))
    assert "0.50 of 10.00 USD, in all about 5.00 USD," in narrator.line(summary(1.0, 100, cost_usd="0.5"))
    assert "in all about 20.00 USD, more than the budget" in narrator.line(summary(2.0, 100, cost_usd="2"))


def test_a_run_that_ends_says_what_it_waits_for() -> None:
    assert "what is under way is waited for" in Narrator().line(summary(1.0, 5, stopped="it was interrupted"))


@cases(
    ("rows", "done", "unpriced", "whole"),
    [
        (1_000, 19, 0, None),
        (1_000, 20, 0, Decimal(50)),
        (100_000, 999, 0, None),
        (100_000, 1_000, 0, Decimal(100)),
        (1_000, 40, 20, Decimal(50)),
        (3, 2, 0, None),
        (3, 3, 0, Decimal(1)),
    ],
)
def test_a_forecast_waits_for_a_hundredth_of_the_rows(
    rows: int, done: int, unpriced: int, whole: Decimal | None
) -> None:
    assert forecast(summary(1.0, done, rows=rows, unpriced=unpriced, cost_usd="1")) == whole


def test_a_forecast_is_of_rows_that_may_be_answered() -> None:
    assert forecast(summary(1.0, 100, failed=500, cost_usd="1")) == Decimal(5)


@cases(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.55, "0.55 s"),
        (45.4, "45 s"),
        (99.6, "2 min"),
        (5_900, "98 min"),
        (12_000, "3 h 20 min"),
        (7_200, "2 h"),
        (187_200, "2 d 4 h"),
        (172_800, "2 d"),
    ],
)
def test_lengths_of_time_are_said_roughly(seconds: float, said: str) -> None:
    assert length(seconds) == said


@cases(
    ("amount", "said"),
    [("0", "0.00"), ("1234.5", "1,234.50"), ("0.5", "0.50"), ("0.0037", "0.0037"), ("0.00000448", "0.0000045")],
)
def test_sums_have_as_many_decimals_as_say_something(amount: str, said: str) -> None:
    assert usd(Decimal(amount)) == said


def test_a_summary_reads_as_text() -> None:
    found = summary(
        100.0,
        900,
        failed=2,
        bad_lines=1,
        prompt_tokens=1_000,
        cached_tokens=250,
        completion_tokens=50,
        cost_usd="2",
        saved_usd=Decimal("0.5"),
        unpriced=3,
        turned_away=4,
        maybe_twice=1,
        order="prefix",
        stopped="it was interrupted",
    )
    together = " (rows with the same beginning went together)"
    assert str(found).splitlines() == [
        "900 of 1,000 rows have an answer; 900 came in 2 min, 9.0 rows/s",
        "2 rows failed; errors.jsonl says why, and retry_failed (--retry-failed) goes on with them",
        "1 line is no request; errors.jsonl says why",
        "98 rows are left; the same command goes on",
        "1,000 tokens in, 50 out; 250 (25.0%) came from the cache, which saved 0.50 USD" + together,
        "cost 2.00 USD, without 3 answers whose cost is not known",
        "the host had no room 4 times",
        "1 row may have been answered, and paid for, twice",
        "it ended early: it was interrupted",
    ]
