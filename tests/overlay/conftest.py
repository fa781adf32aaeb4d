"""A scripted host, and both colours of the client behind one face, over any wire."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

import tensormesh_overlay.sender
from tensormesh import AsyncTensormesh, Tensormesh
from tests.overlay.scripted_host import PATIENCE_SECONDS, ScriptedHost

KEY = "ak-SENTINEL-inference"
TOKEN = "cp-SENTINEL-control"
USER_ID = "11111111-2222-3333-4444-555555555555"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--http-library", default="httpx", help="what stands for httpx: httpx or httpx2")


class Colour:
    """Lets one test speak to either client: `run` awaits where there is something to await."""

    def __init__(self, name: str, library: Any) -> None:
        self.name = name
        self.is_async = name == "async"
        self.library = library
        """httpx, or what stands for it."""
        self._runner = asyncio.Runner()
        self._clients: list[Any] = []

    def __repr__(self) -> str:
        return self.name

    def run(self, value: Any) -> Any:
        """The value itself, or what it comes to when awaited; always in the same event loop."""
        return self._runner.run(_await(value)) if inspect.isawaitable(value) else value

    def client(self, **settings: Any) -> Any:
        """A client that reads no environment and is closed after the test."""
        client = (AsyncTensormesh if self.is_async else Tensormesh)(**{"env": {}, **settings})
        self._clients.append(client)
        return client

    def http_client(self, **settings: Any) -> Any:
        """A client of httpx that is closed after the test."""
        client = getattr(self.library, "AsyncClient" if self.is_async else "Client")(**settings)
        self._clients.append(SimpleNamespace(close=client.aclose if self.is_async else client.close))
        return client

    def next(self, stream: Any) -> Any:
        """The next event; StopIteration at the end in both colours."""
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

    def close(self) -> None:
        for client in self._clients:
            self.run(client.close())
        self._runner.close()


async def _await(value: Any) -> Any:
    return await value


async def _next(stream: Any) -> Any:
    return await anext(stream)


async def _read(stream: Any) -> list[Any]:
    return [event async for event in stream]


@pytest.fixture
def library(pytestconfig: pytest.Config) -> Any:
    """httpx, or what the command line says stands for it."""
    return import_module(str(pytestconfig.getoption("--http-library", "httpx")))


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest, library: Any) -> Iterator[Colour]:
    colour = Colour(request.param, library)
    yield colour
    colour.close()


@pytest.fixture
def host() -> Iterator[ScriptedHost]:
    """A host; a script that is not played to its end, or too short, fails the test."""
    host = ScriptedHost().start()
    yield host
    host.stop()
    assert host.faults == []
    assert host.leftovers == 0, f"{host.leftovers} scripted answers were never asked for"


@pytest.fixture
def client(colour: Colour, host: ScriptedHost) -> Any:
    """A client of either colour whose three surfaces are the scripted host."""
    return colour.client(**surfaces_of(host))


@pytest.fixture(params=["own", "httpx"])
def wire(request: pytest.FixtureRequest, colour: Colour) -> dict[str, Any]:
    """The settings that choose a wire: ours, or a client of httpx."""
    return {} if request.param == "own" else {"http_client": colour.http_client()}


@pytest.fixture
def any_client(colour: Colour, host: ScriptedHost, wire: dict[str, Any]) -> Any:
    """A client of either colour over any wire."""
    return colour.client(**surfaces_of(host), **wire)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Where the client would wait it does not, and the seconds are noted."""
    noted: list[float] = []

    async def note(seconds: float) -> None:
        noted.append(seconds)

    monkeypatch.setattr(tensormesh_overlay.sender, "time", SimpleNamespace(sleep=noted.append))
    monkeypatch.setattr(tensormesh_overlay.sender, "asyncio", SimpleNamespace(sleep=note))
    return noted


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
