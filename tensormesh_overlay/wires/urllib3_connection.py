"""A connection of urllib3 whose answers are read by the clock, and which another thread may stop at any moment."""

from __future__ import annotations

import contextlib
import http.client
import io
import math
import socket
import ssl
import time
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from tensormesh_overlay.limits import Limits
from tensormesh_overlay.wires.keepalive import IDLE_SECONDS
from tensormesh_overlay.wires.reasons import CLOSED

_NUMERIC = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV


class Clock(io.RawIOBase):
    """
    The reading end of a connection, which knows when reading takes too long, and when an end comes too early.

    A timeout of the socket alone is a limit for each read, and many reads make a line: a host that sends a byte at a
    time would never be found too slow. And `http.client` takes headers that are cut off for whole ones.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._source = sock.makefile("rb", buffering=0)
        self._idle = sock.gettimeout() or math.inf
        self._end = time.monotonic() + self._idle
        self._in_headers = True
        self._stopped = False
        self.over = 0.0
        """When the answer was read to its end, by `time.monotonic`."""

    def begin_body(self, idle: float, end: float) -> None:
        """From now on no read may take longer than `idle` seconds, and none may go on after `end`."""
        self._idle, self._end, self._in_headers = idle, end, False

    def makefile(self, mode: str) -> io.BufferedReader:
        """What `http.client` reads an answer from."""
        return _Reader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(min(self._idle, left))
        count = self._source.readinto(buffer)
        if not count:
            if self._stopped:
                raise ConnectionAbortedError(CLOSED)
            if self._in_headers:
                raise http.client.RemoteDisconnected("the host closed the connection before it had answered")
        return count

    def stop(self) -> None:
        """Wake up whoever reads; there is nothing more to read."""
        self._stopped = True
        _shut(self._sock)

    def end(self) -> None:
        """Nothing more may be read."""
        self.over = time.monotonic()
        self.begin_body(0, -math.inf)

    def holds_back(self) -> bool:
        """Whether TLS has bytes that a look at the socket does not show."""
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def close(self) -> None:
        self._source.close()
        super().close()


class _Reader(io.BufferedReader):
    """What one answer is read from. Where more has come than that answer, the connection is not used again."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._clock = clock

    def close(self) -> None:
        if not self.closed:
            self._clock.end()
            # It reads nothing, and times out, where there is nothing left in here.
            with contextlib.suppress(TimeoutError):
                if self._clock.holds_back() or self.peek(1):
                    self._clock.stop()
        super().close()


class _Answer(http.client.HTTPResponse):
    """The answer after those that only announce it: `http.client` passes over 100, and not over 102 and 103."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200 or status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                return version, status, reason
            http.client.parse_headers(self.fp)

    def flush(self) -> None:
        """Nothing waits here to be written. What it is read from would say so, unless it was collected before."""

    def begin(self) -> None:
        super().begin()
        if self.status == http.HTTPStatus.SWITCHING_PROTOCOLS:
            self.will_close = True  # what comes next is no HTTP


class ConnectLimit(float):
    """Seconds for connecting. urllib3 gives a connection this limit alone to send by, so it brings the right one."""

    __slots__ = ("first_byte",)

    first_byte: float

    def __new__(cls, limits: Limits) -> ConnectLimit:
        made = super().__new__(cls, limits.connect)
        made.first_byte = limits.first_byte
        return made


class Connection(HTTPConnection):
    """A connection whose answers are read by the clock."""

    timeout: float | None
    clock: Clock | None = None
    _stopped = False

    def response_class(  # type: ignore[override]  # http.client has a class there, called the same way
        self, sock: socket.socket, *arguments: Any, **options: Any
    ) -> http.client.HTTPResponse:
        self.clock = Clock(sock)
        if self._stopped:
            self.clock.stop()
        return _Answer(self.clock, *arguments, **options)  # type: ignore[arg-type]

    @property
    def is_connected(self) -> bool:
        unused = 0.0 if self.clock is None else time.monotonic() - self.clock.over
        return unused <= IDLE_SECONDS and super().is_connected

    def _new_conn(self) -> socket.socket:
        """A connection to the first address that answers; for urllib3, each of them has the whole limit to itself."""
        name, limit = self._dns_host, self.timeout or 0.0
        end = time.monotonic() + limit
        try:
            found = socket.getaddrinfo(name.strip("[]"), self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]  # it is only shown
        try:
            while True:
                self._dns_host = socket.getnameinfo(found.pop(0)[4], _NUMERIC)[0]
                self.timeout = _until(end) / (len(found) + 1)
                try:
                    made = super()._new_conn()
                except (ConnectTimeoutError, NewConnectionError):
                    if not found:
                        raise
                else:
                    made.settimeout(_until(end))  # what is left is for a proxy and for TLS
                    return made
        finally:
            self._dns_host, self.timeout = name, limit

    def connect(self) -> None:
        try:
            super().connect()
        except TimeoutError as error:  # of a handshake, with the proxy or within TLS
            raise ConnectTimeoutError(self, str(error)) from error
        if self._stopped:
            self.close()
            raise ClosedPoolError(self, CLOSED)  # type: ignore[arg-type]  # it is only shown

    def request(self, method: str, url: str, *arguments: Any, **options: Any) -> None:
        if self.sock is None:
            self.connect()
        if isinstance(self.timeout, ConnectLimit):
            self.timeout = self.timeout.first_byte
        try:
            super().request(method, url, *arguments, **options)
        except TimeoutError as error:
            raise ReadTimeoutError(self, url, str(error)) from error  # type: ignore[arg-type]

    def stop(self) -> None:
        """Wake up whoever waits here, to find that the client was closed."""
        self._stopped = True
        if self.clock is not None:
            self.clock.stop()
        if self.sock is not None:
            _shut(self.sock)


class SecureConnection(Connection, HTTPSConnection):  # pyright: ignore[reportIncompatibleVariableOverride]
    """The same over TLS."""


def _until(end: float) -> float:
    """The seconds that are left, and never none, which sockets take for not waiting at all."""
    return max(end - time.monotonic(), 0.001)


def _shut(sock: Any) -> None:
    """Nothing more comes or goes. Not by its own method, after which a socket takes what TLS has hidden for plain."""
    with contextlib.suppress(OSError):
        # TLS within TLS is a wrapper around a socket, and none itself.
        socket.socket.shutdown(getattr(sock, "socket", sock), socket.SHUT_RDWR)
