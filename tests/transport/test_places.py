"""There are so many connections and no more: who has one, who waits, and who is next."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from tensormesh_transport.core.places import Places
from tensormesh_transport.errors import ClosedError, ConnectTimeoutError, TransportError
from tests.cases import cases
from tests.overlay.scripted_host import CLOSE, RESET, STALL, ScriptedHost, answer, chunk, head
from tests.transport.hosts import request
from tests.transport.pump import Pump, outcome, wait_until

GOOD = answer(200, b"good")
BEGUN = head(200, transfer_encoding="chunked") + chunk(b"begun")
LAST = chunk(b"")


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Who had to wait so far, in that order."""
    names: list[object] = []
    wait, lock = Places.wait, threading.Lock()

    def recorded(self: Places, who: object, wake: Callable[[], object]) -> None:
        with lock:
            wait(self, who, wake)
            names.append(who)

    monkeypatch.setattr(Places, "wait", recorded)
    return names


def held(pump: Pump, transport: Any, host: ScriptedHost) -> tuple[Any, threading.Event]:
    """A body that has the only place, and what makes the host send the rest of it."""
    go_on = threading.Event()
    host.plays((BEGUN, go_on, LAST))
    return pump.run(transport.open, request(host.url)), go_on


def begin_to_wait(pump: Pump, transport: Any, waiting: list[object], asked: Any) -> Future[Any]:
    """A call that waits for a place."""
    before = len(waiting)
    call = pump.begin(transport.send, asked)
    wait_until(lambda: len(waiting) > before)
    return call


def test_whoever_finds_no_place_waits_for_one(pump: Pump, host: ScriptedHost, waiting: list[object]) -> None:
    transport = pump.transport(max_connections=1)
    body, go_on = held(pump, transport, host)
    host.plays(GOOD)

    call = begin_to_wait(pump, transport, waiting, request(host.url))
    go_on.set()

    assert pump.rest(body) == (b"begun", None)
    assert call.result(9).content == b"good"
    assert [asked.connection for asked in host.asked] == [1, 1]


def test_places_are_handed_on_in_the_order_in_which_they_were_asked_for(
    pump: Pump, host: ScriptedHost, waiting: list[object]
) -> None:
    transport = pump.transport(max_connections=1)
    body, go_on = held(pump, transport, host)
    host.plays(*[GOOD] * 10)

    calls = [begin_to_wait(pump, transport, waiting, request(host.url, f"/{number}")) for number in range(10)]
    go_on.set()
    pump.rest(body)

    assert [call.result(9).content for call in calls] == [b"good"] * 10
    assert [asked.path for asked in host.asked[1:]] == [f"/{number}" for number in range(10)]


def test_whoever_asks_again_and_again_does_not_push_in(pump: Pump, host: ScriptedHost, waiting: list[object]) -> None:
    """The place is handed to the one who waits, not to the one who gave it back and asks once more."""
    transport = pump.transport(max_connections=1)
    body, go_on = held(pump, transport, host)
    host.plays(*[GOOD] * 4)

    def finish_and_ask_again() -> None:
        assert list(body) == [b"begun"]
        for _ in range(3):
            transport.send(request(host.url, "/again"))

    async def finish_and_ask_again_in_a_task() -> None:
        assert [piece async for piece in body] == [b"begun"]
        for _ in range(3):
            await transport.send(request(host.url, "/again"))

    patient = begin_to_wait(pump, transport, waiting, request(host.url, "/patient"))
    go_on.set()
    pump.run(finish_and_ask_again_in_a_task if pump.is_async else finish_and_ask_again)
    patient.result(9)

    assert host.asked[1].path == "/patient"


def test_the_wait_for_a_place_is_part_of_connecting(pump: Pump, host: ScriptedHost) -> None:
    transport = pump.transport(max_connections=1)
    body, go_on = held(pump, transport, host)

    error = outcome(pump.begin(transport.send, request(host.url, connect=0.1)))

    assert isinstance(error, ConnectTimeoutError)
    assert not error.sent
    assert "0.1 s" in str(error)
    go_on.set()
    pump.rest(body)
    host.plays(GOOD)
    assert pump.run(transport.send, request(host.url)).content == b"good"
    assert len(host.asked) == 2


def test_the_total_limits_the_wait_for_a_place(pump: Pump, host: ScriptedHost) -> None:
    transport = pump.transport(max_connections=1)
    body, go_on = held(pump, transport, host)

    error = outcome(pump.begin(transport.send, request(host.url, total=0.1)))

    assert isinstance(error, ConnectTimeoutError)
    go_on.set()
    pump.rest(body)


