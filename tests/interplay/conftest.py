"""A Tensormesh of one's own, and a LiteLLM proxy before it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tests.interplay.environments import PLACE
from tests.interplay.installed import LIBRARIES
from tests.overlay.conftest import Runner
from tests.overlay.conftest import library as library
from tests.overlay.conftest import runner as runner

PROGRAMS = Path(__file__).resolve().parent / "programs"
MODEL = "openai/gpt-oss-20b"
KEY = "your-api-key"
MASTER_KEY = "sk-local-tensormesh"
PROXY = "litellm.proxy"
START_SECONDS = 120.0
TIMEOUT_SECONDS = 60.0

HELLO = [{"role": "user", "content": "Say hello in one sentence."}]
WEATHER_QUESTION = [{"role": "user", "content": "What is the weather in Paris?"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the current weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture(scope="session")
def running() -> Iterator[LocalHost]:
    with LocalHost(Options(inference_api_key=KEY)) as host:
        yield host


def lead_to(host: LocalHost) -> dict[str, str]:
    """What LiteLLM reads, and this package as well: here the base URL ends in `/v1`."""
    return {
        "TENSORMESH_INFERENCE_API_KEY": KEY,
        "TENSORMESH_SERVERLESS_BASE_URL": f"{host.serverless_base_url}/v1",
    }


@pytest.fixture
def host(running: LocalHost, monkeypatch: pytest.MonkeyPatch) -> LocalHost:
    """The host as it began; the variables of the test's environment lead there."""
    running.reset()
    for name, value in lead_to(running).items():
        monkeypatch.setenv(name, value)
    return running


@pytest.fixture
def ours(runner: Runner, host: LocalHost) -> Any:
    """The calls of serverless inference (sync or async)."""
    client = runner.client(inference_api_key=KEY, serverless_base_url=host.serverless_base_url)
    return client.inference.serverless


@dataclass(frozen=True)
class Proxy:
    """
    A LiteLLM proxy that serves `tensormesh-chat`.

    Attributes:
        url: its address, without `/v1`.
        key: what it wants to see.
    """

    url: str
    key: str = MASTER_KEY
    model: str = "tensormesh-chat"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture(scope="session")
def running_proxy(running: LocalHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Started by the lines of the document, in a folder with the `config.yaml` of the document."""
    if PROXY not in os.environ.get(LIBRARIES, "").split():
        pytest.skip(f"`make interplay` runs this test, in an environment with {PROXY}")
    place, port = tmp_path_factory.mktemp("proxy"), free_port()
    proxy = Proxy(f"http://127.0.0.1:{port}")
    config = (PROGRAMS / "config.yaml").read_text(encoding="utf-8").replace("<your-model-name>", MODEL)
    (place / "config.yaml").write_text(config, encoding="utf-8")
    lines = (PROGRAMS / "proxy_start.sh").read_text(encoding="utf-8").replace("4000", str(port))
    # Unless told otherwise, it listens to the whole network, and asks for this host by way of the machine's proxy.
    environment = {**os.environ, **lead_to(running), "HOST": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
    log = PLACE / "proxy.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["bash", "-c", lines],
            cwd=place,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _is_live(proxy):
            assert process.poll() is None, f"the proxy ended before it listened; see {log}"
            assert time.monotonic() < deadline, f"the proxy did not listen within {START_SECONDS:g} s; see {log}"
            time.sleep(0.1)
        yield proxy
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _is_live(proxy: Proxy) -> bool:
    try:
        return httpx.get(f"{proxy.url}/health/liveliness", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def proxy(running_proxy: Proxy, host: LocalHost) -> Proxy:
    return running_proxy
