"""However much a host sends, a bounded part of it is held, and each byte costs the same."""

from __future__ import annotations

import gzip
import itertools
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_transport.core import content
from tensormesh_transport.core.content import MAX_PIECE_BYTES
from tensormesh_transport.core.exchange import MAX_HEAD_BYTES, Exchange
from tensormesh_transport.errors import RemoteProtocolError
from tests.cases import cases

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LIMIT = 10_000

ENDLESS: dict[str, tuple[bytes, Callable[[int], bytes]]] = {
    "blank lines": (b"", lambda number: b"\r\n"),
    "interim answers": (b"", lambda number: b"HTTP/1.1 103 Early Hints\r\nLink: <%d>\r\n\r\n" % number),
    "headers": (OK, lambda number: b"X-%d: more\r\n" % number),
    "headers of one name": (OK, lambda number: b"X: more\r\n"),
    "a reason": (OK[:-2], lambda number: b" and more"),
    "the name of a header": (OK, lambda number: b"x-more"),
    "the value of a header": (OK + b"X: ", lambda number: b"and more"),
    "blanks before a value": (OK + b"X:", lambda number: b" \t"),
    "chunk sizes": (CHUNKED, lambda number: b"0" * 10),
    "blanks behind a chunk size": (CHUNKED + b"5", lambda number: b" \t"),
    "chunk extensions": (CHUNKED + b"5", lambda number: b";more=%d" % number),
    "a chunk extension": (CHUNKED + b'5;a="', lambda number: b"and more"),
    "trailers": (CHUNKED + b"5\r\nhello\r\n0\r\n", lambda number: b"X-%d: more\r\n" % number),
    "the value of a trailer": (CHUNKED + b"5\r\nhello\r\n0\r\nX: ", lambda number: b"and more"),
}
"""What a host may go on saying for ever without any content."""


