"""
`python host.py`: the host that every client is measured against, made to cost nothing beside them.

All bytes are made before they are asked for, one loop over epoll serves any number of connections, and HTTP is read
only as far as telling one request from the next takes. It prints its port and ends when its input is closed.

The first part of the path says what happens, `/chunks=1000,pace=0.005/v1/chat/completions` for instance:

| setting | meaning |
|---|---|
| delay=SECONDS | silence before the first byte |
| chunks=N | a stream of N events rather than one answer |
| batch=N | how many events go into one HTTP chunk and one write |
| pace=SECONDS | silence between two writes |

`GET /account` tells the CPU seconds spent so far, and how many answers were under way at once since the last time.
It needs nothing but the standard library, and Linux.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import os
import re
import resource
import select
import socket
import sys
import time
from dataclasses import dataclass
from functools import cache
from itertools import batched, count
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
DONE = b"data: [DONE]\n\n"
BURST = 32
"""How many writes one stream may make before it is another's turn."""


@dataclass(frozen=True)
class Script:
    """An answer: its writes, and the seconds before the first and between any two."""

    writes: tuple[bytes, ...]
    delay: float = 0.0
    pace: float = 0.0


def whole(content: bytes, delay: float = 0.0) -> Script:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return Script((head.encode() + content,), delay)


def stream(events: list[bytes], batch: int, delay: float, pace: float) -> Script:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = [_http_chunk(b"".join(group)) for group in batched(events, batch)]
    return Script((head + pieces[0], *pieces[1:], _http_chunk(DONE) + _http_chunk(b"")), delay, pace)


def _http_chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


def sample_events(number: int) -> list[bytes]:
    """The role, the words, the reason why it ended: `number` events, of which all but two say something."""
    word = (SAMPLES / "chunk.json").read_bytes().strip()
    first, last = json.loads(word), json.loads(word)
    first["choices"][0]["delta"] = {"role": "assistant", "content": ""}
    last["choices"][0] |= {"delta": {}, "finish_reason": "stop"}
    ends = [json.dumps(event, separators=(",", ":")).encode() for event in (first, last)]
    return [b"data: %b\n\n" % event for event in (ends[0], *[word] * (number - 2), ends[1])]


@cache
def script(text: str) -> Script:
    """What a path asks for."""
    settings = {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", text)}
    delay = settings.get("delay", 0.0)
    if "chunks" not in settings:
        return whole((SAMPLES / "completion.json").read_bytes().strip(), delay)
    events = sample_events(int(settings["chunks"]))
    return stream(events, int(settings.get("batch", 1)), delay, settings.get("pace", 0.0))


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


class Host:
    """All connections, and the loop that serves them."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.listener.setblocking(False)
        self.poll = select.epoll()
        self.poll.register(self.listener.fileno(), select.EPOLLIN)
        self.poll.register(sys.stdin.fileno(), select.EPOLLIN | select.EPOLLHUP)
        self.connections: dict[int, Connection] = {}
        self.ready: list[Connection] = []
        self.timers: list[tuple[float, int, Connection]] = []
        self.numbers = count()
        self.under_way = 0
        self.most = 0

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
                elif descriptor == self.listener.fileno():
                    self.accept()
                else:
                    return
            while self.timers and self.timers[0][0] <= time.monotonic():
                self.ready.append(heapq.heappop(self.timers)[2])
            ready, self.ready = self.ready, []
            for connection in ready:
                self.write(connection)

    def accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                link, _ = self.listener.accept()
                link.setblocking(False)
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections[link.fileno()] = Connection(link)
                self.poll.register(link.fileno(), select.EPOLLIN)

    def read(self, connection: Connection) -> None:
        try:
            received = connection.socket.recv(65536)
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
            except BlockingIOError:
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


def main() -> None:
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    if len(sys.argv) > 1:
        os.sched_setaffinity(0, {int(sys.argv[1])})
    host = Host()
    print(host.listener.getsockname()[1], flush=True)
    host.run()


if __name__ == "__main__":
    main()
