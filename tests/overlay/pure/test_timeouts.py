"""How long each part of a call may take: the call's own limits, then the client's, then the default."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_overlay.configuration.timeouts import timeouts
from tensormesh_overlay.errors import ConfigurationError
from tensormesh_runtime.types import CallOptions, Timeout
from tensormesh_transport.messages import Timeouts
from tests.cases import cases


def whole(client: float | Timeout = 30.0, **options: Any) -> Timeouts:
    return timeouts(client, CallOptions(**options), streaming=False)


def generated(client: float | Timeout | None = None, **options: Any) -> Timeouts:
    client = Timeout() if client is None else client
    return timeouts(client, CallOptions(**options), streaming=False, generates=True)


def stream(client: float | Timeout = 30.0, **options: Any) -> Timeouts:
    return timeouts(client, CallOptions(**options), streaming=True)


def test_one_number_limits_each_part_and_the_whole() -> None:
    assert whole(7.0) == whole(timeout=7) == Timeouts(7, 7, 7, 7)


def test_a_stream_has_no_end_but_a_longest_silence() -> None:
    assert stream(7.0) == stream(timeout=7) == Timeouts(7, 7, 300, None)
    assert stream(7.0, stream_idle_timeout=5) == Timeouts(7, 7, 5, None)


def test_the_silence_of_a_stream_is_no_matter_of_a_whole_answer() -> None:
    assert whole(7.0, stream_idle_timeout=5) == Timeouts(7, 7, 7, 7)


def test_several_limits_are_each_taken_as_given() -> None:
    given = Timeout(connect=1, first_byte=2, idle=3, total=4)

    assert whole(given) == whole(timeout=given) == stream(given) == stream(timeout=given) == Timeouts(1, 2, 3, 4)
    assert stream(timeout=given, stream_idle_timeout=2) == Timeouts(1, 2, 2, 4)


def test_no_part_may_take_longer_than_the_whole() -> None:
    assert whole(timeout=Timeout(total=4)) == Timeouts(4, 4, 4, 4)
    assert stream(timeout=Timeout(connect=1, total=4), stream_idle_timeout=5) == Timeouts(1, 4, 4, 4)


def test_what_a_call_leaves_open_is_the_clients() -> None:
    client = Timeout(connect=1, first_byte=2, idle=3, total=40)

    assert whole(client, timeout=Timeout(first_byte=9)) == Timeouts(1, 9, 3, 40)
    assert stream(client, timeout=Timeout(idle=9)) == Timeouts(1, 2, 9, 40)
    assert whole(7.0, timeout=Timeout(connect=1)) == Timeouts(1, 7, 7, 7)
    assert stream(7.0, timeout=Timeout(connect=1)) == Timeouts(1, 7, 300, None)
    assert whole(client, timeout=9) == Timeouts(9, 9, 9, 9)


def test_what_nobody_sets_has_a_default() -> None:
    assert whole(Timeout()) == Timeouts(30, 30, 30, 600)
    assert whole(Timeout(first_byte=90)) == Timeouts(30, 90, 90, 600)
    assert stream(Timeout()) == Timeouts(30, 30, 300, None)


def test_a_whole_answer_that_a_model_writes_has_time_to_be_written() -> None:
    """Nothing of it comes before it is; and it is paid for, read or not."""
    assert generated() == Timeouts(30, 600, 600, 600)
    assert generated(Timeout(connect=5)) == generated(timeout=Timeout(connect=5)) == Timeouts(5, 600, 600, 600)
    assert generated(Timeout(total=50)) == generated(timeout=Timeout(total=50)) == Timeouts(30, 50, 50, 50)
    assert generated(Timeout(total=3_000)) == Timeouts(30, 3_000, 3_000, 3_000)


def test_what_somebody_limits_is_limited_whoever_writes_it() -> None:
    assert generated(30.0) == generated(timeout=30) == Timeouts(30, 30, 30, 30)
    assert generated(Timeout(first_byte=20)) == Timeouts(30, 20, 20, 600)
    assert generated(Timeout(idle=20)) == Timeouts(30, 600, 20, 600)


def test_a_part_that_is_allowed_more_is_not_cut_short_by_a_total_that_nobody_set() -> None:
    assert (
        whole(Timeout(first_byte=900))
        == whole(Timeout(), timeout=Timeout(first_byte=900))
        == Timeouts(30, 900, 900, 900)
    )
    assert generated(Timeout(idle=900)) == Timeouts(30, 900, 900, 900)


def test_a_part_that_the_call_allows_more_is_not_cut_short_by_the_clients_total() -> None:
    assert whole(30.0, timeout=Timeout(first_byte=120)) == Timeouts(30, 120, 30, 120)
    assert whole(30.0, timeout=Timeout(first_byte=120, total=60)) == Timeouts(30, 60, 30, 60)


WRONG = [
    0,
    -1,
    0.0,
    math.nan,
    math.inf,
    -math.inf,
    True,
    False,
    "soon",
    "",
    [],
    {},
    b"5x",
    pytest.param(object(), id="object"),
    1e7,
    10**400,
    (1, 2),
]


@cases("wrong", WRONG, ids=repr)
@cases("streaming", [False, True])
def test_no_limit_is_zero_endless_or_no_number(wrong: Any, streaming: bool) -> None:
    with pytest.raises(ConfigurationError, match=r"^timeout cannot be used: "):
        timeouts(30.0, CallOptions(timeout=wrong), streaming=streaming)
    with pytest.raises(ConfigurationError, match=r"^stream_idle_timeout cannot be used: "):
        timeouts(30.0, CallOptions(stream_idle_timeout=wrong), streaming=streaming)
    for part in Timeout._fields:
        with pytest.raises(ConfigurationError, match=r"^timeout cannot be used: "):
            timeouts(30.0, CallOptions(timeout=Timeout(**{part: wrong})), streaming=streaming)


SECONDS = st.floats(min_value=1e-9, max_value=1e6)
TIMEOUTS = st.builds(Timeout, *[st.none() | SECONDS] * 4)


@given(SECONDS | TIMEOUTS, st.none() | SECONDS | TIMEOUTS, st.none() | SECONDS, st.booleans())
def test_any_limits_make_limits_of_a_call(
    client: float | Timeout, own: float | Timeout | None, idle: float | None, streaming: bool
) -> None:
    """Every part has an end above 0, and what a call asks for is what it gets, as far as it has time."""
    got = timeouts(client, CallOptions(timeout=own, stream_idle_timeout=idle), streaming=streaming)

    most = got.total or 1e6
    for part in got[:3]:
        assert 0 < part <= most <= 1e6
    asked = own if isinstance(own, Timeout) else Timeout(own, own)
    assert got.connect == min(asked.connect or got.connect, most)
    assert got.first_byte == min(asked.first_byte or got.first_byte, most)
    assert got.total == (asked.total or got.total)
    assert got.idle == min((idle if streaming else None) or asked.idle or got.idle, most)
