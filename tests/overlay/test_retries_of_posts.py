"""What could be carried out twice is sent again only where nobody saw it."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh import Attempt, RetryPolicy
from tensormesh.errors import APIConnectionError, APIStatusError, TensormeshError
from tensormesh_transport import sockets
from tests.cases import cases
from tests.overlay.calls import COMPLETION, ask, fails, piece
from tests.overlay.conftest import KEY, Runner, surfaces_of
from tests.overlay.scripted_host import PATIENCE_SECONDS, RESET, ScriptedHost, Step, answer, events, streamed
from tests.overlay.turned_away import AT_ONCE, FAULTS, GOOD, POSTS, health, patience, whole


@cases("call", POSTS)
@cases("fault", FAULTS)
def test_a_post_is_sent_once_whatever_happens(
    runner: Runner, host: ScriptedHost, call: Callable[..., Any], fault: tuple[Step, ...]
) -> None:
    client = runner.client(**surfaces_of(host), max_retries=5, retry=AT_ONCE, timeout=patience(fault))
    host.plays(GOOD, fault)
    runner.run(health(client))  # the POST goes over a connection that was used before

    with pytest.raises(TensormeshError):
        whole(runner, call(client))

    assert [asked.method for asked in host.asked] == ["GET", "POST"]


@cases("call", POSTS[:2])
@cases("fault", FAULTS)
def test_a_post_over_httpx_is_sent_once_whatever_happens(
    runner: Runner, host: ScriptedHost, library: Any, call: Callable[..., Any], fault: tuple[Step, ...]
) -> None:
    http_client = runner.http_client(library)
    client = runner.client(
        **surfaces_of(host), http_client=http_client, max_retries=5, retry=AT_ONCE, timeout=patience(fault)
    )
    host.plays(fault)

    with pytest.raises(TensormeshError):
        whole(runner, call(client))


@cases("status", [429, 503])
@cases("call", POSTS[:2])
def test_a_post_that_was_turned_away_is_sent_again_where_the_policy_says_so(
    runner: Runner, host: ScriptedHost, transport: dict[str, Any], call: Callable[..., Any], status: int
) -> None:
    client = runner.client(**surfaces_of(host), **transport, max_retries=1, retry=AT_ONCE._replace(posts=True))
    streams = call is POSTS[1].values[0]
    host.plays(answer(status, b"{}"), streamed(events(piece("Hello.", "stop"))) if streams else answer(200, COMPLETION))

    assert whole(runner, call(client)).choices[0].message.content == "Hello."


@cases("fault", [fault for fault in FAULTS if fault.id not in ("429", "429 with a date", "503")])
def test_a_post_that_may_have_been_carried_out_is_sent_once_even_so(
    runner: Runner, host: ScriptedHost, fault: tuple[Step, ...]
) -> None:
    policy = AT_ONCE._replace(posts=True)
    client = runner.client(**surfaces_of(host), max_retries=5, retry=policy, timeout=patience(fault))
    host.plays(fault)

    with pytest.raises(TensormeshError):
        runner.run(ask(client))


def test_a_post_that_nobody_saw_is_sent_again_where_the_policy_says_so(
    runner: Runner, transport: dict[str, Any], closed_port: str
) -> None:
    seen: list[Attempt] = []
    client = runner.client(
        inference_api_key=KEY,
        serverless_base_url=closed_port,
        max_retries=2,
        retry=AT_ONCE._replace(posts=True, observe=seen.append),
        **transport,
    )

    error = fails(runner, lambda: ask(client), APIConnectionError, "nobody answers there")

    assert not error.sent
    assert [attempt.number for attempt in seen] == [1, 2, 3]


@pytest.fixture
def in_the_last_moment(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when a kept connection was looked at, and nothing had come over it; then the host breaks it off."""
    moment = threading.Event()
    ready = sockets.ready

    def look(sock: Any, seconds: float, **options: Any) -> bool:
        if seconds or moment.is_set():
            return ready(sock, seconds, **options)
        moment.set()
        assert ready(sock, PATIENCE_SECONDS)
        return False

    for pump in ("blocking", "asynchronous"):
        monkeypatch.setattr(f"tensormesh_transport.{pump}.connection.ready", look)
    return moment


@pytest.mark.parametrize("call", POSTS)
def test_a_post_that_went_to_a_connection_just_broken_off_is_sent_again_by_itself(
    runner: Runner, host: ScriptedHost, in_the_last_moment: threading.Event, call: Callable[..., Any]
) -> None:
    """Nobody can have read it; it counts as one try, which says so."""
    seen: list[Attempt] = []
    client = runner.client(**surfaces_of(host), retry=RetryPolicy(observe=seen.append))
    host.plays((*GOOD, in_the_last_moment, RESET), answer(418, b"{}"))
    runner.run(health(client))

    with pytest.raises(APIStatusError):
        whole(runner, call(client))

    assert [asked.method for asked in host.asked] == ["GET", "POST"]
    assert [(attempt.status_code, attempt.resent) for attempt in seen] == [(200, False), (418, True)]


def test_an_error_says_that_its_request_was_sent_again(
    runner: Runner, host: ScriptedHost, in_the_last_moment: threading.Event
) -> None:
    seen: list[Attempt] = []
    client = runner.client(**surfaces_of(host), retry=RetryPolicy(observe=seen.append))
    host.plays((*GOOD, in_the_last_moment, RESET), (RESET,))
    runner.run(health(client))

    error = fails(runner, lambda: ask(client), APIConnectionError, "the connection broke")

    assert (error.sent, error.resent) == (True, True)
    assert pickle.loads(pickle.dumps(error)).resent
    assert seen[1].resent
