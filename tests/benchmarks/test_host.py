"""The benchmark host answers as its clients are told it does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from benchmarks.peers import host

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the host uses epoll")

SAMPLE = json.loads((host.SAMPLES / "completion.json").read_bytes())


@contextmanager
def connect(port: int) -> Iterator[HTTPConnection]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    yield connection
    connection.close()


def ask(connection: HTTPConnection, script: str) -> bytes:
    connection.request("POST", f"/{script}/v1/chat/completions", b'{"model": "m"}')
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.read()


def test_an_answer_is_the_sample_and_the_connection_stays_open(port: int) -> None:
    with connect(port) as connection:
        assert json.loads(ask(connection, "answer")) == SAMPLE
        first = connection.sock
        assert json.loads(ask(connection, "answer")) == SAMPLE
        assert connection.sock is first


@pytest.mark.parametrize("script", ["chunks=25", "chunks=25,batch=10", "chunks=25,pace=0.0001", "chunks=3000"])
def test_a_stream_has_as_many_events_as_it_was_asked_for(port: int, script: str) -> None:
    wanted = int(script.partition("=")[2].partition(",")[0])

    with connect(port) as connection:
        events = ask(connection, script).split(b"\n\n")

    assert events[-2:] == [b"data: [DONE]", b""]
    chunks = [json.loads(event.removeprefix(b"data: ")) for event in events[:-2]]
    assert len(chunks) == wanted
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[-2:]] == [None, "stop"]


def test_a_batch_is_one_write() -> None:
    """Its events, and the end."""
    writes = host.script("chunks=20,batch=10").writes

    assert [write.count(b"data: {") for write in writes] == [10, 10, 0]


def test_a_reader_that_stops_for_a_while_loses_nothing(port: int) -> None:
    """More than any buffer holds is written, and it goes on when there is room."""
    with connect(port) as slow, connect(port) as other:
        slow.request("POST", "/chunks=100000/v1/chat/completions", b"{}")
        answer = slow.getresponse()
        assert json.loads(ask(other, "answer")) == SAMPLE
        assert answer.read().count(b"data: {") == 100_000


def test_the_account_tells_how_many_answers_were_under_way(port: int) -> None:
    with connect(port) as asker, connect(port) as one, connect(port) as two:
        asker.request("GET", "/account")
        asker.getresponse().read()
        for connection in (one, two):
            connection.request("POST", "/answer,delay=0.05/v1/chat/completions", b"{}")
        for connection in (one, two):
            connection.getresponse().read()
        asker.request("GET", "/account")
        account = json.loads(asker.getresponse().read())

    assert account["most"] == 2
    assert account["cpu"] > 0


def test_it_ends_when_its_input_is_closed() -> None:
    """So that it never outlives the benchmark that started it."""
    done = subprocess.run(
        [sys.executable, str(Path(host.__file__))],
        input=b"",
        capture_output=True,
        timeout=10,
        check=False,
    )

    assert done.returncode == 0
