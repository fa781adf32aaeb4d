"""
A host ends a connection in the moment in which it is used again.

A request of which nobody can have read anything goes out once more, over a new connection. One that may have been read
does not, whatever its method.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tensormesh_transport import sockets
from tensormesh_transport.asynchronous import connection as asynchronous_connection
from tensormesh_transport.blocking import connection as blocking_connection
from tensormesh_transport.core.pool import SOON_TIMES
from tensormesh_transport.errors import ConnectError, ReadError, ReadTimeoutError
from tensormesh_transport.messages import Request
from tests.overlay.scripted_host import PATIENCE_SECONDS
from tests.transport.hosts import Host, Line, request
from tests.transport.pump import Pump, outcome, wait_until

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"]
LARGE = 3_000_000


class Fickle:
    """
    A host that answers once over its first connection, and then ends it.

    Args:
        ends: how. What it hears later, over any connection, it answers.
    """

    def __init__(self, ends: Callable[[Fickle, Line], None]) -> None:
        self._ends = ends
        self.lines: list[Line] = []
        self.asked: list[str] = []
        """The request line of each request that it has read."""
        self.gone = threading.Event()

    def play(self, line: Line) -> None:
        self.lines.append(line)
        if len(self.lines) > 1:
            while self.reads(line):
                line.answer(b"good")
            return
        self.reads(line)
        line.answer(b"good")
        self._ends(self, line)

    def reads(self, line: Line) -> bool:
        """Reads a request; whether there was one."""
        head = line.head()
        if head:
            self.asked.append(head.partition(" HTTP")[0])
            length = head.partition("content-length: ")[2].partition("\r\n")[0]
            line.read(int(length or 0))
        return bool(head)

    def in_the_last_moment(self, line: Line) -> None:
        """Ends the connection when it was looked at for the last time, and before anything is sent."""
        self.gone.wait(PATIENCE_SECONDS)

    def after_the_request(self, line: Line) -> None:
        self.reads(line)

    def at_once_after_the_request(self, line: Line) -> None:
        self.reads(line)
        line.reset()

    def with_the_request_unread(self, line: Line) -> None:
        wait_until(lambda: sockets.ready(line.sock, 0))

    def broken_off_in_the_last_moment(self, line: Line) -> None:
        self.gone.wait(PATIENCE_SECONDS)
        line.reset()

    def half_in_the_last_moment(self, line: Line) -> None:
        """Says goodbye, and reads on all the same."""
        self.gone.wait(PATIENCE_SECONDS)
        line.sock.shutdown(1)
        self.reads(line)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[threading.Event]:
    """What is set when a connection was looked at, and nothing had come over it yet; then the end comes."""
    events: list[threading.Event] = []
    ready = sockets.ready

    def look(sock: Any, seconds: float, **options: Any) -> bool:
        found = ready(sock, seconds, **options)
        if seconds == 0 and events and not found:
            events.pop().set()
            wait_until(lambda: ready(sock, 0))
            return False
        return found

    monkeypatch.setattr(blocking_connection, "ready", look)
    monkeypatch.setattr(asynchronous_connection, "ready", look)
    return events


def asks(pump: Pump, transport: Any, asked: Request, how: str) -> tuple[bytes, bool]:
    """What comes of a request, and whether it was sent twice."""
    answer = pump.run(getattr(transport, how), asked)
    if how == "send":
        return answer.content, answer.resent
    content, error = pump.rest(answer)
    assert error is None
    return content, answer.resent


def posted(host: Host, method: str = "POST", size: int = 20, **options: Any) -> Request:
    content = None if method in ("GET", "HEAD") else bytes(size)
    return request(host.url, "/second", method, content, **options)


WAYS = pytest.mark.parametrize("how", ["send", "open"])


@WAYS
@pytest.mark.parametrize("method", METHODS)
def test_what_the_host_cannot_have_read_is_sent_again(
    pump: Pump,
    any_tls: ssl.SSLContext | None,
    certificate: Path,
    looked_at: list[threading.Event],
    how: str,
    method: str,
) -> None:
    fickle, transport = Fickle(Fickle.in_the_last_moment), pump.transport(ca_bundle=str(certificate))
    with Host(fickle.play, any_tls) as host:
        assert asks(pump, transport, request(host.url, "/first"), how) == (b"good", False)
        looked_at.append(fickle.gone)

        answered = asks(pump, transport, posted(host, method), how)

        assert answered == (b"" if method == "HEAD" else b"good", True)
        assert fickle.asked == ["GET /first", f"{method} /second"]
        pump.run(transport.close)


def test_a_large_request_that_nobody_reads_is_sent_again(pump: Pump, looked_at: list[threading.Event]) -> None:
    fickle, transport = Fickle(Fickle.in_the_last_moment), pump.transport()
    with Host(fickle.play) as host:
        pump.run(transport.send, request(host.url, "/first"))
        looked_at.append(fickle.gone)

        answered = pump.run(transport.send, posted(host, size=LARGE))

        assert (answered.content, answered.resent) == (b"good", True)
        assert fickle.asked == ["GET /first", "POST /second"]


@WAYS
def test_what_was_broken_off_before_anything_left_is_sent_again(
    pump: Pump, looked_at: list[threading.Event], how: str
) -> None:
    fickle, transport = Fickle(Fickle.broken_off_in_the_last_moment), pump.transport()
    with Host(fickle.play) as host:
        asks(pump, transport, request(host.url, "/first"), how)
        looked_at.append(fickle.gone)

        assert asks(pump, transport, posted(host), how) == (b"good", True)
        assert fickle.asked == ["GET /first", "POST /second"]


@WAYS
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(Fickle.after_the_request, id="closed"),
        pytest.param(Fickle.at_once_after_the_request, id="reset"),
        pytest.param(Fickle.with_the_request_unread, id="unread"),
    ],
)
def test_what_the_host_may_have_read_is_sent_once(
    pump: Pump, how: str, method: str, ends: Callable[[Fickle, Line], None]
) -> None:
    fickle, transport = Fickle(ends), pump.transport()
    with Host(fickle.play) as host:
        asks(pump, transport, request(host.url, "/first"), how)

        error = outcome(pump.begin(getattr(transport, how), posted(host, method)))

        assert isinstance(error, ReadError)
        assert (error.sent, error.resent) == (True, False)
        assert host.connections == 1
        assert fickle.asked.count(f"{method} /second") <= 1


@WAYS
def test_a_host_that_reads_on_behind_its_goodbye_is_asked_once(
    pump: Pump, looked_at: list[threading.Event], how: str
) -> None:
    fickle, transport = Fickle(Fickle.half_in_the_last_moment), pump.transport()
    with Host(fickle.play) as host:
        asks(pump, transport, request(host.url, "/first"), how)
        looked_at.append(fickle.gone)

        error = outcome(pump.begin(getattr(transport, how), posted(host)))

        assert isinstance(error, ReadError)
        assert (error.sent, error.resent) == (True, False)
        wait_until(lambda: fickle.asked == ["GET /first", "POST /second"])


@WAYS
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_over_a_new_connection_nothing_is_sent_again(pump: Pump, how: str, method: str) -> None:
    def play(line: Line) -> None:
        heads.append(line.head())

    heads: list[str] = []
    transport = pump.transport()
    with Host(play) as host:
        error = outcome(pump.begin(getattr(transport, how), posted(host, method)))

        assert isinstance(error, ReadError)
        assert (error.sent, error.resent) == (True, False)
        assert len(heads) == 1


@WAYS
@pytest.mark.parametrize("came", [b"H", b"\r\n", b"HTTP/1.1 103 Early\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-le"])
def test_once_a_byte_of_an_answer_has_come_nothing_is_sent_again(pump: Pump, how: str, came: bytes) -> None:
    def play(line: Line) -> None:
        line.head()
        line.answer(b"good")
        if line.head():
            line.send(came)

    transport = pump.transport()
    with Host(play) as host:
        asks(pump, transport, request(host.url), how)

        error = outcome(pump.begin(getattr(transport, how), posted(host, "GET")))

        assert isinstance(error, ReadError)
        assert not error.resent
        assert host.connections == 1


@WAYS
def test_after_silence_nothing_is_sent_again(pump: Pump, how: str) -> None:
    def play(line: Line) -> None:
        line.head()
        line.answer(b"good")
        line.wait_for_goodbye()

    transport = pump.transport()
    with Host(play) as host:
        asks(pump, transport, request(host.url), how)

        error = outcome(pump.begin(getattr(transport, how), posted(host, "GET", first_byte=0.05)))

        assert type(error) is ReadTimeoutError
        assert host.connections == 1


@WAYS
def test_a_request_is_sent_no_more_than_twice(pump: Pump, looked_at: list[threading.Event], how: str) -> None:
    def play(line: Line) -> None:
        lines.append(line)
        if line.head() and len(lines) == 1:
            line.answer(b"good")
            gone.wait(PATIENCE_SECONDS)

    lines: list[Line] = []
    gone, transport = threading.Event(), pump.transport()
    with Host(play) as host:
        asks(pump, transport, request(host.url), how)
        looked_at.append(gone)

        error = outcome(pump.begin(getattr(transport, how), posted(host)))

        assert isinstance(error, ReadError)
        assert (error.sent, error.resent) == (True, True)
        assert host.connections == 2


@WAYS
def test_where_there_is_no_second_connection_nothing_was_sent(
    pump: Pump, looked_at: list[threading.Event], how: str
) -> None:
    def play(line: Line) -> None:
        line.head()
        line.answer(b"good")
        gone.wait(PATIENCE_SECONDS)
        host.close_the_door()

    gone, transport = threading.Event(), pump.transport()
    with Host(play) as host:
        asks(pump, transport, request(host.url), how)
        looked_at.append(gone)

        error = outcome(pump.begin(getattr(transport, how), posted(host)))

    assert type(error) is ConnectError
    assert (error.sent, error.resent) == (False, True)


def test_the_second_connection_is_a_new_one(pump: Pump, looked_at: list[threading.Event]) -> None:
    """All that were kept are of the same age, and may be as dead."""
    done, both = threading.Event(), threading.Barrier(2)

    def play(line: Line) -> None:
        lines.append(line)
        line.head()
        if len(lines) <= 2:
            both.wait(PATIENCE_SECONDS)
        line.answer(b"good")
        if line in lines[:2]:
            done.wait(PATIENCE_SECONDS)

    lines: list[Line] = []
    transport = pump.transport()
    with Host(play) as host:
        for call in [pump.begin(transport.send, request(host.url)) for _ in range(2)]:
            call.result(PATIENCE_SECONDS)

        looked_at.append(done)
        answered = pump.run(transport.send, posted(host))

        assert (answered.content, answered.resent) == (b"good", True)
        assert host.connections == 3


def test_the_only_place_is_not_lost(pump: Pump, looked_at: list[threading.Event]) -> None:
    fickle, transport = Fickle(Fickle.in_the_last_moment), pump.transport(max_connections=1)
    with Host(fickle.play) as host:
        pump.run(transport.send, request(host.url, "/first"))
        looked_at.append(fickle.gone)

        contents = [pump.run(transport.send, posted(host)).content for _ in range(3)]

        assert contents == [b"good"] * 3


def test_both_tries_share_the_time_for_all(pump: Pump, looked_at: list[threading.Event]) -> None:
    def play(line: Line) -> None:
        lines.append(line)
        line.head()
        if len(lines) == 1:
            line.answer(b"good")
            gone.wait(PATIENCE_SECONDS)
        else:
            line.wait_for_goodbye()

    lines: list[Line] = []
    gone, transport = threading.Event(), pump.transport()
    with Host(play) as host:
        pump.run(transport.send, request(host.url))
        looked_at.append(gone)

        error = outcome(pump.begin(transport.send, posted(host, total=0.3)))

        assert type(error) is ReadTimeoutError
        assert "within 0.3 s" in str(error)
        assert error.resent


def test_a_host_that_ends_connections_without_a_word_is_not_relied_on(pump: Pump) -> None:
    """Where it has ended some right behind its answers, no request is risked over another for a while."""

    def play(line: Line) -> None:
        for _ in range(2):
            if not line.head():
                return
            lines.append(line)
            line.answer(b"good")

    lines: list[Line] = []
    transport = pump.transport()
    with Host(play) as host:
        for _ in range(SOON_TIMES):
            for _ in range(2):
                pump.run(transport.send, request(host.url))
            wait_until(lambda: not host.open)
        lines.clear()

        for _ in range(6):
            assert pump.run(transport.send, posted(host)).content == b"good"

    # The last to have been ended is found only when it is to be used.
    assert len(set(lines)) == len(lines)
