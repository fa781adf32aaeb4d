"""How many rows a minute may have."""

from __future__ import annotations

from tensormesh_batch.rate.pace import Pace


def test_without_a_limit_nobody_waits() -> None:
    pace = Pace(None, 0.0)
    pace.draw(10**9)
    assert pace.wait(0.0) == 0.0


def test_no_minute_has_more_than_its_rows_but_for_the_first_second_s() -> None:
    pace, now, sent = Pace(600, 0.0), 0.0, 0
    while now < 60:
        if wait := pace.wait(now):
            now += wait
        else:
            pace.draw(1)
            sent += 1
    assert 590 <= sent <= 611


def test_what_is_taken_too_much_is_waited_for() -> None:
    pace = Pace(60, 0.0)
    pace.draw(11)
    assert 9.9 < pace.wait(0.0) < 10.1
