"""
One loop over epoll for any number of connections, which reads HTTP only as far as telling one request from the next
takes.

`GET /account` tells the CPU seconds spent so far, and how many answers were under way at once since the last time.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import re
import select
import socket
import ssl
import sys
import time
from functools import cache
from itertools import count
from pathlib import Path

from benchmarks.peers.host.answers import Script, script, whole

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
BURST = 32
"""How many writes one stream may make before it is another's turn."""


@cache
def route(head: bytes) -> tuple[str, int]:
    """The first part of the path, and the length of the body; a client sends the same head again and again."""
    length = LENGTH.search(head)
    return head.split(b" ", 2)[1].split(b"/")[1].decode(), int(length[1]) if length else 0


class Connection:
    """One client's connection: what it has sent, and how far its answer is."""

    def __init__(self, link: socket.socket) -> None:
        self.socket = link
        self.received = b""
        self.answer: Script | None = None
        self.position = 0
        self.rest = b""
        self.closed = False


class Server:
    """
    All connections, and the loop that serves them.

    Args:
        certificate: with its key in the same file: there is a listener that speaks TLS beside the one that does not.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.poll = select.epoll()
        self.poll.register(sys.stdin.fileno(), select.EPOLLIN | select.EPOLLHUP)
        self.listeners: dict[int, socket.socket] = {}
        self.listen()
        if certificate is not None:
            self.listen(certificate)
        self.connections: dict[int, Connection] = {}
        self.ready: list[Connection] = []
        self.timers: list[tuple[float, int, Connection]] = []
        self.numbers = count()
        self.under_way = 0
        self.most = 0

    def listen(self, certificate: Path | None = None) -> None:
        listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # What it accepts speaks TLS, and shakes hands within its first `recv`: nobody is waited for.
            listener = context.wrap_socket(listener, server_side=True, do_handshake_on_connect=False)
        listener.setblocking(False)
        self.listeners[listener.fileno()] = listener
        self.poll.register(listener.fileno(), select.EPOLLIN)

    def run(self) -> None:
        while True:
            timeout = 0.0 if self.ready else -1.0
            if self.timers and not self.ready:
                timeout = max(0.0, self.timers[0][0] - time.monotonic())
            for descriptor, event in self.poll.poll(timeout):
                if connection := self.connections.get(descriptor):
                    if event & select.EPOLLOUT:
                        self.poll.modify(descriptor, select.EPOLLIN)
                        self.ready.append(connection)
                    else:
                        self.read(connection)
                elif listener := self.listeners.get(descriptor):
                    self.accept(listener)
                else:
                    return
            while self.timers and self.timers[0][0] <= time.monotonic():
                self.ready.append(heapq.heappop(self.timers)[2])
            ready, self.ready = self.ready, []
            for connection in ready:
                self.write(connection)

    def accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                link, _ = listener.accept()
                link.setblocking(False)
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections[link.fileno()] = Connection(link)
                self.poll.register(link.fileno(), select.EPOLLIN)

    def read(self, connection: Connection) -> None:
        try:
            # More than a record of TLS holds: what is left of the next one is in the kernel, where epoll sees it.
            received = connection.socket.recv(65536)
        except ssl.SSLWantReadError:
            return
        except OSError:
            received = b""
        if not received:
            self.close(connection)
            return
        connection.received += received
        head, end, body = connection.received.partition(b"\r\n\r\n")
        if not end:
            return
        place, length = route(head)
        if len(body) < length:
            return
        connection.received = body[length:]
        connection.answer = self.account() if place == "account" else script(place)
        connection.position = 0
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        if connection.answer.delay:
            self.wait(connection, connection.answer.delay)
        else:
            self.write(connection)

    def write(self, connection: Connection) -> None:
        answer = connection.answer
        if connection.closed or answer is None:
            return
        writes, send = answer.writes, connection.socket.send
        for _ in range(1 if answer.pace else BURST):
            piece = connection.rest or writes[connection.position]
            try:
                sent = send(piece)
            except (BlockingIOError, ssl.SSLWantWriteError):
                sent = 0
            except OSError:
                self.close(connection)
                return
            connection.rest = piece[sent:]
            if connection.rest:
                # The client reads more slowly than this writes: go on when there is room.
                self.poll.modify(connection.socket.fileno(), select.EPOLLOUT)
                return
            connection.position += 1
            if connection.position == len(writes):
                connection.answer = None
                self.under_way -= 1
                return
        if answer.pace:
            self.wait(connection, answer.pace)
        else:
            self.ready.append(connection)

    def wait(self, connection: Connection, seconds: float) -> None:
        heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.numbers), connection))

    def close(self, connection: Connection) -> None:
        connection.closed = True
        self.under_way -= connection.answer is not None
        del self.connections[connection.socket.fileno()]
        connection.socket.close()

    def account(self) -> Script:
        content = json.dumps({"cpu": time.process_time(), "most": self.most}).encode()
        self.most = self.under_way
        return whole(content)
