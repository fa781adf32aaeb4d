"""The transport for asyncio: awaited calls, over connections that the tasks of an event loop share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from tensormesh_transport.asynchronous.connection import READ_BYTES, AsyncConnection
from tensormesh_transport.core.deadline import Deadline
from tensormesh_transport.core.exchange import MAX_WHOLE_BYTES, Exchange
from tensormesh_transport.core.pool import Pool
from tensormesh_transport.core.route import Route, Routes, outgoing
from tensormesh_transport.errors import ClosedError, TransportError, forget_frames
from tensormesh_transport.messages import Request, Response

if TYPE_CHECKING:
    import ssl


class AsyncioTransport:
    """
    Sends requests over connections that are kept, within the event loop that it is made in.

    Args:
        ca_bundle: a file of certificate authorities to trust instead of the system's.
        max_connections: how many connections may be open; whoever needs one more waits.
    """

    def __init__(self, ca_bundle: str | None = None, max_connections: int = 1000) -> None:
        self.loop = asyncio.get_running_loop()
        self._routes = Routes(ca_bundle)
        self._places = asyncio.Semaphore(max_connections)
        self._pool: Pool[AsyncConnection] = Pool(max_connections)
        self._buffer = memoryview(bytearray(READ_BYTES))

    async def send(self, request: Request) -> Response:
        """
        Send a request and read its whole answer.

        Raises:
            TransportError: no answer came, or not all of it.
        """
        try:
            connection, exchange = await self._ask(request, MAX_WHOLE_BYTES)
            try:
                while not exchange.over:
                    await connection.pull()
                return Response(exchange.status, exchange.headers, exchange.content())
            finally:
                self.let_go(connection)
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
            connection, exchange = await self._ask(request)
            try:
                while not (exchange.status or exchange.over):
                    await connection.pull()
                exchange.check_begun()
            except BaseException:
                self.let_go(connection)
                raise
            return AsyncioBody(self, connection, exchange)
        except TransportError as error:
            forget_frames(error)
            raise

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        """Close all connections. Whoever waits for one has a `ClosedError` at once."""
        _close(self._pool)
        await asyncio.sleep(0)  # the event loop lets go of their sockets

    def __del__(self) -> None:
        """Whoever forgets a client loses its connections."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(_close, self._pool)

    def let_go(self, connection: AsyncConnection) -> None:
        """Keep a connection for the next exchange where this one left nothing behind, else close it."""
        if connection.rest():
            self._pool.release(connection, self.loop.time())
        else:
            self._pool.discard(connection)
        self._places.release()

    async def _ask(self, request: Request, limit: int | None = None) -> tuple[AsyncConnection, Exchange]:
        """Send a request, or as much of it as the host wants to have."""
        deadline = Deadline(request.timeouts, self.loop.time())
        route, context = self._routes.find(request.base_url)
        pieces = outgoing(route, request)
        exchange = Exchange(request.method, limit)
        connection = await self._connection(route, context, deadline)
        try:
            deadline.sending(self.loop.time())
            await connection.send(pieces, exchange, deadline, whole=limit is not None)
        except BaseException:
            self.let_go(connection)
            raise
        return connection, exchange

    async def _connection(self, route: Route, context: ssl.SSLContext | None, deadline: Deadline) -> AsyncConnection:
        """A connection that was kept, or a new one, in a place of its own."""
        if self._places.locked():
            try:
                async with asyncio.timeout_at(deadline.at):
                    await self._places.acquire()
            except TimeoutError:
                raise deadline.error(self.loop.time()) from None
        else:
            await self._places.acquire()
        try:
            return await self._kept(route) or await self._new(route, context, deadline)
        except BaseException:
            self._places.release()
            raise

    async def _kept(self, route: Route) -> AsyncConnection | None:
        while (connection := self._pool.take(route.key, self.loop.time())) is not None:
            try:
                if not await connection.is_stale():
                    return connection
            except BaseException:
                self._pool.discard(connection)
                raise
            self._pool.discard(connection)
        return None

    async def _new(self, route: Route, context: ssl.SSLContext | None, deadline: Deadline) -> AsyncConnection:
        connection = AsyncConnection(route.key, self._buffer, self._pool.lose)
        self._pool.add(connection)
        try:
            await connection.dial(route, context, deadline)
        except BaseException:
            self._pool.discard(connection)
            raise
        return connection


def _close(pool: Pool[AsyncConnection]) -> None:
    for connection in pool.clear():
        connection.close()


class AsyncioBody:
    """An answer whose body is still arriving. It keeps the transport, and so its connection, as long as it is read."""

    def __init__(self, transport: AsyncioTransport, connection: AsyncConnection, exchange: Exchange) -> None:
        self._transport = transport
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
        loop = self._transport.loop
        if self._connection is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._transport.let_go, self._connection)

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._transport.let_go(connection)
