"""Both transports behind one interface; what is done with them is done in a thread, or a task, of its own."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Self

from tensormesh_transport.default import AsyncDefaultTransport, DefaultTransport
from tests.overlay.scripted_host import PATIENCE_SECONDS


class Pump:
    """
    Lets one test speak to either transport. The event loop runs in a thread beside the test, as the host does.

    Args:
        name: `sync` or `async`.
    """

    def __init__(self, name: str) -> None:
        self.is_async = name == "async"
        self.noise: list[dict[str, Any]] = []
        """What the event loop complains of."""
        self._transports: list[Any] = []
        self._threads: list[threading.Thread] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        if self.is_async:
            loop = self._loop = asyncio.new_event_loop()
            loop.set_exception_handler(lambda _, context: self.noise.append(context))
            self._threads.append(threading.Thread(target=loop.run_forever))
            self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._close_transports()
        if self._loop is not None:
            self.run(self._loop.shutdown_asyncgens)
            self.run(self._loop.shutdown_default_executor)
            self._loop.call_soon_threadsafe(self._loop.stop)
        for thread in self._threads:
            thread.join()
        if self._loop is not None:
            self._loop.close()
        assert self.noise == []

    @contextmanager
    def context(self) -> Iterator[Self]:
        """For one of several cases: its transports are closed at its end, and nothing was complained of."""
        before, self._transports = self._transports, []
        try:
            yield self
        finally:
            self._close_transports()
            self._transports = before
            noise, self.noise = self.noise, []
        assert noise == []

    def transport(self, **settings: Any) -> Any:
        """A transport that is closed after the test."""
        transport = self.own_transport(**settings)
        self._transports.append(transport)
        return transport

    def own_transport(self, **settings: Any) -> Any:
        """A transport that the test holds alone."""
        return (AsyncDefaultTransport if self.is_async else DefaultTransport)(**settings)

    def begin(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Start `work` beside the test. To cancel what comes back cancels the task."""
        if self._loop is not None:
            return asyncio.run_coroutine_threadsafe(_awaited(work, *arguments), self._loop)
        future: Future[Any] = Future()
        thread = threading.Thread(target=_done, args=(future, work, *arguments))
        self._threads.append(thread)
        thread.start()
        return future

    def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """What comes of `work`."""
        return self.begin(work, *arguments).result(PATIENCE_SECONDS)

    def next(self, body: Any) -> bytes:
        """The next piece of a body; empty at its end."""
        return bytes(self.run(_anext, body) if self.is_async else self.run(next, iter(body), b""))

    def step(self, stream: Any) -> Any:
        """The next event of a client's stream."""
        return self.run(_astep if self.is_async else next, stream)

    def rest(self, body: Any) -> tuple[bytes, BaseException | None]:
        """What is left of a body, and the error that ends it."""
        pieces: list[bytes] = []
        error = outcome(self.begin(_aread if self.is_async else _read, body, pieces))
        return b"".join(pieces), error

    def _close_transports(self) -> None:
        for transport in self._transports:
            self.run(transport.close)

    def settle(self) -> None:
        """The event loop has done what it had to do."""
        if self._loop is not None:
            for _ in range(3):
                self.run(asyncio.sleep, 0)


def outcome(future: Future[Any]) -> BaseException | None:
    """The error of what was begun."""
    return future.exception(PATIENCE_SECONDS)


def wait_until(condition: Callable[[], object]) -> None:
    """Give all others time until `condition` holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.001)


async def _awaited(work: Callable[..., Any], *arguments: Any) -> Any:
    value = work(*arguments)
    return await value if inspect.isawaitable(value) else value


def _done(future: Future[Any], work: Callable[..., Any], *arguments: Any) -> None:
    try:
        future.set_result(work(*arguments))
    except BaseException as error:  # it is the outcome
        future.set_exception(error)
    finally:
        del future  # which would hold the error, and this frame with it


async def _anext(body: Any) -> bytes:
    return await anext(aiter(body), b"")


async def _astep(stream: Any) -> Any:
    return await anext(stream)


def _read(body: Any, pieces: list[bytes]) -> None:
    pieces.extend(body)


async def _aread(body: Any, pieces: list[bytes]) -> None:
    async for piece in body:
        pieces.append(piece)
