"""Requests made of rows, with answers as they come, for programs that want no files."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable
from contextlib import aclosing, suppress
from typing import Any, Unpack

from tensormesh_batch.errors import InputError
from tensormesh_batch.money.budget import Budget
from tensormesh_batch.rows.line import Line
from tensormesh_batch.rows.template import Template, request_of
from tensormesh_batch.running.memory_desk import AHEAD, MemoryDesk, Result
from tensormesh_batch.running.settings import SendOptions, Settings
from tensormesh_batch.running.worker import Worker

_WAITING = 100


class MapOptions(SendOptions, total=False):
    """What `map` and `amap` take beside their rows."""

    system: str
    """A system message for requests that are made of a text."""


async def amap(
    template: Template, rows: Iterable[Any] | AsyncIterable[Any], **options: Unpack[MapOptions]
) -> AsyncGenerator[Result]:
    """
    Send a request for each row, as many at a time as the host has room for, and give the results as they come.

    A row that fails gives a result with an `error`; the others go on. To leave the loop early closes what is under way.

    Args:
        template: a text such as `Translate into French: {text}`, or a function from a row to a text or a body; None
            where rows are that themselves.
        rows: anything to be gone through; it is asked for a few rows at a time.

    Raises:
        InputError: a row is no request.
        BatchError: it cannot go on.
    """
    given: dict[str, Any] = {**options}
    system, client = given.pop("system", None), given.pop("client", None)
    settings = Settings.of(**given)

    def ask(index: int, row: Any) -> Line:
        try:
            return request_of(f"row-{index}", row, template, system, settings.defaults)
        except ValueError as error:
            raise InputError(f"row {index}: {error}", ((index, str(error)),), 1) from error

    measures = settings.budget is not None or settings.tokens_per_minute is not None
    # Rows that are waited for go as they come; of others, more at a time cost less.
    ahead = 1 if isinstance(rows, AsyncIterable) else AHEAD
    desk = MemoryDesk(_async(rows), ask, measures=measures, ahead=ahead)
    purse = None if settings.budget is None else Budget(settings.budget)
    async with Worker(settings, desk, purse, client) as worker:
        task = asyncio.get_running_loop().create_task(worker.run())
        try:
            async for result in desk.take(task):
                yield result
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def map_rows(template: Template, rows: Iterable[Any], **options: Unpack[MapOptions]) -> Generator[Result]:
    """The same, outside an event loop: answers arrive while the program is at something else."""
    results: queue.Queue[Result | BaseException | None] = queue.Queue(_WAITING)
    left = threading.Event()
    at_work: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    def put(item: Result | BaseException | None) -> None:
        while not left.is_set():
            try:
                results.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    async def work() -> None:
        if (task := asyncio.current_task()) is not None:
            at_work.append((asyncio.get_running_loop(), task))
        if left.is_set():
            return
        async with aclosing(amap(template, rows, **options)) as found:
            async for result in found:
                try:
                    results.put_nowait(result)
                except queue.Full:
                    await asyncio.to_thread(put, result)

    def thread() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:  # who goes through the results is told
            put(error)
        else:
            put(None)

    worker = threading.Thread(target=thread, daemon=True)
    worker.start()
    try:
        while (item := results.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        left.set()
        # What is under way is not waited for; its loop may have ended by itself.
        for loop, task in at_work:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(task.cancel)
        worker.join()


async def _async(rows: Iterable[Any] | AsyncIterable[Any]) -> AsyncIterator[Any]:
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row
