"""Connections are kept for those who go the same way, used again before others are made, and never too many."""

from __future__ import annotations

import math

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tensormesh_transport.core.pool import FICKLE_SECONDS, IDLE_SECONDS, MEMORY_SECONDS, SOON_SECONDS, SOON_TIMES, Pool


class Line:
    """Stands for a connection."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.open = True
        self.free_since = -math.inf

    def close(self) -> None:
        self.open = False


def test_what_was_free_for_long_is_closed_though_another_is_used_all_the_time() -> None:
    pool: Pool[Line] = Pool(9)
    often, seldom = Line("a"), Line("a")
    for line in (seldom, often):
        pool.add(line)
        pool.release(line, 0.0)
    for second in range(0, 100, 10):
        assert pool.take("a", float(second)) is often
        pool.release(often, float(second))

    assert not seldom.open
    assert pool.connections == {often}


def test_where_there_are_too_many_the_one_that_was_free_longest_makes_room_wherever_it_leads() -> None:
    pool: Pool[Line] = Pool(3)
    lines = [Line("a"), Line("b"), Line("b")]
    for line in lines:
        pool.add(line)
    for now, line in enumerate([lines[1], lines[0], lines[2]]):
        pool.release(line, now)

    new = Line("c")
    pool.add(new)

    assert pool.connections == {lines[0], lines[2], new}
    assert [line.open for line in lines] == [True, False, True]


def end_soon(pool: Pool[Line], key: str, now: float, times: int = 1) -> None:
    """A host ends connections right behind its answers."""
    for _ in range(times):
        line = Line(key)
        pool.add(line)
        pool.release(line, now)
        pool.ended(line, now + SOON_SECONDS)
        assert not line.open


def is_kept(pool: Pool[Line], key: str, now: float) -> bool:
    """Whether a connection serves again."""
    line = Line(key)
    pool.add(line)
    pool.release(line, now)
    kept = pool.take(key, now)
    assert kept in (line, None)
    if kept is not None:
        pool.discard(kept)
    return kept is not None


def test_of_a_host_that_ends_connections_soon_none_is_kept_for_a_while() -> None:
    pool: Pool[Line] = Pool(9)

    end_soon(pool, "a", 100.0, times=SOON_TIMES - 1)
    assert is_kept(pool, "a", 101.0), "once or twice may be chance"

    end_soon(pool, "a", 101.0)
    assert not is_kept(pool, "a", 102.0)
    assert is_kept(pool, "b", 102.0), "another host is nobody's fault"
    assert is_kept(pool, "a", 102.0 + FICKLE_SECONDS)

    end_soon(pool, "a", 120.0)
    assert not is_kept(pool, "a", 121.5), "it does so still"

    end_soon(pool, "a", 121.0 + MEMORY_SECONDS)
    assert is_kept(pool, "a", 122.5 + MEMORY_SECONDS), "it has not done so for long"


def test_a_host_that_ends_what_was_free_for_long_is_as_good_as_any() -> None:
    pool: Pool[Line] = Pool(9)
    for _ in range(9):
        line = Line("a")
        pool.add(line)
        pool.release(line, 100.0)
        pool.ended(line, 100.1 + SOON_SECONDS)

    assert is_kept(pool, "a", 102.0)


class Keeping(RuleBasedStateMachine):
    """Any order of what can happen to a pool, beside what is known of each connection."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.limit = 1
        self.used: list[Line] = []
        self.free: dict[Line, float] = {}
        """Since when; the one that was released last stands last."""
        self.gone: list[Line] = []
        self.ends: dict[str, list[float]] = {}
        """When connections ended soon after they were released, each less than a minute after that before."""

    @initialize(limit=st.integers(1, 5), keys=st.lists(st.sampled_from("aab"), max_size=4))
    def begin(self, limit: int, keys: list[str]) -> None:
        self.limit = limit
        self.pool: Pool[Line] = Pool(limit)
        for key in keys[:limit]:
            self.make(key=key)

    @rule(seconds=st.sampled_from([1.5, FICKLE_SECONDS, IDLE_SECONDS - 1, IDLE_SECONDS + 1]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(key=st.sampled_from("ab"))
    def ask(self, key: str) -> None:
        own = [line for line in self.free if line.key == key]
        stale = [line for line in own if self.now - self.free[line] > IDLE_SECONDS]

        got = self.pool.take(key, self.now)

        for line in stale:
            self.lost(line)
        fresh = [line for line in own if line not in stale]
        assert got is (fresh[-1] if fresh else None)
        if got is not None:
            del self.free[got]
            self.used.append(got)

    @precondition(lambda self: len(self.used) < self.limit)
    @rule(key=st.sampled_from("aab"))
    def make(self, key: str) -> None:
        full = len(self.used) + len(self.free) >= self.limit
        line = Line(key)

        self.pool.add(line)

        if full:
            self.lost(min(self.free, key=self.free.__getitem__))
        self.used.append(line)

    @precondition(lambda self: self.used)
    @rule(number=st.integers(0, 9), how=st.sampled_from(["release", "release", "release", "discard", "lose"]))
    def let_go(self, number: int, how: str) -> None:
        line = self.used.pop(number % len(self.used))
        self.now += 0.001  # no two at once
        if how == "release":
            self.pool.release(line, self.now)
            ends = self.ends.get(line.key, [])
            if len(ends) >= SOON_TIMES and self.now - ends[-1] < FICKLE_SECONDS:
                self.gone.append(line)
            else:
                self.free[line] = self.now
        else:
            getattr(self.pool, how)(line)
            self.gone.append(line)

    @precondition(lambda self: self.free)
    @rule(number=st.integers(0, 9))
    def break_while_free(self, number: int) -> None:
        line = list(self.free)[number % len(self.free)]
        self.pool.lose(line)
        self.lost(line)

    @precondition(lambda self: self.free)
    @rule(number=st.integers(0, 9))
    def be_ended_while_free(self, number: int) -> None:
        line = list(self.free)[number % len(self.free)]
        self.pool.ended(line, self.now)
        if self.now - self.free[line] <= SOON_SECONDS:
            before = self.ends.get(line.key, [])
            remembered = before if before and self.now - before[-1] < MEMORY_SECONDS else []
            self.ends[line.key] = [*remembered, self.now]
        self.lost(line)

    @precondition(lambda self: self.gone)
    @rule()
    def break_again(self) -> None:
        """A connection may be reported lost more than once."""
        self.pool.lose(self.gone[-1])

    @precondition(lambda self: len(self.gone) > 3)
    @rule()
    def clear(self) -> None:
        in_use = self.pool.clear()
        for line in list(self.free):
            self.lost(line)
        assert sorted(in_use, key=id) == sorted(self.used, key=id)

    def lost(self, line: Line) -> None:
        del self.free[line]
        self.gone.append(line)

    @invariant()
    def what_is_kept_is_open_and_what_is_not_is_closed(self) -> None:
        kept = {*self.used, *self.free}
        assert self.pool.connections == kept if hasattr(self, "pool") else not kept
        assert all(line.open for line in kept)
        assert not any(line.open for line in self.gone)
        assert len(kept) <= self.limit


TestKeeping = Keeping.TestCase
TestKeeping.settings = settings(max_examples=300, stateful_step_count=40)
