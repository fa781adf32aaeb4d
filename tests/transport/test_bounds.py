"""However long an answer is, what is held of it at a time is not."""

from __future__ import annotations

import threading
import tracemalloc
import zlib

import pytest

from tensormesh_transport.core.content import MAX_PIECE_BYTES
from tensormesh_transport.core.exchange import Exchange
from tensormesh_transport.core.whole import Whole
from tensormesh_transport.errors import TooLongError
from tensormesh_transport.messages import BEGINNING_BYTES
from tests.cases import cases
from tests.overlay.scripted_host import CLOSE, STALL, ScriptedHost, Step, answer, chunk, head
from tests.transport.hosts import Host, Line, request
from tests.transport.pump import Pump, outcome, wait_until

LIMIT = 100_000


def zipped(count: int, wbits: int = 31) -> bytes:
    pack = zlib.compressobj(wbits=wbits)
    return pack.compress(bytes(count)) + pack.flush()


def in_chunks(body: bytes) -> tuple[Step, ...]:
    return (head(200, transfer_encoding="chunked"), *(chunk(body[at : at + 4096]) for at in range(0, len(body), 4096)))


@cases(
    "steps",
    [
        pytest.param(answer(200, bytes(LIMIT)), id="with a length"),
        pytest.param((*in_chunks(bytes(LIMIT)), chunk(b"")), id="in chunks"),
        pytest.param((head(200) + bytes(LIMIT), CLOSE), id="to the end of the connection"),
        pytest.param(answer(200, zipped(LIMIT), content_encoding="gzip"), id="gzip"),
        pytest.param(answer(200, zipped(LIMIT, 15), content_encoding="deflate"), id="deflate"),
    ],
)
def test_an_answer_of_just_the_limit_is_read(pump: Pump, host: ScriptedHost, steps: tuple[Step, ...]) -> None:
    host.plays(steps)

    asked = request(host.url, max_bytes=LIMIT)

    assert pump.run(pump.transport().send, asked).content == bytes(LIMIT)


@cases(
    "steps",
    [
        pytest.param(answer(200, bytes(LIMIT + 1)), id="with a length"),
        pytest.param((head(200, content_length="999999") + bytes(LIMIT + 1), STALL), id="before its end has come"),
        pytest.param((*in_chunks(bytes(LIMIT + 1)), STALL), id="in chunks"),
        pytest.param((head(200) + bytes(LIMIT + 1), STALL), id="to the end of the connection"),
        pytest.param(answer(200, zipped(LIMIT + 1), content_encoding="gzip"), id="gzip"),
        pytest.param(answer(200, zipped(9_900_000), content_encoding="gzip"), id="a bomb"),
        pytest.param(answer(200, zipped(LIMIT - 9) + zipped(10), content_encoding="gzip"), id="two members"),
        pytest.param(answer(200, zipped(9_900_000, 15), content_encoding="deflate"), id="a bomb of deflate"),
    ],
)
def test_an_answer_beyond_the_limit_is_an_error(pump: Pump, host: ScriptedHost, steps: tuple[Step, ...]) -> None:
    transport = pump.transport()
    host.plays(steps, answer(200, b"good"))

    error = outcome(pump.begin(transport.send, request(host.url, max_bytes=LIMIT)))

    assert isinstance(error, TooLongError)
    assert error.status_code == 200
    assert error.beginning.startswith(bytes(LIMIT))
    assert len(error.beginning) <= BEGINNING_BYTES
    assert f"longer than {LIMIT} bytes" in str(error)
    assert error.sent
    wait_until(lambda: host.open == 0)
    assert pump.run(transport.send, request(host.url)).content == b"good"


def test_a_stream_may_be_longer_than_a_whole_answer(pump: Pump, host: ScriptedHost) -> None:
    host.plays(answer(200, bytes(10 * LIMIT)), (*in_chunks(zipped(10 * LIMIT, 31)), chunk(b"")))
    transport = pump.transport()

    for _ in range(2):
        body = pump.run(transport.open, request(host.url, max_bytes=LIMIT))
        got, error = pump.rest(body)
        assert error is None
        assert got == bytes(10 * LIMIT) or zlib.decompress(got, 31) == bytes(10 * LIMIT)


