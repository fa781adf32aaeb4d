"""The bytes of a stream become events, and its end is either said, or an error that says what is missing."""

from __future__ import annotations

import functools
import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_overlay.errors import (
    APIConnectionError,
    APITimeoutError,
    StreamError,
    StreamEventError,
    StreamTimeoutError,
    StreamTruncatedError,
)
from tensormesh_overlay.streaming.assemblies import assembly
from tensormesh_overlay.streaming.event_decoder import EventDecoder
from tests.cases import cases
from tests.overlay.pure.cuts import PLACES, all_cuts, cut

Json = dict[str, Any]

DONE = b"data: [DONE]\n\n"


def piece(text: str, index: int = 0, **fields: Any) -> Json:
    return {"choices": [{"index": index, "text": text, **fields}]}


def sse(*events: Any) -> bytes:
    """Events as most hosts write them."""
    return b"".join(b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n" for event in events)


def read(pieces: list[bytes], **limits: int) -> tuple[list[Json], StreamError | None]:
    """The events of a stream, and the error that ends it."""
    decoder = EventDecoder(assembly("completion", "split"), **limits)
    events = [event for one in pieces for event in decoder.feed(one)]
    try:
        events += decoder.flush()
    except StreamError as error:
        return events, error
    return events, None


NESTED: Json = functools.reduce(lambda inner, _: {"a": inner}, range(sys.getrecursionlimit() - 30), {})
"""Deep enough to be read, and too deep to be put together."""

A, B, END = piece("a"), piece("é\u2028"), piece("", finish_reason="stop")


@cases(
    ("stream", "events"),
    [
        (sse(A, B, END) + DONE, [A, B, END]),
        (sse(A, B) + DONE, [A, B]),
        (sse(A, END), [A, END]),
        (sse(A) + b"data: [DONE] \n\n", [A]),
        (sse(A, B) + b"data:  [DONE]\n\n", [A, B]),
        (sse(A) + b"data: [DONE]", [A]),
        (sse(A) + b"data:[DONE]\r\n\r\n", [A]),
        (sse(A) + DONE + sse(B) + b"data: junk\n\n", [A]),
        (sse(A) + sse(END).rstrip(b"\n"), [A, END]),
        (b": ping\n\n" + sse(A) + b": ping\n\n" + DONE, [A]),
        (b"data:  " + sse(A)[6:-2] + b" \n\n" + DONE, [A]),
        (sse(A)[:-1] + sse(B)[:-1] + DONE, [A, B]),
    ],
)
def test_a_stream_ends_where_the_host_says_so_or_has_finished_every_choice(stream: bytes, events: list[Json]) -> None:
    for pieces in ([stream], *all_cuts(stream)) if len(stream) < 100 else ([stream], cut(stream, range(len(stream)))):
        assert read(pieces) == (events, None)


@cases(
    ("stream", "events"),
    [
        (b"", []),
        (sse(A), [A]),
        (sse(A, B) + b'data: {"cho', [A, B]),
        (sse(A)[:-2] + b"\n: ping", [A]),
        (sse(A) + b"data: 1", [A]),
        (
            sse(piece("a", 0, finish_reason="stop"), B, piece("b", 1)),
            [piece("a", 0, finish_reason="stop"), B, piece("b", 1)],
        ),
    ],
)
def test_a_stream_that_stops_before_its_end_is_truncated(stream: bytes, events: list[Json]) -> None:
    for pieces in ([stream], cut(stream, range(len(stream)))):
        got, error = read(pieces)

        assert got == events
        assert type(error) is StreamTruncatedError


@cases(
    ("fault", "kind", "sentence"),
    [
        (b"data: <html>\n\n", StreamError, "an event of the stream is not JSON: '<html>'"),
        (b'data: {"a":\n\n', StreamError, "an event of the stream is not JSON: "),
        (b"data: [1]\n\n", StreamError, "an event of the stream is not a JSON object: [1]"),
        (b"data: 7\n\n", StreamError, "an event of the stream is not a JSON object: 7"),
        (sse({"error": {"message": "out of memory", "code": 500}}), StreamEventError, "out of memory"),
        (sse({"error": "out of memory"}), StreamEventError, "out of memory"),
        (sse({"type": "error", "message": "out of memory"}), StreamEventError, "out of memory"),
        (sse({"object": "error", "message": "out of memory", "code": 500}), StreamEventError, "out of memory"),
        (sse({"novel": NESTED, "choices": [{"novel": NESTED}]}), StreamError, "nested too deep"),
        (b"event: error\n" + sse({"detail": "out of memory"}), StreamEventError, "out of memory"),
        (b"event: error\n" + sse({"novel": 1}), StreamEventError, '{"novel": 1}'),
    ],
)
def test_events_before_a_fault_are_handed_out_and_those_after_it_are_not(
    fault: bytes, kind: type[StreamError], sentence: str
) -> None:
    stream = sse(A, B) + fault + sse(END) + DONE
    for pieces in ([stream], cut(stream, range(len(stream))), cut(stream, range(0, len(stream), 11))):
        events, error = read(pieces)

        assert events == [A, B]
        assert type(error) is kind
        assert sentence in str(error)


@pytest.mark.parametrize("end", [b"\n\n", b"", b"\ndata: 1"])
def test_events_before_one_that_is_too_long_are_handed_out(end: bytes) -> None:
    stream = sse(A, B) + b"data: [" + b"1, " * 100 + end
    for pieces in ([stream], cut(stream, range(len(stream))), cut(stream, range(0, len(stream), 11))):
        events, error = read(pieces, max_event_bytes=300)

        assert events == [A, B]
        assert type(error) is StreamError
        assert "longer than 300 bytes" in str(error)


def test_a_stream_of_nothing_is_no_answer() -> None:
    for stream in (DONE, sse({"type": "ping"}) + DONE, sse(None, [], {"choices": None}) + DONE):
        error = read([stream])[1]

        assert type(error) is StreamError
        assert "nothing of an answer" in str(error)


@cases(
    ("body", "status"),
    [
        ({"code": 429, "message": "No."}, 429),
        ({"detail": "No."}, None),
        ({"choices": None, "base_resp": {"status_code": 1008, "status_msg": "No."}}, None),
        ({"id": "a", "choices": [], "code": "503", "message": "No."}, 503),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "No."}}, 529),
        ({"error": {"message": "No.", "code": "rate_limit_exceeded"}}, 429),
        ({"error": [{"message": "No.", "code": 429.0}]}, 429),
        ({"errors": [{"message": "No.", "code": 429}]}, 429),
        ({"choices": [{"index": 0, "delta": {}, "error": {"message": "No.", "code": 502}}]}, 502),
    ],
)
@cases("before", [[], [A]], ids=["at once", "within"])
@cases("plain", [False, True], ids=["as an event", "in plain JSON"])
def test_an_error_is_told_from_an_answer_in_any_shape(
    body: Json, status: int | None, before: list[Json], plain: bool
) -> None:
    text = json.dumps(body, indent=1).encode() if plain else sse(body) + DONE
    stream = sse(*before) + text
    for pieces in ([stream], cut(stream, range(len(stream)))):
        events, error = read(pieces)

        assert events == before
        assert isinstance(error, StreamEventError)
        assert (error.status_code, error.body) == (status, body)
        assert "No." in str(error)


