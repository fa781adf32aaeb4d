"""The benchmark host answers as its clients are told it does, over TLS as over plain TCP."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from http.client import HTTPConnection, HTTPSConnection

import pytest

from benchmarks.peers.host import answers
from benchmarks.peers.host.process import Host
from tools.clean_room import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the host uses epoll")

SAMPLE = json.loads((answers.SAMPLES / "completion.json").read_bytes())
SECONDS = 10

Connect = Callable[[], AbstractContextManager[HTTPConnection]]


@pytest.fixture
def trusting(host: Host) -> ssl.SSLContext:
    if host.certificate is None:
        pytest.skip("there is no openssl to make a certificate with")
    return ssl.create_default_context(cafile=host.certificate)


@pytest.fixture(params=["plain", "tls"])
def connect(host: Host, request: pytest.FixtureRequest) -> Connect:
    """Opens a connection for a block."""
    if request.param == "plain":
        return lambda: closing(HTTPConnection("127.0.0.1", host.ports[0], timeout=SECONDS))
    context = request.getfixturevalue("trusting")
    return lambda: closing(HTTPSConnection("127.0.0.1", host.ports[1], timeout=SECONDS, context=context))


@pytest.fixture
def link(host: Host, trusting: ssl.SSLContext) -> Iterator[socket.socket]:
    """A bare connection to the port that speaks TLS."""
    with socket.create_connection(("127.0.0.1", host.ports[1]), timeout=SECONDS) as link:
        yield link


def ask(connection: HTTPConnection, script: str, body: bytes = b'{"model": "m"}') -> bytes:
    connection.request("POST", f"/{script}/v1/chat/completions", body)
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.read()


def test_an_answer_is_the_sample_and_the_connection_stays_open(connect: Connect) -> None:
    with connect() as connection:
        assert json.loads(ask(connection, "answer")) == SAMPLE
        first = connection.sock
        assert json.loads(ask(connection, "answer")) == SAMPLE
        assert connection.sock is first


@pytest.mark.parametrize("script", ["chunks=25", "chunks=25,batch=10", "chunks=25,pace=0.0001", "chunks=3000"])
def test_a_stream_has_as_many_events_as_it_was_asked_for(connect: Connect, script: str) -> None:
    wanted = int(script.partition("=")[2].partition(",")[0])

    with connect() as connection:
        events = ask(connection, script).split(b"\n\n")

    assert events[-2:] == [b"data: [DONE]", b""]
    chunks = [json.loads(event.removeprefix(b"data: ")) for event in events[:-2]]
    assert len(chunks) == wanted
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[-2:]] == [None, "stop"]


def test_a_batch_is_one_write() -> None:
    """Its events, and the end."""
    writes = answers.script("chunks=20,batch=10").writes

    assert [write.count(b"data: {") for write in writes] == [10, 10, 0]


def test_a_reader_that_stops_for_a_while_loses_nothing(connect: Connect) -> None:
    """More than any buffer holds is written, and it goes on when there is room."""
    with connect() as slow, connect() as other:
        slow.request("POST", "/chunks=100000/v1/chat/completions", b"{}")
        answer = slow.getresponse()
        assert json.loads(ask(other, "answer")) == SAMPLE
        assert answer.read().count(b"data: {") == 100_000


def test_a_request_longer_than_a_record_is_read_to_its_end(connect: Connect) -> None:
    with connect() as connection:
        assert json.loads(ask(connection, "answer", bytes(100_000))) == SAMPLE


def test_a_handshake_that_takes_its_time_holds_up_nobody(
    connect: Connect, link: socket.socket, trusting: ssl.SSLContext
) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trusting.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    assert not shaken(tls)
    hello = outgoing.read()

    link.sendall(hello[:10])
    with connect() as other:
        assert json.loads(ask(other, "answer")) == SAMPLE
    link.sendall(hello[10:])

    while not shaken(tls):
        assert incoming.write(link.recv(65536)) > 0


def shaken(tls: ssl.SSLObject) -> bool:
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def test_who_speaks_no_tls_where_it_is_spoken_is_turned_away(connect: Connect, link: socket.socket) -> None:
    link.sendall(b"GET /answer/v1 HTTP/1.1\r\n\r\n")

    with suppress(ConnectionResetError):
        assert not link.recv(65536).startswith(b"HTTP")
    with connect() as other:
        assert json.loads(ask(other, "answer")) == SAMPLE


def test_the_account_tells_how_many_answers_were_under_way(host: Host, connect: Connect) -> None:
    with connect() as one, connect() as two:
        host.account()
        for connection in (one, two):
            connection.request("POST", "/answer,delay=0.05/v1/chat/completions", b"{}")
        for connection in (one, two):
            connection.getresponse().read()
        cpu, most = host.account()

    assert most == 2
    assert cpu > 0


def test_it_ends_when_its_input_is_closed() -> None:
    """So that it never outlives the benchmark that started it."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers.host"],
        cwd=ROOT,
        input=b"",
        capture_output=True,
        timeout=10,
        check=False,
    )

    assert done.returncode == 0
