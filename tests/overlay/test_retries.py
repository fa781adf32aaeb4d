"""When a call is sent again, how often, and how long that takes."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import trio

from tensormesh import AsyncTensormesh, Attempt, RetryPolicy
from tensormesh.errors import APIConnectionError, APITimeoutError, InternalServerError, RateLimitError, TensormeshError
from tests.cases import cases
from tests.overlay.calls import COMPLETION, MESSAGES, ask, ask_for_stream, fails, piece
from tests.overlay.conftest import USER_ID, Runner, surfaces_of
from tests.overlay.scripted_host import RESET, STALL, ScriptedHost, Step, answer, events, head, streamed
from tests.overlay.turned_away import AT_ONCE, FAULTS, GOOD, POSTS, health, patience, whole


@cases("fault", FAULTS)
def test_a_get_is_sent_again(
    runner: Runner, host: ScriptedHost, transport: dict[str, Any], fault: tuple[Step, ...]
) -> None:
    client = runner.client(**surfaces_of(host), **transport, max_retries=1, retry=AT_ONCE, timeout=5 * patience(fault))
    host.plays(fault, GOOD)

    assert runner.run(health(client)).status == "ok"


@cases("fault", FAULTS)
def test_a_get_is_sent_again_no_more_often_than_allowed(
    runner: Runner, host: ScriptedHost, fault: tuple[Step, ...]
) -> None:
    client = runner.client(**surfaces_of(host), max_retries=1, retry=AT_ONCE, timeout=patience(fault))
    host.plays(fault, fault)

    with pytest.raises(TensormeshError):
        runner.run(health(client))


@cases("fault", FAULTS)
def test_nothing_is_sent_again_unless_asked_for(runner: Runner, host: ScriptedHost, fault: tuple[Step, ...]) -> None:
    client = runner.client(**surfaces_of(host), timeout=patience(fault))
    host.plays(GOOD, fault)
    runner.run(health(client))

    with pytest.raises(TensormeshError):
        runner.run(health(client))


@cases("status", [400, 401, 403, 404, 409, 422, 501, 505, 519, 525, 530])
def test_a_get_is_not_sent_again_where_that_is_of_no_use(runner: Runner, host: ScriptedHost, status: int) -> None:
    client = runner.client(**surfaces_of(host), max_retries=3, retry=AT_ONCE)
    host.plays(answer(status, b"{}"))

    with pytest.raises(TensormeshError):
        runner.run(health(client))


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_a_put_and_a_delete_are_sent_again(runner: Runner, host: ScriptedHost, verb: str) -> None:
    client = runner.client(**surfaces_of(host), max_retries=1, retry=AT_ONCE)
    host.plays(answer(503), answer(200, {}))
    keys, address = client.control_plane.users.api_keys, client.control_plane.billing.address

    runner.run(
        keys.delete(user_id=USER_ID, api_key="k") if verb == "delete" else address.update(user_id=USER_ID, address={})
    )

    assert {asked.method for asked in host.asked} == {"PUT" if verb == "update" else "DELETE"}


def test_every_try_is_told_to_the_observer(runner: Runner, host: ScriptedHost) -> None:
    seen: list[Attempt] = []
    policy = AT_ONCE._replace(observe=seen.append)
    client = runner.client(**surfaces_of(host), max_retries=3, retry=policy)
    host.plays(answer(503, retry_after="0", x_request_id="r-1"), (RESET,), GOOD)

    runner.run(health(client, extra_query={"token": "SENTINEL"}))
    first, second, third = seen

    assert [attempt.number for attempt in seen] == [1, 2, 3]
    assert {(attempt.method, attempt.url) for attempt in seen} == {("GET", f"{host.url}/health")}
    assert [attempt.request_id for attempt in seen] == ["r-1", None, None]
    assert all(0 < attempt.duration_seconds < 9 for attempt in seen)
    assert (first.status_code, first.error, first.wait_seconds) == (503, None, 0.0)
    assert (second.status_code, type(second.error)) == (None, APIConnectionError)
    assert second.wait_seconds is not None
    assert second.wait_seconds > 0
    assert (third.status_code, third.error, third.wait_seconds) == (200, None, None)


@pytest.mark.parametrize("asked", ["3600", "Wed, 21 Oct 2115 07:28:00 GMT"])
def test_where_the_host_asks_for_too_long_a_wait_the_call_fails_at_once(
    runner: Runner, host: ScriptedHost, asked: str
) -> None:
    seen: list[Attempt] = []
    client = runner.client(**surfaces_of(host), max_retries=3, retry=RetryPolicy(observe=seen.append))
    host.plays(answer(429, b"{}", retry_after=asked))

    error = fails(
        runner, lambda: health(client), RateLimitError, r"the host asks to wait [\d.e+]+ s before the next try"
    )

    assert error.retry_after >= 3599
    assert [attempt.wait_seconds for attempt in seen] == [None]


def test_of_two_headers_the_longer_is_waited_out(runner: Runner, host: ScriptedHost) -> None:
    seen: list[Attempt] = []
    client = runner.client(**surfaces_of(host), retry=RetryPolicy(max_delay=0.01, observe=seen.append))
    twice = head(429, content_length="0", retry_after="0.05\r\nRetry-After: 0.2")
    host.plays((twice,), GOOD)

    runner.run(health(client))

    assert [attempt.wait_seconds for attempt in seen] == [0.2, None]


def test_what_the_host_asks_for_is_waited_out_and_not_cut_short(runner: Runner, host: ScriptedHost) -> None:
    seen: list[Attempt] = []
    policy = RetryPolicy(max_delay=0.01, observe=seen.append)
    client = runner.client(**surfaces_of(host), retry=policy)
    host.plays(answer(429, b"{}", retry_after="0.2"), GOOD)

    runner.run(health(client))

    assert [attempt.wait_seconds for attempt in seen] == [0.2, None]


@cases("call", POSTS[:2])
def test_a_policy_alone_is_enough_for_what_it_asks_for(
    runner: Runner, host: ScriptedHost, call: Callable[..., Any]
) -> None:
    """Whoever says how calls are repeated wants them to be."""
    streams = call is POSTS[1].values[0]
    policy = AT_ONCE._replace(posts=True)
    client = runner.client(**surfaces_of(host))
    good = streamed(events(piece("Hello.", "stop"))) if streams else answer(200, COMPLETION)
    for one in (runner.client(**surfaces_of(host), retry=policy), client.with_options(retry=policy)):
        host.plays(answer(503), answer(429), good)

        assert whole(runner, call(one)).choices[0].message.content == "Hello."


def test_a_policy_alone_is_enough_for_a_get(runner: Runner, host: ScriptedHost) -> None:
    client = runner.client(**surfaces_of(host), retry=AT_ONCE)
    host.plays(answer(503), answer(503), GOOD)

    assert runner.run(health(client)).status == "ok"


@pytest.mark.parametrize("where", ["argument", "variable", "client"])
def test_whoever_says_how_often_is_obeyed_whatever_the_policy(runner: Runner, host: ScriptedHost, where: str) -> None:
    policy = AT_ONCE._replace(posts=True)
    if where == "client":
        client = runner.client(**surfaces_of(host), max_retries=0).with_options(retry=policy)
    else:
        said = {"max_retries": 0} if where == "argument" else {"env": {"TENSORMESH_MAX_RETRIES": "0"}}
        client = runner.client(**surfaces_of(host), **said, retry=policy)
    host.plays(answer(503))

    fails(runner, lambda: ask(client), InternalServerError, "HTTP 503")


def test_a_deletion_that_may_have_been_carried_out_says_so_though_the_last_try_reached_nobody(runner: Runner) -> None:
    faults = iter([httpx.ReadError("reset"), httpx.ConnectError("refused")])

    def fail(request: httpx.Request) -> httpx.Response:
        raise next(faults)

    client = runner.client(control_plane_token="t", transport=httpx.MockTransport(fail), max_retries=1, retry=AT_ONCE)
    keys = client.control_plane.users.api_keys

    error = fails(runner, lambda: keys.delete(user_id=USER_ID, api_key="k"), APIConnectionError, "nobody answers there")

    assert error.sent is True


def test_no_try_begins_after_the_deadline(runner: Runner, host: ScriptedHost) -> None:
    policy = RetryPolicy(first_delay=0.05, max_delay=0.05, deadline=0.2)
    client = runner.client(**surfaces_of(host), max_retries=1_000, retry=policy)
    host.always_plays(answer(503))

    begin = time.monotonic()
    fails(runner, lambda: health(client), InternalServerError, "HTTP 503")

    assert 3 <= len(host.asked) <= 9
    assert time.monotonic() - begin < 2


def test_an_observer_that_raises_leaves_no_stream_open(runner: Runner, host: ScriptedHost) -> None:
    def observe(_: Attempt) -> None:
        raise LookupError

    client = runner.client(**surfaces_of(host), retry=RetryPolicy(observe=observe))
    host.plays((*streamed(events(piece("Hel"), end=b""), last=False), STALL))

    with pytest.raises(LookupError):
        runner.run(ask_for_stream(client))

    runner.wait_until(lambda: host.open == 0)


def test_what_an_observer_raises_is_what_the_caller_gets(runner: Runner, host: ScriptedHost) -> None:
    """So that it can end a call; the answer is let go, and the connection serves the next one."""

    def observe(_: Attempt) -> None:
        raise LookupError("enough")

    client = runner.client(**surfaces_of(host), retry=AT_ONCE._replace(posts=True, observe=observe))
    host.plays(answer(503), answer(200, COMPLETION))

    for _ in range(2):
        with pytest.raises(LookupError, match="enough"):
            runner.run(ask(client))

    assert [asked.connection for asked in host.asked] == [1, 1]


def test_a_client_of_ones_own_waits_under_trio_too(host: ScriptedHost) -> None:
    host.plays(answer(503, retry_after="0.01"), answer(200, {}))

    async def call() -> None:
        async with httpx.AsyncClient() as own:
            await health(AsyncTensormesh(env={}, **surfaces_of(host), max_retries=1, retry=AT_ONCE, http_client=own))

    trio.run(call)

    assert len(host.asked) == 2


def test_the_last_answer_is_the_one_that_is_told(runner: Runner, host: ScriptedHost) -> None:
    client = runner.client(**surfaces_of(host), max_retries=2, retry=AT_ONCE)
    host.plays(answer(500), (RESET,), answer(429, {"error": "enough"}, x_request_id="r-3"))

    error = fails(runner, lambda: health(client), RateLimitError, "enough")

    assert error.request_id == "r-3"


def test_a_wait_can_be_cancelled(asynchronous: Runner, host: ScriptedHost) -> None:
    policy = RetryPolicy(first_delay=60, max_delay=60)
    client = asynchronous.client(**surfaces_of(host), max_retries=1, retry=policy)
    host.plays(answer(503))

    async def hurry() -> None:
        async with asyncio.timeout(0.1):
            await health(client)

    with pytest.raises(TimeoutError):
        asynchronous.run(hurry())


def test_each_try_has_the_whole_limit(runner: Runner, host: ScriptedHost) -> None:
    client = runner.client(**surfaces_of(host), max_retries=1, retry=AT_ONCE, timeout=0.2)
    host.plays((STALL,), (STALL,))

    begin = time.monotonic()
    fails(runner, lambda: health(client), APITimeoutError, r"0\.2 s")

    assert time.monotonic() - begin >= 0.4


def test_the_same_body_is_sent_every_time(runner: Runner, host: ScriptedHost) -> None:
    client = runner.client(**surfaces_of(host), max_retries=3, retry=AT_ONCE._replace(posts=True))
    host.plays(answer(503), answer(429), answer(200, COMPLETION))

    runner.run(ask(client))

    bodies = [asked.json for asked in host.asked]
    assert bodies[0] == {"model": "m", "messages": MESSAGES}
    assert all(one == other for one, other in itertools.pairwise(bodies))
