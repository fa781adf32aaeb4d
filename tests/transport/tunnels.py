"""A proxy that is played, and a host behind it."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from typing import Any

import pytest

from tests.overlay.scripted_host import PATIENCE_SECONDS
from tests.transport.hosts import Host, Line

KINDS = ["http", "https"]
"""How a proxy is spoken to."""


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


class Origin:
    """A host that says what it was asked for, and keeps it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def play(self, line: Line) -> None:
        while asked := line.head():
            self.asked.append(asked)
            line.answer(b"by the host")


def use(monkeypatch: pytest.MonkeyPatch, proxy: Host, name: str = "localhost") -> None:
    """From now on all go through the proxy, which wants a password."""
    address = proxy.url.replace("127.0.0.1", name)
    monkeypatch.setenv("ALL_PROXY", address.replace("//", "//user:pass%3Aword@"))


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
