"""A bare socket that knows where each answer ends beforehand: the speed of the host, and the price of the kernel."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from .question import HEADERS, STREAMED

END = b"\r\n0\r\n\r\n"
EVENT = b"data: {"


def content(chunk: bytes) -> str:
    return chunk.decode()


class Sync:
    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        body = json.dumps(STREAMED).encode()
        lines = [
            f"POST {place.path}/v1/chat/completions HTTP/1.1",
            f"Host: {place.netloc}",
            *(f"{name}: {value}" for name, value in HEADERS.items()),
            f"Content-Length: {len(body)}",
        ]
        self.message = "\r\n".join([*lines, "", ""]).encode() + body
        self.body, self.text = b"", ""
        self.socket = socket.create_connection((place.hostname, place.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(self) -> str:
        self.socket.sendall(self.message)
        body = self.socket.recv(65536).partition(b"\r\n\r\n")[2]
        if body != self.body:
            self.body, self.text = body, json.loads(body)["choices"][0]["message"]["content"]
        return self.text

    def chunks(self) -> Iterator[bytes]:
        """Only counts: the bytes are looked at once, and nothing is made of them."""
        self.socket.sendall(self.message)
        rest = b""
        while not rest.endswith(END):
            received = rest + self.socket.recv(65536)
            found = received.count(EVENT)
            rest = received[-len(END) - len(EVENT) :]
            found -= rest.count(EVENT)
            for _ in range(found):
                yield b""
