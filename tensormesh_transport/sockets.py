"""What the two pumps ask of sockets."""

from __future__ import annotations

import errno
import select
import socket
import sys
from contextlib import suppress
from typing import Protocol

_PROBES = {"TCP_KEEPIDLE": 60, "TCP_KEEPALIVE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
"""Seconds of silence before the first probe (under one name or the other), between two, and how many go unanswered."""

_OPTIONS: list[tuple[int, int, int]] = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *((socket.IPPROTO_TCP, getattr(socket, name), value) for name, value in _PROBES.items() if hasattr(socket, name)),
]
"""
Send at once, and ask for probes: a long silence neither makes a router forget the connection, nor hides that the host
is gone.
"""


class HasFileno(Protocol):
    """A socket, or what stands for one."""

    def fileno(self) -> int: ...


def new_socket(family: int, kind: int, protocol: int) -> socket.socket:
    """A socket that is not connected, and never waits."""
    made = socket.socket(family, kind, protocol)
    try:
        made.setblocking(False)
        for option in _OPTIONS:
            made.setsockopt(*option)
    except BaseException:
        made.close()
        raise
    return made


def means_closed(error: BaseException) -> bool:
    """
    Whether, where a request could not be sent for this reason, the end of what came is the end that the host made: what
    else breaks a connection is told once, and then looks like such an end.
    """
    return isinstance(error, BrokenPipeError)


try:
    import fcntl
    import termios
except ImportError:  # Windows

    def unacknowledged(sock: socket.socket) -> int | None:
        """How many bytes the other side's system has not said to have; None where this system does not tell."""
        return None

else:

    def unacknowledged(sock: socket.socket) -> int | None:
        """How many bytes the other side's system has not said to have; None where this system does not tell."""
        with suppress(OSError):
            return int.from_bytes(fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
        return None


def failure(sock: socket.socket) -> int:
    """
    The number of the error that broke a connection, which is told once; 0 where none did.

    `EPIPE` says that the other side had closed it in order, and refused what came after.
    """
    with suppress(OSError):
        return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return errno.EBADF


if hasattr(select, "poll"):

    def ready(sock: HasFileno, seconds: float, *, writing: bool = False) -> bool:
        """Whether something has come, or (`writing`) more can be sent, within so many seconds."""
        poller = select.poll()
        poller.register(sock, select.POLLIN | select.POLLOUT if writing else select.POLLIN)
        return bool(poller.poll(seconds * 1000))

    def wait_for_failure(sock: HasFileno, seconds: float) -> None:
        """Until a connection is broken off, whatever else has come over it, or for so many seconds."""
        poller = select.poll()
        poller.register(sock, 0)
        poller.poll(seconds * 1000)

else:  # Windows

    def ready(sock: HasFileno, seconds: float, *, writing: bool = False) -> bool:
        """Whether something has come, or (`writing`) more can be sent, within so many seconds."""
        readable, writable, failed = select.select([sock], [sock] if writing else [], [sock], seconds)
        return bool(readable or writable or failed)

    def wait_for_failure(sock: HasFileno, seconds: float) -> None:
        """Until a connection is broken off, whatever else has come over it, or for so many seconds."""
        select.select([], [], [sock], seconds)
