"""The client's side of its connections, which the host cannot see, and ports where no connection comes about."""

from __future__ import annotations

import contextlib
import gc
import socket
from collections.abc import Iterator


def sockets_to(port: int) -> list[socket.socket]:
    """The sockets of this process that are connected to a port here, and not closed."""
    sockets = [one for one in gc.get_objects() if isinstance(one, socket.socket) and one.fileno() >= 0]
    return [one for one in sockets if _peer(one) == ("127.0.0.1", port)]


@contextlib.contextmanager
def full_queue(address: str, port: int = 0) -> Iterator[int]:
    """A port whose queue is full: a connection is neither accepted nor refused."""
    with socket.socket() as server:
        server.bind((address, port))
        server.listen(0)
        waiting = [socket.socket() for _ in range(2)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(server.getsockname())
        yield server.getsockname()[1]
        for one in waiting:
            one.close()


def _peer(one: socket.socket) -> object:
    with contextlib.suppress(OSError):
        return one.getpeername()
    return None
