"""Closing a transport ends whatever is under way on it, in every phase, from wherever it is closed."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tensormesh_transport.errors import ClosedError
from tensormesh_transport.sockets import HasFileno, ready
from tests.cases import cases
from tests.overlay.marks import Mark
from tests.overlay.scripted_host import STALL, ScriptedHost, Step, answer, chunk, head
from tests.overlay.sockets import full_queue
from tests.transport.hosts import Host, Line, request
from tests.transport.pump import Pump, outcome, wait_until
from tests.transport.tunnels import Tunnels

GOOD = answer(200, b"good")
BEGUN = head(200, transfer_encoding="chunked") + chunk(b"begun")
LARGE = bytes(8_000_000)


def works(pump: Pump, transport: Any) -> None:
    """The transport has its only place, and serves; and it may be closed twice."""
    host = ScriptedHost().start().plays(GOOD)
    assert pump.run(transport.send, request(host.url, connect=5)).content == b"good"
    pump.run(transport.close)
    wait_until(lambda: host.open == 0)
    pump.run(transport.close)
    host.stop()


def ends(pump: Pump, transport: Any, work: Callable[..., Any], asked: Any, once: Callable[[], object]) -> ClosedError:
    """What comes of a call where the transport is closed once something has happened; twice, to be sure."""
    call = pump.begin(work, asked)
    wait_until(once)
    pump.run(transport.close)
    pump.run(transport.close)
    error = outcome(call)
    assert isinstance(error, ClosedError), repr(error)
    return error


def test_while_it_connects(pump: Pump, made: list[socket.socket]) -> None:
    transport = pump.transport(max_connections=1)
    with full_queue("127.0.0.1") as port:
        error = ends(pump, transport, transport.send, request(f"http://127.0.0.1:{port}"), lambda: made)

    assert not error.sent
    wait_until(lambda: [one.fileno() for one in made] == [-1])
    works(pump, transport)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_while_a_proxy_is_silent(pump: Pump, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """A plain one within its answer to CONNECT, a secure one within its handshake."""
    transport, asked = pump.transport(max_connections=1), threading.Event()

    def play(line: Line) -> None:
        assert line.sock.recv(65_536)
        line.send(b"HTTP/1.1 200" if scheme == "http" else b"\x16\x03\x03")
        asked.set()
        line.wait_for_goodbye()

    with Host(play) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url.replace("http:", f"{scheme}:"))

        error = ends(pump, transport, transport.send, request("https://host.example.test"), asked.is_set)

        wait_until(lambda: proxy.open == 0)
        monkeypatch.delenv("ALL_PROXY")
    assert not error.sent
    works(pump, transport)


@pytest.mark.parametrize("proxied", [False, True], ids=["of its own", "in a tunnel"])
def test_while_tls_is_silent(pump: Pump, monkeypatch: pytest.MonkeyPatch, proxied: bool) -> None:
    transport, greeted = pump.transport(max_connections=1), threading.Event()

    def play(line: Line) -> None:
        assert line.sock.recv(65_536)
        greeted.set()
        line.wait_for_goodbye()

    with Host(play) as host, Host(Tunnels(host.port).play) as proxy:
        if proxied:
            monkeypatch.setenv("ALL_PROXY", proxy.url)

        error = ends(pump, transport, transport.send, request(f"https://{host.authority}"), greeted.is_set)

        wait_until(lambda: (proxy.open, host.open) == (0, 0))
        monkeypatch.delenv("ALL_PROXY", raising=False)
    assert not error.sent
    works(pump, transport)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_while_it_sends(
    pump: Pump, any_tls: ssl.SSLContext | None, certificate: Path, made: list[socket.socket], streamed: bool
) -> None:
    transport = pump.transport(ca_bundle=str(certificate), max_connections=1)
    stop = threading.Event()

    def play(line: Line) -> None:
        line.head()
        stop.wait(9)

    def is_stuck() -> bool:
        """The host takes nothing more, and neither does the system."""
        return (
            bool(made) and made[0].fileno() >= 0 and not select.select([], made, [], 0.05)[1] and host.connections == 1
        )

    with Host(play, any_tls, room=65_536) as host:
        upload = request(host.url, method="POST", content=LARGE)

        error = ends(pump, transport, transport.open if streamed else transport.send, upload, is_stuck)

        stop.set()
    assert error.sent
    wait_until(lambda: [one.fileno() for one in made] == [-1])
    works(pump, transport)


@cases(
    "steps",
    [
        pytest.param((), id="for the headers"),
        pytest.param((head(200, content_length="9")[:30],), id="within the headers"),
        pytest.param((head(100),), id="after an interim answer"),
        pytest.param((head(200, content_length="9") + b"{",), id="within the body"),
        pytest.param((head(200) + b"{",), id="within a body without end"),
    ],
)
def test_while_it_waits(pump: Pump, host: ScriptedHost, steps: tuple[Step, ...]) -> None:
    transport, sent = pump.transport(max_connections=1), Mark()
    host.plays((*steps, sent, STALL))

    error = ends(pump, transport, transport.send, request(host.url), sent.is_set)

    assert error.sent
    wait_until(lambda: host.open == 0)
    works(pump, transport)


def test_while_a_body_is_read(pump: Pump, host: ScriptedHost) -> None:
    transport = pump.transport(max_connections=1)
    host.plays((BEGUN, STALL))
    body = pump.run(transport.open, request(host.url))
    assert pump.next(body) == b"begun"

    reading = pump.begin(pump.rest, body) if not pump.is_async else pump.begin(_rest, body)
    pump.run(transport.close)

    assert isinstance(reading.result(9)[1], ClosedError)
    wait_until(lambda: host.open == 0)
    works(pump, transport)


async def _rest(body: Any) -> tuple[bytes, BaseException | None]:
    got = b""
    try:
        async for piece in body:
            got += piece
    except ClosedError as error:
        return got, error
    return got, None


def test_what_arrived_before_is_handed_out(pump: Pump, host: ScriptedHost) -> None:
    transport = pump.transport(max_connections=1)
    host.plays((BEGUN, STALL))
    body = pump.run(transport.open, request(host.url))

    pump.run(transport.close)
    got, error = pump.rest(body)

    assert got == b"begun"
    assert isinstance(error, ClosedError)
    assert isinstance(pump.rest(body)[1], ClosedError)


def test_a_body_that_has_arrived_is_whole(pump: Pump, host: ScriptedHost) -> None:
    transport = pump.transport(max_connections=1)
    host.plays((BEGUN + chunk(b""),))
    body = pump.run(transport.open, request(host.url))

    pump.run(transport.close)

    assert pump.rest(body) == (b"begun", None)


def test_idle_connections(pump: Pump, any_tls: ssl.SSLContext | None, certificate: Path) -> None:
    transport = pump.transport(ca_bundle=str(certificate))

    def play(line: Line) -> None:
        while line.head():
            line.answer(b"good")

    with Host(play, any_tls) as host:
        assert pump.run(transport.send, request(host.url)).content == b"good"

        pump.run(transport.close)
        pump.run(transport.close)

        wait_until(lambda: host.open == 0)
        assert pump.run(transport.send, request(host.url)).content == b"good"
        assert host.connections == 2


@contextlib.contextmanager
def before_waiting(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> Iterator[None]:
    """Another thread does something just before this one looks at its socket."""
    acted = threading.Event()

    def act_and_look(sock: HasFileno, seconds: float, **options: Any) -> bool:
        if not acted.is_set():
            acted.set()
            act()
        return ready(sock, seconds, **options)

    with monkeypatch.context() as patched:
        patched.setattr("tensormesh_transport.blocking.connection.ready", act_and_look)
        yield
    assert acted.is_set()


def test_just_before_an_idle_connection_is_looked_at(
    threads: Pump, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = threads.transport(max_connections=1)
    host.plays(GOOD)
    transport.send(request(host.url))

    with before_waiting(monkeypatch, transport.close):
        error = outcome(threads.begin(transport.send, request(host.url)))

    assert isinstance(error, ClosedError)
    assert not error.sent
    wait_until(lambda: host.open == 0)
    works(threads, transport)


def test_a_reset_that_closing_brings_about_is_closing(
    threads: Pump, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that goes on sending to a connection that was shut down is told so by the system, and so are we."""
    transport, go_on, sent = threads.transport(max_connections=1), threading.Event(), Mark()
    host.plays((go_on, BEGUN, sent, STALL))

    def close() -> None:
        transport.close()
        go_on.set()
        assert sent.reached()

    with before_waiting(monkeypatch, close):
        error = outcome(threads.begin(transport.send, request(host.url)))

    assert isinstance(error, ClosedError)
    works(threads, transport)


