"""Whoever is cancelled or interrupted, wherever that is, leaves no connection behind."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import types
from collections.abc import Callable, Coroutine, Generator, Iterator
from typing import Any

import pytest

from tests.cases import cases
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, piece, works_again
from tests.overlay.conftest import Runner, surfaces_of
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


def survives(
    runner: Runner, client: Any, host: ScriptedHost, work: Callable[[Any], Any], times: int, *, fresh: bool
) -> None:
    """
    Cancels `work` at its first await, at its second and so on, until it gets through.

    Each time the next call is served, and what it used is the only connection there is: none was lost.
    """
    for first in range(MOST_AWAITS):
        if fresh:
            runner.run(client.close())
            runner.wait_until(lambda: host.open == 0)
        was_cancelled = runner.run(cancelled(work(client), range(first, first + times)))
        runner.run(work(client))
        runner.wait_until(lambda: host.open == 1)
        if not was_cancelled:
            break

    assert (2 if fresh else 1) <= first < MOST_AWAITS - 1


@cases("times", [1, 2, 3], ids=["once", "twice", "three times"])
@cases("fresh", [True, False], ids=["over a new connection", "over a used one"])
@cases(
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
    asynchronous: Runner,
    host: ScriptedHost,
    work: Callable[[Any], Any],
    steps: tuple[Step, ...],
    fresh: bool,
    times: int,
) -> None:
    host.always_plays(steps)

    survives(asynchronous, asynchronous.client(**surfaces_of(host)), host, work, times, fresh=fresh)


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
def test_cancelled_at_any_await_a_call_over_httpx2_leaves_no_connection(
    asynchronous: Runner, host: ScriptedHost, times: int
) -> None:
    """httpx itself loses connections here, so a client of httpx may; one of httpx2 does not."""
    client = asynchronous.client(**surfaces_of(host), **asynchronous.transport("httpx2"))
    host.always_plays(WHOLE)

    survives(asynchronous, client, host, call, times, fresh=False)


def test_a_cancellation_comes_out_as_one(asynchronous: Runner, host: ScriptedHost) -> None:
    """It is not turned into an error of ours, so that `asyncio.timeout` and task groups work."""
    client = asynchronous.client(**surfaces_of(host))
    host.plays(ENDLESS)

    async def hurry() -> None:
        async with asyncio.timeout(None) as limit:
            stream = await ask_for_stream(client)
            limit.reschedule(asyncio.get_running_loop().time())
            async for _ in stream:
                pass

    with pytest.raises(TimeoutError) as caught:
        asynchronous.run(hurry())

    assert caught.type is TimeoutError
    works_again(asynchronous, client, host)


class InterruptError(BaseException):
    """Stands for KeyboardInterrupt."""


class Interruption(threading.Event):
    """A step of a script at which the main thread is interrupted, wherever it is."""

    def wait(self, timeout: float | None = None) -> bool:
        os.kill(os.getpid(), signal.SIGUSR1)
        return True


@pytest.fixture
def interruptible() -> Iterator[None]:
    def strike(*_: Any) -> None:
        raise InterruptError

    before = signal.signal(signal.SIGUSR1, strike)
    yield
    signal.signal(signal.SIGUSR1, before)


BEGUN = streamed(events(piece("Hel"), end=b""), last=False)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("steps", "work"),
    [
        pytest.param((Interruption(), STALL), ask, id="before the headers"),
        pytest.param((*BEGUN, Interruption(), STALL), ask, id="within a whole answer"),
        pytest.param((Interruption(), STALL), ask_for_stream, id="before a stream"),
        pytest.param(
            (*BEGUN, Interruption(), STALL), lambda client: list(ask_for_stream(client)), id="within a stream"
        ),
    ],
)
def test_interrupted_while_it_waits_a_thread_leaves_no_connection(
    synchronous: Runner, transport_name: str, host: ScriptedHost, steps: tuple[Step, ...], work: Callable[[Any], Any]
) -> None:
    client = synchronous.client(**surfaces_of(host), **synchronous.transport(transport_name))
    host.plays(steps)

    with pytest.raises(InterruptError):
        work(client)

    works_again(synchronous, client, host)
