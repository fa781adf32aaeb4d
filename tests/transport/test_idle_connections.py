"""What the other side says over TLS while nothing is asked, and how it ends it."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tensormesh_transport.errors import RemoteProtocolError
from tests.cases import cases
from tests.overlay.scripted_host import PATIENCE_SECONDS, head
from tests.transport.hosts import Host, Line, request
from tests.transport.pump import Pump, outcome, wait_until

GOOD = head(200, content_length="4") + b"good"


class Talker:
    """`openssl s_server`, which says what TLS can say beside its data: Python has no words for it."""

    def __init__(self, certificate: Path) -> None:
        options = ["-accept", "127.0.0.1:0", "-cert", str(certificate), "-key", str(certificate), "-tls1_3"]
        # It prints line by line to what seems to be a terminal.
        self._terminal, theirs = os.openpty()
        self._process = subprocess.Popen(
            ["openssl", "s_server", *options], stdin=subprocess.PIPE, stdout=theirs, stderr=subprocess.DEVNULL
        )
        os.close(theirs)
        assert self._process.stdin is not None
        self._stdin: IO[bytes] = self._process.stdin
        self._heard = b""
        self.handshakes = 0
        """How many connections there were."""
        self.url = f"https://{self.hears(b'ACCEPT ').decode().strip()}"

    def says(self, text: bytes) -> None:
        self._stdin.write(text)
        self._stdin.flush()

    def hears(self, text: bytes) -> bytes:
        """Waits until it prints `text`; gives the rest of that line."""
        while True:
            _, found, behind = self._heard.partition(text)
            line, end, behind = behind.partition(b"\n")
            if found and end:
                self._heard = behind
                return line
            assert select.select([self._terminal], [], [], PATIENCE_SECONDS)[0], self._heard
            data = os.read(self._terminal, 65_536)
            self.handshakes += data.count(b"CIPHER is")
            self._heard += data

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._stdin.close()
        os.close(self._terminal)


@pytest.fixture
def talker(certificate: Path) -> Iterator[Talker]:
    with contextlib.closing(Talker(certificate)) as talker:
        yield talker


@pytest.mark.parametrize("word", [b"k", b"K"], ids=["told of new keys", "asked for new keys"])
def test_a_word_of_tls_alone_does_not_spoil_a_connection(
    pump: Pump, talker: Talker, certificate: Path, word: bytes
) -> None:
    """As tickets for another session do not, which may come as late."""
    transport = pump.transport(ca_bundle=str(certificate))
    contents = []
    for number in range(3):
        call = pump.begin(transport.send, request(talker.url, f"/{number}"))
        talker.hears(b"GET /%d" % number)
        talker.says(GOOD)
        contents.append(call.result(PATIENCE_SECONDS).content)
        talker.says(word + b"\n")
        talker.hears(b"SSL_do_handshake")

    assert contents == [b"good"] * 3
    assert talker.handshakes == 1
    pump.run(transport.close)


class Visited:
    """A host that answers, does something with its idle connection, and then serves what comes next."""

    def __init__(self, then: object) -> None:
        self._then = then
        self.done = threading.Event()

    def play(self, line: Line) -> None:
        line.head()
        line.send(GOOD)
        if not self.done.is_set():
            self._then(line)  # type: ignore[operator]
            self.done.set()
        while line.head():
            line.send(GOOD)


def says_goodbye(line: Line) -> None:
    assert isinstance(line.sock, ssl.SSLSocket)
    line.sock.settimeout(0)
    with contextlib.suppress(OSError):  # it is said; what the other side says to it is not waited for
        line.sock.unwrap()
    line.sock.settimeout(PATIENCE_SECONDS)


def says_something(line: Line) -> None:
    line.send(GOOD)


def breaks_its_tls(line: Line) -> None:
    """What is no record of TLS."""
    os.write(line.sock.fileno(), b"plain text")


def says_nothing(line: Line) -> None:
    pass


@cases(
    ("then", "connections"),
    [(says_nothing, 1), (says_goodbye, 2), (says_something, 2), (breaks_its_tls, 2), (Line.reset, 2)],
)
@cases("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])
def test_what_is_said_on_an_idle_connection_decides_whether_it_is_used_again(
    pump: Pump, tls: ssl.SSLContext, certificate: Path, then: object, connections: int, version: ssl.TLSVersion
) -> None:
    tls.maximum_version = version
    visited, transport = Visited(then), pump.transport(ca_bundle=str(certificate))
    with Host(visited.play, tls) as host:
        assert pump.run(transport.send, request(host.url)).content == b"good"
        assert visited.done.wait(PATIENCE_SECONDS)

        assert pump.run(transport.send, request(host.url)).content == b"good"

        assert host.connections == connections
        wait_until(lambda: host.open == 1)
        pump.run(transport.close)


@pytest.mark.skipif(not hasattr(socket, "TCP_CORK"), reason="the system sends what it likes")
def test_a_goodbye_that_comes_with_the_answer_is_heard(pump: Pump, tls: ssl.SSLContext, certificate: Path) -> None:
    def play(line: Line) -> None:
        line.head()
        line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        line.send(GOOD)
        says_goodbye(line)
        line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        line.wait_for_goodbye()

    transport = pump.transport(ca_bundle=str(certificate))
    with Host(play, tls) as host:
        for _ in range(2):
            assert pump.run(transport.send, request(host.url)).content == b"good"

        assert host.connections == 2


def ends_with_goodbye(line: Line) -> None:
    says_goodbye(line)


def ends_without_goodbye(line: Line) -> None:
    """As many hosts do."""


@cases("ends", [ends_with_goodbye, ends_without_goodbye])
@cases("streamed", [False, True], ids=["whole", "stream"])
def test_a_body_that_ends_with_the_connection_is_whole(
    pump: Pump, tls: ssl.SSLContext, certificate: Path, ends: object, streamed: bool
) -> None:
    def play(line: Line) -> None:
        line.head()
        line.send(head(200) + b"to the end")
        ends(line)  # type: ignore[operator]

    transport = pump.transport(ca_bundle=str(certificate))
    with Host(play, tls) as host:
        if streamed:
            assert pump.rest(pump.run(transport.open, request(host.url))) == (b"to the end", None)
        else:
            assert pump.run(transport.send, request(host.url)).content == b"to the end"
        wait_until(lambda: host.open == 0)


@pytest.mark.parametrize("ends", [ends_with_goodbye, ends_without_goodbye])
def test_a_body_with_a_length_that_ends_before_it_is_not(
    pump: Pump, tls: ssl.SSLContext, certificate: Path, ends: object
) -> None:
    def play(line: Line) -> None:
        line.head()
        line.send(head(200, content_length="99") + b"to the end")
        ends(line)  # type: ignore[operator]

    transport = pump.transport(ca_bundle=str(certificate))
    with Host(play, tls) as host:
        assert isinstance(outcome(pump.begin(transport.send, request(host.url))), RemoteProtocolError)
        got, error = pump.rest(pump.run(transport.open, request(host.url)))

    assert got == b"to the end"
    assert isinstance(error, RemoteProtocolError)
