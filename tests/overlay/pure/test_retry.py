"""When a call is tried again: under any script of faults it ends, and a POST is not sent twice by itself."""

from __future__ import annotations

import copy
import datetime
import email.utils
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import chain, cycle, repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_overlay.calls.retry import attempts
from tensormesh_overlay.configuration.retry_policy import RETRYABLE, TURNED_AWAY, Attempt, RetryPolicy
from tensormesh_overlay.errors import APIConnectionError, APITimeoutError
from tensormesh_overlay.retry_after import retry_after
from tensormesh_transport.messages import Response as HTTPResponse
from tests.cases import cases

Outcome = HTTPResponse | APIConnectionError
Flow = Generator[float | None, Outcome | None, HTTPResponse]


def answer(status: int = 200, retry_after: str | None = None, **headers: str) -> HTTPResponse:
    asked = {} if retry_after is None else {"retry-after": retry_after}
    return HTTPResponse(status, asked | {name.replace("_", "-"): value for name, value in headers.items()}, b"")


def fault(*, sent: bool) -> APIConnectionError:
    return APIConnectionError("the connection broke", sent=sent)


@dataclass
class Call:
    """One call through the flow, with a clock that only sends and waits move."""

    outcomes: Iterator[Outcome]
    seconds_per_send: float = 0.0
    now: float = 1_000.0
    sends: list[float] = field(default_factory=list)
    """When each try began, in seconds since the first."""
    waits: list[float] = field(default_factory=list)
    seen: list[Outcome] = field(default_factory=list)
    told: list[Attempt] = field(default_factory=list)

    def run(self, retries: int = 3, *, idempotent: bool = True, jitter: float = 1.0, **policy: Any) -> Outcome:
        """What the flow comes to: the answer that it returns or the error that it raises."""
        rules = RetryPolicy(observe=self.told.append, jitter=lambda: jitter, clock=lambda: self.now, **policy)
        flow: Flow = attempts(rules, retries, idempotent, "GET", "https://h.test/x")
        outcome: Outcome | None = None
        try:
            while True:
                step = flow.send(outcome)
                outcome = self._send() if step is None else self._pause(step)
        except StopIteration as end:
            final = end.value
        except APIConnectionError as error:
            return error
        assert isinstance(final, HTTPResponse)
        return final

    def _send(self) -> Outcome:
        self.sends.append(self.now - 1_000)
        self.now += self.seconds_per_send
        self.seen.append(next(self.outcomes))
        return self.seen[-1]

    def _pause(self, seconds: float) -> Outcome | None:
        self.waits.append(seconds)
        self.now += seconds
        return None


def call(*outcomes: Outcome, **settings: Any) -> Call:
    """A call of a host that has these outcomes and then answers."""
    return Call(chain(outcomes, repeat(answer())), **settings)


STATUSES = st.sampled_from([200, 204, 301, 400, 401, 404, 408, 409, 422, 429, 500, 501, 502, 503, 504, 520, 525, 529])
ASKED = st.sampled_from(
    [None, "0", "1", "2.5", "-3", "99999", "1e309", "nan", "inf", "soon", "", "Wed, 21 Oct 2015 07:28:00 GMT"]
)
OUTCOMES = st.builds(answer, STATUSES, ASKED) | st.builds(fault, sent=st.booleans())
SCRIPTS = st.lists(OUTCOMES, min_size=1, max_size=6)
DELAYS = st.floats(0, 20)


