"""The client's side of its connections, which the host cannot see."""

from __future__ import annotations

import contextlib
import gc
import socket


def sockets_to(port: int) -> list[socket.socket]:
    """The sockets of this process that are connected to a port here, and not closed."""
    sockets = [one for one in gc.get_objects() if isinstance(one, socket.socket) and one.fileno() >= 0]
    return [one for one in sockets if _peer(one) == ("127.0.0.1", port)]


def _peer(one: socket.socket) -> object:
    with contextlib.suppress(OSError):
        return one.getpeername()
    return None
