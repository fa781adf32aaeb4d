"""A name may have several addresses, some of which lead nowhere: the first that answers is taken."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import time
from collections.abc import Iterator

import pytest

from tensormesh_transport.core.race import HEAD_START_SECONDS
from tensormesh_transport.errors import ClosedError, ConnectError, ConnectTimeoutError
from tensormesh_transport.sockets import new_socket
from tests.overlay.scripted_host import ScriptedHost, answer
from tests.overlay.sockets import full_queue
from tests.transport.hosts import request
from tests.transport.names import Hanging, leads_to
from tests.transport.pump import Pump, outcome, wait_until

GOOD = answer(200, b"good")
SPARE_SECONDS = 2.0
"""For a busy machine."""


def still_open(sockets: list[socket.socket]) -> int:
    return sum(one.fileno() >= 0 for one in sockets)


def test_an_address_where_nobody_answers_costs_its_head_start(
    pump: Pump, host: ScriptedHost, made: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, "127.0.0.2", "127.0.0.1")
    transport = pump.transport()
    host.plays(GOOD, GOOD)
    with full_queue("127.0.0.2", host.port):
        begin = time.monotonic()

        assert pump.run(transport.send, request(f"http://many.test:{host.port}")).content == b"good"

        assert HEAD_START_SECONDS <= time.monotonic() - begin < HEAD_START_SECONDS + SPARE_SECONDS
        wait_until(lambda: still_open(made) == 1)
        assert pump.run(transport.send, request(f"http://many.test:{host.port}")).content == b"good"
    assert len(made) == 2
    assert host.connections == 1


def test_an_address_that_refuses_costs_nothing(
    pump: Pump, host: ScriptedHost, made: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, "127.0.0.2", "127.0.0.3", "127.0.0.1", "127.0.0.4")
    monkeypatch.setattr("tensormesh_transport.core.race.HEAD_START_SECONDS", 60.0)
    host.plays(GOOD)

    assert pump.run(pump.transport().send, request(f"http://many.test:{host.port}")).content == b"good"

    assert len(made) == 3, "the last one was not needed"


def test_the_two_families_take_turns(
    pump: Pump, made: list[socket.socket], closed_port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, "::1", "::1", "::1", "127.0.0.1", "127.0.0.1")

    error = outcome(pump.begin(pump.transport().send, request(closed_port.replace("127.0.0.1", "many.test"))))

    assert type(error) is ConnectError
    assert still_open(made) == 0
    six, four = socket.AF_INET6, socket.AF_INET
    assert [one.family for one in made] == [six, four, six, four, six]


@pytest.fixture
def _without_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that was built without it."""

    def only_four(family: int, *others: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, os.strerror(errno.EAFNOSUPPORT))
        return new_socket(family, *others)

    monkeypatch.setattr("tensormesh_transport.blocking.connection.new_socket", only_four)
    monkeypatch.setattr("tensormesh_transport.asynchronous.dialling.new_socket", only_four)


@pytest.mark.usefixtures("_without_ipv6")
def test_an_address_of_a_family_that_the_system_lacks_is_passed_over(
    pump: Pump, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, "::1", "127.0.0.1")
    host.plays(GOOD)

    assert pump.run(pump.transport().send, request(f"http://many.test:{host.port}")).content == b"good"


@pytest.mark.usefixtures("_without_ipv6")
def test_where_all_refuse_the_error_names_every_reason_once(
    pump: Pump, closed_port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, "127.0.0.1", "::1", "127.0.0.1", "::1")

    error = outcome(pump.begin(pump.transport().send, request(closed_port.replace("127.0.0.1", "many.test"))))

    assert type(error) is ConnectError
    assert not error.sent
    assert [reason.partition("]")[0] for reason in str(error).split("; ")] == [
        f"[Errno {errno.ECONNREFUSED}",
        f"[Errno {errno.EAFNOSUPPORT}",
    ]


def test_a_name_without_an_address_is_an_error(pump: Pump, monkeypatch: pytest.MonkeyPatch) -> None:
    leads_to(monkeypatch)

    error = outcome(pump.begin(pump.transport().send, request("http://many.test")))

    assert type(error) is ConnectError
    assert str(error) == "the name has no address"