@given(
    script=SCRIPTS,
    retries=st.integers(0, 8),
    idempotent=st.booleans(),
    posts=st.booleans(),
    first_delay=DELAYS,
    max_delay=DELAYS,
    deadline=st.floats(0, 60),
    jitter=st.floats(0, 1),
    seconds_per_send=st.floats(0, 30),
)
def test_every_flow_ends_and_keeps_its_rules(
    script: list[Outcome],
    retries: int,
    idempotent: bool,
    posts: bool,
    jitter: float,
    seconds_per_send: float,
    **policy: float,
) -> None:
    one = Call(map(copy.copy, cycle(script)), seconds_per_send)

    final = one.run(retries, idempotent=idempotent, jitter=jitter, posts=posts, **policy)

    # It ends, after no more tries than are allowed, with what the last one brought.
    assert 1 <= len(one.sends) <= 1 + retries
    assert final is one.seen[-1]
    # A POST goes out again only by request, and where the host cannot have begun.
    for outcome in one.seen[:-1]:
        refused = (
            outcome.sent is False if isinstance(outcome, APIConnectionError) else outcome.status_code in TURNED_AWAY
        )
        broken = isinstance(outcome, APIConnectionError) or outcome.status_code in RETRYABLE
        assert broken if idempotent else (posts and refused)
    # There is one wait before each further try; none is too long, and none leads past the deadline.
    assert len(one.waits) == len(one.sends) - 1
    for wait, outcome in zip(one.waits, one.seen, strict=False):
        asked = None if isinstance(outcome, APIConnectionError) else retry_after(outcome.headers)
        assert wait == asked if asked is not None else 0 <= wait <= policy["max_delay"]
    assert all(begin <= policy["deadline"] + 1e-6 for begin in one.sends[1:])
    # The observer is told of every try once, in order, with what came of it and what follows.
    assert [told.number for told in one.told] == list(range(1, len(one.sends) + 1))
    assert [told.wait_seconds for told in one.told] == [*one.waits, None]
    for told, outcome in zip(one.told, one.seen, strict=True):
        if isinstance(outcome, APIConnectionError):
            assert (told.status_code, told.error) == (None, outcome)
        else:
            assert (told.status_code, told.error) == (outcome.status_code, None)
        assert (told.method, told.url) == ("GET", "https://h.test/x")
        assert told.duration_seconds == pytest.approx(seconds_per_send)
    # An error says of all tries together whether the host may have seen the request.
    if isinstance(final, APIConnectionError):
        answers = [outcome for outcome in one.seen if isinstance(outcome, HTTPResponse)]
        assert final.sent >= bool(answers)


@given(script=SCRIPTS, retries=st.integers(0, 8))
def test_a_post_is_never_sent_twice_by_itself(script: list[Outcome], retries: int) -> None:
    one = Call(cycle(script))
    one.run(retries, idempotent=False)

    assert len(one.sends) == 1


@cases("status", [408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529])
def test_an_idempotent_call_is_repeated_until_it_succeeds(status: int) -> None:
    one = call(answer(status), answer(status))
    final = one.run()

    assert isinstance(final, HTTPResponse)
    assert final.status_code == 200
    assert len(one.sends) == 3


@cases("status", [200, 204, 301, 400, 401, 403, 404, 409, 422, 501, 505, 519, 525, 530])
def test_what_another_try_would_not_change_is_not_repeated(status: int) -> None:
    one = call(answer(status))

    assert one.run() == answer(status)
    assert len(one.sends) == 1


@cases(
    ("outcome", "sends"),
    [
        (answer(429), 2),
        (answer(503), 2),
        (fault(sent=False), 2),
        (fault(sent=True), 1),
        (APITimeoutError("nothing came"), 1),
        (answer(500), 1),
        (answer(502), 1),
        (answer(504), 1),
    ],
    ids=str,
)
def test_a_post_is_repeated_by_request_and_only_where_the_host_did_not_begin(outcome: Outcome, sends: int) -> None:
    one = call(outcome)
    one.run(idempotent=False, posts=True)

    assert len(one.sends) == sends


def test_the_last_failure_is_what_comes_out() -> None:
    last = fault(sent=True)

    assert call(fault(sent=True), last).run(1) is last
    assert call(answer(500), answer(503, "1")).run(1) == answer(503, "1")


def test_without_retries_there_is_one_try_and_no_look_at_the_clock() -> None:
    def clock() -> float:
        raise AssertionError

    flow: Flow = attempts(RetryPolicy(clock=clock), 0, True, "GET", "u")
    assert next(flow) is None
    with pytest.raises(StopIteration) as end:
        flow.send(answer(500))
    assert end.value.value == answer(500)


def test_waits_double_up_to_the_longest() -> None:
    one = call(*[answer(500)] * 7)
    one.run(7)

    assert one.waits == [0.5, 1, 2, 4, 8, 8, 8]


def test_chance_takes_up_to_half_of_a_wait() -> None:
    one = call(*[answer(500)] * 3)
    one.run(3, jitter=0.0)

    assert one.waits == [0.25, 0.5, 1]


