"""One client in several threads, event loops and processes, and in programs that end."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh import AsyncTensormesh, Timeout
from tensormesh.errors import APIConnectionError, APITimeoutError, ConfigurationError
from tests.overlay.calls import GOOD, ask, ask_for_stream, fails, piece, serves_the_next_call
from tests.overlay.conftest import KEY, Runner, surfaces_of
from tests.overlay.scripted_host import PATIENCE_SECONDS, STALL, ScriptedHost, events, head, streamed


def test_one_client_serves_one_event_loop_after_another(host: ScriptedHost) -> None:
    client = AsyncTensormesh(env={}, **surfaces_of(host))
    host.always_plays(GOOD)

    async def work() -> None:
        await asyncio.gather(*(ask(client) for _ in range(5)))
        await client.close()

    for _ in range(3):
        asyncio.run(work())

    assert len(host.asked) == 15


def test_a_stream_is_read_in_the_event_loop_that_asked_for_it(asynchronous: Runner, host: ScriptedHost) -> None:
    client = asynchronous.client(**surfaces_of(host))
    host.plays((*streamed(last=False), STALL))
    stream = asynchronous.run(ask_for_stream(client))

    async def read_on() -> None:
        await anext(stream)

    with pytest.raises(ConfigurationError, match="only the event loop that asked can read the answer"):
        asyncio.run(read_on())


@pytest.mark.usefixtures("_tidied")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_event_loops_of_other_threads_may_come_and_go_meanwhile(
    host: ScriptedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = AsyncTensormesh(env={}, **surfaces_of(host))
    host.always_plays(GOOD)

    async def work() -> None:
        await ask(client)
        await client.close()

    gone = asyncio.new_event_loop()
    gone.run_until_complete(ask(client))
    gone.close()

    def is_closed() -> bool:
        monkeypatch.undo()
        other = threading.Thread(target=asyncio.run, args=(work(),))
        other.start()
        other.join()
        return True

    monkeypatch.setattr(gone, "is_closed", is_closed)

    asyncio.run(work())

    assert len(host.asked) == 3


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_client_forgets_event_loops_that_are_gone(host: ScriptedHost) -> None:
    """Even if nobody closed it there: a program may call `asyncio.run` for every question."""
    client = AsyncTensormesh(env={}, **surfaces_of(host))
    host.always_plays(GOOD)

    loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []

    async def work() -> None:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        await ask(client)

    for _ in range(10):
        asyncio.run(work())
    asyncio.run(client.close())
    gc.collect()

    assert len(loops) == len(host.asked) == 10
    assert [loop() for loop in loops if loop() is not None] == []


FORGOTTEN = """
import asyncio, sys
from tensormesh import AsyncTensormesh

async def ask(client):
    await client.inference.serverless.request("GET", "/v1/models")

async def dropped():
    await ask(AsyncTensormesh())

async def read_in_part():
    async for _ in await AsyncTensormesh().inference.serverless.stream_request("POST", "/v1/completions", json_body={}):
        break

async def kept():
    global client
    client = AsyncTensormesh()
    await ask(client)

