"""Answers that take their time, and what comes of them."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import strategies as st

from tests.overlay.pure.cuts import cut
from tests.transport.answers import Told, answers
from tests.transport.pumps.readers import PUMPS, Outcome, Plan
from tests.transport.pumps.world import Event, inhabited

DELAYS = st.sampled_from([0.0, 0.0, 0.125, 0.5, 1.5, 2.25, 4.125])
"""Before each packet; the last is longer than any silence that is allowed within an answer."""
PAUSES = st.lists(st.sampled_from([0.0, 0.25, 2.0, 6.0]), max_size=3)
ENDS = st.sampled_from(["close", "reset", "", ""])


@st.composite
def tellings(draw: st.DrawFn) -> tuple[Told, list[Event]]:
    """An answer in packets, each at its time, perhaps not to its end; and the end of the connection, or none."""
    told = draw(answers())
    size = len(told.raw)
    places = [told.begun_at, *draw(st.lists(st.integers(0, size) | st.integers(told.begun_at, size), max_size=4))]
    pieces = [piece for piece in cut(told.raw, places) if piece]
    pieces = pieces[: draw(st.sampled_from([len(pieces), *range(len(pieces) + 1)]))]
    times = list(accumulate(draw(DELAYS) for _ in range(len(pieces) + 1)))
    events = [Event(at, "say", piece) for at, piece in zip(times, pieces, strict=False)]
    end = draw(ENDS)
    return told, [*events, *([Event(times[-1], end)] if end else [])]


def outcome_of(pump: str, plan: Plan, events: list[Event]) -> Outcome:
    """What comes of it, once every socket is closed; what the host has heard is in its `heard`."""
    with inhabited(events) as world:
        outcome = PUMPS[pump](world, plan)
        assert all(line.fileno() < 0 for line in world.lines), "a socket is left"
    outcome.heard = world.lines[0].heard
    return outcome


def said_by(events: list[Event], at: float) -> bytes:
    return b"".join(event.data for event in events if event.what == "say" and event.at <= at)


def with_others(telling: tuple[Told, list[Event]], others: list[tuple[float, Event]]) -> list[Event]:
    """The events of a telling, and others in between, each so long after the beginning."""
    return sorted([*telling[1], *(event._replace(at=at) for at, event in others)], key=lambda event: event.at)
