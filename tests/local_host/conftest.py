"""One host for all tests of this folder; what a test scripts or records is gone before the next."""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tests.cases import Each, has_cases
from tests.plain_http import NO_TLS

type Chat = Callable[..., dict[str, Any]]

MODEL = "openai/gpt-oss-20b"
ON_DEMAND_MODEL = "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"


@pytest.fixture(scope="session")
def running() -> Iterator[LocalHost]:
    with LocalHost() as host:
        yield host


@pytest.fixture
def host_as_new(running: LocalHost) -> LocalHost:
    running.reset()
    return running


@pytest.fixture
def host(request: pytest.FixtureRequest, host_as_new: LocalHost) -> Any:
    """The host, put back before each test, and before each of several cases."""

    def put_back() -> LocalHost:
        host_as_new.reset()
        return host_as_new

    return Each(put_back) if has_cases(request) else host_as_new


@pytest.fixture(scope="session")
def clients(running: LocalHost) -> Iterator[dict[str, httpx.Client]]:
    """One client for each way to ask: making one takes longer than most tests."""
    key = {"Authorization": f"Bearer {running.inference_api_key}"}
    user = {"X-User-Id": running.on_demand_user_id}
    with (
        httpx.Client(base_url=running.serverless_base_url, headers=key, trust_env=False, verify=NO_TLS) as serverless,
        httpx.Client(
            base_url=running.on_demand_base_url, headers=key | user, trust_env=False, verify=NO_TLS
        ) as on_demand,
        httpx.Client(base_url=running.base_url, trust_env=False, verify=NO_TLS) as anonymous,
    ):
        yield {"serverless": serverless, "on-demand": on_demand, "anonymous": anonymous}


@pytest.fixture
def serverless(host_as_new: LocalHost, clients: dict[str, httpx.Client]) -> httpx.Client:
    """A client with a key."""
    return clients["serverless"]


@pytest.fixture
def on_demand(host_as_new: LocalHost, clients: dict[str, httpx.Client]) -> httpx.Client:
    """A client with a key and a user."""
    return clients["on-demand"]


@pytest.fixture
def anonymous(host_as_new: LocalHost, clients: dict[str, httpx.Client]) -> httpx.Client:
    """A client without any credential, at the root of the host."""
    return clients["anonymous"]


@pytest.fixture
def chat(serverless: httpx.Client) -> Chat:
    """Ask one question; more fields as keywords."""

    def ask(text: str = "Hello", **fields: Any) -> dict[str, Any]:
        body = {"model": MODEL, "messages": [{"role": "user", "content": text}], **fields}
        answer = serverless.post("/v1/chat/completions", json=body)

        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return ask


@pytest.fixture
def refused(serverless: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Send a body that must not be accepted; gives the error object."""

    def send(path: str, body: Any, status: int = 400) -> dict[str, Any]:
        answer = serverless.post(path, json=body)

        assert answer.status_code == status, answer.text
        error: dict[str, Any] = answer.json()["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["code"] == status
        return error

    return send


@pytest.fixture
def events() -> Callable[[str], list[Any]]:
    """Read the data of all events of a stream; [DONE] stays a string."""

    def read(text: str) -> list[Any]:
        assert text.endswith("\n\n")
        found: list[Any] = []
        for event in text.removesuffix("\n\n").split("\n\n"):
            name, _, rest = event.partition("\n")
            data = rest if name.startswith("event: ") else event
            assert data.startswith("data: ")
            assert "\n" not in data
            content = data.removeprefix("data: ")
            found.append(content if content == "[DONE]" else json.loads(content))
            if name.startswith("event: "):
                assert found[-1]["type"] == name.removeprefix("event: ")
        return found

    return read


@pytest.fixture
def streamed(serverless: httpx.Client, events: Callable[[str], list[Any]]) -> Callable[..., list[Any]]:
    """Ask one question with stream=true; gives all chunks, without [DONE]."""

    def ask(text: str = "Hello", **fields: Any) -> list[Any]:
        body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": text}], **fields}
        answer = serverless.post("/v1/chat/completions", json=body)

        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        *chunks, done = events(answer.text)
        assert done == "[DONE]"
        return chunks

    return ask


@pytest.fixture
def weather() -> dict[str, Any]:
    """A tool, as chat declares it."""
    return {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Get the current weather for a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / "below" / "env"


@pytest.fixture
def handlers() -> Iterator[None]:
    """Give this process its signal handlers back after the command has run in it."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)
