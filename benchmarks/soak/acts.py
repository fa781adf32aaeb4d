"""One call of each kind, sync and async. Each raises where it does not get what it should."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from benchmarks.peers.cases import ANSWER
from benchmarks.soak.scenarios import CHUNKS, CUT_MODEL, FULL_MODEL, Action

SyncAct = Callable[[Any, int], None]
AsyncAct = Callable[[Any, int], Awaitable[None]]

MESSAGES = [{"role": "user", "content": "Say hello."}]


class LeftError(Exception):
    """What a caller raises in the middle of a stream."""


class Circle:
    """What only the garbage collector can take apart."""

    def __init__(self, stream: Any) -> None:
        self.itself, self.stream = self, stream


def expect(found: object, wanted: object) -> None:
    """Every answer is known beforehand."""
    if found != wanted:
        raise AssertionError(f"{str(found)[:80]!r} came instead of {str(wanted)[:80]!r}")


def ask(client: Any, model: str = "m", *, stream: bool = False) -> Any:
    return client.inference.serverless.chat.completions.create(model=model, messages=MESSAGES, stream=stream)


def request(client: Any, number: int) -> None:
    expect(ask(client).choices[0].message.content, ANSWER)


async def arequest(client: Any, number: int) -> None:
    expect((await ask(client)).choices[0].message.content, ANSWER)


def stream(client: Any, number: int) -> None:
    expect(sum(1 for _ in ask(client, stream=True)), CHUNKS)


async def astream(client: Any, number: int) -> None:
    expect(sum([1 async for _ in await ask(client, stream=True)]), CHUNKS)


def abandon(client: Any, number: int) -> None:
    """In three ways by turns: out of the loop, forgotten in a circle, an exception in the block."""
    way, chunks = number % 3, ask(client, stream=True)
    if way == 0:
        for _ in chunks:
            break
    elif way == 1:
        next(chunks)
        Circle(chunks)
    else:
        with suppress(LeftError), chunks:
            next(chunks)
            raise LeftError


async def aabandon(client: Any, number: int) -> None:
    """In three ways by turns: out of the loop, forgotten in a circle, cancelled."""
    way = number % 3
    if way == 0:
        async for _ in await ask(client, stream=True):
            break
    elif way == 1:
        chunks = await ask(client, stream=True)
        await anext(chunks)
        Circle(chunks)
    else:
        await _cancelled(client)


async def _cancelled(client: Any) -> None:
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in await ask(client, stream=True):
            begun.set()

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    expect(task.cancelled(), True)


def suffer(client: Any, number: int) -> None:
    """By turns: a list that takes a second try, a stream that is cut off, a host that is full."""
    from tensormesh.errors import RateLimitError, StreamTruncatedError

    way, wanted = number % 3, (None, StreamTruncatedError, RateLimitError)
    try:
        if way == 0:
            client.inference.serverless.models.list()
        elif way == 1:
            ask(client, CUT_MODEL, stream=True).get_final()
        else:
            ask(client, FULL_MODEL)
    except (StreamTruncatedError, RateLimitError) as error:
        expect(type(error), wanted[way])
    else:
        expect(None, wanted[way])


async def asuffer(client: Any, number: int) -> None:
    """The same, awaited."""
    from tensormesh.errors import RateLimitError, StreamTruncatedError

    way, wanted = number % 3, (None, StreamTruncatedError, RateLimitError)
    try:
        if way == 0:
            await client.inference.serverless.models.list()
        elif way == 1:
            await (await ask(client, CUT_MODEL, stream=True)).get_final()
        else:
            await ask(client, FULL_MODEL)
    except (StreamTruncatedError, RateLimitError) as error:
        expect(type(error), wanted[way])
    else:
        expect(None, wanted[way])


ACTS: dict[Action, tuple[SyncAct, AsyncAct]] = {
    "requests": (request, arequest),
    "streams": (stream, astream),
    "abandoned": (abandon, aabandon),
    "faults": (suffer, asuffer),
}
