"""
However many wait, or are free, the next one is found at once.

No test here has a clock: looking through all of them, for each, takes hours at these numbers.
"""

from __future__ import annotations

from tensormesh_transport.core.places import Places
from tensormesh_transport.core.pool import IDLE_SECONDS, Pool

MANY = 200_000


class Line:
    """Stands for a connection."""

    def __init__(self, key: int) -> None:
        self.key = key
        self.open = True
        self.free_since = 0.0

    def close(self) -> None:
        self.open = False


def test_places_are_handed_on_however_many_wait() -> None:
    places, woken = Places(1), []
    for who in range(MANY):
        if not places.take(who):
            places.wait(who, lambda who=who: woken.append(who))  # type: ignore[misc]

    for who in range(MANY):
        places.leave(who)

    assert woken == list(range(1, MANY))


def test_connections_that_were_idle_are_closed_however_many_there_are() -> None:
    pool: Pool[Line] = Pool(MANY)
    lines = [Line(0) for _ in range(MANY)]
    for line in lines:
        pool.add(line)
        pool.release(line, 0.0)

    assert pool.take(0, IDLE_SECONDS + 1) is None
    assert not any(line.open for line in lines)


def test_room_is_made_however_many_hosts_there_are() -> None:
    pool: Pool[Line] = Pool(50_000)
    lines = [Line(key) for key in range(100_000)]
    for now, line in enumerate(lines):
        pool.add(line)
        pool.release(line, float(now))

    assert [line.key for line in lines if line.open] == list(range(50_000, 100_000))
