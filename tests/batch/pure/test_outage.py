"""A host that is away is told from rows that fail."""

from __future__ import annotations

from tensormesh_batch.rate.outage import LONGEST_PAUSE_SECONDS, ROWS, Outage


def test_one_row_that_fails_again_and_again_is_no_outage() -> None:
    outage = Outage(0.0)
    for second in range(100):
        outage.gone(float(second), 1)
    assert not outage.away


def test_many_rows_in_a_row_are_one_and_pauses_grow() -> None:
    outage = Outage(0.0)
    for row in range(ROWS):
        outage.gone(0.0, row)
    assert outage.away
    now, pauses = 0.0, []
    while len(pauses) < 8:
        pauses.append(outage.wait(now))
        now += pauses[-1]
        assert outage.wait(now) == 0.0
        outage.gone(now, 1)
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]


def test_rows_that_were_under_way_when_it_began_do_not_make_the_pause_longer() -> None:
    outage = Outage(0.0)
    for row in range(500):
        outage.gone(0.1, row)
    assert outage.wait(0.1) == 1.0


def test_an_answer_ends_it() -> None:
    outage = Outage(0.0)
    for row in range(ROWS):
        outage.gone(5.0, row)
    assert outage.silent_for(9.0) == 9.0
    outage.heard(9.0)
    assert (outage.away, outage.wait(9.0), outage.silent_for(9.0)) == (False, 0.0, 0.0)
