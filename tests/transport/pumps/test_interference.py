"""Whoever closes, in another thread or task, ends at once what goes on, at whatever moment; nothing is left of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensormesh_transport.errors import ClosedError, ReadError, ReadTimeoutError
from tests.cases import cases
from tests.transport.answers import Told
from tests.transport.pumps.readers import PUMPS, Plan
from tests.transport.pumps.tellings import PAUSES, outcome_of, said_by, tellings, with_others
from tests.transport.pumps.world import Event

MOMENTS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.125, 0.25, 0.5, 1.0, 1.5, 2.25, 3.0, 6.0]),
        st.sampled_from([Event(0, "close the body"), Event(0, "close the transport")]),
    ),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("pump", PUMPS)
@settings(max_examples=250)
@given(telling=tellings(), moments=MOMENTS, whole=st.booleans(), pauses=PAUSES, large=st.booleans())
def test_closing_at_any_moment(
    pump: str,
    telling: tuple[Told, list[Event]],
    moments: list[tuple[float, Event]],
    whole: bool,
    pauses: list[float],
    large: bool,
) -> None:
    told, _ = telling
    events = with_others(telling, moments)

    outcome = outcome_of(pump, Plan(told.method, bytes(50_000) if large else None, whole=whole, pauses=pauses), events)

    came = told.content[: told.arrived[len(said_by(events, outcome.at))]]
    assert came.startswith(outcome.content)
    happened = {event.what for event in events if event.at <= outcome.at}
    if isinstance(outcome.error, ClosedError):
        assert "close the transport" in happened
    elif outcome.error is not None:
        assert type(outcome.error) is ReadTimeoutError or happened & {"close", "reset"}
        assert isinstance(outcome.error, ReadError)
    elif whole or "close the body" not in happened:
        size = len(said_by(events, outcome.at))
        assert size == len(told.raw) or ("close" in happened and size in told.whole_at)


@cases("pump", PUMPS)
@cases("said", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\nhello"], ids=len)
@cases("large", [False, True], ids=["a request", "a large request"])
def test_whoever_waits_wakes_up_when_the_transport_is_closed(pump: str, said: bytes, large: bool) -> None:
    events = [Event(0.5, "say", said), Event(1, "close the transport")]

    outcome = outcome_of(pump, Plan("POST", bytes(50_000) if large else None), events)

    assert isinstance(outcome.error, ClosedError)
    assert outcome.error.sent
    assert outcome.at == 1
    assert outcome.content == said.partition(b"\r\n\r\n")[2]


@cases("pump", PUMPS)
def test_whoever_waits_for_more_of_a_body_that_is_closed_finds_its_end(pump: str) -> None:
    events = [Event(0.5, "say", b"HTTP/1.1 200 OK\r\n\r\nhello"), Event(1, "close the body"), Event(2, "say", b"more")]

    outcome = outcome_of(pump, Plan(), events)

    assert (outcome.content, outcome.error, outcome.at, outcome.kept) == (b"hello", None, 1, False)


@cases("pump", PUMPS)
@cases(
    ("rest", "kept", "at"),
    [
        pytest.param([Event(0, "say", b"lo")], True, 0, id="is there"),
        pytest.param([Event(0.125, "say", b"lo")], True, 0.125, id="comes soon"),
        pytest.param([Event(1, "say", b"lo")], False, 0.25, id="comes late"),
        pytest.param([Event(0.125, "close")], False, 0.125, id="is missing"),
        pytest.param([Event(0.125, "reset")], False, 0.125, id="is lost"),
        pytest.param([Event(0.125, "say", b"lo!")], False, 0.125, id="is more than there should be"),
        pytest.param([Event(0.125, "say", b"l"), Event(0.2, "say", b"o")], True, 0.2, id="comes in pieces"),
        pytest.param([Event(0.125, "say", b"l"), Event(0.3, "say", b"o")], False, 0.25, id="comes in pieces too late"),
    ],
)
def test_the_rest_that_nobody_wants_may_take_a_moment(pump: str, rest: list[Event], kept: bool, at: float) -> None:
    begin = Event(0, "say", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")

    outcome = outcome_of(pump, Plan(pieces=1), [begin, *rest])

    assert (outcome.content[:3], outcome.error, outcome.kept, outcome.at) == (b"hel", None, kept, at)
