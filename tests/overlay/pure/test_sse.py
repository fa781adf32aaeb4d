"""Server-sent events: the standard's rules, what goes beyond them, and the same events however the bytes are cut."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tensormesh_overlay.streaming.sse import SSEDecoder
from tests.cases import cases
from tests.overlay.pure.cuts import PLACES, all_cuts, cut

Events = list[tuple[str, bytes]]

MESSAGE = "message"
LIMIT = 40


def decoded(pieces: Iterable[bytes], decoder: SSEDecoder | None = None) -> Events:
    """What comes out before the end of the stream."""
    decoder = decoder or SSEDecoder()
    return [event for piece in pieces for event in decoder.feed(piece)]


def finished(pieces: Iterable[bytes]) -> Events:
    """What comes out once the stream has ended, too."""
    decoder = SSEDecoder()
    return decoded(pieces, decoder) + decoder.flush()


def by_the_standard(stream: bytes) -> Events:
    """The events of a whole stream as the standard words it, in the order of its sentences."""
    text = stream.decode("utf-8", errors="surrogateescape").removeprefix("\ufeff")
    *lines, _unfinished = re.split("\r\n|\r|\n", text)
    events: list[tuple[str, bytes]] = []
    data, name = "", ""
    for line in lines:
        if line == "":
            if data != "":
                events.append((name or MESSAGE, data[:-1].encode("utf-8", errors="surrogateescape")))
            data, name = "", ""
            continue
        if line.startswith(":"):
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data += value + "\n"
        elif field == "event":
            name = value.encode("utf-8", errors="surrogateescape").decode("utf-8", errors="replace")
    return events


@cases(
    ("stream", "events"),
    [
        (b"data: a\n\n", [(MESSAGE, b"a")]),
        (b"data: a\r\rdata: b\r\r", [(MESSAGE, b"a"), (MESSAGE, b"b")]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [(MESSAGE, b"a"), (MESSAGE, b"b")]),
        (b"data: a\r\ndata: b\r\n\r\n", [(MESSAGE, b"a\nb")]),
        (b"data: a\rdata: b\r\r", [(MESSAGE, b"a\nb")]),
        (b"data: a\n\r\ndata: b\r\n\n", [(MESSAGE, b"a"), (MESSAGE, b"b")]),
        (b"\xef\xbb\xbfdata: a\n\n", [(MESSAGE, b"a")]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
        (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [(MESSAGE, b"a")]),
        (b"data: a\r\xef\xbb\xbfdata: b\n\n", [(MESSAGE, b"a")]),
        (b"data: \xef\xbb\xbf\n\n", [(MESSAGE, b"\xef\xbb\xbf")]),
        (b": ping\ndata: a\n:\n\n: ping\n\n", [(MESSAGE, b"a")]),
        (b"data: a\ndata: b\ndata:\ndata: c\n\n", [(MESSAGE, b"a\nb\n\nc")]),
        (b"data\n\n", [(MESSAGE, b"")]),
        (b"data\ndata\n\n", [(MESSAGE, b"\n")]),
        (b"data:\n\n", [(MESSAGE, b"")]),
        (b"id: 7\nretry: 10\ndata: a\nid\nretry\n\n", [(MESSAGE, b"a")]),
        (b"unknown: 7\ndatax: b\n data: c\nDATA: d\ndata: a\n\n", [(MESSAGE, b"a")]),
        (b"data: 1\ndata: 2\n\n", [(MESSAGE, b"1\n2")]),
        (b"event: tick\ndata: a\n\ndata: b\n\n", [("tick", b"a"), (MESSAGE, b"b")]),
        (b"data: a\nevent: tick\n\ndata: b\n\n", [("tick", b"a"), (MESSAGE, b"b")]),
        (b"data: a\nevent: tick\ndata: b\n\n", [("tick", b"a\nb")]),
        (b"event: tick\nevent: tock\ndata: a\n\n", [("tock", b"a")]),
        (b"event: tick\nevent\ndata: a\n\n", [(MESSAGE, b"a")]),
        (b"event: tick\n\ndata: a\n\n", [(MESSAGE, b"a")]),
        (b"event:tick\ndata:a\n\n", [("tick", b"a")]),
        (b"event:  tick\ndata:  a \n\n", [(" tick", b" a ")]),
        (b"data: \n\ndata:  \n\n", [(MESSAGE, b""), (MESSAGE, b" ")]),
        ("data: \u2028\u0085\u2029\x0b\x0c\x1c\n\n".encode(), [(MESSAGE, "\u2028\u0085\u2029\x0b\x0c\x1c".encode())]),
        ("event: é\ndata: 🙂\n\n".encode(), [("é", "🙂".encode())]),
        (b"\n\n\n\r\n\r\rdata: a\n\n\n\n", [(MESSAGE, b"a")]),
        (b"data: a\n\ndata: unfinished\n", [(MESSAGE, b"a")]),
        (b"", []),
    ],
)
def test_a_stream_is_read_by_the_rules_of_the_standard(stream: bytes, events: Events) -> None:
    assert by_the_standard(stream) == events
    for pieces in all_cuts(stream):
        assert decoded(pieces) == events


TOKENS = (
    *(b"\n", b"\r", b"\r\n", b"\n\n", b"data: a\n\n", b":", b" ", b"a", b"1", b"0", b"\xef\xbb\xbf", b"\x00"),
    *(b"data", b"data:", b"data: ", b"event", b"event:", b"event: x", b"id: 1", b"retry: 2", b": comment"),
    *("é".encode(), "\u2028".encode(), "\u0085".encode(), "🙂".encode(), b"\xff", b"\xc3"),
)


@given(st.lists(st.sampled_from(TOKENS), max_size=30).map(b"".join), PLACES)
@example(b"data: 1\r", [8])
@example(b"\xef\xbb\xbfdata: 1\n\n", [1, 2])
def test_any_stream_is_read_as_the_standard_reads_it_however_it_is_cut(stream: bytes, places: list[int]) -> None:
    assert decoded(cut(stream, places)) == by_the_standard(stream)


@given(st.lists(st.sampled_from(TOKENS), max_size=30).map(b"".join), PLACES)
@example(b"event:\xff\ndata: a", [])
def test_the_end_of_a_stream_ends_its_last_event(stream: bytes, places: list[int]) -> None:
    assert finished(cut(stream, places)) == by_the_standard(stream + b"\n\n")


@cases(
    ("stream", "events"),
    [
        (b"data: a", [(MESSAGE, b"a")]),
        (b"data: a\r", [(MESSAGE, b"a")]),
        (b"event: tick\ndata: a\ndata: b", [("tick", b"a\nb")]),
        (b"data: a\nevent: tick", [("tick", b"a")]),
        (b"\xef\xbb\xbfdata: a", [(MESSAGE, b"a")]),
        (b"data: a\n\n: ping", [(MESSAGE, b"a")]),
        (b"data: a\n\n\xef\xbb\xbfdata: b", [(MESSAGE, b"a")]),
        (b"event: tick", []),
        (b"\xef\xbb\xbf", []),
        (b"", []),
    ],
)
def test_what_the_end_of_a_stream_leaves_unended_is_handed_out(stream: bytes, events: Events) -> None:
    for pieces in all_cuts(stream):
        assert finished(pieces) == events


@cases(
    ("stream", "events"),
    [
        (b'data: {"a":1}\ndata: {"b":2}\n\n', [(MESSAGE, b'{"a":1}'), (MESSAGE, b'{"b":2}')]),
        (b'data: {"a":1}\ndata: [DONE]\n', [(MESSAGE, b'{"a":1}'), (MESSAGE, b"[DONE]")]),
        (b'data: {"a":\ndata: 1}\ndata: {}\n\n', [(MESSAGE, b'{"a":\n1}'), (MESSAGE, b"{}")]),
        (b'event: x\ndata: {"a":1}\nevent: y\ndata: {}\n\n', [("x", b'{"a":1}'), ("y", b"{}")]),
        (b"event: x\ndata: {}\ndata: {}\n\n", [("x", b"{}"), (MESSAGE, b"{}")]),
        (b'data: {\ndata: "a":\ndata: {}\ndata: }\n\n', [(MESSAGE, b'{\n"a":\n{}\n}')]),
        (b'data: [\ndata: {"a":1},\ndata: {}\ndata: ]\n\n', [(MESSAGE, b'[\n{"a":1},\n{}\n]')]),
        (b"data: word\ndata: {}\n\n", [(MESSAGE, b"word\n{}")]),
    ],
)
def test_an_event_ends_where_the_next_one_visibly_begins(stream: bytes, events: Events) -> None:
    for pieces in all_cuts(stream):
        assert finished(pieces) == events


JSON_TOKENS = (*TOKENS, b"{", b"}", b"{}", b'{"a":1}', b"[DONE]", b"data: {}\n", b"data: {}\n\n", b"data: [DONE]\n\n")


@given(st.lists(st.sampled_from(JSON_TOKENS), max_size=30).map(b"".join), PLACES)
def test_where_the_bytes_are_cut_does_not_matter(stream: bytes, places: list[int]) -> None:
    assert finished(cut(stream, places)) == finished([stream])


@given(
    st.lists(st.text(alphabet='a{}[]é\u2028\u0085 :\\"', max_size=40), max_size=8),
    st.sampled_from(["\r", "\n", "\r\n"]),
    PLACES,
)
def test_events_with_an_end_come_out_as_they_were_written(texts: list[str], end: str, places: list[int]) -> None:
    stream = "".join(f"data: {text}{end}{end}" for text in texts).encode()

    assert decoded(cut(stream, places)) == [(MESSAGE, text.encode()) for text in texts]


def test_an_event_is_handed_out_with_the_byte_that_ends_it() -> None:
    decoder = SSEDecoder()

    assert decoder.feed(b"data: a\n") == []
    assert decoder.feed(b"\n") == [(MESSAGE, b"a")]


def test_an_event_that_ends_with_cr_does_not_wait_for_an_lf() -> None:
    decoder = SSEDecoder()

    assert decoder.feed(b"data: a\r\r") == [(MESSAGE, b"a")]
    assert decoder.feed(b"\n") == []


@cases(
    "stream",
    [
        b"data: " + b"a" * 2 * LIMIT + b"\n\n",
        b"data: " + b"a" * 2 * LIMIT,
        b"data: aaaaaaaa\n" * LIMIT,
        b"data\n" * 2 * LIMIT,
        b"event: x\ndata: " + b"a" * 2 * LIMIT + b"\r\r",
        b"data: a\n\ndata: " + b"a" * 2 * LIMIT + b"\n\n",
    ],
)
def test_an_event_that_is_too_long_ends_the_reading_however_it_is_cut(stream: bytes) -> None:
    for pieces in ([stream], cut(stream, range(0, len(stream), 7)), cut(stream, range(len(stream)))):
        decoder = SSEDecoder(max_event_bytes=LIMIT)
        before = decoded(pieces, decoder)

        assert decoder.too_long
        assert before == [(MESSAGE, b"a")] * stream.startswith(b"data: a\n\n")
        assert decoder.feed(b"\n\ndata: b\n\n") == []


@pytest.mark.parametrize("line", [b"x" * 10, b": " + b"x" * 10, b"event: " + b"x" * 10])
def test_a_line_without_an_end_is_not_held_for_ever(line: bytes) -> None:
    decoder = SSEDecoder(max_event_bytes=LIMIT)

    assert decoded([line] * LIMIT, decoder) == []
    assert decoder.too_long


def test_an_event_may_become_too_long_with_its_last_line() -> None:
    decoder = SSEDecoder(max_event_bytes=LIMIT)

    assert decoded([b"data: " + b"a" * 30 + b"\ndata: " + b"b" * 30], decoder) == []
    assert not decoder.too_long
    assert decoder.flush() == []
    assert decoder.too_long


def test_any_number_of_events_may_come_as_long_as_each_is_short() -> None:
    stream = b": ping\n\nevent: x\ndata: 0123456789\n\ndata: 0123456789\n\n" * LIMIT
    events = [("x", b"0123456789"), (MESSAGE, b"0123456789")] * LIMIT

    for pieces in ([stream], cut(stream, range(0, len(stream), 7)), cut(stream, range(len(stream)))):
        assert decoded(pieces, SSEDecoder(max_event_bytes=LIMIT)) == events
