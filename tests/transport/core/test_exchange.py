"""Whatever packets an answer comes in, it is the same answer, and what arrived is handed out at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tensormesh_transport.core.exchange import Exchange
from tensormesh_transport.errors import RemoteProtocolError, TransportError
from tests.cases import cases
from tests.fuzz.spoiling import scribbled
from tests.fuzz.test_transports import NOISE
from tests.overlay.pure.cuts import PLACES, cut
from tests.transport.answers import Told, answers

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
STRAY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def taken(exchange: Exchange) -> bytes:
    """All of the content that came and was not taken."""
    pieces = []
    while piece := exchange.take():
        pieces.append(piece)
    assert exchange.held == 0
    return b"".join(pieces)


def fed(method: str, pieces: Iterable[bytes], *, closed: bool = False) -> Exchange:
    exchange = Exchange(method)
    for piece in pieces:
        exchange.feed(piece)
    if closed:
        exchange.end()
    return exchange


def outcome(method: str, pieces: Iterable[bytes], *, as_it_comes: bool) -> tuple[Any, ...]:
    """What is made of bytes and the end behind them."""
    exchange, content = Exchange(method), b""
    for piece in pieces:
        exchange.feed(piece)
        content += taken(exchange) if as_it_comes else b""
    exchange.end()
    content += taken(exchange)
    return exchange.status, exchange.headers, content, exchange.done, str(exchange.error)


def letters(raw: bytes) -> list[bytes]:
    return [raw[place : place + 1] for place in range(len(raw))]


@given(answers())
def test_after_each_byte_all_is_there_that_it_brings(told: Told) -> None:
    exchange, content = Exchange(told.method), b""
    for position, byte in enumerate(letters(told.raw), start=1):
        exchange.feed(byte)
        content += taken(exchange)

        assert content == told.content[: told.arrived[position]]
        assert (exchange.status, exchange.headers) == (
            (told.status, told.headers) if position >= told.begun_at else (0, {})
        )
        assert (exchange.done, exchange.error) == (position == len(told.raw) and not told.until_close, None)
    if told.until_close:
        exchange.end()

    assert (exchange.done, exchange.error, exchange.reusable) == (True, None, told.kept)


@given(answers(), PLACES)
def test_the_cut_makes_no_difference_to_an_answer(told: Told, places: list[int]) -> None:
    for pieces in ([told.raw], cut(told.raw, places), letters(told.raw)):
        exchange = fed(told.method, pieces, closed=told.until_close)

        exchange.check_begun()
        assert (exchange.status, exchange.headers) == (told.status, told.headers)
        assert exchange.content() == told.content
        assert (exchange.done, exchange.error, exchange.reusable) == (True, None, told.kept)


@given(answers())
def test_the_cut_may_be_anywhere(told: Told) -> None:
    for place in range(len(told.raw)):
        exchange = fed(told.method, [told.raw[:place]])
        early = taken(exchange)
        exchange.feed(told.raw[place:])
        if told.until_close:
            exchange.end()

        assert early == told.content[: told.arrived[place]]
        assert (exchange.status, exchange.headers, exchange.done) == (told.status, told.headers, True)
        assert early + exchange.content() == told.content


@given(answers())
def test_an_answer_that_is_cut_off_never_looks_whole(told: Told) -> None:
    """And all of it that came is handed out, before the error or with the end."""
    for place in range(len(told.raw)):
        exchange = fed(told.method, [told.raw[:place]], closed=True)
        content = taken(exchange)

        assert not exchange.reusable
        assert content == told.content[: told.arrived[place]]
        if place in told.whole_at:
            assert (exchange.done, exchange.error) == (True, None)
        else:
            assert not exchange.done
            assert isinstance(exchange.error, RemoteProtocolError)
            assert exchange.error.sent


@given(answers(), st.integers(0, 400), st.sampled_from(["TransportError", "end"]))
def test_a_break_after_the_end_changes_nothing_but_that_the_connection_is_lost(
    told: Told, place: int, how: str
) -> None:
    exchange = fed(told.method, cut(told.raw, [place]), closed=told.until_close)

    if how == "end":
        exchange.end()
    else:
        exchange.fail(TransportError("it broke"))

    assert (exchange.done, exchange.error, exchange.reusable) == (True, None, False)
    assert exchange.content() == told.content


@given(
    answers().filter(lambda told: not told.until_close),
    st.binary(min_size=1, max_size=40) | st.integers(1, 38).map(lambda size: STRAY[:size]),
    PLACES,
)
def test_what_comes_behind_an_answer_costs_the_connection_and_nothing_else(
    told: Told, more: bytes, places: list[int]
) -> None:
    exchange = fed(told.method, cut(told.raw + more, places))

    assert (exchange.status, exchange.headers, exchange.done) == (told.status, told.headers, True)
    assert exchange.content() == told.content
    # Blank lines in the packet of the answer are nobody's answer: some hosts add one.
    assert not exchange.reusable or not more.strip(b"\r\n")


@cases("more", [b"", b"0", b"0\r\n\r\n", b"5\r\nhel"])
def test_where_chunks_may_follow_an_answer_to_head_the_connection_is_left(more: bytes) -> None:
    """Some hosts send the last one; the parser would take the beginning of one for part of this answer."""
    for pieces in ([CHUNKED + more], letters(CHUNKED + more)):
        exchange = fed("HEAD", pieces)

        assert (exchange.done, exchange.error, exchange.reusable) == (True, None, False)


@cases("wrong", [-1, 1, 2, 3])
def test_a_chunk_of_another_size_than_it_says_is_found_out(wrong: int) -> None:
    raw = CHUNKED + b"%x\r\nhello\r\n0\r\n\r\n" % (5 + wrong)
    for pieces in ([raw], letters(raw)):
        exchange = fed("GET", pieces, closed=True)

        assert not exchange.done
        assert isinstance(exchange.error, RemoteProtocolError)


@settings(max_examples=300)
@given(
    st.sampled_from(["GET", "HEAD", "CONNECT"]),
    answers().flatmap(lambda told: scribbled(told.raw, NOISE)) | st.binary(max_size=200),
    PLACES,
)
@example("GET", b"HTTP/1.1 104 X\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", [50])
@example("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\t\r\n\r\n5\r\nhello\r\n0\r\n\r\n", [])
@example("GET", b"HTTP/1.1 099 Low\r\nContent-Length: 2\r\n\r\nok", [20])
def test_whatever_bytes_come_are_the_same_answer_or_the_same_error_however_they_are_cut(
    method: str, raw: bytes, places: list[int]
) -> None:
    whole = outcome(method, [raw], as_it_comes=True)

    for pieces in (cut(raw, places), letters(raw) if len(raw) < 2000 else [raw]):
        assert outcome(method, pieces, as_it_comes=True) == whole
        assert outcome(method, pieces, as_it_comes=False) == whole


@given(st.binary(max_size=200) | answers().flatmap(lambda told: scribbled(told.raw, NOISE)), PLACES, st.booleans())
def test_an_error_comes_out_where_it_is_asked_for_and_nowhere_else(raw: bytes, places: list[int], closed: bool) -> None:
    exchange = fed("GET", cut(raw, places), closed=closed)
    raised: list[TransportError] = []
    for ask in (exchange.check_begun, exchange.content):
        try:
            ask()
        except TransportError as error:
            raised.append(error)

    assert set(raised) == ({exchange.error} if exchange.error else set())
    assert exchange.over or not closed
    assert not (exchange.done and exchange.error)
    assert not exchange.reusable or not exchange.error
