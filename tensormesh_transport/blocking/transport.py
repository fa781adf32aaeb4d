"""The transport for threads: blocking calls, over connections that threads share."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from tensormesh_transport.blocking.connection import Connection
from tensormesh_transport.blocking.lock import Lock
from tensormesh_transport.core.deadline import Deadline
from tensormesh_transport.core.exchange import Exchange
from tensormesh_transport.core.opening import opening
from tensormesh_transport.core.places import Places
from tensormesh_transport.core.pool import Pool
from tensormesh_transport.core.resending import may_go_again
from tensormesh_transport.core.route import Found, Route, Routes, outgoing
from tensormesh_transport.errors import ClosedError, TransportError, forget_frames
from tensormesh_transport.messages import Request, ResentResponse, Response

if TYPE_CHECKING:
    import ssl


class BlockingTransport:
    """
    Sends requests over connections that are kept. Threads may share it, and a forked child makes its own.

    Args:
        ca_bundle: a file of certificate authorities to trust instead of the system's.
        max_connections: how many connections there may be; whoever needs one more waits.
    """

    def __init__(self, ca_bundle: str | None = None, max_connections: int = 1000) -> None:
        self._routes = Routes(ca_bundle)
        self._max_connections = max_connections
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = Lock()
        self._loading = Lock()
        self._places = Places(self._max_connections)
        self._pool: Pool[Connection] = Pool(self._max_connections)

    def prepare(self, base_url: str) -> None:
        """
        Load what a request to one place needs.

        Raises:
            TransportError: it could not be sent.
        """
        try:
            self._leave_to_parent()
            self._found(base_url)
        except TransportError as error:
            forget_frames(error)
            raise

    def send(self, request: Request) -> Response:
        """
        Send a request and read its whole answer.

        Raises:
            TransportError: no answer came, or not all of it.
        """
        resent = False
        try:
            deadline = Deadline(request.timeouts, monotonic())
            while True:
                exchange, connection = Exchange(request.method, request.max_bytes), None
                try:
                    connection, pieces = self._ready(request, exchange, deadline, fresh=resent)
                    connection.send(pieces, exchange, deadline)
                    while not exchange.over:
                        connection.pull(exchange, deadline)
                        if exchange.status:
                            deadline.reading(monotonic())
                    if exchange.error is None or not self._goes_again(connection, exchange, deadline):
                        kind = ResentResponse if resent else Response
                        return kind(exchange.status, exchange.headers, exchange.content())
                finally:
                    self.let_go(connection, exchange)
                resent = True
        except TransportError as error:
            error.resent = resent
            forget_frames(error)
            raise

    def open(self, request: Request) -> BlockingBody:
        """
        Send a request whose answer is read piece by piece.

        Raises:
            TransportError: no answer came.
        """
        resent = False
        try:
            deadline = Deadline(request.timeouts, monotonic())
            while True:
                exchange, connection = Exchange(request.method), None
                try:
                    connection, pieces = self._ready(request, exchange, deadline, fresh=resent)
                    connection.send(pieces, exchange, deadline)
                    while not (exchange.status or exchange.over):
                        connection.pull(exchange, deadline)
                    if exchange.status or not self._goes_again(connection, exchange, deadline):
                        exchange.check_begun()
                        return BlockingBody(self, connection, exchange, deadline, resent=resent)
                except BaseException:
                    self.let_go(connection, exchange)
                    raise
                self.let_go(connection, exchange)
                resent = True
        except TransportError as error:
            error.resent = resent
            forget_frames(error)
            raise

    def close(self) -> None:
        """Close all connections. Whoever waits for one, in whatever thread, has a `ClosedError` at once."""
        self._leave_to_parent()
        in_use: list[Connection] = []
        for _ in self._lock:
            try:
                in_use = self._pool.clear()
                self._places.clear()
            finally:
                self._lock.release()
            break
        for connection in in_use:
            connection.close()

    def __del__(self) -> None:
        self.close()

    def let_go(self, connection: Connection | None, exchange: Exchange) -> None:
        """Keep a connection for the next exchange where this one is done and left nothing behind, else close it."""
        self._leave_to_parent()
        for _ in self._lock:
            try:
                had_place = self._places.leave(exchange)
                if connection is None:
                    return
                if had_place and exchange.done and exchange.reusable and not connection.stopped:
                    self._pool.release(connection, monotonic())
                else:
                    self._pool.discard(connection)
            finally:
                self._lock.release()
            break

    def _goes_again(self, connection: Connection, exchange: Exchange, deadline: Deadline) -> bool:
        """Whether a request that broke off is sent once more, over a new connection."""
        if not may_go_again(exchange, kept=connection.kept):
            return False
        deadline.again(monotonic())
        unseen = connection.is_unseen(deadline)
        self._lose(connection)
        return unseen

    def _ready(
        self, request: Request, exchange: Exchange, deadline: Deadline, *, fresh: bool
    ) -> tuple[Connection, Sequence[memoryview]]:
        """A connection for a request, in a place of the exchange's own, and what is to be sent over it."""
        self._leave_to_parent()
        route, context = self._routes.known(request.base_url) or self._found(request.base_url)
        pieces = outgoing(route, request)
        self._find_place(exchange, deadline)
        return self._connection(route, context, exchange, deadline, fresh=fresh), pieces

    def _found(self, base_url: str) -> Found:
        """The way to one place. Of several threads, one loads what is needed on it, and the others wait."""
        for _ in self._loading:
            try:
                return self._routes.find(base_url)
            finally:
                self._loading.release()
        raise AssertionError

    def _find_place(self, exchange: Exchange, deadline: Deadline) -> None:
        turn = threading.Lock()
        for _ in self._lock:
            try:
                if self._places.take(exchange):
                    return
                turn.acquire()
                self._places.wait(exchange, turn.release)
            finally:
                self._lock.release()
            break
        called = turn.acquire(timeout=max(deadline.at - monotonic(), 0))
        if exchange not in self._places:
            raise ClosedError if called else deadline.error(monotonic())

    def _connection(
        self, route: Route, context: ssl.SSLContext | None, exchange: Exchange, deadline: Deadline, *, fresh: bool
    ) -> Connection:
        """A connection that was kept, or a new one: those that were kept may have been closed with one of theirs."""
        while True:
            kept, connection = self._taken(route, exchange, fresh=fresh)
            try:
                if kept is None:
                    with route.to_proxy():
                        connection.dial(route.dials.looked_up, route.dials.port, deadline)
                    if context is not None:
                        connection.open(opening(route, context), deadline)
                if kept is None or not connection.is_stale():
                    connection.kept = kept is not None
                    return connection
            except BaseException:
                self._discard(connection)
                raise
            self._lose(connection)

    def _taken(self, route: Route, exchange: Exchange, *, fresh: bool) -> tuple[Connection | None, Connection]:
        """A connection that was kept, if there is one; and that, or one that is to be made."""
        for _ in self._lock:
            try:
                kept = None if fresh else self._pool.take(route.key, monotonic())
                connection = kept or Connection(route.key)
                if kept is None:
                    if exchange not in self._places:
                        raise ClosedError
                    self._pool.add(connection)
                return kept, connection
            finally:
                self._lock.release()
        raise AssertionError

    def _lose(self, connection: Connection) -> None:
        """The host has ended a connection that was kept."""
        for _ in self._lock:
            try:
                self._pool.ended(connection, monotonic())
            finally:
                self._lock.release()
            break

    def _discard(self, connection: Connection) -> None:
        for _ in self._lock:
            try:
                self._pool.discard(connection)
            finally:
                self._lock.release()
            break

    def _leave_to_parent(self) -> None:
        """A forked child must neither write into its parent's connections nor shut them down."""
        if self._process != os.getpid():
            for connection in self._pool.connections:
                connection.abandon()
            self._begin()


