"""The transport for asyncio: awaited calls, over connections that the tasks of an event loop share."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Self

from tensormesh_transport.asynchronous.aside import Aside
from tensormesh_transport.asynchronous.connection import READ_BYTES, AsyncConnection
from tensormesh_transport.core.deadline import Deadline
from tensormesh_transport.core.exchange import Exchange
from tensormesh_transport.core.places import Places
from tensormesh_transport.core.pool import Pool
from tensormesh_transport.core.resending import may_go_again
from tensormesh_transport.core.route import Found, Route, Routes, outgoing
from tensormesh_transport.errors import ClosedError, TransportError, forget_frames
from tensormesh_transport.messages import Request, ResentResponse, Response

if TYPE_CHECKING:
    import ssl


class AsyncioTransport:
    """
    Sends requests over connections that are kept, within one event loop.

    Args:
        loop: the one that runs where it is used.
        routes: the ways to hosts, which those of other event loops may know as well.
        max_connections: how many connections may be open; whoever needs one more waits.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, routes: Routes, max_connections: int = 1000) -> None:
        self.loop = loop
        self._routes = routes
        self._aside = Aside()
        self._places = Places(max_connections)
        self._pool: Pool[AsyncConnection] = Pool(max_connections)
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._end: AsyncGenerator[None] | None = None

    async def prepare(self, base_url: str) -> None:
        """
        Load what a request to one place needs, beside the event loop.

        Raises:
            TransportError: it could not be sent.
        """
        try:
            await self._aside.done(base_url, partial(self._routes.find, base_url))
        except TransportError as error:
            forget_frames(error)
            raise

    async def send(self, request: Request) -> Response:
        """
        Send a request and read its whole answer.

        Raises:
            TransportError: no answer came, or not all of it.
        """
        resent = False
        try:
            deadline = Deadline(request.timeouts, self.loop.time())
            while True:
                exchange, connection = Exchange(request.method, request.max_bytes), None
                try:
                    connection, pieces = await self._ready(request, exchange, deadline, fresh=resent)
                    await connection.send(pieces, exchange, deadline, whole=True)
                    while not exchange.over:
                        await connection.pull()
                    if exchange.error is None or not await self._goes_again(connection, exchange, deadline):
                        kind = ResentResponse if resent else Response
                        return kind(exchange.status, exchange.headers, exchange.content())
                finally:
                    self.let_go(connection, exchange)
                resent = True
        except TransportError as error:
            error.resent = resent
            forget_frames(error)
            raise

    async def open(self, request: Request) -> AsyncioBody:
        """
        Send a request whose answer is read piece by piece.

        Raises:
            TransportError: no answer came.
        """
        resent = False
        try:
            deadline = Deadline(request.timeouts, self.loop.time())
            while True:
                exchange, connection = Exchange(request.method), None
                try:
                    connection, pieces = await self._ready(request, exchange, deadline, fresh=resent)
                    await connection.send(pieces, exchange, deadline, whole=False)
                    while not (exchange.status or exchange.over):
                        await connection.pull()
                    if exchange.status or not await self._goes_again(connection, exchange, deadline):
                        exchange.check_begun()
                        return AsyncioBody(self, connection, exchange, resent=resent)
                except BaseException:
                    self.let_go(connection, exchange)
                    raise
                self.let_go(connection, exchange)
                resent = True
        except TransportError as error:
            error.resent = resent
            forget_frames(error)
            raise

    async def close(self) -> None:
        """Close all connections. Whoever waits for one has a `ClosedError` at once."""
        _close(self._places, self._pool, self._end)
        self._end = None
        await asyncio.sleep(0)  # the event loop lets go of their sockets

    def __del__(self) -> None:
        """Whoever forgets a client loses its connections."""
        if self.loop.is_closed():
            _finish(self._end)
        else:
            self.loop.call_soon_threadsafe(_close, self._places, self._pool, self._end)

    def let_go(self, connection: AsyncConnection | None, exchange: Exchange) -> None:
        """Keep a connection for the next exchange where this one left nothing behind, else close it."""
        had_place = self._places.leave(exchange)
        if connection is None:
            return
        if connection.rest() and had_place:
            self._pool.release(connection, self.loop.time())
        else:
            self._pool.discard(connection)

    async def _goes_again(self, connection: AsyncConnection, exchange: Exchange, deadline: Deadline) -> bool:
        """Whether a request that broke off is sent once more, over a new connection."""
        if not may_go_again(exchange, kept=connection.kept):
            return False
        deadline.again(self.loop.time())
        unseen = await connection.is_unseen(deadline)
        self._pool.ended(connection, self.loop.time())
        return unseen

    async def _ready(
        self, request: Request, exchange: Exchange, deadline: Deadline, *, fresh: bool
    ) -> tuple[AsyncConnection, Sequence[memoryview]]:
        """A connection for a request, in a place of the exchange's own, and what is to be sent over it."""
        route, context = self._routes.known(request.base_url) or await self._found(request.base_url)
        pieces = outgoing(route, request)
        if not self._places.take(exchange):
            await self._find_place(exchange, deadline)
        kept = None if fresh else await self._kept(route)
        connection = kept or await self._new(route, context, exchange, deadline)
        connection.kept = kept is not None
        return connection, pieces

    async def _found(self, base_url: str) -> Found:
        if self._routes.takes_long(base_url):
            await self._aside.done(None, self._routes.trust)
        return self._routes.find(base_url)

    async def _find_place(self, exchange: Exchange, deadline: Deadline) -> None:
        turn = self.loop.create_future()
        self._places.wait(exchange, partial(_wake, turn))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline.at):
                await turn
        if exchange not in self._places:
            raise deadline.error(self.loop.time()) if turn.cancelled() else ClosedError

    async def _kept(self, route: Route) -> AsyncConnection | None:
        while (connection := self._pool.take(route.key, self.loop.time())) is not None:
            try:
                if not await connection.is_stale():
                    return connection
            except BaseException:
                self._pool.discard(connection)
                raise
            self._pool.ended(connection, self.loop.time())
        return None

    async def _new(
        self, route: Route, context: ssl.SSLContext | None, exchange: Exchange, deadline: Deadline
    ) -> AsyncConnection:
        if exchange not in self._places:
            raise ClosedError
        if self._end is None:
            self._end = _until_the_end(self.loop, self._pool)
            await anext(self._end)
        connection = AsyncConnection(route.key, self._buffer, self._pool.ended)
        self._pool.add(connection)
        try:
            await connection.dial(route, context, deadline)
        except BaseException:
            self._pool.discard(connection)
            raise
        return connection


