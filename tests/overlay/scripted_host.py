"""A host on 127.0.0.1 that plays scripted bytes, answer after answer, and records what it was asked. Knows no API."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

PATIENCE_SECONDS = 10.0
"""How long the host waits for a test that forgot to release it, or for a client that never lets go."""

TLS_HANDSHAKE = b"\x16"
"""How a client that wants to speak TLS begins."""


@dataclass(frozen=True)
class Cut:
    """An end that HTTP did not announce: `reset`, `close`, `half-close` (we still read), or `stall` (mere silence)."""

    how: str


RESET = Cut("reset")
CLOSE = Cut("close")
HALF_CLOSE = Cut("half-close")
STALL = Cut("stall")
"""Say nothing more until the client lets go."""


@dataclass(frozen=True)
class Trickle:
    """Piece after piece, for ever, so many seconds apart."""

    piece: bytes
    seconds: float = 0.02


type Step = bytes | Cut | Trickle | threading.Event
"""Bytes to send, an end, or an event to wait for before going on."""


@dataclass(frozen=True)
class Asked:
    """One request as it was read; `connection` numbers the connections from 1."""

    connection: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def answer(status: int = 200, body: bytes | str | Any = b"", *ends: Step, **headers: str) -> tuple[Step, ...]:
    """A whole answer with its length; what is neither bytes nor text goes out as JSON."""
    content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    return (head(status, content_length=str(len(content)), **headers) + content, *ends)


def head(status: int = 200, **headers: str) -> bytes:
    """A status line and headers; `retry_after="1"` is `retry-after: 1`."""
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def chunk(piece: bytes) -> bytes:
    """One piece of a chunked body; the empty one is the last."""
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def events(*datas: Any, end: bytes = b"data: [DONE]\n\n") -> bytes:
    """Server-sent events as most hosts write them."""
    return b"".join(b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n" for data in datas) + end


def streamed(*steps: Step, last: bool = True, **headers: str) -> tuple[Step, ...]:
    """A chunked event stream, each bytes one chunk; without `last` it never says that it is over."""
    body = [chunk(step) if isinstance(step, bytes) else step for step in steps]
    start = head(200, content_type="text/event-stream", transfer_encoding="chunked", **headers)
    return (start, *body, *((chunk(b""),) if last else ()))


def cut_up(body: bytes, borders: Iterable[int]) -> list[bytes]:
    """The pieces of `body` between `borders`."""
    places = [0, *sorted({place for place in borders if 0 < place < len(body)}), len(body)]
    return [body[start:end] for start, end in itertools.pairwise(places)]


class ScriptedHost:
    """Answers requests in the order of its script, on as many connections as come."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._tls = tls
        self._script: deque[tuple[Step, ...]] = deque()
        self._always: tuple[Step, ...] = ()
        self._open: dict[int, socket.socket] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._last: Any = None
        self._came = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self.asked: list[Asked] = []
        self.faults: list[str] = []
        self.connections = 0
        """How many were ever made."""
        self.ends = 0
        """How often a script ended a connection."""

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def open(self) -> int:
        """How many connections the client has not let go of."""
        return len(self._open)

    @property
    def leftovers(self) -> int:
        return len(self._script)

    def plays(self, *answers: tuple[Step, ...]) -> Self:
        """Add answers, one for each request."""
        self._script += answers
        return self

    def always_plays(self, steps: tuple[Step, ...]) -> Self:
        """Answer every request for which nothing is scripted with this."""
        self._always = steps
        return self

    def start(self) -> Self:
        self._threads[0].start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._threads[0].join()
        self._hang_up()

    @contextlib.contextmanager
    def context(self) -> Iterator[Self]:
        """As if for one of several cases alone: it has its own connections and requests, and plays its script."""
        try:
            yield self
        finally:
            self._wait_for_those_who_came()
            self._hang_up()
            faults, leftovers = self.faults, self.leftovers
            self._script.clear()
            self._always, self.asked, self.faults, self.connections, self.ends = (), [], [], 0, 0
        _check(faults, leftovers)

    def check(self) -> None:
        """Fail where the script was not played to its end, or was too short."""
        _check(self.faults, self.leftovers)

    def _wait_for_those_who_came(self) -> None:
        """Whoever connected, and was not accepted yet, is of this case: let one come who is the last."""
        with socket.socket() as last:
            last.bind(("127.0.0.1", 0))
            self._last = last.getsockname()
            last.connect(("127.0.0.1", self.port))
            assert self._came.wait(PATIENCE_SECONDS)
            self._came.clear()

    def _hang_up(self) -> None:
        with self._lock:
            for connection in self._open.values():
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        while len(self._threads) > 1:
            self._threads.pop().join()

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._socket.accept()
            except OSError:
                return
            if address == self._last:
                connection.close()
                self._came.set()
                continue
            connection.settimeout(PATIENCE_SECONDS)
            # Pieces leave one by one, however small they are.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            with self._lock:
                self._open[self.connections] = connection
            thread = threading.Thread(target=self._serve, args=(connection, self.connections))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            if self._tls:
                connection = self._open[number] = self._tls.wrap_socket(connection, server_side=True)
            with connection.makefile("rb") as source:
                if source.peek(1)[:1] == TLS_HANDSHAKE and not self._tls:
                    connection.sendall(head(400))
                    return
                while (asked := _read(source, number)) is not None:
                    self.asked.append(asked)
                    steps = self._script.popleft() if self._script else self._always
                    if not steps:
                        self.faults.append(f"nothing is scripted for {asked.method} {asked.path}")
                        return
                    for step in steps:
                        if not self._play(connection, step):
                            return
        except OSError:
            pass  # the client went away, which is its right
        finally:
            connection.close()
            with self._lock:
                del self._open[number]

    def _play(self, connection: socket.socket, step: Step) -> bool:
        """One step; whether the connection goes on."""
        if isinstance(step, bytes):
            connection.sendall(step)
            return True
        if isinstance(step, threading.Event):
            if not step.wait(PATIENCE_SECONDS):
                self.faults.append("the test never released the host")
            return True
        if isinstance(step, Trickle):
            while not self._stopping.wait(step.seconds):
                connection.sendall(step.piece)
            return False
        if step == RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif step == STALL:
            self._wait_for_goodbye(connection)
        elif step == HALF_CLOSE:
            connection.shutdown(socket.SHUT_WR)
            self.ends += 1
            return True
        else:
            connection.shutdown(socket.SHUT_WR)
            self.ends += 1
            self._wait_for_goodbye(connection)
        return False

    def _wait_for_goodbye(self, connection: socket.socket) -> None:
        try:
            while connection.recv(4096):
                pass
        except TimeoutError:
            self.faults.append("the client never let go of a connection")


def _check(faults: list[str], leftovers: int) -> None:
    assert not faults, f"the host complains: {'; '.join(faults)}"
    assert leftovers == 0, f"{leftovers} scripted answers were never asked for"


def _read(source: Any, number: int) -> Asked | None:
    """The next request of a connection; None where it is over, or does not speak HTTP."""
    line = source.readline(65_536).decode("latin-1")
    if line.count(" ") != 2:
        return None
    method, path, _ = line.split(" ")
    headers: dict[str, str] = {}
    while field := source.readline(65_536).decode("latin-1").strip():
        name, _, value = field.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(number, method, path, headers, source.read(int(headers.get("content-length", 0))))