class BlockingBody:
    """An answer whose body is still arriving. It keeps the transport, and so its connection, as long as it is read."""

    _connection: Connection | None = None

    def __init__(
        self,
        transport: BlockingTransport,
        connection: Connection,
        exchange: Exchange,
        deadline: Deadline,
        *,
        resent: bool,
    ) -> None:
        self._transport = transport
        self._connection = connection
        self._exchange = exchange
        self._deadline = deadline
        self._closed = False
        self.status_code = exchange.status
        self.headers = exchange.headers
        self.resent = resent

    def __iter__(self) -> Iterator[bytes]:
        exchange, deadline = self._exchange, self._deadline
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
                deadline.reading(monotonic())
                connection.pull(exchange, deadline)

    def finish(self) -> None:
        """The rest is not wanted: keep the connection where the end of the body comes within a moment."""
        exchange, connection = self._exchange, self._connection
        self._deadline.draining(monotonic())
        while not exchange.over and connection is not None:
            connection.pull(exchange, self._deadline)
            while exchange.take():
                pass
        self._let_go()

    def close(self) -> None:
        """Close the connection, unless the body was read to its end. Another thread that reads from it wakes up."""
        self._closed = True
        if not self._exchange.over:
            self._exchange.fail(ClosedError())
        self._let_go()

    def __del__(self) -> None:
        if self._connection is not None:
            self.close()

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._transport.let_go(connection, self._exchange)
