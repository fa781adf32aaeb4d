"""Whoever is cancelled or interrupted, wherever that is, leaves no connection behind."""

from __future__ import annotations

import asyncio
import signal
import types
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.overlay.calls import COMPLETION, ask, ask_for_stream, piece, works_again
from tests.overlay.conftest import Colour, surfaces_of
from tests.overlay.scripted_host import STALL, ScriptedHost, Step, answer, events, streamed

WHOLE = answer(200, COMPLETION)
STREAM = streamed(events(piece("Hel"), end=b""), events(piece("lo.", "stop")))
ENDLESS = (*streamed(events(piece("Hel"), end=b""), last=False), STALL)
MOST_AWAITS = 200


async def call(client: Any) -> Any:
    return await ask(client)


async def read(client: Any) -> Any:
    stream = await ask_for_stream(client)
    return [event async for event in stream]


async def read_in_a_block(client: Any) -> Any:
    async with await ask_for_stream(client) as stream:
        return [event async for event in stream]


async def read_texts(client: Any) -> Any:
    stream = await ask_for_stream(client)
    return [text async for text in stream.text_deltas()]


async def read_lines(client: Any) -> Any:
    stream = await ask_for_stream(client)
    return [line async for line in stream.iter_lines()]


async def read_final(client: Any) -> Any:
    stream = await ask_for_stream(client)
    return await stream.get_final_completion()


@types.coroutine
def interrupted(work: Coroutine[Any, Any, Any], at: range, cancel: Callable[[], Any]) -> Generator[Any, Any, Any]:
    """Does `work`, and calls `cancel` whenever the number of its awaits so far is in `at`."""
    awaits = 0
    step: Callable[[], Any] = lambda: work.send(None)  # noqa: E731
    while True:
        try:
            waited_for = step()
        except StopIteration as end:
            return end.value
        if awaits in at:
            cancel()
        awaits += 1
        try:
            yield waited_for
            step = lambda: work.send(None)  # noqa: E731
        except BaseException as thrown:  # a cancellation is one
            step = lambda error=thrown: work.throw(error)  # type: ignore[misc]  # noqa: E731


async def cancelled(work: Coroutine[Any, Any, Any], at: range) -> bool:
    """Whether `work` was cancelled before it was done."""

    async def run() -> Any:
        task = asyncio.current_task()
        assert task is not None
        return await interrupted(work, at, task.cancel)

    task = asyncio.create_task(run())
    await asyncio.wait([task])
    return task.cancelled()


@pytest.mark.parametrize("times", [1, 2, 3], ids=["once", "twice", "three times"])
@pytest.mark.parametrize(
    ("work", "steps"),
    [
        (call, WHOLE),
        (read, STREAM),
        (read_in_a_block, STREAM),
        (read_texts, STREAM),
        (read_lines, STREAM),
        (read_final, STREAM),
    ],
)
def test_cancelled_at_any_await_a_call_leaves_no_connection(
    asynchronous: Colour, host: ScriptedHost, work: Callable[[Any], Any], steps: tuple[Step, ...], times: int
) -> None:
    client = asynchronous.client(**surfaces_of(host))
    host.always_plays(steps)

    for first in range(MOST_AWAITS):
        if not asynchronous.run(cancelled(work(client), range(first, first + times))):
            break
        asynchronous.wait_until(lambda: host.open == 0)

    assert 2 < first < MOST_AWAITS - 1
    host.always_plays(WHOLE)
    assert asynchronous.run(ask(client)).choices[0].message.content == "Hello."
    asynchronous.wait_until(lambda: host.open == 1)


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
@pytest.mark.parametrize(("work", "steps"), [(call, WHOLE), (read, STREAM), (read_in_a_block, STREAM)])
def test_cancelled_at_any_await_a_call_over_httpx2_leaves_no_connection(
    host: ScriptedHost, work: Callable[[Any], Any], steps: tuple[Step, ...], times: int
) -> None:
    """httpx itself loses connections here, so a client of httpx may; one of httpx2 does not."""
    with closing(Colour("async", pytest.importorskip("httpx2"))) as colour:
        client = colour.client(**surfaces_of(host), **colour.wire("httpx"))
        host.always_plays(steps)

        for first in range(MOST_AWAITS):
            if not colour.run(cancelled(work(client), range(first, first + times))):
                break
            colour.wait_until(lambda: host.open == 0)

        assert 2 < first < MOST_AWAITS - 1


def test_a_cancellation_comes_out_as_one(asynchronous: Colour, host: ScriptedHost) -> None:
    """It is not turned into an error of ours, so that `asyncio.timeout` and task groups work."""
    client = asynchronous.client(**surfaces_of(host))
    host.plays(ENDLESS)

    async def hurry() -> None:
        async with asyncio.timeout(0.05):
            await read(client)

    with pytest.raises(TimeoutError) as caught:
        asynchronous.run(hurry())

    assert caught.type is TimeoutError
    works_again(asynchronous, client, host)


class InterruptError(BaseException):
    """Stands for KeyboardInterrupt."""


@pytest.fixture
def interrupt() -> Iterator[Callable[[], None]]:
    """Interrupts the main thread a moment later, wherever it is then."""

    def strike(*_: Any) -> None:
        raise InterruptError

    before = signal.signal(signal.SIGALRM, strike)
    yield lambda: signal.setitimer(signal.ITIMER_REAL, 0.05) and None
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    ("steps", "work"),
    [
        pytest.param((STALL,), ask, id="before the headers"),
        pytest.param(ENDLESS, ask, id="within a whole answer"),
        pytest.param((STALL,), ask_for_stream, id="before a stream"),
        pytest.param(ENDLESS, lambda client: list(ask_for_stream(client)), id="within a stream"),
    ],
)
def test_interrupted_while_it_waits_a_thread_leaves_no_connection(
    synchronous: Colour,
    wire_name: str,
    host: ScriptedHost,
    interrupt: Callable[[], None],
    steps: tuple[Step, ...],
    work: Callable[[Any], Any],
) -> None:
    client = synchronous.client(**surfaces_of(host), **synchronous.wire(wire_name))
    host.plays(steps)

    interrupt()
    with pytest.raises(InterruptError):
        work(client)

    works_again(synchronous, client, host)