def test_a_thousand_retries_overflow_nothing() -> None:
    one = call(*[answer(500)] * 2_000)
    one.run(2_000, deadline=1e6)

    assert len(one.sends) == 2_001
    assert max(one.waits) == 8


@cases(
    ("text", "waits"),
    [("3", [3]), ("2.5", [2.5]), ("0", [0]), ("-5", [0]), ("8", [8]), ("9", [9]), ("119", [119]), ("120", [120])],
)
def test_the_host_may_ask_for_another_wait(text: str, waits: list[float]) -> None:
    one = call(answer(429, text))
    one.run()

    assert one.waits == waits


@pytest.mark.parametrize("text", ["120.5", "3600", "99999999999"])
def test_where_the_host_asks_for_more_than_there_is_time_for_the_client_gives_up_at_once(text: str) -> None:
    """A try before that would be turned away as well."""
    one = call(answer(429, text))

    assert one.run() == answer(429, text)
    assert (one.waits, len(one.sends)) == ([], 1)


def test_the_host_may_ask_in_milliseconds() -> None:
    one = call(answer(429, "9", retry_after_ms="1500"), answer(503, retry_after_ms="soon"))
    one.run()

    assert one.waits == [1.5, 1.0]


def test_an_error_after_several_tries_tells_whether_the_host_may_have_seen_any_of_them() -> None:
    """The last may have reached nobody, and an earlier one may have been carried out."""
    tries: list[tuple[Outcome, ...]] = [(fault(sent=True),), (answer(503),), (fault(sent=True), fault(sent=False))]
    for before in tries:
        final = call(*before, fault(sent=False)).run(len(before))

        assert isinstance(final, APIConnectionError)
        assert final.sent is True
    final = call(fault(sent=False), fault(sent=False)).run(1)
    assert isinstance(final, APIConnectionError)
    assert final.sent is False


def test_an_observer_is_told_how_long_a_try_took_and_its_name() -> None:
    one = call(answer(503, "1", x_request_id="r-1"), fault(sent=True), seconds_per_send=2)
    one.run()

    assert [told.duration_seconds for told in one.told] == [2, 2, 2]
    assert [told.request_id for told in one.told] == ["r-1", None, None]


@cases("text", ["nan", "inf", "1e309", "soon", "", " ", "Wed, 99 Oct 2037 07:28:00 GMT", "12 parsecs"])
def test_nonsense_counts_as_not_asked(text: str) -> None:
    assert retry_after({"retry-after": text}) is None

    one = call(answer(429, text))
    one.run()
    assert one.waits == [0.5]


def test_the_host_may_ask_in_no_header_at_all() -> None:
    assert retry_after({}) is None


@pytest.mark.parametrize("hours", [0, 5, -11])
def test_the_host_may_name_a_moment(hours: int) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=hours))
    text = email.utils.format_datetime(datetime.datetime.now(zone) + datetime.timedelta(seconds=1_000))
    seconds = retry_after({"retry-after": text})

    assert seconds is not None
    assert 900 < seconds <= 1_000


def test_a_moment_without_a_zone_is_meant_in_that_of_the_standard() -> None:
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1_000)
    seconds = retry_after({"retry-after": f"{moment:%a, %d %b %Y %H:%M:%S}"})

    assert seconds is not None
    assert 900 < seconds <= 1_000


def test_a_moment_that_has_passed_is_no_wait() -> None:
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


DATES = (
    "Wed,",
    "21",
    "Oct",
    "2037",
    "07:28:00",
    "GMT",
    "+0100",
    "-2359",
    "+99999",
    "9999",
    "0",
    "1e5",
    ":",
    "-",
    "31 Dec 9999",
)


@given(st.text(max_size=40) | st.lists(st.sampled_from(DATES), max_size=7).map(" ".join))
def test_no_header_breaks_the_client(text: str) -> None:
    seconds = retry_after({"retry-after": text})

    assert seconds is None or seconds >= 0


def test_no_try_begins_after_the_deadline() -> None:
    one = call(*[fault(sent=True)] * 9, seconds_per_send=30)
    one.run(9, deadline=93.5)

    assert one.sends == [0, 30.5, 61.5, 93.5]


def test_a_wait_that_would_lead_past_the_deadline_is_not_begun() -> None:
    one = call(answer(503, "8"), seconds_per_send=3)

    assert one.run(deadline=10) == answer(503, "8")
    assert one.waits == []