@pytest.mark.parametrize(
    "body",
    [
        {**B, "base_resp": {"status_code": 1039, "status_msg": "No."}},
        piece("é\u2028", finish_reason="error", error={"message": "No."}),
    ],
)
def test_an_error_beside_a_piece_of_text_is_one_and_the_text_is_kept(body: Json) -> None:
    decoder = EventDecoder(said := assembly("completion", "split"))
    assert [event["choices"][0]["text"] for event in decoder.feed(sse(A, body) + DONE)] == ["a", "é\u2028"]

    with pytest.raises(StreamEventError, match=r"No\."):
        list(decoder.flush())

    assert (said.result() or {})["choices"][0]["text"] == "aé\u2028"


@pytest.mark.parametrize("after", [DONE, sse(B) + DONE])
def test_an_error_in_plain_json_is_one_whatever_comes_after_it(after: bytes) -> None:
    body = {"error": {"message": "No.", "code": 503}}
    for comment in (b"", b": there\n\n"):
        error = read([sse(A) + json.dumps(body).encode() + b"\n\n" + comment + after])[1]

        assert isinstance(error, StreamEventError)
        assert (error.status_code, error.body) == (503, body)


def test_an_error_in_a_list_of_one_is_told_with_its_words() -> None:
    error = read([sse(A, [{"error": {"message": "No.", "code": 429}}])])[1]

    assert isinstance(error, StreamEventError)
    assert (error.status_code, "No." in str(error)) == (429, True)


