"""Both pumps make the same of whatever a host does, at whatever time, and lose nothing that came."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensormesh_transport.errors import ReadError, ReadTimeoutError, RemoteProtocolError
from tests.cases import cases
from tests.transport.answers import Told
from tests.transport.pumps.readers import PUMPS, TIMEOUTS, Plan
from tests.transport.pumps.tellings import PAUSES, outcome_of, said_by, tellings
from tests.transport.pumps.world import Event


@settings(max_examples=200)
@given(tellings(), st.booleans(), PAUSES | st.sampled_from([1.0625, 4.0625, 9.0625]))
def test_both_pumps_make_the_same_of_what_a_host_does(
    telling: tuple[Told, list[Event]], whole: bool, pauses_or_total: list[float] | float
) -> None:
    told, events = telling
    # With both, they differ: what came in time, a thread may read too late.
    if isinstance(pauses_or_total, float):
        plan = Plan(told.method, whole=whole, total=pauses_or_total)
    else:
        plan = Plan(told.method, whole=whole, pauses=pauses_or_total)

    blocking, asynchronous = (outcome_of(pump, plan, events).shown for pump in PUMPS)

    assert blocking == asynchronous


@cases("coding", ["deflate", ""])
@cases("times", [(0.0, 0.0, 0.125), (0.0, 0.125, 0.25), (0.0, 0.125, 0.125)])
@cases("pauses", [[0.25, 0.25, 0.25], [0.25, 0.0, 0.25], [0.0, 0.25, 0.25], [0.125, 0.125, 6.0]])
def test_in_how_many_pieces_a_body_comes_makes_no_difference_to_when_it_is_read(
    coding: str, times: tuple[float, float, float], pauses: list[float]
) -> None:
    """A thread finds joined what came while it was away; an event loop has taken it in as it came."""
    body = zlib.compress(b"abcdefgh" * 40) if coding else b"abcdefgh"
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    events = [Event(at, "say", data) for at, data in zip(times, (head, body[:5], body[5:]), strict=True)]

    blocking, asynchronous = (outcome_of(pump, Plan(pauses=pauses), events).shown for pump in PUMPS)

    assert blocking == asynchronous


@pytest.mark.parametrize("pump", PUMPS)
@settings(max_examples=150)
@given(telling=tellings(), pauses=PAUSES)
def test_what_came_is_handed_out_and_no_half_of_an_answer_is_whole(
    pump: str, telling: tuple[Told, list[Event]], pauses: list[float]
) -> None:
    told, events = telling

    outcome = outcome_of(pump, Plan(told.method, pauses=pauses), events)

    came = len(said_by(events, outcome.at))
    if came >= told.begun_at and outcome.status:
        assert (outcome.status, outcome.headers) == (told.status, told.headers)
    assert outcome.content == (told.content[: told.arrived[came]] if outcome.status else b"")
    if outcome.error is None:
        assert came == len(told.raw) or came in told.whole_at
    else:
        assert isinstance(outcome.error, ReadError)
        assert outcome.error.sent
        assert not outcome.kept
    if isinstance(outcome.error, RemoteProtocolError):
        assert events[-1].what in ("close", "reset")


@pytest.mark.parametrize("pump", PUMPS)
@settings(max_examples=150)
@given(telling=tellings(), whole=st.booleans())
def test_only_silence_is_a_timeout(pump: str, telling: tuple[Told, list[Event]], whole: bool) -> None:
    """And it is one as soon as it has lasted so long."""
    told, events = telling

    outcome = outcome_of(pump, Plan(told.method, whole=whole), events)

    # When the next word would have had to come.
    limit, count = TIMEOUTS.first_byte, 0
    for event in events:
        if event.at >= limit:
            break
        count += len(event.data)
        if count >= told.begun_at:
            limit = event.at + TIMEOUTS.idle
    over = next((event.at for event in events if event.what != "say" and event.at < limit), None)
    if count == len(told.raw) and not told.until_close:
        assert outcome.error is None
    elif over is None:
        assert isinstance(outcome.error, ReadTimeoutError)
        assert outcome.at == limit
        assert f"within {TIMEOUTS.first_byte if count < told.begun_at else TIMEOUTS.idle:g} s" in str(outcome.error)
    else:
        assert not isinstance(outcome.error, ReadTimeoutError)
        assert outcome.at == over
