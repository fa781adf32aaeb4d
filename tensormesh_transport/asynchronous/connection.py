"""One connection of an event loop; another task may stop it at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import math
import socket
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, cast

from tensormesh_transport.asynchronous.dialling import connected
from tensormesh_transport.core.deadline import Deadline
from tensormesh_transport.core.exchange import Exchange
from tensormesh_transport.core.opening import Layers, Opening, encrypted, is_stray, opening, receive
from tensormesh_transport.core.resending import LOOK_SECONDS, REFUSAL_SECONDS, Loss
from tensormesh_transport.core.route import Route
from tensormesh_transport.errors import ClosedError, ConnectError, ReadError, UsageError, words
from tensormesh_transport.resources import shortage
from tensormesh_transport.sockets import failure, means_closed, ready, unacknowledged

if TYPE_CHECKING:
    import ssl

HELD_BYTES = 256 * 1024
"""How much of a body may wait for its reader before the host has to wait."""

READ_BYTES = 64 * 1024


class AsyncConnection(asyncio.BufferedProtocol):
    """
    A connection to one place.

    Args:
        buffer: what it reads into. All connections of an event loop may share one: what was read is taken in before
            another reads, and a buffer of its own for each read is most of what a small read costs.
        lost: called when it breaks while nobody uses it.
    """

    def __init__(self, key: Hashable, buffer: memoryview, lost: Callable[[AsyncConnection, float], None]) -> None:
        self.key = key
        self.stopped = False
        """Whether it is closed."""
        self.free_since = -math.inf
        self.kept = False
        """Whether it has carried an exchange before this one."""
        self._buffer = buffer
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._layers: Layers = ()
        self._exchange: Exchange | None = None
        self._deadline: Deadline | None = None
        self._whole = True
        self._came: deque[bytes] = deque()
        self._sock: socket.socket | None = None
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unsent = 0
        self._written = 0
        self._loss: Loss | None = None
        self._can_write = True
        self._can_read = True
        self.dialling: asyncio.Timeout | None = None
        """The limit for becoming a connection, while it is none."""

    async def dial(self, route: Route, context: ssl.SSLContext | None, deadline: Deadline) -> None:
        """
        Become a connection.

        Raises:
            TransportError: it does not come about, or was stopped meanwhile.
        """
        try:
            async with asyncio.timeout_at(deadline.at) as self.dialling:
                with route.to_proxy():
                    self._sock = await connected(route.dials.looked_up, route.dials.port)
                await self._register(self._sock)
                if context is not None:
                    await self._open(opening(route, context))
        except TimeoutError:
            raise ClosedError if self.stopped else deadline.error(self._loop.time()) from None
        finally:
            self.dialling = None
        if any(is_stray(self._layers, data) for data in self._came):
            raise ConnectError("the other side closed the connection at once")

    async def _register(self, sock: socket.socket) -> None:
        try:
            await self._loop.create_connection(lambda: self, sock=sock)
        except OSError as error:
            sock.close()
            raise shortage(error) or ConnectError(words(error)) from error

    async def send(self, pieces: Sequence[memoryview], exchange: Exchange, deadline: Deadline, *, whole: bool) -> None:
        """Send a request, up to an answer that comes before its end."""
        self._exchange, self._deadline, self._whole = exchange, deadline, whole
        self._written = 0
        if self._transport is None or self.stopped:
            exchange.fail(ClosedError())
            return
        try:
            for piece in pieces:
                while not (self._can_write or exchange.over or exchange.status):
                    await self._wait()
                if exchange.over or exchange.status:
                    exchange.reusable = False
                    return
                deadline.sending(self._loop.time())
                data = encrypted(self._layers, piece) if self._layers else piece
                self._write(data)
                if self._transport.is_closing():
                    return  # none of it was taken: it had been broken off
                self._written += len(data)
                self._unsent = self._transport.get_write_buffer_size()
        except ReadError as error:
            exchange.fail(error)

    async def pull(self) -> None:
        """Wait for what comes next: for the whole answer where that is what was asked for."""
        if not self._can_read and self._transport is not None:
            self._can_read = True
            self._transport.resume_reading()
        if self._exchange is not None and self._exchange.status and self._deadline is not None:
            self._deadline.reading(self._loop.time())  # silence is what somebody waits for
        await self._wait()

    def drain(self) -> None:
        """The rest of the body is not wanted, and may take a moment longer."""
        if self._deadline is not None:
            self._deadline.draining(self._loop.time())

    async def is_unseen(self, deadline: Deadline) -> bool:
        """Whether nobody can have read any of the request that broke off. What shows it may take a moment to come."""
        until = min(self._loop.time() + REFUSAL_SECONDS, deadline.at)
        while self._loss is None:
            loss = self._looked_at(0 if self._sock is None else failure(self._sock))
            if not loss.is_open or self._loop.time() >= until:
                return loss.is_unseen
            await asyncio.sleep(LOOK_SECONDS)
        return self._loss.is_unseen

    def _looked_at(self, error: int) -> Loss:
        """What the system knows of the connection by now."""
        if self._transport is None or self._sock is None:
            return Loss(0)
        handed_over = self._written - self._transport.get_write_buffer_size()
        loss = Loss(handed_over, unacknowledged(self._sock), error == errno.EPIPE)
        if error:
            self._loss = loss
        return loss

    async def is_stale(self) -> bool:
        """Whether, while nobody used it, it was closed by the host, or something came that nobody asked for."""
        if self._sock is not None and not self.stopped and ready(self._sock, 0):
            # The event loop has not come to it yet: it looks in one round, and reads in the next.
            for _ in range(2):
                await asyncio.sleep(0)
            return self.stopped or ready(self._sock, 0)
        return self.stopped

    @property
    def awaited(self) -> bool:
        """Whether somebody waits here this very moment."""
        return self.dialling is not None or (self._waiter is not None and not self._waiter.done())

    def rest(self) -> bool:
        """The exchange is done; whether the connection may carry another one."""
        exchange, self._exchange, self._deadline = self._exchange, None, None
        if self._transport is None or self._transport.get_write_buffer_size():
            return False
        return exchange is not None and exchange.done and exchange.reusable and not self.stopped

    def close(self) -> None:
        """Nothing more comes or goes. Whoever waits here wakes up."""
        self.stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._exchange is not None and not self._exchange.over:
            self._exchange.fail(ClosedError())
        if self.dialling is not None and not self.dialling.expired():
            self.dialling.reschedule(-math.inf)
        if self._transport is not None:
            self._transport.abort()
        self._wake()

    # What the event loop says.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        data = self._buffer[:nbytes]
        exchange, deadline = self._exchange, self._deadline
        if exchange is None or deadline is None:
            self._take_in_unasked(data)
            return
        receive(self._layers, exchange, data)
        if exchange.status:
            deadline.reading(self._loop.time())
            self._set_timer(deadline)
        if exchange.over or not self._whole:
            if exchange.held > HELD_BYTES and not exchange.over and self._transport is not None:
                self._can_read = False
                self._transport.pause_reading()
            self._wake()

    def eof_received(self) -> bool:
        """Whether the connection stays, to be looked at: what the host has not read may go out over another."""
        exchange = self._exchange
        if exchange is None:
            self._take_in_unasked(b"")
            return False
        receive(self._layers, exchange, b"")
        self._wake()
        return self.kept and exchange.untouched and not self.stopped

    def connection_lost(self, exc: Exception | None) -> None:
        exchange = self._exchange
        if exchange is None:
            self._take_in_unasked(b"")
        elif exc is None:
            exchange.end()
        else:
            self._looked_at((isinstance(exc, OSError) and exc.errno) or errno.ECONNRESET)
            self._take_the_rest(exchange, exc)
            broken = ReadError(words(exc))
            broken.__cause__ = exc
            exchange.fail(broken)
        self._wake()

    def pause_writing(self) -> None:
        self._can_write = False

    def resume_writing(self) -> None:
        self._can_write = True
        self._wake()

    # How it waits.

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self) -> None:
        loop, deadline = self._loop, self._deadline
        if asyncio.get_running_loop() is not loop:
            raise UsageError("only the event loop that asked can read the answer")
        if self.awaited and self.dialling is None:
            raise UsageError("another task waits for this answer already; its pieces go to one of them")
        waiter = self._waiter = loop.create_future()
        if deadline is not None:
            self._set_timer(deadline)
        try:
            await waiter
        finally:
            if self._waiter is waiter:
                self._waiter = None

    def _set_timer(self, deadline: Deadline) -> None:
        """One timer serves many limits: it is set anew only where it would go off too late."""
        timer, at = self._timer, deadline.at
        if timer is None or timer.when() > at:
            if timer is not None:
                timer.cancel()
            self._timer = self._loop.call_at(at, self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        """The limit was moved on meanwhile, or nobody waits, or it is reached."""
        self._timer = None
        exchange, deadline, now = self._exchange, self._deadline, self._loop.time()
        if exchange is None or deadline is None or exchange.over or self._waiter is None:
            return
        if now >= deadline.at and self._transport is not None:
            unsent, self._unsent = self._unsent, self._transport.get_write_buffer_size()
            if self._unsent < unsent:
                deadline.sending(now)
        if now < deadline.at:
            self._set_timer(deadline)
        else:
            exchange.fail(deadline.error(now))
            self._wake()

    # Where no exchange is under way.

    async def _open(self, steps: Opening) -> None:
        try:
            said = next(steps)
            while True:
                if said:
                    self._write(said)
                while not self._came:
                    await self._wait()
                said = steps.send(self._came.popleft())
        except StopIteration as end:
            self._layers = end.value
        except ReadError as error:
            raise ConnectError(str(error)) from error.__cause__

    def _write(self, data: memoryview) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _take_in_unasked(self, data: bytes | memoryview) -> None:
        if self.dialling is not None:
            self._came.append(bytes(data))
            self._wake()
        elif not self.stopped and is_stray(self._layers, data):
            self._lost(self, self._loop.time())

    def _take_the_rest(self, exchange: Exchange, error: Exception) -> None:
        """What the host said before it broke off, while a request was being sent to it."""
        with contextlib.suppress(OSError):
            while self._sock is not None and not exchange.over:
                data = self._sock.recv(READ_BYTES)
                if not (data or means_closed(error)):
                    break
                receive(self._layers, exchange, data)
