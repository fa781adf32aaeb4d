"""One host for this folder, put back before every test, with a clock that tests move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tests.local_control_plane.browser import approve
from tests.local_control_plane.documented import check
from tests.plain_http import NO_TLS

START = datetime(2026, 6, 3, 12, 34, 56, tzinfo=UTC)
DEPLOY_SECONDS = 60.0

type Connect = Callable[..., httpx.Client]
type Ask = Callable[..., dict[str, Any]]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture(scope="session")
def session_clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def running(session_clock: Clock) -> Iterator[LocalHost]:
    with LocalHost(Options(clock=session_clock, deploy_seconds=DEPLOY_SECONDS)) as host:
        yield host


@pytest.fixture
def clock(session_clock: Clock) -> Clock:
    session_clock.now = START
    return session_clock


@pytest.fixture
def host(running: LocalHost, clock: Clock) -> LocalHost:
    assert clock.now == START
    running.reset()
    return running


@pytest.fixture
def connect(host: LocalHost) -> Iterator[Connect]:
    """Make a client of a base URL with a bearer token; its answers are checked against the document."""
    with ExitStack() as stack:

        def make(token: str | None, base_url: str | None = None, **headers: str) -> httpx.Client:
            if token is not None:
                headers["Authorization"] = f"Bearer {token}"
            checked = base_url is None
            client = httpx.Client(
                base_url=base_url or host.control_plane_base_url,
                headers=headers,
                trust_env=False,
                verify=NO_TLS,
                event_hooks={"response": [check] if checked else []},
            )
            return stack.enter_context(client)

        yield make


@pytest.fixture
def owner(host: LocalHost, connect: Connect) -> httpx.Client:
    """The plain user that the host's key and token belong to."""
    return connect(host.control_plane_token)


@pytest.fixture
def admin(host: LocalHost, connect: Connect) -> httpx.Client:
    return connect(host.new_control_plane_token("admin"))


@pytest.fixture
def root(host: LocalHost, connect: Connect) -> httpx.Client:
    """The super administrator."""
    return connect(host.new_control_plane_token("super-admin"))


@pytest.fixture
def anonymous(connect: Connect) -> httpx.Client:
    return connect(None)


@pytest.fixture
def serverless(host: LocalHost, connect: Connect) -> httpx.Client:
    return connect(host.inference_api_key, host.serverless_base_url)


@pytest.fixture
def on_demand(host: LocalHost, connect: Connect) -> httpx.Client:
    return connect(host.inference_api_key, host.on_demand_base_url, **{"X-User-Id": host.on_demand_user_id})


@pytest.fixture
def got(owner: httpx.Client) -> Ask:
    """What the owner gets from a path."""

    def get(path: str, **query: Any) -> dict[str, Any]:
        answer = owner.get(path, params=query)

        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return get


@pytest.fixture
def login(anonymous: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Log in through the browser, as the owner or as somebody else; gives the tokens."""

    def start(user_id: str | None = None) -> dict[str, Any]:
        started = anonymous.post("/auth/cli/start").json()
        approve(started["auth_url"], user_id)
        answer = anonymous.post("/auth/cli/exchange", json={"cli_code": started["cli_code"]})

        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    return start


@pytest.fixture
def refused() -> Callable[..., str]:
    """The message of an answer that must be a refusal with a status and a gRPC code."""

    def read(answer: httpx.Response, status: int, code: int) -> str:
        assert answer.status_code == status, answer.text
        assert set(answer.json()) == {"code", "message", "details"}
        assert answer.json()["code"] == code
        return str(answer.json()["message"])

    return read