def test_what_holds_no_event_at_all_is_shown() -> None:
    stream = b"<html>you have the wrong address</html>"
    for pieces in ([stream], cut(stream, range(len(stream)))):
        events, error = read(pieces)

        assert events == []
        assert type(error) is StreamTruncatedError
        assert "it held no event and began '<html>you have" in str(error)


def test_an_error_that_the_host_reports_is_kept_with_its_status() -> None:
    body = {"error": {"message": "out of memory", "code": 503}}
    _, error = read([sse(body)])

    assert isinstance(error, StreamEventError)
    assert (error.status_code, error.body) == (503, body)


@cases(("code", "status"), [("503", 503), (50001, None), (True, None), ("rate_limit", None), ([1], None)])
def test_a_status_is_told_where_the_host_says_one(code: Any, status: int | None) -> None:
    _, error = read([sse({"error": {"message": "No.", "code": code}})])

    assert isinstance(error, StreamEventError)
    assert error.status_code is status or error.status_code == status


def test_what_a_broken_connection_left_is_handed_out_before_its_error() -> None:
    for cause, kind in (
        (APIConnectionError("reset"), StreamTruncatedError),
        (APITimeoutError("late"), StreamTimeoutError),
    ):
        decoder = EventDecoder(assembly("chat", "split"))
        chunk = {"choices": [{"index": 0, "delta": {"content": " <thi"}}]}
        assert decoder.feed(sse(chunk)[:-1]) == []
        rest = decoder.flush(cause)

        assert [next(rest)["choices"][0]["delta"].get("content") for _ in range(2)] == [None, " <thi"]
        with pytest.raises(kind, match="snapshot") as caught:
            next(rest)
        assert caught.value.__cause__ is cause


WELL = {"choices": None, "base_resp": {"status_code": "0", "status_msg": "success"}}


@cases("harmless", [{"error": None}, {"error": ""}, {"error": {}}, {"error": {"code": None, "message": None}}, WELL])
def test_an_empty_error_is_none(harmless: Json) -> None:
    assert read([sse(harmless, A) + DONE]) == ([harmless, A], None)


@given(st.lists(st.sampled_from([A, B, END, {"novel": [1, "]"]}, {}]), max_size=6), PLACES)
def test_where_the_bytes_are_cut_does_not_matter(events: list[Json], places: list[int]) -> None:
    assert read(cut(sse(A, *events) + DONE, places)) == ([A, *events], None)


@given(
    st.binary(max_size=60)
    | st.lists(st.sampled_from([b"data: ", b"{}", b"[", b"]", b'"', b",", b"\n", b"\n\n"]), max_size=20).map(b"".join),
    PLACES,
)
def test_no_bytes_break_a_stream_but_by_its_own_errors(stream: bytes, places: list[int]) -> None:
    for one in read(cut(stream, places))[0]:
        assert isinstance(one, dict)


HALVES = [piece("a\ud83d"), piece("\ude00b"), piece("\ud83d"), piece("", finish_reason="stop")]


@pytest.mark.parametrize("together", [False, True], ids=["apart", "together"])
def test_half_a_character_waits_for_the_other(together: bool) -> None:
    stream = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in HALVES) + DONE

    events, error = read([stream] if together else cut(stream, range(len(stream))))

    assert error is None
    assert [event["choices"][0]["text"] for event in events] == ["a", "\U0001f600b", "", "", "\ufffd"]


def test_half_a_character_in_a_part_waits_for_the_other_too() -> None:
    chunks = [
        {"choices": [{"index": 0, "delta": {"content": [{"type": "text", "text": text}]}}]}
        for text in ("\ud83d", "\ude00")
    ]
    stream = b"".join(b"data: %b\n\n" % json.dumps(chunk).encode() for chunk in chunks)

    events = EventDecoder(assembly("chat", "split")).feed(stream + DONE)

    assert [event["choices"][0]["delta"]["content"] for event in events] == ["", "\U0001f600"]


@given(st.lists(st.text(max_size=4), max_size=4).map("".join), PLACES)
def test_text_cut_between_any_units_comes_out_whole(text: str, places: list[int]) -> None:
    units = text.encode("utf-16-le", "surrogatepass")
    pieces = [part.decode("utf-16-le", "surrogatepass") for part in cut(units, [2 * place for place in places])]
    stream = b"".join(b"data: " + json.dumps(piece(part)).encode() + b"\n\n" for part in pieces)

    events, _ = read([stream + sse(END) + DONE])
    texts = [event["choices"][0]["text"] for event in events]

    assert "".join(texts) == units.decode("utf-16-le", "replace")
    assert all(part.encode() is not None for part in texts)