def _wake(turn: asyncio.Future[None]) -> None:
    if not turn.done():  # its task may be cancelled meanwhile
        turn.set_result(None)


def _close(places: Places, pool: Pool[AsyncConnection], end: AsyncGenerator[None] | None) -> None:
    places.clear()
    for connection in pool.clear():
        connection.close()
    _finish(end)


async def _until_the_end(loop: asyncio.AbstractEventLoop, pool: Pool[AsyncConnection]) -> AsyncGenerator[None]:
    """
    Close, when the event loop is about to end, the connections that nobody waits for, and keep none from then on.

    Afterwards nobody can: a socket belongs to its loop. That a loop finishes the asynchronous generators which it has
    seen (`shutdown_asyncgens`, as in `asyncio.run`) is the one thing that it says beforehand.
    """
    pool.keeps = True
    try:
        yield
    finally:
        if not loop.is_closed():
            pool.keeps = False
            for connection in pool.clear():
                if not connection.awaited:
                    pool.discard(connection)


def _finish(end: AsyncGenerator[None] | None) -> None:
    """At once: it waits for nothing."""
    if end is not None:
        with contextlib.suppress(StopIteration):
            end.aclose().send(None)


class AsyncioBody:
    """An answer whose body is still arriving. It keeps the transport, and so its connection, as long as it is read."""

    def __init__(
        self, transport: AsyncioTransport, connection: AsyncConnection, exchange: Exchange, *, resent: bool
    ) -> None:
        self._transport = transport
        self._connection: AsyncConnection | None = connection
        self._exchange = exchange
        self._closed = False
        self.status_code = exchange.status
        self.headers = exchange.headers
        self.resent = resent

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        # No generator: one that nobody reads to its end is left to the garbage collector.
        exchange = self._exchange
        while not self._closed:
            if piece := exchange.take():
                if exchange.done:
                    self._let_go()
                return piece
            if exchange.over:
                self._let_go()
                if exchange.error is not None and not self._closed:
                    forget_frames(exchange.error)
                    raise exchange.error
                break
            if (connection := self._connection) is not None:
                await connection.pull()
        raise StopAsyncIteration

    async def finish(self) -> None:
        """The rest is not wanted: keep the connection where the end of the body comes within a moment."""
        exchange, connection = self._exchange, self._connection
        if connection is not None:
            connection.drain()
            while not exchange.over:
                await connection.pull()
                while exchange.take():
                    pass
        self._let_go()

    async def close(self) -> None:
        """Close the connection, unless the body was read to its end. Waits for nothing, so nothing interrupts it."""
        self._closed = True
        if not self._exchange.over:
            self._exchange.fail(ClosedError())
        self._let_go()

    def __del__(self) -> None:
        loop = self._transport.loop
        if self._connection is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._transport.let_go, self._connection, self._exchange)

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._transport.let_go(connection, self._exchange)
