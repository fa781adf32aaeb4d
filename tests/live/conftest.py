"""Three hosts that a caller should not be able to tell apart: a real engine, the same behind ours, and ours alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tests.live.engine.process import CONTEXT_TOKENS, SWITCH, Engine
from tests.overlay.conftest import Runner

LIVE = SWITCH in os.environ
NOT_LIVE = "there is no real engine: `make live` starts one"

SOCKETS = Path("/proc/net/tcp")
BUILT_IN_MODEL = "openai/gpt-oss-20b"
USER_ID = "11111111-2222-3333-4444-555555555555"
TIMEOUT_SECONDS = 120.0
TOKENS = 200
"""Enough for any whole answer of these hosts, and the end of one that does not find its end."""


@dataclass(frozen=True)
class Host:
    """
    Where to call, and as whom.

    Attributes:
        engine: what computes, where that is the real one.
    """

    url: str
    key: str
    model: str
    on_demand_url: str
    engine: Engine | None = None

    @property
    def port(self) -> int:
        return int(httpx.URL(self.url).port or 0)

    def settings(self) -> dict[str, Any]:
        """What leads a client here."""
        return {
            "inference_api_key": self.key,
            "serverless_base_url": self.url,
            "on_demand_base_url": self.on_demand_url,
            "on_demand_user_id": USER_ID,
            "timeout": TIMEOUT_SECONDS,
        }


@pytest.fixture(scope="session")
def one_engine() -> Iterator[Engine]:
    if not LIVE:
        pytest.skip(NOT_LIVE)
    with Engine() as engine:
        yield engine


@pytest.fixture(scope="session")
def relay(one_engine: Engine) -> Iterator[LocalHost]:
    with LocalHost(Options(upstream=one_engine.url, upstream_key=one_engine.key, user_id=USER_ID)) as host:
        yield host


@pytest.fixture(scope="session")
def built_in() -> Iterator[LocalHost]:
    options = Options(context_tokens=CONTEXT_TOKENS, allow_json_schema=True, user_id=USER_ID)
    with LocalHost(options) as host:
        yield host


@pytest.fixture
def engine(one_engine: Engine) -> Engine:
    """The engine, running, and telling thoughts from answers."""
    one_engine.run()
    return one_engine


@pytest.fixture
def direct(engine: Engine) -> Host:
    return Host(engine.url, engine.key, engine.model, engine.url, engine)


@pytest.fixture
def relayed(engine: Engine, relay: LocalHost) -> Host:
    return Host(relay.serverless_base_url, relay.inference_api_key, engine.model, relay.on_demand_base_url, engine)


@pytest.fixture
def ours(built_in: LocalHost) -> Host:
    built_in.reset()
    return Host(
        built_in.serverless_base_url,
        built_in.inference_api_key,
        BUILT_IN_MODEL,
        built_in.on_demand_base_url,
    )


@pytest.fixture(params=["ours", "direct", "relayed"] if LIVE else ["ours"])
def host(request: pytest.FixtureRequest) -> Host:
    """Each of the hosts there are, in turn."""
    found: Host = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["direct", "relayed"])
def real(request: pytest.FixtureRequest) -> Host:
    """The engine, straight and through our host."""
    found: Host = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["sync", "async"])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    runner = Runner(request.param)
    yield runner
    runner.close()


@pytest.fixture
def client(runner: Runner, host: Host) -> Any:
    """A sync or async client, at each of the hosts."""
    return runner.client(**host.settings())


@pytest.fixture
def inference(client: Any) -> Any:
    """The calls of serverless inference."""
    return client.inference.serverless


@pytest.fixture
def chat(runner: Runner, inference: Any, host: Host) -> Callable[..., Any]:
    """Ask one question, or continue `messages`; gives the answer, or the stream."""

    def ask(text: str = "Hello", **fields: Any) -> Any:
        asked = {"model": host.model, "messages": [{"role": "user", "content": text}], "temperature": 0.0}
        return runner.run(inference.chat.completions.create(**{**asked, "max_tokens": TOKENS, **fields}))

    return ask


@pytest.fixture
def weather() -> dict[str, Any]:
    """The one tool that the small model can call."""
    return {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Get the current weather for a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }


def connections(*ports: int, closed_there: bool = False) -> set[str]:
    """
    The sockets of this machine that lead to `ports`; those that only wait for late packets do not count.

    Args:
        closed_there: those alone that the other side has closed, and this one has not.
    """
    if not SOCKETS.exists():
        pytest.skip("this machine does not list its sockets in /proc")
    table = [line.split() for line in SOCKETS.read_text(encoding="ascii").splitlines()[1:]]
    found = {local: state for _, local, remote, state, *_ in table if int(remote.partition(":")[2], 16) in ports}
    return {local for local, state in found.items() if (state == "08" if closed_there else state != "06")}
