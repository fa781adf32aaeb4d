"""Hosts, and proxies, that a test plays by hand, and what it says of what it sends to them."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from typing import Any, Self

from tensormesh_transport.messages import MAX_BYTES, Request, Timeouts
from tests.overlay.scripted_host import PATIENCE_SECONDS

SENTINEL = "SENTINEL"
PATIENT = Timeouts(PATIENCE_SECONDS, PATIENCE_SECONDS, PATIENCE_SECONDS, None)


def request(url: str, path: str = "/", method: str = "GET", content: bytes | None = None, **options: Any) -> Request:
    """
    A request.

    Args:
        options: `headers`, `max_bytes`, and those of the limits that are not to be patient.
    """
    headers, most = options.pop("headers", {}), options.pop("max_bytes", MAX_BYTES)
    return Request(method, url, path, headers, content, PATIENT._replace(**options), most)


class Line:
    """The host's end of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._buffer = b""

    def head(self) -> str:
        """Reads up to the empty line; empty where the other side has gone."""
        while b"\r\n\r\n" not in self._buffer:
            if not (data := self.sock.recv(65_536)):
                return ""
            self._buffer += data
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        return head.decode("latin-1")

    def read(self, count: int) -> int:
        """Reads so many bytes, or as many as come; says how many did."""
        taken = min(len(self._buffer), count)
        self._buffer = self._buffer[taken:]
        while taken < count and (data := self.sock.recv(min(65_536, count - taken))):
            taken += len(data)
        return taken

    def answer(self, content: bytes = b"", status: int = 200, *fields: str) -> None:
        """An answer with a length."""
        lines = [f"HTTP/1.1 {status} Played", f"content-length: {len(content)}", *fields, "", ""]
        self.send("\r\n".join(lines).encode() + content)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def wait_for_goodbye(self) -> None:
        with contextlib.suppress(OSError):
            while self.sock.recv(65_536):
                pass

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class Host:
    """
    Serves each connection with a function of the test, in a thread of its own, and then closes it.

    Args:
        play: what is done with a connection. That the other side goes away meanwhile is no fault.
        tls: what is spoken on it.
        room: how many bytes the system may take in for the host, about; as many as it likes if 0.
    """

    def __init__(
        self, play: Callable[[Line], None], tls: ssl.SSLContext | None = None, address: str = "127.0.0.1", room: int = 0
    ) -> None:
        self._play, self._tls, self._address = play, tls, address
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.socket(family)
        if room:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self._socket.bind((address, 0))
        self._socket.listen()
        self._threads = [threading.Thread(target=self._accept)]
        self._open: set[Line] = set()
        self.faults: list[BaseException] = []
        self.connections = 0
        """How many were ever made."""

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def authority(self) -> str:
        return f"[{self._address}]:{self.port}" if ":" in self._address else f"{self._address}:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self.authority}"

    @property
    def open(self) -> int:
        """How many connections are not over."""
        return len(self._open)

    def close_the_door(self) -> None:
        """No more connections are accepted."""
        self._socket.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._socket, *(line.sock for line in list(self._open))):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join()
        assert self.faults == []

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            sock.settimeout(PATIENCE_SECONDS)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            line = Line(sock)
            self._open.add(line)
            thread = threading.Thread(target=self._serve, args=(line,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: Line) -> None:
        try:
            if self._tls is not None:
                line.sock = self._tls.wrap_socket(line.sock, server_side=True, do_handshake_on_connect=False)
                line.sock.do_handshake()
            self._play(line)
        except TimeoutError as error:
            self.faults.append(error)
        except OSError:
            pass  # the other side went away
        except BaseException as error:  # it fails the test
            self.faults.append(error)
        finally:
            line.sock.close()
            self._open.discard(line)