@pytest.mark.parametrize("first", [True, False], ids=["cancelled first", "handed on first"])
def test_the_place_of_a_cancelled_task_is_handed_on(
    tasks: Pump, host: ScriptedHost, waiting: list[object], first: bool
) -> None:
    transport = tasks.transport(max_connections=1)
    body, go_on = held(tasks, transport, host)
    host.plays(GOOD)

    async def cancel_and_finish() -> Any:
        cancelled = asyncio.create_task(transport.send(request(host.url, "/cancelled")))
        patient = asyncio.create_task(transport.send(request(host.url, "/patient")))
        await asyncio.sleep(0)
        assert len(waiting) == 2
        if first:
            cancelled.cancel()
            await asyncio.wait([cancelled])
        await body.close()
        cancelled.cancel()
        return await patient

    assert tasks.run(cancel_and_finish).content == b"good"
    assert [asked.path for asked in host.asked] == ["/", "/patient"]
    go_on.set()


class InterruptError(BaseException):
    """Stands for KeyboardInterrupt."""


@pytest.fixture
def _interruptible() -> Iterator[None]:
    def strike(*_: Any) -> None:
        raise InterruptError

    before = signal.signal(signal.SIGUSR1, strike)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.usefixtures("_interruptible")
def test_the_place_of_an_interrupted_thread_is_handed_on(
    threads: Pump, host: ScriptedHost, waiting: list[object]
) -> None:
    transport = threads.transport(max_connections=1)
    body, go_on = held(threads, transport, host)
    host.plays(GOOD)

    def strike() -> None:
        wait_until(lambda: len(waiting) == 1)
        os.kill(os.getpid(), signal.SIGUSR1)

    threads.begin(strike)
    with pytest.raises(InterruptError):
        transport.send(request(host.url, "/interrupted"))
    patient = begin_to_wait(threads, transport, waiting, request(host.url, "/patient"))
    body.close()

    assert patient.result(9).content == b"good"
    assert [asked.path for asked in host.asked] == ["/", "/patient"]
    go_on.set()


def test_a_free_connection_to_another_host_makes_room(pump: Pump, host: ScriptedHost) -> None:
    other = ScriptedHost().start().plays(GOOD)
    transport = pump.transport(max_connections=1)
    host.plays(GOOD)

    assert pump.run(transport.send, request(host.url)).content == b"good"
    assert host.open == 1
    assert pump.run(transport.send, request(other.url)).content == b"good"

    wait_until(lambda: host.open == 0)
    assert other.open == 1
    pump.run(transport.close)
    other.stop()


def test_the_connection_that_was_free_for_longest_makes_room(pump: Pump, host: ScriptedHost) -> None:
    others = [ScriptedHost().start().plays(GOOD) for _ in range(2)]
    transport = pump.transport(max_connections=2)
    host.plays(GOOD, GOOD)

    for one in (host, others[0], host, others[1]):
        pump.run(transport.send, request(one.url))

    wait_until(lambda: others[0].open == 0)
    assert (host.open, others[1].open) == (1, 1)
    pump.run(transport.close)
    for one in others:
        one.stop()


def test_closing_wakes_whoever_waits_for_a_place(pump: Pump, host: ScriptedHost, waiting: list[object]) -> None:
    transport = pump.transport(max_connections=1)
    body, go_on = held(pump, transport, host)
    calls = [begin_to_wait(pump, transport, waiting, request(host.url)) for _ in range(2)]

    pump.run(transport.close)

    for call in calls:
        error = outcome(call)
        assert isinstance(error, ClosedError)
        assert not error.sent
    assert isinstance(pump.rest(body)[1], ClosedError)
    assert len(host.asked) == 1
    go_on.set()


def test_a_closed_transport_has_all_its_places_again(pump: Pump, host: ScriptedHost) -> None:
    """Even while somebody holds on to a body from before."""
    transport = pump.transport(max_connections=1)
    body, go_on = held(pump, transport, host)
    pump.run(transport.close)
    host.plays(GOOD, (BEGUN, STALL))

    assert pump.run(transport.send, request(host.url, connect=5)).content == b"good"
    other = pump.run(transport.open, request(host.url))
    pump.run(body.close)  # which gives back a place that it does not have

    assert isinstance(outcome(pump.begin(transport.send, request(host.url, connect=0.1))), ConnectTimeoutError)
    pump.run(other.close)
    go_on.set()


