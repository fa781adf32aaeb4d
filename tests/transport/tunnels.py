"""A proxy that is played: it leads every tunnel to one place, and answers what is no tunnel by itself."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from typing import Any

from tests.overlay.scripted_host import PATIENCE_SECONDS
from tests.transport.hosts import Line


class Tunnels:
    """
    What a proxy does.

    Args:
        port: where every tunnel leads, whatever name was asked for.
        status: what it says to CONNECT where that is no success.
    """

    def __init__(self, port: int = 0, opened: bytes = b"HTTP/1.1 200 Established\r\n\r\n") -> None:
        self._port, self._opened = port, opened
        self.asked: list[str] = []
        """The head of each request that it saw."""

    def play(self, line: Line) -> None:
        while head := line.head():
            self.asked.append(head)
            if head.startswith("CONNECT "):
                line.send(self._opened)
                with socket.create_connection(("127.0.0.1", self._port), PATIENCE_SECONDS) as target:
                    return _pour(line.sock, target)
            line.answer(b"by the proxy")
        return None


def _pour(one: socket.socket, other: socket.socket) -> None:
    """From each to the other, until either has no more to say."""
    with contextlib.suppress(OSError):
        while True:
            pending = isinstance(one, ssl.SSLSocket) and one.pending()
            readable: list[Any] = [one] if pending else select.select([one, other], [], [], PATIENCE_SECONDS)[0]
            for source in readable:
                data = source.recv(65_536)
                if not data:
                    return
                (other if source is one else one).sendall(data)