asyncio.run({"dropped": dropped, "read in part": read_in_part, "kept": kept}[sys.argv[1]]())
"""


@pytest.mark.parametrize(
    ("how", "steps"),
    [("dropped", GOOD), ("kept", GOOD), ("read in part", (*streamed(events(piece("a")), last=False), STALL))],
)
def test_a_program_that_closes_nothing_ends_without_a_word(how: str, steps: Any, host: ScriptedHost) -> None:
    host.plays(steps)
    environment = {"TENSORMESH_SERVERLESS_BASE_URL": host.url, "TENSORMESH_INFERENCE_API_KEY": KEY}

    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning", "-c", FORGOTTEN, how],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert len(host.asked) == 1


def test_a_client_that_nobody_holds_lets_go_of_its_connections(asynchronous: Runner, host: ScriptedHost) -> None:
    """At once, without a collection: nothing in a client points back at it."""
    host.plays(GOOD)
    client = AsyncTensormesh(**surfaces_of(host))
    gone = weakref.ref(client)
    gc.collect()
    gc.disable()
    try:
        asynchronous.run(ask(client))
        assert host.open == 1
        del client
        assert gone() is None
        asynchronous.wait_until(lambda: host.open == 0)
    finally:
        gc.enable()


def test_an_event_loop_of_another_kind_is_refused() -> None:
    """trio drives coroutines without asyncio, as this does."""
    client = AsyncTensormesh(env={}, inference_api_key=KEY)

    for call in (ask(client), ask_for_stream(client)):
        with pytest.raises(ConfigurationError, match=r"event loop of asyncio.*http_client=httpx\.AsyncClient"):
            call.send(None)
    with pytest.raises(StopIteration):
        client.close().send(None)


def test_event_loops_in_several_threads_share_a_client(host: ScriptedHost) -> None:
    client = AsyncTensormesh(env={}, **surfaces_of(host))
    host.always_plays(GOOD)

    async def work() -> None:
        await asyncio.gather(*(ask(client) for _ in range(10)))
        await client.close()

    in_threads(4, lambda: asyncio.run(work()))

    assert len(host.asked) == 40


def test_threads_share_a_client(synchronous: Runner, host: ScriptedHost) -> None:
    client = synchronous.client(**surfaces_of(host))
    host.always_plays(GOOD)

    in_threads(8, lambda: [ask(client) for _ in range(10)])

    assert len(host.asked) == 80
    assert host.connections <= 8


def test_many_calls_at_a_time_do_not_wait_for_each_other(asynchronous: Runner, host: ScriptedHost) -> None:
    """A hundred calls are in flight before the first of them is answered."""
    client = asynchronous.client(**surfaces_of(host))
    go_on = threading.Event()
    host.plays(*((go_on, *GOOD) for _ in range(100)))

    async def work() -> list[Any]:
        calls = asyncio.gather(*(ask(client) for _ in range(100)))
        await until(lambda: len(host.asked) == 100)
        go_on.set()
        return await calls

    assert len(asynchronous.run(work())) == 100
    assert host.connections == 100


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_does_not_speak_over_its_parents_connections(synchronous: Runner, host: ScriptedHost) -> None:
    client = synchronous.client(**surfaces_of(host))
    host.always_plays(GOOD)
    ask(client)

    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if ask(client).choices[0].message.content == "Hello." else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    ask(client)

    assert os.waitstatus_to_exitcode(status) == 0
    assert [asked.connection for asked in host.asked] == [1, 2, 1]


def test_the_limit_of_a_call_wins_over_the_limit_of_the_client(
    runner: Runner, host: ScriptedHost, transport: dict[str, Any]
) -> None:
    client = runner.client(**surfaces_of(host), **transport, timeout=60)
    host.plays((STALL,), (head(200), STALL))

    fails(runner, lambda: ask(client, timeout=0.1), APITimeoutError, r"within 0\.1 s")
    fails(runner, lambda: ask(client, timeout=Timeout(idle=0.1)), APITimeoutError, r"within 0\.1 s")


def test_closing_in_the_midst_of_a_call_ends_it(asynchronous: Runner, host: ScriptedHost) -> None:
    client = asynchronous.client(**surfaces_of(host))
    host.plays((STALL,))

    async def work() -> None:
        call = asyncio.create_task(ask(client))
        await until(lambda: bool(host.asked))
        await client.close()
        with pytest.raises(APIConnectionError):
            await call

    asynchronous.run(work())
    serves_the_next_call(asynchronous, client, host)


async def until(condition: Callable[[], bool]) -> None:
    """Waits until what another thread does has happened."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110  (the other thread knows no event of this loop)
            await asyncio.sleep(0.001)


def in_threads(count: int, work: Callable[[], Any]) -> None:
    """Does `work` in so many threads at once; an error in one of them is raised here."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # it is raised below, in the thread of the test
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
