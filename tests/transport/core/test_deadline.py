"""Which limit is the next one, and what is said when it is reached."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tensormesh_transport.core.deadline import DRAIN_SECONDS, Deadline
from tensormesh_transport.errors import ConnectTimeoutError, ReadTimeoutError
from tensormesh_transport.messages import Timeouts

SECONDS = st.integers(1, 50).map(float)
TIMEOUTS = st.builds(Timeouts, SECONDS, SECONDS, SECONDS, st.none() | SECONDS)
STEPS = st.lists(st.tuples(st.sampled_from(["sending", "reading", "draining"]), SECONDS), max_size=6)
BEGIN = 1000.0
LIMITS = {"connect": "connect", "sending": "first_byte", "reading": "idle"}
"""Which of the limits holds after each step."""


@given(TIMEOUTS, STEPS)
def test_each_step_has_its_limit_and_all_together_have_theirs(
    timeouts: Timeouts, steps: list[tuple[str, float]]
) -> None:
    deadline, now, drained = Deadline(timeouts, BEGIN), BEGIN, False
    end = math.inf if timeouts.total is None else BEGIN + timeouts.total
    assert deadline.at == min(BEGIN + timeouts.connect, end)
    for step, passed in steps:
        now += passed
        before = deadline.at
        getattr(deadline, step)(now)
        if step == "reading" and drained:
            assert deadline.at == before, "what is not wanted gets no more time by coming"
        else:
            drained = step == "draining"
            seconds = DRAIN_SECONDS if drained else getattr(timeouts, LIMITS[step])
            assert deadline.at == min(now + seconds, end)


@given(TIMEOUTS, st.sampled_from(["connect", "sending", "reading"]), SECONDS)
def test_what_is_said_names_the_limit_that_was_reached(timeouts: Timeouts, step: str, passed: float) -> None:
    deadline, now = Deadline(timeouts, BEGIN), BEGIN
    if step != "connect":
        now += passed
        getattr(deadline, step)(now)
    seconds: float = getattr(timeouts, LIMITS[step])
    whole = timeouts.total is not None and BEGIN + timeouts.total <= now + seconds
    limit = timeouts.total if whole else seconds

    error = deadline.error(deadline.at)

    assert re.findall(r"within ([\d.]+) s", str(error)) == [f"{limit:g}"]
    assert isinstance(error, ConnectTimeoutError if step == "connect" else ReadTimeoutError)
    assert error.sent is (step != "connect")


@given(TIMEOUTS, SECONDS)
def test_time_that_runs_while_the_rest_is_not_wanted_is_never_more_than_a_moment(
    timeouts: Timeouts, passed: float
) -> None:
    assume(timeouts.total is None or timeouts.total > passed + DRAIN_SECONDS)
    deadline = Deadline(timeouts, BEGIN)
    deadline.draining(BEGIN + passed)

    for _ in range(3):
        deadline.reading(deadline.at - 0.01)

    assert deadline.at == pytest.approx(BEGIN + passed + DRAIN_SECONDS)
