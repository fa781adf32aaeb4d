"""The transport for asyncio: one pool of connections for each event loop, since connections belong to theirs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from tensormesh_transport.asynchronous.connection import AsyncConnection
from tensormesh_transport.core.deadline import Deadline
from tensormesh_transport.core.exchange import MAX_WHOLE_BYTES, Exchange
from tensormesh_transport.core.places import Places
from tensormesh_transport.core.pool import Pool
from tensormesh_transport.core.route import Route, Routes, outgoing
from tensormesh_transport.errors import ClosedError, TransportError, UsageError, forget_frames
from tensormesh_transport.messages import Request, Response

if TYPE_CHECKING:
    import ssl


class LoopPool:
    """The connections of one event loop, and how many more there may be."""

    def __init__(self, loop: asyncio.AbstractEventLoop, max_connections: int) -> None:
        self.loop = loop
        self.places = Places(max_connections)
        self.pool: Pool[AsyncConnection] = Pool(max_connections)

    async def connection(
        self, route: Route, context: ssl.SSLContext | None, exchange: Exchange, deadline: Deadline
    ) -> AsyncConnection:
        """
        A connection that was kept, or a new one, in a place of the exchange's own.

        Raises:
            TransportError: none comes about in time.
        """
        if not self.places.take(exchange):
            await self._place(exchange, deadline)
        return await self._kept(route) or await self._new(route, context, exchange, deadline)

    def let_go(self, connection: AsyncConnection | None, exchange: Exchange) -> None:
        """Keep a connection for the next exchange where this one left nothing behind, else close it."""
        had_place = self.places.leave(exchange)
        if connection is None:
            return
        if connection.rest() and had_place:
            self.pool.release(connection, self.loop.time())
        else:
            self.pool.discard(connection)

    def close(self) -> None:
        self.places.clear()
        for connection in self.pool.clear():
            connection.close()

    async def _place(self, exchange: Exchange, deadline: Deadline) -> None:
        turn = self.loop.create_future()
        self.places.wait(exchange, partial(_wake, turn))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline.at):
                await turn
        if exchange not in self.places:
            raise deadline.error(self.loop.time()) if turn.cancelled() else ClosedError

    async def _kept(self, route: Route) -> AsyncConnection | None:
        while (connection := self.pool.take(route.key, self.loop.time())) is not None:
            try:
                if not await connection.is_stale():
                    return connection
            except BaseException:
                self.pool.discard(connection)
                raise
            self.pool.discard(connection)
        return None

    async def _new(
        self, route: Route, context: ssl.SSLContext | None, exchange: Exchange, deadline: Deadline
    ) -> AsyncConnection:
        if exchange not in self.places:
            raise ClosedError
        connection = AsyncConnection(route.key, self.pool.lose)
        self.pool.add(connection)
        try:
            await connection.dial(route, context, deadline)
        except BaseException:
            self.pool.discard(connection)
            raise
        return connection


class AsyncioTransport:
    """
    Sends requests over connections that are kept. Any number of event loops may share it.

    Args:
        ca_bundle: a file of certificate authorities to trust instead of the system's.
        max_connections: how many connections there may be in one event loop; whoever needs one more waits.
    """

    def __init__(self, ca_bundle: str | None = None, max_connections: int = 1000) -> None:
        self._routes = Routes(ca_bundle)
        self._max_connections = max_connections
        self._pools: dict[asyncio.AbstractEventLoop, LoopPool] = {}

    async def send(self, request: Request) -> Response:
        """
        Send a request and read its whole answer.

        Raises:
            TransportError: no answer came, or not all of it.
        """
        try:
            pool = self._pool()
            exchange, connection = Exchange(request.method, MAX_WHOLE_BYTES), None
            try:
                connection, pieces, deadline = await self._ready(pool, request, exchange)
                await connection.send(pieces, exchange, deadline, whole=True)
                while not exchange.over:
                    await connection.pull()
                return Response(exchange.status, exchange.headers, exchange.content())
            finally:
                pool.let_go(connection, exchange)
        except TransportError as error:
            forget_frames(error)
            raise

    async def open(self, request: Request) -> AsyncioBody:
        """
        Send a request whose answer is read piece by piece.

        Raises:
            TransportError: no answer came.
        """
        try:
            pool = self._pool()
            exchange, connection = Exchange(request.method), None
            try:
                connection, pieces, deadline = await self._ready(pool, request, exchange)
                await connection.send(pieces, exchange, deadline, whole=False)
                while not (exchange.status or exchange.over):
                    await connection.pull()
                exchange.check_begun()
            except BaseException:
                pool.let_go(connection, exchange)
                raise
            return AsyncioBody(self, pool, connection, exchange)
        except TransportError as error:
            forget_frames(error)
            raise

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        """Close the connections of this event loop. Whoever waits for one has a `ClosedError` at once."""
        if not self._pools:
            return
        pool = self._pools.pop(running_loop(), None)
        if pool is not None:
            pool.close()
            await asyncio.sleep(0)  # the event loop lets go of their sockets
        self._forget_dead_loops()

    def __del__(self) -> None:
        """Whoever forgets a client loses its connections."""
        for loop, pool in self._pools.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(pool.close)

    async def _ready(
        self, pool: LoopPool, request: Request, exchange: Exchange
    ) -> tuple[AsyncConnection, Sequence[memoryview], Deadline]:
        """A connection for a request, in a place of the exchange's own, and what is to be sent over it."""
        deadline = Deadline(request.timeouts, pool.loop.time())
        route, context = self._routes.find(request.base_url)
        pieces = outgoing(route, request)
        return await pool.connection(route, context, exchange, deadline), pieces, deadline

    def _pool(self) -> LoopPool:
        loop = running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            pool = self._pools[loop] = LoopPool(loop, self._max_connections)
            self._forget_dead_loops()
        return pool

    def _forget_dead_loops(self) -> None:
        """Nobody can close the connections of a loop that was closed itself; Python does when it collects them."""
        for loop in list(self._pools):  # other threads add theirs meanwhile
            if loop.is_closed():
                self._pools.pop(loop, None)


class AsyncioBody:
    """An answer whose body is still arriving. It keeps the transport, and so its connection, as long as it is read."""

    def __init__(
        self, transport: AsyncioTransport, pool: LoopPool, connection: AsyncConnection, exchange: Exchange
    ) -> None:
        self._transport = transport
        self._pool = pool
        self._connection: AsyncConnection | None = connection
        self._exchange = exchange
        self._closed = False
        self.status_code = exchange.status
        self.headers = exchange.headers

    async def __aiter__(self) -> AsyncIterator[bytes]:
        exchange = self._exchange
        while not self._closed:
            if piece := exchange.take():
                if exchange.done:
                    self._let_go()
                yield piece
            elif exchange.over:
                self._let_go()
                if exchange.error is not None and not self._closed:
                    forget_frames(exchange.error)
                    raise exchange.error
                return
            elif (connection := self._connection) is not None:
                await connection.pull()

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
        loop = self._pool.loop
        if self._connection is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._pool.let_go, self._connection, self._exchange)

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pool.let_go(connection, self._exchange)


def _wake(turn: asyncio.Future[None]) -> None:
    if not turn.done():  # its task may be cancelled meanwhile
        turn.set_result(None)


def running_loop() -> asyncio.AbstractEventLoop:
    """
    The event loop that runs here.

    Raises:
        UsageError: none of asyncio does.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError as error:
        raise UsageError(
            "this needs the event loop of asyncio, and none runs here; under trio, give a client of your own: "
            "http_client=httpx.AsyncClient()"
        ) from error
