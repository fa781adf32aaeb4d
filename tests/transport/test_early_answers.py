"""A host that has heard enough answers before a large request is sent: the caller has its answer, and sends no more."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tensormesh_transport.errors import ReadError, ReadTimeoutError
from tensormesh_transport.sockets import new_socket
from tests.cases import cases
from tests.overlay.scripted_host import PATIENCE_SECONDS, head
from tests.transport.hosts import Host, Line, request
from tests.transport.pump import Pump, outcome

LARGE = bytes(8_000_000)
"""More than the two sides of a connection take in on their own."""

ROOM = 65_536


class Deaf:
    """What a host may do once it has heard enough; the test says when the caller has its answer."""

    def __init__(self) -> None:
        self.answered = threading.Event()

    def reads_on_for_a_while(self, line: Line) -> None:
        line.read(1_000_000)
        self.answered.wait(PATIENCE_SECONDS)

    def closes(self, line: Line) -> None:
        """What has come and was not read makes a reset of it."""

    def resets(self, line: Line) -> None:
        line.reset()


WAYS = [Deaf.reads_on_for_a_while, Deaf.closes, Deaf.resets]


def turning_down(then: Callable[[Line], None], *before: bytes) -> Callable[[Line], None]:
    """A host that answers 413 to its first request as soon as it has read the head, and 200 to all others."""
    turned_down = threading.Event()

    def play(line: Line) -> None:
        while asked := line.head():
            if turned_down.is_set():
                line.answer(b"welcome")
                continue
            assert "content-length: 8000000" in asked
            line.send(b"".join(before))
            turned_down.set()
            line.answer(b"too large", 413)
            return then(line)
        return None

    return play


@cases("before", [(), (head(100),), (head(100), head(103))], ids=["at once", "after 100", "after 103"])
@cases("then", WAYS)
@cases("streamed", [False, True], ids=["whole", "stream"])
def test_an_answer_that_comes_early_is_the_answer(
    pump: Pump,
    any_tls: ssl.SSLContext | None,
    certificate: Path,
    then: Callable[[Deaf, Line], None],
    before: tuple[bytes, ...],
    streamed: bool,
) -> None:
    transport, deaf = pump.transport(ca_bundle=str(certificate), max_connections=1), Deaf()
    with Host(turning_down(lambda line: then(deaf, line), *before), any_tls, room=ROOM) as host:
        upload = request(host.url, method="POST", content=LARGE)

        if streamed:
            body = pump.run(transport.open, upload)
            status, (content, error) = body.status_code, pump.rest(body)
            assert error is None
        else:
            status, _, content = pump.run(transport.send, upload)
        deaf.answered.set()

        assert (status, content) == (413, b"too large")
        assert pump.run(transport.send, request(host.url)).content == b"welcome"
        assert host.connections == 2


def test_a_host_that_answers_early_may_read_the_rest(
    pump: Pump, any_tls: ssl.SSLContext | None, certificate: Path
) -> None:
    """Whether the rest was sent or not, the next request is understood."""
    transport = pump.transport(ca_bundle=str(certificate), max_connections=1)

    def reads_all(line: Line) -> None:
        if line.read(len(LARGE)) == len(LARGE) and line.head():
            line.answer(b"welcome")

    with Host(turning_down(reads_all), any_tls, room=ROOM) as host:
        assert pump.run(transport.send, request(host.url, method="POST", content=LARGE)).status_code == 413
        assert pump.run(transport.send, request(host.url)).content == b"welcome"


def test_an_interim_answer_does_not_stop_the_sending(
    pump: Pump, any_tls: ssl.SSLContext | None, certificate: Path
) -> None:
    counts = []

    def play(line: Line) -> None:
        line.head()
        line.send(head(100))
        counts.append(line.read(len(LARGE)))
        line.answer(b"thanks")

    with Host(play, any_tls, room=ROOM) as host:
        upload = request(host.url, method="POST", content=LARGE)

        assert pump.run(pump.transport(ca_bundle=str(certificate)).send, upload).content == b"thanks"

    assert counts == [len(LARGE)]


@pytest.mark.parametrize("then", [Deaf.closes, Deaf.resets])
def test_a_host_that_goes_without_an_answer_is_a_broken_connection(
    pump: Pump, any_tls: ssl.SSLContext | None, certificate: Path, then: Callable[[Deaf, Line], None]
) -> None:
    def play(line: Line) -> None:
        line.head()
        then(Deaf(), line)

    with Host(play, any_tls, room=ROOM) as host:
        upload = request(host.url, method="POST", content=LARGE)

        error = outcome(pump.begin(pump.transport(ca_bundle=str(certificate)).send, upload))

    assert isinstance(error, ReadError)
    assert not isinstance(error, ReadTimeoutError)
    assert error.sent


@pytest.fixture
def _little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system takes in little on our side, too, so that what was sent was taken by the host."""

    def made(*kind: int) -> socket.socket:
        sock = new_socket(*kind)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
        return sock

    monkeypatch.setattr("tensormesh_transport.blocking.connection.new_socket", made)
    monkeypatch.setattr("tensormesh_transport.asynchronous.dialling.new_socket", made)


@pytest.mark.usefixtures("_little_room")
def test_a_host_that_takes_piece_after_piece_may_take_its_time(
    pump: Pump, any_tls: ssl.SSLContext | None, certificate: Path
) -> None:
    """The limit is for the silence between two pieces that it takes, not for all of them."""
    pause = threading.Event()
    upload = bytes(2_000_000)

    def play(line: Line) -> None:
        line.head()
        taken = 0
        while taken < len(upload):
            taken += line.read(min(100_000, len(upload) - taken))
            pause.wait(0.05)
        line.answer(b"thanks")

    with Host(play, any_tls, room=ROOM) as host:
        asked = request(host.url, method="POST", content=upload, first_byte=0.5)

        assert pump.run(pump.transport(ca_bundle=str(certificate)).send, asked).content == b"thanks"


@pytest.mark.usefixtures("_little_room")
def test_a_host_that_stops_taking_is_a_timeout(pump: Pump, any_tls: ssl.SSLContext | None, certificate: Path) -> None:
    stop = threading.Event()

    def play(line: Line) -> None:
        line.head()
        line.read(1_000_000)
        stop.wait(PATIENCE_SECONDS)

    with Host(play, any_tls, room=ROOM) as host:
        upload = request(host.url, method="POST", content=LARGE, first_byte=0.2)

        error = outcome(pump.begin(pump.transport(ca_bundle=str(certificate)).send, upload))
        stop.set()

    assert isinstance(error, ReadTimeoutError)
    assert error.sent