def packets(raw: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in packets of one size."""
    held = bytearray()
    for piece in raw:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]


def fed(pieces: Iterable[bytes], limit: int | None = None, method: str = "GET") -> Exchange:
    exchange = Exchange(method, limit)
    for piece in pieces:
        exchange.feed(piece)
        if exchange.over:
            break
    return exchange


def head_of(size: int) -> bytes:
    """A head of so many bytes."""
    begin, end = OK + b"Content-Length: 5\r\nX: ", b"\r\n\r\n"
    return begin + b"x" * (size - len(begin) - len(end)) + end


@cases("size", [1000, 16_384, 100_000, 300_000])
@cases("what", ENDLESS)
def test_what_brings_no_content_comes_to_an_end(what: str, size: int) -> None:
    begin, more = ENDLESS[what]
    came = 0

    def watched() -> Iterator[bytes]:
        nonlocal came
        for piece in packets(itertools.chain([begin], map(more, range(400_000))), size):
            came += len(piece)
            yield piece

    exchange = fed(watched())

    assert isinstance(exchange.error, RemoteProtocolError)
    assert "bytes came without any of the content" in str(exchange.error) or "overflow" in str(exchange.error)
    assert came <= 2 * MAX_HEAD_BYTES + 2 * size
    if "trailer" in what:
        assert exchange.take() == b"hello"


@given(st.integers(-3, 3), st.sampled_from([1 << 10, 1 << 16, 1 << 18, MAX_HEAD_BYTES - 1, MAX_HEAD_BYTES + 1]))
def test_a_head_is_too_long_or_it_is_not_in_whatever_packets_it_comes(over: int, size: int) -> None:
    raw = head_of(MAX_HEAD_BYTES + over) + b"hello"

    exchange = fed(raw[begin : begin + size] for begin in range(0, len(raw), size))

    # The first byte of the content must be among the bytes that may come.
    assert exchange.done is (over < 0)
    assert (exchange.error is None) is (over < 0)


def test_ten_thousand_headers_are_read() -> None:
    names = [b"x-%d" % number for number in range(10_000)]
    lines = b"".join(name + b":1\r\n" for name in names)

    exchange = fed([OK + b"Content-Length: 0\r\n" + lines + b"\r\n"])

    assert exchange.done
    assert len(exchange.headers) == 10_001


@given(
    st.integers(LIMIT - 2, LIMIT + 2),
    st.sampled_from(["length", "chunked", "close"]),
    st.sampled_from([1, 999, 20_000]),
)
def test_a_whole_answer_is_as_long_as_it_may_be_and_no_longer(length: int, framing: str, size: int) -> None:
    body = b"x" * length
    raw = {
        "length": OK + b"Content-Length: %d\r\n\r\n" % length + body,
        "chunked": CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (length, body),
        "close": OK + b"\r\n" + body,
    }[framing]
    exchange = fed((raw[begin : begin + size] for begin in range(0, len(raw), size)), LIMIT)
    exchange.end()

    if length <= LIMIT:
        assert exchange.content() == body
    else:
        assert not exchange.done
        with pytest.raises(RemoteProtocolError, match=f"longer than {LIMIT} bytes"):
            exchange.content()
        assert exchange.take() == b""


def test_an_answer_that_says_it_is_too_long_is_left_before_it_has_come() -> None:
    exchange = fed([OK + b"Content-Length: 99999999999\r\n\r\n", *[b"x" * 1000] * 11], LIMIT)

    assert "longer than" in str(exchange.error)


@pytest.mark.parametrize("limit", [MAX_PIECE_BYTES, 5 * MAX_PIECE_BYTES + 1])
def test_a_bomb_makes_no_more_than_may_come(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(bytes(20 * MAX_PIECE_BYTES))
    exchange = fed([OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb], limit)
    assert exchange.done
    take, sizes = Exchange.take, []

    def watched(self: Exchange) -> bytes:
        piece = take(self)
        sizes.append(len(piece))
        return piece

    monkeypatch.setattr(Exchange, "take", watched)

    with pytest.raises(RemoteProtocolError, match=f"longer than {limit} bytes"):
        exchange.content()
    assert max(sizes) <= MAX_PIECE_BYTES
    assert sum(sizes) <= limit + MAX_PIECE_BYTES


def body_of(pieces: int) -> list[bytes]:
    return [CHUNKED, *[b"5\r\nhello\r\n"] * pieces, b"0\r\n\r\n"]


def zipped(member: bytes, members: int) -> list[bytes]:
    body = gzip.compress(member) * members
    begin = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    return [begin, *(body[place : place + 4096] for place in range(0, len(body), 4096))]


def whole(pieces: list[bytes]) -> None:
    exchange = fed(pieces)
    assert exchange.done
    exchange.content()


def streamed(pieces: list[bytes]) -> None:
    exchange = Exchange("GET")
    for piece in pieces:
        exchange.feed(piece)
        while exchange.take():
            pass
    assert exchange.done


@cases("read", [whole, streamed])
@cases(
    "raw",
    [
        pytest.param(lambda times: body_of(500 * times), id="chunks"),
        pytest.param(lambda times: [b"".join(body_of(500 * times))], id="chunks in one packet"),
        pytest.param(
            lambda times: [OK + b"X: 1\r\n" * 500 * times + b"Content-Length: 0\r\n\r\n"], id="headers of one name"
        ),
        pytest.param(
            lambda times: [OK + b"".join(b"%d: 1\r\n" % n for n in range(500 * times)) + b"Content-Length: 0\r\n\r\n"],
            id="headers",
        ),
        pytest.param(lambda times: [b"HTTP/1.1 102 X\r\n\r\n"] * 500 * times + body_of(1), id="interim answers"),
        pytest.param(lambda times: zipped(bytes(100_000), 100 * times), id="zeros, compressed"),
        pytest.param(lambda times: zipped(b"", 1000 * times), id="nothing, compressed again and again"),
    ],
)
def test_twice_as_much_is_twice_the_work(
    read: Callable[[list[bytes]], None], raw: Callable[[int], list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in calls, and in bytes that are given to zlib or come back unread."""
    monkeypatch.setattr(content, "zlib", Scales)

    once, twice = effort(lambda: read(raw(2))), effort(lambda: read(raw(4)))

    assert once > 500
    assert twice <= 2.2 * once


class Scales:
    """Stands for zlib, and weighs what it is given."""

    error, DEFLATED = zlib.error, zlib.DEFLATED
    weight = 0

    def __init__(self, unpack: Any) -> None:
        self._unpack = unpack

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unpack, name)

    @classmethod
    def decompressobj(cls, window: int) -> Scales:
        return cls(zlib.decompressobj(window))

    def copy(self) -> Scales:
        return Scales(self._unpack.copy())

    def decompress(self, data: bytes, most: int) -> bytes:
        made: bytes = self._unpack.decompress(data, most)
        Scales.weight += len(data) + len(self._unpack.unused_data) + len(self._unpack.unconsumed_tail)
        return made


def effort(work: Callable[[], None]) -> int:
    calls = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    Scales.weight, before = 0, sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls + Scales.weight