class Outcomes:
    """All that may become of an exchange."""

    def __init__(self, pump: Pump, host: ScriptedHost, transport: Any, closed_port: str) -> None:
        self.pump, self.host, self.transport, self.closed_port = pump, host, transport, closed_port

    def answered(self) -> None:
        self.host.plays(GOOD)
        assert self.pump.run(self.transport.send, request(self.host.url)).content == b"good"

    def told_goodbye(self) -> None:
        self.host.plays(answer(404, b"", connection="close"))
        self.pump.run(self.transport.send, request(self.host.url))

    def followed_by_something(self) -> None:
        self.host.plays(answer(200, b"good", b"HTTP/1.1 200 O"))
        self.pump.run(self.transport.send, request(self.host.url))

    def reset(self) -> None:
        self._fails(RESET)

    def cut_off(self) -> None:
        self._fails(head(200, content_length="9"), CLOSE)

    def garbage(self) -> None:
        self._fails(b"220 smtp\r\n", CLOSE)

    def silent(self) -> None:
        self._fails(STALL, first_byte=0.03)

    def silent_in_the_midst(self) -> None:
        self._fails(head(200, content_length="9"), STALL, idle=0.03)

    def refused(self) -> None:
        error = outcome(self.pump.begin(self.transport.send, request(self.closed_port)))
        assert isinstance(error, TransportError)

    def not_secure(self) -> None:
        address = self.host.url.replace("http:", "https:")
        assert isinstance(outcome(self.pump.begin(self.transport.send, request(address))), TransportError)

    def unspeakable(self) -> None:
        error = outcome(self.pump.begin(self.transport.send, request(self.host.url, "/a b")))
        assert isinstance(error, TransportError)

    def read_to_the_end(self) -> None:
        assert self.pump.rest(self._body(LAST)) == (b"begun", None)

    def finished(self) -> None:
        self.pump.run(self._body(LAST).finish)

    def left(self) -> None:
        self.pump.run(self._body(STALL).close)

    def left_twice(self) -> None:
        body = self._body(STALL)
        self.pump.run(body.close)
        self.pump.run(body.close)

    def broken_while_read(self) -> None:
        assert isinstance(self.pump.rest(self._body(RESET))[1], TransportError)

    def forgotten(self) -> None:
        self._body(STALL)
        gc.collect()
        self.pump.settle()

    def abandoned(self) -> None:
        """A task that is cancelled while it waits; a thread has no such end."""
        if not self.pump.is_async:
            return self.reset()
        self.host.plays((STALL,))
        asked = len(self.host.asked)
        call = self.pump.begin(self.transport.send, request(self.host.url))
        wait_until(lambda: len(self.host.asked) > asked)
        call.cancel()
        return self.pump.settle()

    def closed(self) -> None:
        self.host.plays((STALL,))
        asked = len(self.host.asked)
        call = self.pump.begin(self.transport.send, request(self.host.url))
        wait_until(lambda: len(self.host.asked) > asked)
        self.pump.run(self.transport.close)
        assert isinstance(outcome(call), ClosedError)

    def _body(self, *steps: Any) -> Any:
        self.host.plays((BEGUN, *steps))
        return self.pump.run(self.transport.open, request(self.host.url))

    def _fails(self, *steps: Any, **limits: float) -> None:
        self.host.plays(steps)
        error = outcome(self.pump.begin(self.transport.send, request(self.host.url, **limits)))
        assert isinstance(error, TransportError)


KINDS = [name for name in vars(Outcomes) if not name.startswith("_")]


@cases("seed", range(6))
def test_whatever_becomes_of_exchanges_no_place_is_lost(
    pump: Pump, host: ScriptedHost, closed_port: str, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  (the same in every run)
    transport = pump.transport(max_connections=1)
    outcomes = Outcomes(pump, host, transport, closed_port)
    kinds = chance.choices(KINDS, k=20) if seed else KINDS

    for kind in kinds:
        getattr(outcomes, kind)()

    for _ in range(20):
        outcomes.answered()
    wait_until(lambda: host.open == 1)
    host.plays((BEGUN, STALL))
    body = pump.run(transport.open, request(host.url))
    assert isinstance(outcome(pump.begin(transport.send, request(host.url, connect=0.02))), ConnectTimeoutError), kinds
    pump.run(body.close)
