"""How many rows are under way: found out by doubling, kept by small steps."""

from __future__ import annotations

from tensormesh_batch.rate.limit import Limit


def well(limit: Limit, now: float, rows: int) -> None:
    for _ in range(rows):
        limit.answered(now, limit.now)


def test_it_doubles_with_each_round_that_goes_well() -> None:
    limit = Limit(1000, start=8)
    for expected in (16, 32, 64):
        well(limit, 0.0, limit.now)
        assert limit.now == expected


def test_it_never_exceeds_what_was_asked_for() -> None:
    limit = Limit(20, start=8)
    well(limit, 0.0, 1_000)
    assert limit.now == 20


def test_a_limit_that_nobody_came_near_to_does_not_grow() -> None:
    limit = Limit(1000, start=8)
    for _ in range(100):
        limit.answered(0.0, 3)
    assert limit.now == 8


def test_rows_sent_before_a_cut_do_not_cut_again() -> None:
    limit = Limit(1000, start=100)
    for _ in range(30):
        limit.turned_away(1.0, sent_at=0.5, retry_after=1.0)
    assert limit.now == 80
    assert limit.pause(1.0) == 0.0


def test_a_row_sent_after_a_cut_and_turned_away_cuts_again_and_stops_all_for_a_while() -> None:
    limit = Limit(1000, start=100)
    limit.turned_away(1.0, sent_at=0.5, retry_after=4.0)
    limit.turned_away(2.0, sent_at=1.5, retry_after=4.0)
    assert limit.now == 64
    assert limit.pause(2.0) == 4.0
    assert limit.pause(6.0) == 0.0


def test_what_goes_well_while_it_rests_is_no_reason_to_grow() -> None:
    limit = Limit(1000, start=100)
    limit.turned_away(0.0, sent_at=-1.0, retry_after=10.0)
    well(limit, 5.0, 1_000)
    assert limit.now == 80


def test_after_a_cut_it_grows_by_a_little_and_once_a_second() -> None:
    limit = Limit(1000, start=100)
    limit.turned_away(0.0, sent_at=-1.0, retry_after=1.0)
    well(limit, 2.0, 1_000)
    assert limit.now == 84
    well(limit, 2.5, 1_000)
    assert limit.now == 84
    well(limit, 3.1, 1_000)
    assert limit.now == 88


def test_it_is_never_less_than_one() -> None:
    limit = Limit(10)
    for second in range(100):
        limit.turned_away(float(second), sent_at=second - 0.5, retry_after=0.1)
    assert limit.now == 1
