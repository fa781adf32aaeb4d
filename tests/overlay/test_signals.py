"""A handler of signals runs in the middle of whatever the main thread does, and may close what that works with."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tensormesh.errors import APIConnectionError
from tensormesh_transport.blocking.connection import Connection
from tensormesh_transport.tls import trust
from tests.overlay.calls import ask, ask_for_stream, fails, piece, works_again
from tests.overlay.conftest import KEY, Runner, surfaces_of
from tests.overlay.scripted_host import STALL, ScriptedHost, events, streamed

STREAM = events(piece("Hel"), end=b"")


class Signal(threading.Event):
    """A step of a script at which the main thread is sent a signal."""

    def wait(self, timeout: float | None = None) -> bool:
        os.kill(os.getpid(), signal.SIGUSR1)
        return True


@pytest.fixture
def handle() -> Iterator[Callable[[Callable[[], Any]], None]]:
    """Says what happens when the signal comes."""
    before = signal.getsignal(signal.SIGUSR1)

    def handle(action: Callable[[], Any]) -> None:
        signal.signal(signal.SIGUSR1, lambda *_: action())

    yield handle
    signal.signal(signal.SIGUSR1, before)


def interrupted(work: Callable[..., Any]) -> Callable[..., Any]:
    """The same, after a signal in the very middle of it."""

    def interrupted_work(*arguments: Any) -> Any:
        signal.raise_signal(signal.SIGUSR1)
        return work(*arguments)

    return interrupted_work


def test_a_stream_closed_by_a_signal_ends(
    synchronous: Runner, host: ScriptedHost, handle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = synchronous.client(**surfaces_of(host))
    host.plays((*streamed(STREAM, last=False), STALL))
    stream = ask_for_stream(client)
    handle(stream.close)
    next(stream)
    monkeypatch.setattr(Connection, "pull", interrupted(Connection.pull))

    assert list(stream) == []
    monkeypatch.undo()
    works_again(synchronous, client, host)


def test_a_client_closed_by_a_signal_ends_the_call(synchronous: Runner, host: ScriptedHost, handle: Any) -> None:
    client = synchronous.client(**surfaces_of(host))
    host.plays((Signal(), STALL))
    handle(client.close)

    fails(synchronous, lambda: ask(client), APIConnectionError, "the client was closed meanwhile")

    works_again(synchronous, client, host)


def test_a_client_may_be_closed_by_a_signal_while_it_gets_ready(
    synchronous: Runner, closed_port: str, handle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Certificates take it long enough to load."""
    client = synchronous.client(inference_api_key=KEY, serverless_base_url=closed_port.replace("http:", "https:"))
    handle(client.close)

    monkeypatch.setattr("tensormesh_transport.tls.trust", interrupted(trust))

    fails(synchronous, lambda: ask(client), APIConnectionError, "nobody answers there")
