"""Requests that are too large to be sent at once."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tensormesh import Timeout
from tensormesh.errors import APITimeoutError
from tests.overlay.calls import COMPLETION, fails
from tests.overlay.conftest import KEY, Runner
from tests.overlay.scripted_host import PATIENCE_SECONDS, answer
from tests.overlay.sockets import sockets_to

LARGE = [{"role": "user", "content": "x" * 8_000_000}]
"""More than what the two sides of a connection take in on their own."""


class Reader:
    """Reads nothing until it is told to, and then answers."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(PATIENCE_SECONDS)
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.go_on = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection, connection.makefile("rb") as source, contextlib.suppress(OSError):
            connection.settimeout(PATIENCE_SECONDS)
            self.go_on.wait(PATIENCE_SECONDS)
            length = 0
            while line := source.readline().strip().lower():
                if line.startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            if len(source.read(length)) == length:
                connection.sendall(b"".join(step for step in answer(200, COMPLETION) if isinstance(step, bytes)))


@pytest.fixture
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


def upload(runner: Runner, reader: Reader, transport: dict[str, Any], limit: Timeout) -> Any:
    client = runner.client(inference_api_key=KEY, serverless_base_url=reader.url, timeout=limit, **transport)
    return client.inference.serverless.chat.completions.create(model="m", messages=LARGE)


def test_sending_may_take_longer_than_connecting(runner: Runner, reader: Reader, transport: dict[str, Any]) -> None:
    threading.Timer(0.3, reader.go_on.set).start()

    sent = upload(runner, reader, transport, Timeout(connect=0.1, first_byte=60))

    assert runner.run(sent).choices[0].message.content == "Hello."


def test_a_host_that_reads_nothing_is_a_timeout_and_may_have_seen_something(
    runner: Runner, reader: Reader, transport: dict[str, Any]
) -> None:
    limit = Timeout(connect=0.1, first_byte=0.2)

    error = fails(
        runner, lambda: upload(runner, reader, transport, limit), APITimeoutError, r"no answer came within 0\.2 s"
    )

    assert error.sent
    runner.wait_until(lambda: sockets_to(reader.port) == [])
