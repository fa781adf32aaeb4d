"""
Whatever becomes of a stream, nothing is left to the garbage collector, which finishes asynchronous generators from any
thread and at any moment; and an event loop that ends leaves no connection behind.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from tensormesh import AsyncTensormesh
from tests.cases import cases
from tests.overlay.calls import ask_for_stream, piece
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import STALL, ScriptedHost, events, streamed

type Way = Callable[[Any], Awaitable[None]]


async def read_on(items: AsyncIterator[Any]) -> None:
    async for _ in items:
        pass


async def leave(items: AsyncIterator[Any]) -> None:
    async for _ in items:
        break


async def leave_block(stream: Any) -> None:
    async with stream:
        await leave(stream)


async def cancel(stream: Any) -> None:
    reading = asyncio.ensure_future(read_on(stream))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def unread(stream: Any) -> None:
    del stream


TO_THE_END: dict[str, Way] = {
    "events": read_on,
    "texts": lambda stream: read_on(stream.text_deltas()),
    "reasonings": lambda stream: read_on(stream.reasoning_deltas()),
    "final": lambda stream: stream.get_final(),
    "bytes": lambda stream: read_on(stream.iter_bytes()),
    "lines": lambda stream: read_on(stream.iter_lines()),
}
EARLY: dict[str, Way] = {
    "events": leave,
    "texts": lambda stream: leave(stream.text_deltas()),
    "reasonings": lambda stream: leave(stream.reasoning_deltas()),
    "bytes": lambda stream: leave(stream.iter_bytes()),
    "lines": lambda stream: leave(stream.iter_lines()),
    "block": leave_block,
    "cancelled": cancel,
    "unread": unread,
}


async def unfinished(client: AsyncTensormesh, way: Way) -> list[str]:
    """The generators that the collector had to finish while a stream was read, and after it."""
    left: list[str] = []
    sys.set_asyncgen_hooks(finalizer=lambda generator: left.append(generator.__qualname__))
    await way(await ask_for_stream(client))
    gc.collect()
    await asyncio.sleep(0)
    return left


@cases("labelled", ["text/event-stream", "text/plain"])
@cases("way", TO_THE_END.values(), ids=TO_THE_END)
def test_of_a_stream_that_was_read_to_its_end(
    asynchronous: Runner, host: ScriptedHost, way: Way, labelled: str
) -> None:
    """Also of one whose host calls it something else, so that its first bytes were looked at."""
    client = asynchronous.client(**surfaces_of(host))
    start, *rest = streamed(events(piece("Hel"), piece("lo."), piece(None, "stop")))
    host.plays((start.replace(b"text/event-stream", labelled.encode()), *rest))

    assert asynchronous.run(unfinished(client, way)) == []


@cases("way", EARLY.values(), ids=EARLY)
def test_of_a_stream_that_was_left_early(asynchronous: Runner, host: ScriptedHost, way: Way) -> None:
    client = asynchronous.client(**surfaces_of(host))
    host.plays((*streamed(events(piece("Hel", reasoning="Hm."), end=b""), last=False), STALL))

    assert asynchronous.run(unfinished(client, way)) == []
    asynchronous.wait_until(lambda: host.open == 0)


def test_of_a_stream_of_an_http_client_that_was_read_to_its_end(asynchronous: Runner, host: ScriptedHost) -> None:
    """The generators of the library are finished as well."""
    client = asynchronous.client(**surfaces_of(host), http_client=asynchronous.http_client(httpx))
    host.plays(streamed(events(piece("Hel"), piece("lo."), piece(None, "stop"))))

    assert asynchronous.run(unfinished(client, read_on)) == []


def test_two_tasks_do_not_read_one_stream(asynchronous: Runner, host: ScriptedHost) -> None:
    """The second is told so; the first reads on."""
    client = asynchronous.client(**surfaces_of(host))
    host.plays((*streamed(events(piece("Hel"), end=b""), last=False), STALL))

    async def both() -> None:
        async with await ask_for_stream(client) as stream:
            await anext(stream)
            first = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            with pytest.raises(Exception, match="another task reads this stream already"):
                await anext(stream)
            assert not first.done()
            await stream.close()
            with pytest.raises(StopAsyncIteration):
                await first

    asynchronous.run(both())


PROGRAM = """
import asyncio, gc
from tensormesh import AsyncTensormesh
from tensormesh_local import LocalHost

QUESTION = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}]}
left_open = []

async def ask(client):
    chat = client.inference.serverless.chat.completions
    await asyncio.gather(*(chat.create(**QUESTION) for _ in range(3)))
    async for _ in await chat.create(stream=True, **QUESTION):
        break
    left_open.append(await chat.create(stream=True, **QUESTION))
    await anext(left_open[-1])

with LocalHost() as host:
    client = AsyncTensormesh(env=host.environment())
    for _ in range(3):
        asyncio.run(ask(client))
        gc.collect()
    del client
    left_open.clear()
    gc.collect()
print("through")
"""


def test_a_client_that_is_used_in_several_event_loops_leaves_no_socket_open() -> None:
    """Though nobody closes it; each loop that ends has let go of what was kept in it."""
    done = subprocess.run([sys.executable, "-X", "dev", "-c", PROGRAM], check=False, capture_output=True, text=True)

    assert done.stdout == "through\n", done.stderr
    assert "Warning" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_call_that_goes_on_while_its_loop_ends_is_not_cut_off(asynchronous: Runner, host: ScriptedHost) -> None:
    """Such as one in the `finally` of a generator, which is when many clean up."""
    client = asynchronous.client(**surfaces_of(host))
    stop = streamed(events(piece("Hel"), piece(None, "stop")))
    host.plays(stop, stop)
    got: list[str] = []

    async def cleaning() -> AsyncIterator[None]:
        try:
            yield
        finally:
            stream = await ask_for_stream(client)
            got.extend([text async for text in stream.text_deltas()])

    async def go() -> None:
        await read_on(await ask_for_stream(client))
        await anext(cleaner)

    cleaner = cleaning()
    asynchronous.run(go())
    asynchronous.run(shut_down())

    assert got == ["Hel"]


async def shut_down() -> None:
    await asyncio.get_running_loop().shutdown_asyncgens()