def test_again_and_again_while_many_are_at_work(pump: Pump, any_tls: ssl.SSLContext | None, certificate: Path) -> None:
    """Each call has its answer, or is told that the transport was closed; nothing else comes out, and nothing stays."""
    transport = pump.transport(ca_bundle=str(certificate), max_connections=3)
    stop = threading.Event()
    answered = []

    def play(line: Line) -> None:
        while line.head():
            line.answer(bytes(100_000))

    def ask() -> None:
        while not stop.is_set():
            with contextlib.suppress(ClosedError):
                answered.append(len(transport.send(request(host.url)).content))

    async def ask_in_a_task() -> None:
        while not stop.is_set():
            with contextlib.suppress(ClosedError):
                answered.append(len((await transport.send(request(host.url))).content))

    def wait_for_another_answer() -> None:
        before = len(answered)
        wait_until(lambda: len(answered) > before)

    with Host(play, any_tls) as host:
        calls = [pump.begin(ask_in_a_task if pump.is_async else ask) for _ in range(5)]
        for number in range(60):
            if number % 3 == 0:
                wait_for_another_answer()
            pump.run(transport.close)
        stop.set()
        errors = [outcome(call) for call in calls]
        pump.run(transport.close)
        wait_until(lambda: host.open == 0)

    assert errors == [None] * 5
    assert set(answered) == {100_000}
