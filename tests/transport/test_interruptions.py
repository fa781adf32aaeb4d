"""Ctrl-C comes out as KeyboardInterrupt wherever it strikes, and leaves neither a socket nor a place behind."""

from __future__ import annotations

import asyncio
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tensormesh_transport.core.exchange import Exchange
from tensormesh_transport.default import AsyncDefaultTransport
from tensormesh_transport.errors import ClosedError
from tensormesh_transport.messages import Request
from tests.cases import cases
from tests.overlay.scripted_host import STALL, ScriptedHost, answer, chunk, head
from tests.overlay.sockets import full_queue
from tests.transport.hosts import Host, Line, request
from tests.transport.names import Hanging
from tests.transport.pump import Pump, outcome, wait_until
from tests.transport.strikes import MOST_STRIKES, InterruptError, Strike, raise_an_interrupt, struck

GOOD = answer(200, b"good")
BEGUN = head(200, transfer_encoding="chunked") + chunk(b"begun")
LARGE = bytes(8_000_000)


@pytest.fixture(autouse=True)
def _default_handler() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupted(threads: Pump, work: Callable[[], Any], once: Callable[[], object]) -> None:
    """Does `work` in this thread, which is interrupted once something has happened."""
    main = threading.main_thread().ident
    assert main is not None

    def strike() -> None:
        wait_until(once)
        signal.pthread_kill(main, signal.SIGINT)

    striking = threads.begin(strike)
    with pytest.raises(KeyboardInterrupt):
        work()
    assert outcome(striking) is None


def works(transport: Any) -> None:
    """The transport has its only place, and serves."""
    host = ScriptedHost().start().plays(GOOD)
    assert transport.send(request(host.url, connect=5)).content == b"good"
    transport.close()
    host.stop()


def test_while_it_looks_a_name_up(threads: Pump, monkeypatch: pytest.MonkeyPatch) -> None:
    transport, resolver = threads.transport(max_connections=1), Hanging(monkeypatch)

    interrupted(threads, lambda: transport.send(request("http://slow.test")), resolver.asked.is_set)

    resolver.release()
    works(transport)


