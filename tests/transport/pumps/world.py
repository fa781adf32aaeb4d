"""
A clock that nobody waits for, and a host whose every word has its time.

Whatever waits for a socket lets time pass instead: what is to happen until then happens, in its order, in this thread.
Connections are pairs of real sockets.
"""

from __future__ import annotations

import asyncio
import errno
import math
import selectors
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import pytest

from tensormesh_transport.asynchronous import connection as asynchronous_connection
from tensormesh_transport.blocking import connection as blocking_connection
from tensormesh_transport.blocking import transport as blocking_transport
from tensormesh_transport.sockets import HasFileno, ready


class Event(NamedTuple):
    """
    Something that happens.

    Attributes:
        at: seconds after the beginning.
        what: the host `say`s something, `listen`s to so many bytes, `close`s the connection, or `reset`s it; anything
            else is what somebody on this side does.
    """

    at: float
    what: str
    data: bytes = b""


class Line(socket.socket):
    """Our end of a connection, and the host's; what breaks it is told as TCP does."""

    def __init__(self, world: World) -> None:
        ours, self.host = socket.socketpair()
        super().__init__(fileno=ours.detach())
        self.setblocking(False)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # much less than a large request
        self._world = world
        self._reset = self._closed = False
        self._untold: OSError | None = None
        self.heard = b""
        """What the host has listened to."""

    def connect_ex(self, address: object) -> int:
        return 0

    def recv(self, *arguments: Any) -> bytes:
        self._world.let_happen(self._world.now)
        data = super().recv(*arguments)
        if not data:
            self._tell()
        return data

    def recv_into(self, *arguments: Any) -> int:
        self._world.let_happen(self._world.now)
        size = super().recv_into(*arguments)
        if not size:
            self._tell()
        return size

    def send(self, *arguments: Any) -> int:
        return self._sent(super().send, arguments)

    def sendmsg(self, *arguments: Any) -> int:
        return self._sent(super().sendmsg, arguments)

    def _sent(self, send: Callable[..., int], arguments: tuple[Any, ...]) -> int:
        self._world.let_happen(self._world.now)
        self._tell()
        if self._reset:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")
        count = send(*arguments)
        self._world.answers(self)
        return count

    def _tell(self) -> None:
        """A reset is told once."""
        untold, self._untold = self._untold, None
        if untold is not None:
            raise untold

    def listen_to(self, size: int) -> None:
        """The host does."""
        self.host.setblocking(False)
        with suppress(OSError):  # there is no more, or it was lost
            while size > 0 and (data := self.host.recv(min(size, 65_536))):
                self.heard += data
                size -= len(data)
        self.host.setblocking(True)

    def break_off(self) -> None:
        """The host does, and reads nothing more. Where it had closed its side before, only who writes is told."""
        self.listen_to(1 << 30)  # or the system would tell it in its own way
        self.host.close()
        self._reset = True
        if not self._closed:
            self._untold = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")

    def half_close(self) -> None:
        """The host says no more."""
        self.host.shutdown(socket.SHUT_WR)
        self._closed = True


class World:
    """What happens, and when."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.now = 0.0
        self.lines: list[Line] = []
        self.actions: Mapping[str, Callable[[], object]] = {}
        """What somebody on this side may do."""
        self.answer: bytes | None = None
        """What the host says to whatever it hears."""
        self.acted = False
        """Whether somebody on this side has done something that nobody has looked at."""
        self._events = deque(events)
        self._busy = False

    def go_on_with(self, answer: bytes) -> None:
        """Nothing more happens, and the host answers whatever it hears."""
        self._events.clear()
        self.answer = answer

    def clock(self) -> float:
        return self.now

    def connect(self, *_: object) -> Line:
        self.lines.append(Line(self))
        return self.lines[-1]

    def answers(self, line: Line) -> None:
        if self.answer is not None:
            line.host.sendall(self.answer)

    def let_happen(self, until: float, enough: Callable[[], bool] = lambda: False) -> bool:
        """Whatever is to happen until then, or until it is enough; whether it is."""
        while not enough():
            if self._busy or not self.lines or not self._events or self._events[0].at > until:
                return False
            event = self._events.popleft()
            self.now = max(self.now, event.at)
            self._busy = True  # nothing else happens within what happens
            try:
                self._perform(event)
            finally:
                self._busy = False
        return True

    def wait(self, until: float, enough: Callable[[], bool]) -> bool:
        """Somebody waits; whether it was enough before the time was over."""
        if self.let_happen(until, enough):
            return True
        assert until < math.inf, "somebody waits for ever"
        self.now = max(self.now, until)
        return False

    def _perform(self, event: Event) -> None:
        line = self.lines[0]
        if event.what in self.actions:
            self.actions[event.what]()
            self.acted = True
        elif line.host.fileno() < 0:
            pass  # it is gone
        elif event.what == "say":
            with suppress(OSError):  # nobody listens any more
                line.host.sendall(event.data)
        elif event.what == "listen":
            line.listen_to(int(event.data))
        elif event.what == "close":
            line.half_close()
        elif event.what == "reset":
            line.break_off()

    def end(self) -> None:
        for line in self.lines:
            if line.host.fileno() >= 0:
                line.listen_to(1 << 30)
            line.host.close()
            line.close()


class Selector(selectors.SelectSelector):
    """Lets time pass where an event loop waits."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def select(self, timeout: float | None = None) -> Any:
        until = math.inf if timeout is None else self._world.now + max(timeout, 0)
        self._world.wait(until, lambda: self._world.acted or bool(super(Selector, self).select(0)))
        self._world.acted = False
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """An event loop of that world."""

    def __init__(self, world: World) -> None:
        super().__init__(Selector(world))
        self._clock = world.clock

    def time(self) -> float:
        return self._clock()


@contextmanager
def inhabited(events: Iterable[Event]) -> Iterator[World]:
    """A world in which both pumps find themselves."""
    world = World(events)

    def soon(sock: HasFileno, seconds: float, *, writing: bool = False) -> bool:
        return world.wait(world.now + seconds, lambda: ready(sock, 0, writing=writing))

    async def connected(host: str, port: int) -> socket.socket:
        return world.connect()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocking_connection, "ready", soon)
        patch.setattr(blocking_connection, "new_socket", world.connect)
        patch.setattr(blocking_connection, "monotonic", world.clock)
        patch.setattr(blocking_transport, "monotonic", world.clock)
        patch.setattr(asynchronous_connection, "connected", connected)
        try:
            yield world
        finally:
            world.end()
