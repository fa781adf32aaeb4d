"""What a first request has to load, whom to trust above all: once for all, and beside the event loop."""

from __future__ import annotations

import asyncio
import os
import ssl
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tensormesh_transport import tls as transport_tls
from tensormesh_transport.asynchronous import aside
from tensormesh_transport.asynchronous.aside import Aside
from tensormesh_transport.blocking import connection
from tensormesh_transport.blocking.transport import BlockingTransport
from tensormesh_transport.default import AsyncDefaultTransport
from tensormesh_transport.errors import ClosedError, ResourceError, UsageError
from tests.overlay.scripted_host import PATIENCE_SECONDS
from tests.transport.hosts import Host, Line, request
from tests.transport.pump import Pump, outcome, wait_until


def play(line: Line) -> None:
    while line.head():
        line.answer(b"good")


class Loading:
    """Stands for what loads whom to trust, and takes as long as the test wants."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._trust = transport_tls.trust
        self.go_on = threading.Event()
        self.begun = threading.Event()
        self.error: Exception | None = None
        self.times = 0
        monkeypatch.setattr(transport_tls, "trust", self.trust)

    def trust(self, ca_bundle: str | None) -> ssl.SSLContext:
        self.times += 1
        self.begun.set()
        assert self.go_on.wait(PATIENCE_SECONDS)
        if self.error is not None:
            raise self.error
        return self._trust(ca_bundle)


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> Loading:
    return Loading(monkeypatch)


HOW = pytest.mark.parametrize("how", ["send", "open", "prepare"])


def ask(transport: Any, url: str, how: str) -> Any:
    return transport.prepare(url) if how == "prepare" else getattr(transport, how)(request(url))


@HOW
def test_the_event_loop_goes_on_meanwhile(
    tasks: Pump, tls: ssl.SSLContext, certificate: Path, loading: Loading, how: str
) -> None:
    transport = tasks.transport(ca_bundle=str(certificate))
    with Host(play, tls) as host:
        first = tasks.begin(ask, transport, host.url, how)
        assert loading.begun.wait(PATIENCE_SECONDS)

        tasks.run(asyncio.sleep, 0)
        loading.go_on.set()

        first.result(PATIENCE_SECONDS)
        tasks.run(transport.close)


@HOW
def test_all_who_come_first_wait_for_the_same(
    pump: Pump, tls: ssl.SSLContext, certificate: Path, loading: Loading, how: str
) -> None:
    transport = pump.transport(ca_bundle=str(certificate))
    with Host(play, tls) as host:
        calls = [pump.begin(ask, transport, host.url, how) for _ in range(9)]
        assert loading.begun.wait(PATIENCE_SECONDS)
        loading.go_on.set()

        for call in calls:
            call.result(PATIENCE_SECONDS)
        pump.run(transport.send, request(host.url))

        assert loading.times == 1
        pump.run(transport.close)


def test_whoever_is_cancelled_leaves_it_to_the_others(
    tasks: Pump, tls: ssl.SSLContext, certificate: Path, loading: Loading
) -> None:
    transport = tasks.transport(ca_bundle=str(certificate))
    with Host(play, tls) as host:
        first, *others = [tasks.begin(transport.send, request(host.url)) for _ in range(3)]
        assert loading.begun.wait(PATIENCE_SECONDS)

        first.cancel()
        tasks.settle()
        loading.go_on.set()

        assert [other.result(PATIENCE_SECONDS).content for other in others] == [b"good"] * 2
        assert loading.times == 1
        tasks.run(transport.close)


@HOW
def test_all_hear_why_it_failed_and_the_next_one_tries_again(
    pump: Pump, tls: ssl.SSLContext, certificate: Path, loading: Loading, how: str
) -> None:
    transport = pump.transport(ca_bundle=str(certificate))
    loading.error = UsageError("nobody is to be trusted")
    with Host(play, tls) as host:
        calls = [pump.begin(ask, transport, host.url, how) for _ in range(3)]
        loading.go_on.set()
        errors = [outcome(call) for call in calls]

        assert {(type(error), str(error)) for error in errors} == {(UsageError, "nobody is to be trusted")}
        if pump.is_async:
            assert len({id(error) for error in errors}) == 3, "each tells of its own call"

        loading.error = None
        assert pump.run(transport.send, request(host.url)).content == b"good"
        pump.run(transport.close)


def test_a_client_that_is_closed_meanwhile_goes_on_or_says_so(
    pump: Pump, tls: ssl.SSLContext, certificate: Path, loading: Loading
) -> None:
    transport = pump.transport(ca_bundle=str(certificate))
    with Host(play, tls) as host:
        call = pump.begin(transport.send, request(host.url))
        assert loading.begun.wait(PATIENCE_SECONDS)

        pump.run(transport.close)
        loading.go_on.set()

        error = outcome(call)
        assert error is None or type(error) is ClosedError
        pump.run(transport.close)
        wait_until(lambda: not host.open)


def test_another_event_loop_has_nothing_to_load(tls: ssl.SSLContext, certificate: Path, loading: Loading) -> None:
    transport = AsyncDefaultTransport(str(certificate))
    loading.go_on.set()

    async def once(url: str) -> bytes:
        content = (await transport.send(request(url))).content
        await transport.close()
        return content

    with Host(play, tls) as host:
        assert [asyncio.run(once(host.url)) for _ in range(3)] == [b"good"] * 3

    assert loading.times == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_does_not_wait_for_what_a_thread_of_its_parent_was_loading(
    tls: ssl.SSLContext, certificate: Path, loading: Loading
) -> None:
    transport = BlockingTransport(str(certificate))
    with Host(play, tls) as host:
        thread = threading.Thread(target=transport.send, args=[request(host.url)])
        thread.start()
        assert loading.begun.wait(PATIENCE_SECONDS)

        child = os.fork()
        if child == 0:
            status = 1
            try:
                loading.go_on = threading.Event()
                loading.go_on.set()
                status = 0 if transport.send(request(host.url)).content == b"good" else 2
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)

        loading.go_on.set()
        thread.join()
        assert os.waitstatus_to_exitcode(status) == 0
        transport.close()


class NoThread:
    """What `threading.Thread` is where the system lets the process have no more of them."""

    def __init__(self, **_: object) -> None:
        pass

    def start(self) -> None:
        raise RuntimeError("can't start new thread")


def test_where_no_thread_is_to_be_had_it_is_loaded_all_the_same(
    tasks: Pump, tls: ssl.SSLContext, certificate: Path, loading: Loading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "threading", SimpleNamespace(Thread=NoThread))
    transport = tasks.transport(ca_bundle=str(certificate))
    loading.go_on.set()
    with Host(play, tls) as host:
        assert tasks.run(transport.send, request(host.url)).content == b"good"
        tasks.run(transport.close)


def test_where_no_thread_is_to_be_had_no_name_can_be_looked_up(pump: Pump, monkeypatch: pytest.MonkeyPatch) -> None:
    async def found(*_: object, **__: object) -> None:
        NoThread().start()

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", found)
    monkeypatch.setattr(connection, "threading", SimpleNamespace(Thread=NoThread, Event=threading.Event))

    error = outcome(pump.begin(pump.transport().send, request("http://host.example.test")))

    assert type(error) is ResourceError
    assert "can't start new thread" in str(error)
    assert not error.sent


def test_an_event_loop_that_is_closed_meanwhile_hears_nothing_more() -> None:
    go_on, complaints = threading.Event(), []
    loop, beside = asyncio.new_event_loop(), Aside()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    done = threading.Event()

    def work() -> None:
        go_on.wait(PATIENCE_SECONDS)
        done.set()

    async def begun() -> None:
        task = asyncio.create_task(beside.done("work", work))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    loop.run_until_complete(begun())
    loop.close()
    go_on.set()

    assert done.wait(PATIENCE_SECONDS)
    assert complaints == []