def test_while_it_connects(threads: Pump, made: list[Any]) -> None:
    transport = threads.transport(max_connections=1)
    with full_queue("127.0.0.1") as port:
        interrupted(threads, lambda: transport.send(request(f"http://127.0.0.1:{port}")), lambda: made)

    assert [one.fileno() for one in made] == [-1]
    works(transport)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of a socket that was just being made
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_while_a_proxy_or_tls_is_silent(threads: Pump, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    transport = threads.transport(max_connections=1)
    with Host(Line.wait_for_goodbye) as host:
        if scheme == "http":
            monkeypatch.setenv("HTTPS_PROXY", host.url)
        url = "https://host.example.test" if scheme == "http" else host.url.replace("http:", "https:")

        interrupted(threads, lambda: transport.send(request(url)), lambda: host.connections)

        wait_until(lambda: host.open == 0)
    works(transport)


def test_while_it_sends(threads: Pump, any_tls: ssl.SSLContext | None, certificate: Path) -> None:
    transport = threads.transport(ca_bundle=str(certificate), max_connections=1)
    sending, stop = threading.Event(), threading.Event()

    def deaf(line: Line) -> None:
        """Reads the head, and then nothing until it is let go of."""
        line.head()
        sending.set()
        while not stop.wait(0.01):
            line.send(head(100))

    with Host(deaf, any_tls) as host:
        upload = request(host.url, method="POST", content=LARGE)

        interrupted(threads, lambda: transport.send(upload), sending.is_set)

        wait_until(lambda: host.open == 0)
    works(transport)


@cases(
    "steps",
    [
        pytest.param((), id="for the headers"),
        pytest.param((head(200, content_length="9")[:30],), id="within the headers"),
        pytest.param((head(200, content_length="9") + b"{",), id="within the body"),
        pytest.param((head(200) + b"{",), id="within a body without end"),
    ],
)
@cases("streamed", [False, True], ids=["whole", "stream"])
def test_while_it_waits(threads: Pump, host: ScriptedHost, steps: tuple[bytes, ...], streamed: bool) -> None:
    transport, sent = threads.transport(max_connections=1), threading.Event()

    class Sent(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            sent.set()
            return True

    host.plays((*steps, Sent(), STALL))
    asked = request(host.url)

    interrupted(
        threads, lambda: list(transport.open(asked)) if streamed else transport.send(asked), lambda: sent.is_set()
    )

    wait_until(lambda: host.open == 0)
    works(transport)


CALLBACKS = ["on_message_begin", "on_header", "on_headers_complete", "on_body", "on_message_complete"]


@pytest.fixture(params=CALLBACKS)
def struck_callback(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A callback of the parser in the middle of which the signal comes, once."""
    name, struck = request.param, threading.Event()
    work = getattr(Exchange, name)

    def strike(*arguments: Any) -> None:
        if not struck.is_set():
            struck.set()
            signal.raise_signal(signal.SIGINT)
        work(*arguments)

    monkeypatch.setattr(Exchange, name, strike)
    return str(name)


@pytest.mark.usefixtures("struck_callback")
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_in_the_middle_of_the_parser(threads: Pump, host: ScriptedHost, streamed: bool) -> None:
    transport = threads.transport(max_connections=1)
    host.plays((BEGUN, chunk(b"")), GOOD)
    asked = request(host.url)

    with pytest.raises(KeyboardInterrupt):
        list(transport.open(asked)) if streamed else transport.send(asked)

    assert transport.send(request(host.url, connect=5)).content == b"good"
    wait_until(lambda: host.open == 1)


@pytest.mark.usefixtures("struck_callback")
def test_in_the_middle_of_the_parser_under_asyncio_run(host: ScriptedHost) -> None:
    """There the signal cancels the task, so that it can tidy up, and the interrupt comes out at the end."""
    transport = AsyncDefaultTransport(max_connections=1)
    host.plays((BEGUN, chunk(b"")))

    async def work() -> None:
        async for _ in await transport.open(request(host.url)):
            pass

    async def close_after_work() -> None:
        try:
            await work()
        finally:
            await transport.close()

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(close_after_work())

    wait_until(lambda: host.open == 0)


@pytest.mark.usefixtures("struck_callback")
def test_in_the_middle_of_the_parser_within_a_loop_that_knows_no_signals(host: ScriptedHost) -> None:
    """It comes out of the loop at once; once the loop goes on, the exchange can be cancelled as any other."""
    transport, loop = AsyncDefaultTransport(max_connections=1), asyncio.new_event_loop()
    host.plays((BEGUN, chunk(b"")), GOOD)
    task = loop.create_task(transport.send(request(host.url)))

    with pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(task)
    task.cancel()
    loop.run_until_complete(asyncio.wait([task]))

    assert task.cancelled()
    assert loop.run_until_complete(transport.send(request(host.url, connect=5))).content == b"good"
    loop.run_until_complete(transport.close())
    loop.close()


def ask(transport: Any, asked: Request, streamed: bool) -> None:
    """A whole answer, or a stream that is read to its end."""
    if streamed:
        list(transport.open(asked))
    else:
        transport.send(asked)


@pytest.mark.usefixtures("_tidied")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of a socket that was just being made
@pytest.mark.parametrize("action", ["an interrupt", "closing"])
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("fresh", [True, False], ids=["over a new connection", "over a used one"])
def test_at_any_moment(threads: Pump, host: ScriptedHost, fresh: bool, streamed: bool, action: str) -> None:
    """
    The interrupt comes out, or the handler closes the transport: nothing waits for itself, no place is lost, and no
    socket is left that closing does not find.
    """
    host.always_plays(GOOD)
    asked = request(host.url, connect=5)
    for number in range(MOST_STRIKES):
        transport = threads.own_transport(max_connections=1)
        if not fresh:
            transport.send(asked)
        strike = Strike(number, transport.close if action == "closing" else raise_an_interrupt)

        error = outcome(threads.begin(struck, strike, ask, transport, asked, streamed))

        if not strike.where:
            break
        if action == "closing":
            assert error is None or isinstance(error, ClosedError), (strike.where, error)
        else:
            assert isinstance(error, InterruptError), (strike.where, error)
        del error
        after = outcome(threads.begin(transport.send, asked))
        assert after is None, (strike.where, after)
        transport.close()
        wait_until(lambda: host.open == 0)

    transport.close()
    assert 50 < number < MOST_STRIKES - 1
