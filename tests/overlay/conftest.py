"""A scripted host, and the sync and the async client behind one interface, over any transport."""

from __future__ import annotations

import asyncio
import gc
import inspect
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest

from tensormesh import AsyncTensormesh, Tensormesh
from tests.cases import per_case
from tests.overlay.scripted_host import PATIENCE_SECONDS, ScriptedHost
from tests.plain_http import NO_TLS

KEY = "ak-SENTINEL-inference"
TOKEN = "cp-SENTINEL-control"
USER_ID = "11111111-2222-3333-4444-555555555555"


class Runner:
    """Lets one test speak to either client: `run` awaits where there is something to await."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_async = name == "async"
        self._runner = asyncio.Runner()
        self._clients: list[Any] = []

    def __repr__(self) -> str:
        return self.name

    def run(self, value: Any) -> Any:
        """The value itself, or what it comes to when awaited; always in the same event loop."""
        # Not by the runner itself, which would change the handler of signals, and back, for each piece of an answer.
        return self._runner.get_loop().run_until_complete(_await(value)) if inspect.isawaitable(value) else value

    def client(self, **settings: Any) -> Any:
        """A client that reads no environment and is closed after the test."""
        client = (AsyncTensormesh if self.is_async else Tensormesh)(**{"env": {}, **settings})
        self._clients.append(client)
        return client

    def http_client(self, library: Any, **settings: Any) -> Any:
        """
        A client that is closed after the test, and knows no TLS.

        Args:
            library: httpx or httpx2.
        """
        make = getattr(library, "AsyncClient" if self.is_async else "Client")
        client = make(**{"verify": NO_TLS, **settings})
        self._clients.append(SimpleNamespace(close=client.aclose if self.is_async else client.close))
        return client

    def transport(self, name: str) -> dict[str, Any]:
        """The settings that choose a transport: our `own`, or a client of `httpx` or `httpx2`."""
        return {} if name == "own" else {"http_client": self.http_client(pytest.importorskip(name))}

    def next(self, stream: Any) -> Any:
        """The next event; StopIteration at the end, sync and async."""
        if not self.is_async:
            return next(stream)
        try:
            return self.run(_next(stream))
        except StopAsyncIteration:
            raise StopIteration from None

    def read(self, stream: Any) -> list[Any]:
        """All that is left."""
        return self.run(_read(stream)) if self.is_async else list(stream)

    def read_until_fault(self, stream: Any) -> tuple[list[Any], Exception | None]:
        """What is handed out, and the error that ends it."""
        got = []
        try:
            while True:
                got.append(self.next(stream))
        except StopIteration:
            return got, None
        except Exception as error:  # whatever it is: the test says what it must be
            return got, error

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Give the other side, and the event loop, time until `condition` holds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, "it never came to pass"
            if self.is_async:
                self._runner.run(asyncio.sleep(0.001))
            else:
                time.sleep(0.001)

    @contextmanager
    def context(self) -> Iterator[Self]:
        """For one of several cases: its clients are closed at its end."""
        before, self._clients = self._clients, []
        try:
            yield self
        finally:
            self._close_clients()
            self._clients = before

    def close(self) -> None:
        self._close_clients()
        self._runner.close()

    def _close_clients(self) -> None:
        for client in self._clients:
            self.run(client.close())


async def _await(value: Any) -> Any:
    return await value


async def _next(stream: Any) -> Any:
    return await anext(stream)


async def _read(stream: Any) -> list[Any]:
    return [event async for event in stream]


@pytest.fixture(params=["httpx", "httpx2"])
def library(request: pytest.FixtureRequest) -> Any:
    """What a client of one's own may be of."""
    return pytest.importorskip(request.param)


@pytest.fixture(params=["sync", "async"])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    with closing(Runner(request.param)) as runner:
        yield runner


@pytest.fixture
def synchronous() -> Iterator[Runner]:
    """For what threads and signals do."""
    with closing(Runner("sync")) as runner:
        yield runner


@pytest.fixture
def asynchronous() -> Iterator[Runner]:
    """For what tasks and event loops do."""
    with closing(Runner("async")) as runner:
        yield runner


@pytest.fixture
def host() -> Iterator[ScriptedHost]:
    """A host; a script that is not played to its end, or too short, fails the test."""
    host = ScriptedHost().start()
    yield host
    host.stop()
    host.check()


@pytest.fixture
def client(request: pytest.FixtureRequest, runner: Runner, host: ScriptedHost) -> Any:
    """A sync or async client whose three surfaces are the scripted host."""
    return per_case(request, lambda: runner.client(**surfaces_of(host)))


@pytest.fixture(params=["own", "httpx", "httpx2"])
def transport_name(request: pytest.FixtureRequest) -> str:
    """Which transport carries the calls: ours, or a client of httpx or httpx2."""
    return str(request.param)


@pytest.fixture
def transport(request: pytest.FixtureRequest, transport_name: str, runner: Runner) -> Any:
    """The settings that choose a transport."""
    return per_case(request, lambda: runner.transport(transport_name))


@pytest.fixture
def any_client(request: pytest.FixtureRequest, runner: Runner, host: ScriptedHost, transport_name: str) -> Any:
    """A sync or async client over any transport."""
    return per_case(request, lambda: runner.client(**surfaces_of(host), **runner.transport(transport_name)))


@pytest.fixture
def closed_port() -> Iterator[str]:
    """The address of a port where nobody listens, and nobody else can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def _tidied() -> Iterator[None]:
    """What a test leaves behind is collected before the next one, which would be told of it."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 and api.example.test, in one file, signed by nobody but itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    key, file = folder / "key.pem", folder / "certificate.pem"
    names = "subjectAltName=IP:127.0.0.1,DNS:api.example.test"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(
        [openssl, "req", "-x509", *kind, "-subj", "/CN=test", "-addext", names, "-keyout", key, "-out", file],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text() + key.read_text())
    return file


def surfaces_of(host: ScriptedHost) -> dict[str, Any]:
    """The settings that send every call to `host`."""
    return {
        "inference_api_key": KEY,
        "control_plane_token": TOKEN,
        "serverless_base_url": host.url,
        "on_demand_base_url": host.url,
        "on_demand_user_id": USER_ID,
        "control_plane_base_url": host.url,
    }
