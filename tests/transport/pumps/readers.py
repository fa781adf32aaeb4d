"""Somebody who asks, and reads the answer at leisure, with either pump."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

from tensormesh_transport.default import AsyncDefaultTransport, DefaultTransport
from tensormesh_transport.errors import TransportError
from tensormesh_transport.messages import AsyncBody, Body, Request, Response, Timeouts
from tests.transport.pumps.world import Loop, World

TIMEOUTS = Timeouts(connect=10, first_byte=5.0625, idle=3.0625, total=None)
"""No sum of eighths, so that nothing happens in the moment of a limit."""
NEXT = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nthe next"


@dataclass(frozen=True)
class Plan:
    """
    What is asked, and how it is read.

    Attributes:
        pauses: for how long nobody asks for the next piece, and then somebody does, in turn, from the beginning on.
            By the clock and not by pieces: in how many a body comes is no promise, and differs between the pumps.
        pieces: how many to read before the rest is not wanted any more; None for all.
        total: how long all of it may take.
    """

    method: str = "GET"
    content: bytes | None = None
    whole: bool = False
    pauses: Sequence[float] = ()
    pieces: int | None = None
    total: float | None = None

    def away_until(self, now: float) -> float:
        """When somebody asks for the next piece."""
        times = [*accumulate(self.pauses)]
        # From each even one to the next odd one somebody is there.
        for begin, end in zip([0.0, *times[1::2]], times[::2], strict=False):
            if begin <= now < end:
                return end
        return now

    @property
    def request(self) -> Request:
        return Request(self.method, "http://127.0.0.1", "/", {}, self.content, TIMEOUTS._replace(total=self.total))


@dataclass
class Outcome:
    """What came of it."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    error: TransportError | None = None
    at: float = 0
    """When it was over."""
    kept: bool = False
    """Whether the next call went over the same connection."""
    heard: bytes = b""
    """What the host has read of the first connection."""

    def begin(self, answer: Response | Body | AsyncBody) -> None:
        """Its status and headers are there."""
        self.status, self.headers = answer.status_code, dict(answer.headers)

    @property
    def shown(self) -> Outcome:
        """The same, to be compared: an error as its kind and words."""
        error = None if self.error is None else (type(self.error), str(self.error), self.error.sent)
        return replace(self, error=error, heard=b"")  # type: ignore[arg-type]


def blocking(world: World, plan: Plan) -> Outcome:
    outcome, transport = Outcome(), DefaultTransport()
    try:
        _read(world, plan, outcome, transport)
    except TransportError as error:
        outcome.error = error
    outcome.at = world.now
    world.go_on_with(NEXT)
    assert transport.send(Plan().request).content == b"the next"
    outcome.kept = len(world.lines) == 1
    transport.close()
    return outcome


def _read(world: World, plan: Plan, outcome: Outcome, transport: DefaultTransport) -> None:
    world.actions = {"close the transport": transport.close}
    if plan.whole:
        response = transport.send(plan.request)
        outcome.begin(response)
        outcome.content = response.content
        return
    body = transport.open(plan.request)
    world.actions = {"close the transport": transport.close, "close the body": body.close}
    outcome.begin(body)
    pieces, count = iter(body), 0
    while count != plan.pieces:
        world.wait(plan.away_until(world.now), lambda: False)
        piece = next(pieces, None)
        if piece is None:
            return
        outcome.content += piece
        count += 1
    body.finish()


def asynchronous(world: World, plan: Plan) -> Outcome:
    with asyncio.Runner(loop_factory=lambda: Loop(world)) as runner:
        return runner.run(_asynchronous(world, plan))


async def _asynchronous(world: World, plan: Plan) -> Outcome:
    outcome, transport, others = Outcome(), AsyncDefaultTransport(), asyncio.TaskGroup()
    async with others:
        try:
            await _aread(world, plan, outcome, transport, others)
        except TransportError as error:
            outcome.error = error
        outcome.at = world.now
        world.actions = {}  # whoever comes now comes too late
    world.go_on_with(NEXT)
    assert (await transport.send(Plan().request)).content == b"the next"
    outcome.kept = len(world.lines) == 1
    await transport.close()
    return outcome


async def _aread(
    world: World, plan: Plan, outcome: Outcome, transport: AsyncDefaultTransport, others: asyncio.TaskGroup
) -> None:
    def by_others(work: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], object]:
        return lambda: others.create_task(work())

    world.actions = {"close the transport": by_others(transport.close)}
    if plan.whole:
        response = await transport.send(plan.request)
        outcome.begin(response)
        outcome.content = response.content
        return
    body = await transport.open(plan.request)
    world.actions = {"close the transport": by_others(transport.close), "close the body": by_others(body.close)}
    outcome.begin(body)
    pieces, count = aiter(body), 0
    while count != plan.pieces:
        if (pause := plan.away_until(world.now) - world.now) > 0:
            await asyncio.sleep(pause)
        piece = await anext(pieces, None)
        if piece is None:
            return
        outcome.content += piece
        count += 1
    await body.finish()


PUMPS: dict[str, Callable[[World, Plan], Outcome]] = {"blocking": blocking, "asynchronous": asynchronous}
