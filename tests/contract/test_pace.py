"""How fast a host is asked, and when it is left alone: in every phase the same."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.documents.selection import Selection
from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.exchanges.exchange import Exchange, Promise
from tensormesh_contract.hosts.local import own_target
from tensormesh_contract.hosts.target import Target
from tensormesh_contract.requests.fuzz_run import MOST_IN_VAIN, run_fuzzing
from tensormesh_contract.requests.pace import Pace, wanted_rest
from tensormesh_contract.requests.plan import Plan
from tensormesh_contract.run import evaluated
from tensormesh_local import LocalHost
from tests.contract.conftest import Drift, Recorded, Sent, Surfaces, drifting
from tests.contract.gateway import through


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    made = SimpleNamespace(sleep=found.sleep, monotonic=found.monotonic)
    monkeypatch.setattr("tensormesh_contract.requests.pace.time", made)
    return found


@pytest.mark.parametrize(
    ("status", "said", "seconds"),
    [
        *[(429, "7", 7.0), (503, " 2 ", 2.0), (429, "60", 60.0)],
        *[(429, "61", None), (429, "soon", None), (429, "-1", None), (429, None, None), (429, "", None)],
        *[(200, "7", None), (404, "7", None)],
        (429, "Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    ],
)
def test_what_a_busy_host_says_is_read(status: int, said: str | None, seconds: float | None) -> None:
    assert wanted_rest(status, said) == seconds


def test_a_date_to_come_is_so_many_seconds() -> None:
    seconds = wanted_rest(429, format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))

    assert seconds is not None
    assert 25 < seconds <= 30


def test_no_gap_is_shorter_than_the_pause(clock: Clock) -> None:
    """Though one request was late, the next does not hurry."""
    pace, sent = Pace(1.0), list[float]()
    for spent in (0.0, 0.3, 2.5, 0.0):
        pace.wait()
        sent.append(clock.now)
        clock.now += spent

    assert all(later - earlier >= 1.0 for earlier, later in itertools.pairwise(sent))


def fuzzed(host: LocalHost, surfaces: Surfaces, drift: Drift, pace: Pace, *only: str) -> list[object]:
    """Make up requests for some operations, through a proxy."""
    own = own_target(host, SurfaceName.SERVERLESS)
    base, path = own.base_url.rsplit("/", 1)
    with drifting(base, drift) as url:
        target = Target(own.surface, f"{url}/{path}", own.credentials)
        plan = Plan(phases=("examples", "coverage"), positive=True)
        limited = Selection(only).of(surfaces, [own.surface])
        return [*run_fuzzing(limited[own.surface], target, plan, pace)]


def test_a_fuzz_run_keeps_to_the_pace_and_honours_what_the_host_says(
    host: LocalHost, surfaces: Surfaces, clock: Clock
) -> None:
    sent: list[float] = []

    def drift(one: Sent) -> None:
        sent.append(clock.now)
        if len(sent) == 5:
            one.refuse(429, "wait")
            one.headers["retry-after"] = "9"

    seen = fuzzed(host, surfaces, drift, Pace(1.0), "tokenize", "detokenize")
    gaps = [later - earlier for earlier, later in itertools.pairwise(sent)]

    assert min(gaps) >= 1.0
    assert max(gaps) == 9.0
    # It was turned away, and asked again: that is what was seen.
    assert 429 not in {one.answer.status for one in seen if isinstance(one, Exchange) and one.answer}


def test_a_host_without_time_is_no_matter_of_security(surfaces: Surfaces, recorded: Recorded) -> None:
    def drift(one: Sent) -> None:
        if not one.keyed:
            one.refuse(429, "wait")

    busy = through(recorded["serverless"], drift)

    assert any(one.promise is Promise.WANTS_KEY and one.answer and one.answer.status == 429 for one in busy)
    assert Kind.OPEN_TO_STRANGERS not in {one.kind for one in evaluated(surfaces, busy, []).findings}


def test_what_is_not_there_is_given_up(host: LocalHost, surfaces: Surfaces) -> None:
    def drift(one: Sent) -> None:
        if one.path.endswith(("/tokenize", "/v1/responses")):
            one.refuse(404, "Not Found")

    seen = fuzzed(host, surfaces, drift, Pace(None), "tokenize", "create_response", "create_completion")
    asked = Counter(one.request.path for one in seen if isinstance(one, Exchange))

    assert asked["/tokenize"] == asked["/v1/responses"] == MOST_IN_VAIN
    assert asked["/v1/completions"] > 3 * MOST_IN_VAIN
