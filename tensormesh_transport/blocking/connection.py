"""One connection of a thread; another thread, or a handler of signals, may stop it at any moment."""

from __future__ import annotations

import contextlib
import errno
import math
import os
import selectors
import socket
import threading
from collections.abc import Hashable, Sequence
from time import monotonic
from typing import Any

from tensormesh_transport.core.deadline import Deadline
from tensormesh_transport.core.exchange import Exchange
from tensormesh_transport.core.opening import Layers, Opening, encrypted, is_stray, receive
from tensormesh_transport.core.race import Address, Race, addresses, literal
from tensormesh_transport.core.resending import LOOK_SECONDS, REFUSAL_SECONDS, Loss
from tensormesh_transport.errors import ClosedError, ConnectError, ReadError, TransportError, words
from tensormesh_transport.resources import Loading, shortage, tried
from tensormesh_transport.sockets import (
    failure,
    means_closed,
    new_socket,
    ready,
    unacknowledged,
    wait_for_failure,
)

READ_BYTES = 64 * 1024

Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)
"""Neither takes a file, of which a process may not have enough."""

_UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0))
"""What `connect` says of a connection that is, or will be, made."""


class Connection:
    """A connection to one place, made by `dial` and `open`."""

    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.stopped = False
        """Whether it was closed, be it in the middle of something."""
        self._layers: Layers = ()
        self._sockets: list[socket.socket] = []
        """The one that is connected, or those that try to be."""
        self.free_since = -math.inf
        self.kept = False
        """Whether it has carried an exchange before this one."""
        self._looked_up = threading.Event()
        self._busy = False
        self._handed_over = 0
        self._reason: OSError | None = None

    def dial(self, host: str, port: int, deadline: Deadline) -> None:
        """
        Connect to the first address of a name that answers.

        Raises:
            TransportError: none does, or it was stopped meanwhile.
        """
        self._busy = True
        try:
            self._sockets = [self._connected(self._addresses(host, port, deadline), deadline)]
        finally:
            self._rest()

    def open(self, steps: Opening, deadline: Deadline) -> None:
        """
        Go through what comes before the first request.

        Raises:
            TransportError: the other side will have none of it, or it was stopped meanwhile.
        """
        self._busy = True
        try:
            said = next(steps)
            while True:
                said = steps.send(self._told(said, deadline))
        except StopIteration as end:
            self._layers = end.value
        except ReadError as error:
            raise ConnectError(str(error)) from error.__cause__
        finally:
            self._rest()

    def send(self, pieces: Sequence[memoryview], exchange: Exchange, deadline: Deadline) -> None:
        """Send a request, up to an answer that comes before its end."""
        self._busy = True
        self._handed_over = 0
        try:
            for piece in pieces:
                deadline.sending(monotonic())
                data = encrypted(self._layers, piece) if self._layers else piece
                while (count := self._send(data, deadline)) < len(data):
                    data = data[count:]
                    if count:
                        self._handed_over += count
                        deadline.sending(monotonic())
                    elif (came := self._received()) is not None:
                        receive(self._layers, exchange, came)
                        if exchange.status or exchange.over:
                            exchange.reusable = False
                            return
                self._handed_over += count
        except ReadError as error:
            if isinstance(error.__cause__, OSError):
                self._take_the_rest(exchange, error.__cause__)
            exchange.fail(ClosedError() if self.stopped else error)
        except TransportError as error:
            exchange.fail(error)
        finally:
            self._rest()

    def pull(self, exchange: Exchange, deadline: Deadline) -> None:
        """Wait for what comes next, and take it in."""
        self._busy = True
        try:
            receive(self._layers, exchange, self._receive(deadline))
        except TransportError as error:
            exchange.fail(error)
        finally:
            self._rest()

    def is_unseen(self, deadline: Deadline) -> bool:
        """Whether nobody can have read any of the request that broke off. What shows it may take a moment to come."""
        sock, refused = self._sockets[0], isinstance(self._reason, BrokenPipeError)
        until = min(monotonic() + REFUSAL_SECONDS, deadline.at)
        self._busy = True
        try:
            while True:
                loss = Loss(self._handed_over, unacknowledged(sock), refused)
                now = monotonic()
                if self._reason is not None or self.stopped or not loss.is_open or now >= until:
                    return loss.is_unseen
                wait_for_failure(sock, min(LOOK_SECONDS, until - now))
                if code := failure(sock):
                    self._reason, refused = OSError(code, os.strerror(code)), code == errno.EPIPE
        finally:
            self._rest()

    def is_stale(self) -> bool:
        """Whether, while nobody used it, it was closed by the host, or something came that nobody asked for."""
        self._busy = True
        try:
            while not self.stopped and ready(self._sockets[0], 0):
                if is_stray(self._layers, self._received() or b""):
                    return True
        except TransportError:
            return True
        finally:
            self._rest()
        return self.stopped

    def close(self) -> None:
        """Nothing more comes or goes. Whoever waits here, in another thread, wakes up and lets go of the socket."""
        self.stopped = True
        self._looked_up.set()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        if not self._busy:
            self.abandon()

    def abandon(self) -> None:
        """Let go of the socket, and leave the connection to whoever else holds it."""
        for sock in self._sockets:
            sock.close()

    def _rest(self) -> None:
        # In this order: `close` looks at them in the other one, and whoever is second lets go of the socket.
        self._busy = False
        if self.stopped:
            self.abandon()

    def _addresses(self, host: str, port: int, deadline: Deadline) -> list[Address]:
        """Where a name leads, looked up in a thread of its own, since nothing else limits or interrupts it."""
        if found := literal(host, port):
            return found
        outcome: list[Any] = []

        def look_up() -> None:
            try:
                outcome.append(addresses(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
            except (OSError, UnicodeError) as error:
                outcome.append(error)
            self._looked_up.set()

        with Loading():
            threading.Thread(target=look_up, daemon=True).start()
        self._looked_up.wait(max(deadline.at - monotonic(), 0))
        if self.stopped:
            raise ClosedError
        if not outcome:
            raise deadline.error(monotonic())
        if isinstance(outcome[0], Exception):
            raise shortage(outcome[0]) or tried() or ConnectError(words(outcome[0])) from outcome[0]
        return list(outcome[0])

    def _connected(self, places: Sequence[Address], deadline: Deadline) -> socket.socket:
        race, tries = Race(places, monotonic()), self._sockets
        try:
            with Selector() as waiting:
                while True:
                    now = monotonic()
                    while (place := race.start(now)) is not None:
                        self._try(place, race, waiting)
                    if self.stopped:
                        raise ClosedError
                    if race.error is not None:
                        raise race.error
                    if now >= deadline.at:
                        raise deadline.error(now)
                    until = min(deadline.at, race.next if race.waits else math.inf)
                    for key, _ in waiting.select(max(until - now, 0)):
                        sock: Any = key.fileobj
                        waiting.unregister(sock)
                        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                        if not code:
                            tries.remove(sock)
                            return sock  # type: ignore[no-any-return]
                        race.lost(OSError(code, os.strerror(code)))
        finally:
            for sock in tries:
                sock.close()
            tries.clear()

    def _try(self, place: Address, race: Race, waiting: selectors.BaseSelector) -> None:
        try:
            sock = new_socket(*place[:3])
        except OSError as error:
            if (short := shortage(error)) is not None:
                raise short from error
            race.lost(error)  # the system has no such family
            return
        self._sockets.append(sock)
        code = sock.connect_ex(place[3])
        if code in _UNDER_WAY:
            waiting.register(sock, selectors.EVENT_WRITE)
        else:
            race.lost(OSError(code, os.strerror(code)))

    def _told(self, data: memoryview, deadline: Deadline) -> bytes:
        """What comes back; nothing where the other side has closed the connection, or broken it off."""
        with contextlib.suppress(ReadError):
            while data:
                data = data[self._send(data, deadline) :]
        try:
            return self._receive(deadline)
        except ReadError:
            return b""

    def _send(self, data: memoryview, deadline: Deadline) -> int:
        """How much of `data` was sent; where nothing could be, waits until something can, or until something comes."""
        if self.stopped:
            raise ClosedError
        try:
            return self._sockets[0].send(data)
        except BlockingIOError:
            self._wait(deadline, writing=True)
            return 0
        except OSError as error:
            raise self._broken(error) from error

    def _receive(self, deadline: Deadline) -> bytes:
        """What comes next; nothing where the other side has closed the connection."""
        if monotonic() >= deadline.at:
            raise deadline.error(monotonic())
        while (data := self._received()) is None:
            self._wait(deadline)
        return data

    def _received(self) -> bytes | None:
        """What is there; None where nothing is yet. What came before the connection was stopped is still there."""
        try:
            data = self._sockets[0].recv(READ_BYTES)
        except BlockingIOError:
            return None
        except OSError as error:
            raise self._broken(error) from error
        if self.stopped and not data:
            raise ClosedError
        return data

    def _take_the_rest(self, exchange: Exchange, error: OSError) -> None:
        """What the host said before it broke off, while a request was being sent to it."""
        with contextlib.suppress(OSError):
            while not exchange.over:
                data = self._sockets[0].recv(READ_BYTES)
                if self.stopped or not (data or means_closed(error)):
                    break
                receive(self._layers, exchange, data)

    def _broken(self, error: OSError) -> TransportError:
        self._reason = error
        return ClosedError() if self.stopped else ReadError(words(error))

    def _wait(self, deadline: Deadline, *, writing: bool = False) -> None:
        now = monotonic()
        if now >= deadline.at or not ready(self._sockets[0], deadline.at - now, writing=writing):
            raise ClosedError if self.stopped else deadline.error(monotonic())
