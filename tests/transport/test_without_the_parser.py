"""Where there is no wheel of the parser, httpx carries the calls of a client, and nobody needs to know."""

from __future__ import annotations

import asyncio
import gc
import ssl
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tensormesh import AsyncTensormesh, Tensormesh
from tensormesh.errors import APIConnectionError, NotFoundError, StreamTruncatedError
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, piece
from tests.overlay.scripted_host import CLOSE, STALL, ScriptedHost, answer, events, streamed
from tests.transport.pump import Pump, outcome, wait_until

GOOD = answer(200, COMPLETION)
STREAM = streamed(events(piece("Hel"), end=b""), events(piece("lo.", "stop")))


@pytest.fixture(autouse=True)
def _no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without it; afterwards every module is found again where it was, in its package too."""
    pumps = (
        "tensormesh_transport.blocking.",
        "tensormesh_transport.asynchronous.",
        "tensormesh_transport.core.exchange",
    )
    found = {name: module for name, module in sys.modules.items() if name.startswith((*pumps, "httptools."))}
    for name in found:
        package, _, module = name.rpartition(".")
        monkeypatch.delattr(found.get(package) or sys.modules[package], module)
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "httptools", None)


@pytest.fixture
def made(pump: Pump) -> Iterator[Callable[..., Any]]:
    """Makes clients, which are closed after the test."""
    clients = []

    def make(url: str, **settings: Any) -> Any:
        kind = AsyncTensormesh if pump.is_async else Tensormesh
        clients.append(kind(env={}, inference_api_key="k", serverless_base_url=url, **settings))
        return clients[-1]

    yield make
    for client in clients:
        pump.run(client.close)


def says_hello(pump: Pump, client: Any) -> bool:
    return bool(pump.run(ask, client).choices[0].message.content == "Hello.")


@pytest.mark.parametrize("pump", ["blocking", "asynchronous"])
def test_neither_pump_of_ours_can_carry_them(pump: str) -> None:
    with pytest.raises(ImportError):
        import_module(f"tensormesh_transport.{pump}.transport")


def test_whole_answers(pump: Pump, host: ScriptedHost, made: Callable[..., Any]) -> None:
    client = made(host.url)
    host.plays(GOOD, answer(404, {"detail": "no"}), GOOD)

    assert says_hello(pump, client)
    assert isinstance(outcome(pump.begin(ask, client)), NotFoundError)
    assert says_hello(pump, client)
    assert host.connections == 1


def test_streams(pump: Pump, host: ScriptedHost, made: Callable[..., Any]) -> None:
    client, go_on = made(host.url), threading.Event()
    host.plays((*STREAM[:2], go_on, *STREAM[2:]), (*STREAM[:2], CLOSE), (*STREAM[:2], STALL))

    stream = pump.run(ask_for_stream, client)
    assert pump.step(stream).choices[0].delta.content == "Hel"
    go_on.set()
    assert pump.run(stream.get_final_completion).choices[0].message.content == "Hello."

    stream = pump.run(ask_for_stream, client)
    assert pump.step(stream).choices[0].delta.content == "Hel"
    with pytest.raises(StreamTruncatedError):
        pump.step(stream)

    stream = pump.run(ask_for_stream, client)
    pump.run(stream.close)
    wait_until(lambda: host.open <= 1)


def test_a_closed_client_opens_again(pump: Pump, host: ScriptedHost, made: Callable[..., Any]) -> None:
    client = made(host.url)
    host.plays(GOOD, GOOD)

    assert says_hello(pump, client)
    pump.run(client.close)
    pump.run(client.close)
    wait_until(lambda: host.open == 0)

    assert says_hello(pump, client)


def test_a_host_that_is_not_there(pump: Pump, closed_port: str, made: Callable[..., Any]) -> None:
    error = outcome(pump.begin(ask, made(closed_port)))

    assert type(error) is APIConnectionError
    assert not error.sent


@pytest.mark.parametrize("trusted", [True, False])
def test_a_bundle_of_authorities(
    pump: Pump,
    tls: ssl.SSLContext,
    certificate: Path,
    other_certificate: Path,
    trusted: bool,
    made: Callable[..., Any],
) -> None:
    host = ScriptedHost(tls).start().plays(*([GOOD] if trusted else []))
    client = made(host.url, ca_bundle=certificate if trusted else other_certificate)

    error = outcome(pump.begin(ask, client))
    pump.run(client.close)
    host.stop()

    if trusted:
        assert error is None
    else:
        assert isinstance(error, APIConnectionError)
        assert "certificate is not trusted" in str(error)
        assert not error.sent
        assert host.asked == []


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_one_event_loop_after_another(host: ScriptedHost) -> None:
    """Even if nobody closed the client there: those that are gone are forgotten."""
    client = AsyncTensormesh(env={}, inference_api_key="k", serverless_base_url=host.url)
    loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []
    host.always_plays(GOOD)

    async def work(*, close: bool) -> None:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        assert (await ask(client)).choices[0].message.content == "Hello."
        if close:
            await client.close()

    for close in (False, True, False, False, True):
        asyncio.run(work(close=close))
    gc.collect()

    assert [loop() for loop in loops if loop() is not None] == []
    wait_until(lambda: host.open == 0)
    assert len(host.asked) == 5