def test_a_bomb_in_a_stream_comes_in_pieces_that_can_be_held(pump: Pump, host: ScriptedHost) -> None:
    host.plays(answer(200, zipped(20 * MAX_PIECE_BYTES), content_encoding="gzip"))
    body = pump.run(pump.transport().open, request(host.url))

    sizes = list(iter(lambda: len(pump.next(body)), 0))

    assert sum(sizes) == 20 * MAX_PIECE_BYTES
    assert max(sizes) <= MAX_PIECE_BYTES


class Fountain:
    """A host that sends as fast as it is read from, and counts."""

    def __init__(self, piece: bytes = bytes(65_536)) -> None:
        self.sent = 0
        self.stop = threading.Event()
        self._piece = piece

    def play(self, line: Line) -> None:
        line.head()
        line.send(head(200))
        while not self.stop.is_set():
            line.send(self._piece)
            self.sent += len(self._piece)

    def is_still(self) -> bool:
        """Whether it has not sent anything for a moment."""
        before = self.sent
        return not self.stop.wait(0.1) and self.sent == before


SYSTEM_BYTES = 12_000_000
"""What the buffers of the system, on both sides, may hold at most."""


def test_a_host_has_to_wait_for_a_slow_reader(pump: Pump) -> None:
    """What a stream holds does not grow while its reader is busy; then it goes on where it was."""
    fountain = Fountain()
    with Host(fountain.play) as host:
        body = pump.run(pump.transport().open, request(host.url, idle=0.2))

        wait_until(fountain.is_still)
        held = fountain.sent
        assert held < SYSTEM_BYTES
        taken = 0
        while taken < 4 * held:
            taken += len(pump.next(body))
        wait_until(fountain.is_still)
        assert fountain.sent - taken < SYSTEM_BYTES

        pump.run(body.close)
        fountain.stop.set()


def test_a_reader_may_take_longer_than_the_host_may_be_silent(pump: Pump) -> None:
    """The host is not to blame for it: it was made to wait."""
    fountain = Fountain()
    with Host(fountain.play) as host:
        body = pump.run(pump.transport().open, request(host.url, idle=0.05))

        for _ in range(3):
            assert pump.next(body)
            wait_until(fountain.is_still)
        assert pump.next(body)

        pump.run(body.close)
        fountain.stop.set()


def test_a_body_that_waits_for_its_reader_can_be_left(pump: Pump) -> None:
    fountain = Fountain()
    with Host(fountain.play) as host:
        body = pump.run(pump.transport().open, request(host.url))
        wait_until(fountain.is_still)

        pump.run(body.close)

        wait_until(lambda: host.open == 0)


def test_the_end_of_a_body_that_waits_for_its_reader_is_looked_for_only_for_a_moment(pump: Pump) -> None:
    fountain = Fountain()
    with Host(fountain.play) as host:
        body = pump.run(pump.transport().open, request(host.url))
        wait_until(fountain.is_still)

        pump.run(body.finish)

        wait_until(lambda: host.open == 0)


def test_what_there_is_no_memory_for_is_an_answer_that_is_too_long(
    pump: Pump, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is generous, and a machine may be small."""

    def full(self: Whole) -> bytes:
        raise MemoryError

    monkeypatch.setattr(Whole, "content", full)
    host.plays((*in_chunks(b"x" * 10_000), chunk(b"")), answer(200, b"good"))
    transport = pump.transport()

    error = outcome(pump.begin(transport.send, request(host.url)))

    assert isinstance(error, TooLongError)
    assert str(error) == "there is no memory for an answer of 10000 bytes and more"
    assert error.beginning.startswith(b"x" * 4096)
    assert pump.run(transport.send, request(host.url)).content == b"good"


def test_an_answer_in_small_chunks_takes_no_more_room_than_in_large_ones() -> None:
    exchange = Exchange("GET", LIMIT)
    exchange.feed(head(200, transfer_encoding="chunked"))
    tracemalloc.start()
    try:
        for _ in range(40):
            exchange.feed(b"".join(chunk(b"%02d" % (number % 100)) for number in range(1000)))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    exchange.feed(chunk(b""))

    assert held < 2 * 80_000 + 100_000
    assert exchange.content() == b"".join(b"%02d" % (number % 100) for number in range(40_000))
