"""A proxy on 127.0.0.1 that records what it is asked and leads every tunnel to one place."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self

from tests.overlay.scripted_host import PATIENCE_SECONDS


class Tunnel:
    """
    A proxy for CONNECT.

    Args:
        port: where every tunnel leads, whatever name was asked for.
        status: what CONNECT is answered with.
    """

    def __init__(self, port: int, status: int = 200) -> None:
        self._port, self._status = port, status
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._open: list[socket.socket] = []
        self.asked: list[str] = []
        """The head of each request, as it came."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._socket, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.settimeout(PATIENCE_SECONDS)
            self._open.append(connection)
            self._start(self._lead, connection)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _lead(self, client: socket.socket) -> None:
        head = b""
        with contextlib.suppress(OSError):
            while not head.endswith(b"\r\n\r\n") and (piece := client.recv(1)):
                head += piece
            self.asked.append(head.decode("latin-1"))
            client.sendall(b"HTTP/1.1 %d Scripted\r\ncontent-length: 0\r\n\r\n" % self._status)
            if self._status != 200:
                return
            target = socket.create_connection(("127.0.0.1", self._port), PATIENCE_SECONDS)
            self._open.append(target)
            self._start(_pour, target, client)
            _pour(client, target)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
