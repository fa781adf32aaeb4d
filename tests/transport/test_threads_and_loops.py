"""One transport for several threads, and for several event loops, each with its own answers."""

from __future__ import annotations

import asyncio
import gc
import ssl
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tensormesh_transport.default import AsyncDefaultTransport
from tests.overlay.scripted_host import chunk, head
from tests.transport.hosts import Host, Line, request
from tests.transport.pump import Pump, outcome, wait_until


def echo(line: Line) -> None:
    """Answers with the path, whole or in chunks as the path asks for."""
    while asked := line.head():
        path = asked.split()[1].encode()
        if path.startswith(b"/stream"):
            line.send(head(200, transfer_encoding="chunked") + chunk(path[:4]) + chunk(path[4:]) + chunk(b""))
        else:
            line.answer(path)


def test_threads_share_a_transport(threads: Pump, any_tls: ssl.SSLContext | None, certificate: Path) -> None:
    transport = threads.transport(ca_bundle=str(certificate), max_connections=4)
    got: list[bytes] = []

    def work(number: int) -> None:
        for turn in range(40):
            path = f"/{'stream' if turn % 2 else 'whole'}/{number}/{turn}"
            asked = request(host.url, path)
            content = b"".join(transport.open(asked)) if turn % 2 else transport.send(asked).content
            assert content == path.encode()
            got.append(content)

    with Host(echo, any_tls) as host:
        assert [outcome(one) for one in [threads.begin(work, number) for number in range(8)]] == [None] * 8
        assert host.connections <= 4
        transport.close()

    assert len(got) == 320
    assert max(Counter(got).values()) == 1


def test_tasks_share_a_transport(tasks: Pump, any_tls: ssl.SSLContext | None, certificate: Path) -> None:
    transport = tasks.transport(ca_bundle=str(certificate), max_connections=4)

    async def ask(number: int) -> bytes:
        path = f"/{'stream' if number % 2 else 'whole'}/{number}"
        asked = request(host.url, path)
        if number % 2:
            return b"".join([piece async for piece in await transport.open(asked)])
        return bytes((await transport.send(asked)).content)

    async def work() -> list[bytes]:
        return await asyncio.gather(*(ask(number) for number in range(320)))

    with Host(echo, any_tls) as host:
        got = tasks.run(work)
        assert host.connections <= 4
        tasks.run(transport.close)

    assert got == [f"/{'stream' if number % 2 else 'whole'}/{number}".encode() for number in range(320)]


def test_event_loops_in_threads_share_a_transport(
    threads: Pump, any_tls: ssl.SSLContext | None, certificate: Path
) -> None:
    """Each has its connections, and closes no others."""
    transport = AsyncDefaultTransport(str(certificate), max_connections=3)

    async def work(number: int) -> list[bytes]:
        got = []
        for turn in range(5):
            paths = [f"/{number}/{turn}/{task}" for task in range(10)]
            answers = await asyncio.gather(*(transport.send(request(host.url, path)) for path in paths))
            assert [answer.content.decode() for answer in answers] == paths
            got += [answer.content for answer in answers]
            await transport.close()
        return got

    with Host(echo, any_tls) as host:
        runs = [threads.begin(asyncio.run, work(number)) for number in range(4)]
        got = [content for run in runs for content in run.result(30)]
        wait_until(lambda: host.open == 0)

    assert len(set(got)) == len(got) == 200


@pytest.fixture
def noise(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is complained of behind everybody's back, but for sockets that nobody closed, which is true."""
    heard: list[str] = []

    def hear(unraisable: Any) -> None:
        if not isinstance(unraisable.exc_value, ResourceWarning):
            heard.append(repr(unraisable.exc_value))

    monkeypatch.setattr(sys, "unraisablehook", hear)
    yield heard
    gc.collect()
    assert heard == []


async def idle(transport: AsyncDefaultTransport, url: str) -> object:
    return await transport.send(request(url))


async def read_in_half(transport: AsyncDefaultTransport, url: str) -> object:
    body = await transport.open(request(url, "/stream"))
    async for _ in body:
        break
    return body


async def unread(transport: AsyncDefaultTransport, url: str) -> object:
    return await transport.open(request(url, "/stream"))


async def cancelled(transport: AsyncDefaultTransport, url: str) -> object:
    task = asyncio.create_task(transport.send(request(url)))
    await asyncio.sleep(0)
    task.cancel()
    return None


@pytest.mark.parametrize("work", [idle, read_in_half, unread, cancelled])
def test_an_event_loop_that_is_gone_is_forgotten_without_a_word(
    any_tls: ssl.SSLContext | None,
    certificate: Path,
    work: Callable[[AsyncDefaultTransport, str], Any],
    noise: list[str],
) -> None:
    """Though nobody closed the transport there, and something of it is still held."""
    transport = AsyncDefaultTransport(str(certificate), max_connections=1)
    complaints: list[Any] = []
    with Host(echo, any_tls) as host:
        held = []
        for _ in range(3):
            loop = asyncio.new_event_loop()
            loop.set_exception_handler(lambda _, context: complaints.append(context))
            held.append(loop.run_until_complete(work(transport, host.url)))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
        del loop
        held.clear()
        gc.collect()
        del transport
        gc.collect()

        wait_until(lambda: host.open == 0)
    assert complaints == []
