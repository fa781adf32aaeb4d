"""Leaders first, then who waited for them, and no more groups than a cache holds."""

from __future__ import annotations

from tensormesh_batch.plan.record import Record
from tensormesh_batch.running.schedule import Row, Schedule


def record(key: int, leader: int = 0, shared: int = 0) -> Record:
    return Record(key, 0, key, 0, leader, shared)


def keys(schedule: Schedule) -> list[int]:
    return [row.record.key for row in iter(schedule.next, None)]


def taken(schedule: Schedule) -> list[Row]:
    return list(iter(schedule.next, None))


def test_followers_go_once_their_leader_is_through() -> None:
    schedule = Schedule()
    schedule.add([record(1), record(2, 1, 500), record(3, 2, 500), record(4)], 0, 0, ())
    leader, other = taken(schedule)
    assert (leader.record.key, other.record.key) == (1, 4)
    schedule.finished(leader)
    assert keys(schedule) == [2, 3]


def test_followers_go_before_the_next_leader() -> None:
    schedule = Schedule()
    schedule.add([record(1), record(2, 1, 500), record(3)], 0, 0, ())
    first = schedule.next()
    assert first is not None
    schedule.finished(first)
    assert keys(schedule) == [2, 3]


def test_a_group_within_a_group_waits_for_its_own_leader() -> None:
    schedule = Schedule()
    schedule.add([record(1), record(2, 1, 500), record(3, 1, 900), record(4, 3, 500)], 0, 0, ())
    (whole,) = taken(schedule)
    schedule.finished(whole)
    inner = taken(schedule)
    assert {row.record.key for row in inner} == {2, 4}
    schedule.finished(next(row for row in inner if row.record.key == 2))
    assert keys(schedule) == [3]


def test_where_the_leader_is_done_the_next_one_leads() -> None:
    schedule = Schedule()
    schedule.add([record(1), record(2, 1, 500), record(3, 2, 500)], 0, 0, {1})
    assert keys(schedule) == [2]


def test_where_the_leader_is_of_another_shard_the_first_one_leads() -> None:
    schedule = Schedule()
    schedule.add([record(7, 3, 500), record(8, 4, 500)], 1, 10, ())
    assert keys(schedule) == [7]


def test_no_more_groups_are_begun_than_a_cache_has_room_for() -> None:
    schedule = Schedule(cache_characters=1_000)
    groups = [record(key, leader, 600 * leader) for key, leader in ((1, 0), (2, 1), (3, 0), (4, 1))]
    schedule.add(groups, 0, 0, ())
    (first,) = taken(schedule)
    schedule.finished(first)
    (follower,) = taken(schedule)
    assert follower.record.key == 2
    schedule.finished(follower)
    assert keys(schedule) == [3]


def test_a_group_larger_than_the_cache_goes_alone_and_nothing_stands_still() -> None:
    schedule = Schedule(cache_characters=10)
    schedule.add([record(1), record(2, 1, 900), record(3, 1, 1_900), record(4)], 0, 0, ())
    seen = []
    while rows := taken(schedule):
        for row in rows:
            seen.append(row.record.key)
            schedule.finished(row)
    assert sorted(seen) == [1, 2, 3, 4]
    assert (schedule.waiting, schedule.under_way) == (0, 0)


def test_a_row_that_is_put_back_goes_before_all_others() -> None:
    schedule = Schedule()
    schedule.add([record(1), record(2)], 0, 0, ())
    first = schedule.next()
    assert first is not None
    schedule.put_back(first)
    assert keys(schedule) == [1, 2]
