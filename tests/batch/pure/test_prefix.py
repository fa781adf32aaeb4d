"""What requests share from their beginning on, and who waits for whom."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tensormesh_batch.plan.prefix import FINE, LEAST_SHARED, Leaders, marks, shared
from tensormesh_batch.rows.line import CHAT


def chat(*contents: str, **body: Any) -> bytes:
    return marks(CHAT, {"model": "m", "messages": [{"role": "user", "content": text} for text in contents], **body})


def common(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


@given(st.text("ab", max_size=500), st.text("cd", max_size=200), st.text("ef", max_size=200))
def test_what_is_shared_is_found_to_within_a_mark(beginning: str, one: str, other: str) -> None:
    around = len("m") + len("\0user\0")
    found = shared(chat(beginning + one), chat(beginning + other))
    real = common(beginning + one, beginning + other)
    assert real - FINE < found - around <= real or (one == other and found - around == real)


def test_long_beginnings_are_found_to_within_a_sixteenth() -> None:
    document = "word " * 20_000
    found = shared(chat(document + "one?"), chat(document + "two?"))
    assert len(document) * 15 / 16 - FINE < found <= len(document) + 10


def test_tools_and_models_come_before_messages() -> None:
    long = "x" * 1_000
    assert shared(chat(long), chat(long, tools=[{"name": "f"}])) < FINE
    assert shared(chat(long), marks(CHAT, {"model": "other", "messages": [{"role": "user", "content": long}]})) == 0


def test_a_row_waits_for_the_first_that_begins_like_it() -> None:
    system, document = "s" * LEAST_SHARED, "d" * 2 * LEAST_SHARED
    rows = sorted([chat(system, "x"), chat(system, document, "1"), chat(system, document, "2"), chat(system, "z")])
    leaders = Leaders()
    found = [leaders.of(row) for row in rows]
    assert [place - leader.distance for place, leader in enumerate(found)].count(0) >= 3
    assert {leader.shared > 2 * LEAST_SHARED for leader in found} == {True, False}


def test_short_beginnings_are_not_waited_for() -> None:
    leaders = Leaders()
    assert [leaders.of(row).distance for row in sorted([chat("hello one"), chat("hello two")])] == [0, 0]


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), min_size=1, max_size=30))
def test_the_leader_is_the_first_row_of_all_that_share_as_much(trees: list[list[str]]) -> None:
    rows = sorted(chat(*(letter * LEAST_SHARED for letter in tree)) for tree in trees)
    leaders = Leaders()
    for place, row in enumerate(rows):
        leader = leaders.of(row)
        last = shared(row, rows[place - 1]) if place else 0
        if last < LEAST_SHARED:
            assert leader == (0, 0)
            continue
        assert leader.shared == last
        first = place - leader.distance
        assert all(shared(row, other) >= last for other in rows[first:place])
        assert not first or shared(row, rows[first - 1]) < last