@contextlib.contextmanager
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port of several addresses at none of which anybody answers."""
    leads_to(monkeypatch, "127.0.0.2", "127.0.0.3", "127.0.0.4")
    monkeypatch.setattr("tensormesh_transport.core.race.HEAD_START_SECONDS", 0.01)
    with full_queue("127.0.0.2") as port, full_queue("127.0.0.3", port), full_queue("127.0.0.4", port):
        yield port


def test_several_addresses_share_the_limit(
    pump: Pump, made: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    with nobody_answers(monkeypatch) as port:
        begin = time.monotonic()

        error = outcome(pump.begin(pump.transport().send, request(f"http://many.test:{port}", connect=0.3)))

        assert 0.3 <= time.monotonic() - begin < 0.3 + SPARE_SECONDS
    assert isinstance(error, ConnectTimeoutError)
    assert not error.sent
    assert len(made) == 3
    wait_until(lambda: still_open(made) == 0)


def test_closing_while_several_are_tried_leaves_no_socket(
    pump: Pump, made: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = pump.transport()
    with nobody_answers(monkeypatch) as port:
        call = pump.begin(transport.send, request(f"http://many.test:{port}"))
        wait_until(lambda: len(made) == 3)

        pump.run(transport.close)

        error = outcome(call)
        assert isinstance(error, ClosedError)
        assert not error.sent
        wait_until(lambda: still_open(made) == 0)


@pytest.mark.parametrize("tried", [1, 2, 3])
def test_a_cancellation_while_several_are_tried_leaves_no_socket(
    tasks: Pump, made: list[socket.socket], monkeypatch: pytest.MonkeyPatch, tried: int
) -> None:
    transport = tasks.transport(max_connections=1)

    async def cancelled(port: int) -> bool:
        task = asyncio.create_task(transport.send(request(f"http://many.test:{port}")))
        while len(made) < tried:  # noqa: ASYNC110  (it is no event of this loop)
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    with nobody_answers(monkeypatch) as port:
        assert tasks.run(cancelled, port)
        wait_until(lambda: still_open(made) == 0)


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    resolver = Hanging(monkeypatch)
    yield resolver
    resolver.release()


def test_a_resolver_that_hangs_is_a_timeout(pump: Pump, hanging: Hanging) -> None:
    begin = time.monotonic()

    error = outcome(pump.begin(pump.transport().send, request("http://slow.test", connect=0.1)))

    assert time.monotonic() - begin < 0.1 + SPARE_SECONDS
    assert isinstance(error, ConnectTimeoutError)
    assert not error.sent
    hanging.release()


def test_closing_wakes_whoever_waits_for_a_resolver(pump: Pump, hanging: Hanging) -> None:
    transport = pump.transport()
    call = pump.begin(transport.send, request("http://slow.test"))
    assert hanging.asked.wait(9)

    pump.run(transport.close)

    error = outcome(call)
    assert isinstance(error, ClosedError)
    assert not error.sent
    hanging.release()


def test_a_cancelled_task_does_not_wait_for_a_resolver(tasks: Pump, hanging: Hanging, host: ScriptedHost) -> None:
    transport = tasks.transport(max_connections=1)
    call = tasks.begin(transport.send, request("http://slow.test"))
    assert hanging.asked.wait(9)

    call.cancel()

    host.plays(GOOD)
    assert tasks.run(transport.send, request(host.url)).content == b"good"
    hanging.release()


def test_an_address_is_not_looked_up(pump: Pump, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = leads_to(monkeypatch, "127.0.0.9")
    host.plays(GOOD)

    assert pump.run(pump.transport().send, request(host.url)).content == b"good"

    assert looked_up == []


@pytest.mark.parametrize("dot", ["", "."])
def test_a_name_is_looked_up_with_the_dot_that_it_ends_in_and_nobody_else_is_told(
    pump: Pump, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch, dot: str
) -> None:
    """Hosts of many names, and certificates, know none that ends in a dot."""
    asked = leads_to(monkeypatch, "127.0.0.1")
    host.plays(GOOD, GOOD)
    transport = pump.transport()

    assert pump.run(transport.send, request(f"http://many.test{dot}:{host.port}")).content == b"good"
    assert pump.run(transport.send, request(f"http://many.test:{host.port}")).content == b"good"

    assert asked == [f"many.test{dot}"]
    assert [one.headers["host"] for one in host.asked] == [f"many.test:{host.port}"] * 2
    assert host.connections == 1, "it leads to the same place"
