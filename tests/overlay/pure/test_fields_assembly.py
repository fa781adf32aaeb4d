"""Events of a stream that adds up by the names in its block."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh_overlay.errors import StreamError, StreamTruncatedError
from tensormesh_overlay.streaming.assemblies import assembly
from tensormesh_overlay.streaming.assembly import Assembly
from tensormesh_overlay.streaming.event_decoder import EventDecoder
from tensormesh_runtime.types import Streaming

POEM = Streaming(
    "live",
    "Line",
    "THE END",
    "poem",
    "fields",
    pieces=(("text", "line"), ("reasoning", "thought"), ("notes", "note")),
    said=("id", "usage"),
)
SONG = Streaming("live", "Line", "type:sung", "song", "fields", pieces=(("text", "line"),), final="song")


def taken(stream: Streaming, *events: dict[str, Any]) -> Assembly:
    whole = assembly("fields", "split", stream)
    for event in events:
        whole.take(event)
    return whole


def test_pieces_of_text_and_of_lists_grow_and_the_rest_is_said_again() -> None:
    whole = taken(
        POEM,
        {"id": 1, "line": "a", "note": ["x"]},
        {"thought": "t", "usage": 1, "other": 5},
        {"id": 2, "line": "b", "note": ["y"], "usage": 2},
    )

    assert whole.result() == {"id": 2, "text": "ab", "notes": ["x", "y"], "reasoning": "t", "usage": 2}
    assert whole.usage() == 2


def test_what_was_shown_does_not_grow() -> None:
    whole = taken(POEM, {"line": "a", "note": ["x"]})
    shown = whole.result()
    whole.take({"line": "b", "note": ["y"]})

    assert shown == {"text": "a", "notes": ["x"]}


def test_reasoning_is_no_text() -> None:
    whole = taken(POEM)
    event = {"line": "a", "thought": "t", "note": ["x"]}

    assert (whole.texts(event), whole.reasonings(event)) == (["a"], ["t"])
    assert (whole.texts({"line": None}), whole.reasonings({})) == ([], [])


@pytest.mark.parametrize("wrong", [None, 5, {"a": 1}])
def test_a_piece_of_another_type_is_left_out(wrong: Any) -> None:
    assert taken(POEM, {"line": "a"}, {"line": wrong, "note": wrong}).result() == {"text": "a"}


def test_the_whole_that_an_event_holds_goes_before_what_pieces_made() -> None:
    whole = taken(SONG, {"type": "line", "line": "a"}, {"type": "sung", "song": {"text": "ab", "key": "C"}})

    assert whole.result() == {"text": "ab", "key": "C"}
    assert whole.complete


def test_nothing_has_come_yet() -> None:
    whole = taken(POEM)

    assert (whole.result(), whole.usage(), whole.empty, whole.complete) == (None, None, True, False)


def test_what_is_too_much_is_let_go_unless_the_whole_comes() -> None:
    poem, song = taken(POEM, {"line": "a"}), taken(SONG, {"type": "line", "line": "a"})
    for whole in (poem, song):
        whole.let_go()
    song.take({"type": "sung", "song": {"text": "ab"}})

    assert (poem.lost, song.lost, song.result()) == (True, False, {"text": "ab"})


@pytest.mark.parametrize("end", [b"data: THE END\n\n", b"data:THE END\n\ndata: more\n\n", b"data: THE END"])
def test_the_word_of_the_block_ends_the_stream(end: bytes) -> None:
    decoder = EventDecoder(assembly("fields", "split", POEM), end=POEM.end)

    assert decoder.feed(b'data: {"line": "a"}\n\n' + end) + list(decoder.flush()) == [{"line": "a"}]
    assert decoder.done


def test_another_word_does_not() -> None:
    decoder = EventDecoder(assembly("fields", "split", POEM), end=POEM.end)
    decoder.feed(b'data: {"line": "a"}\n\ndata: [DONE]\n\n')

    with pytest.raises(StreamError, match="is not JSON"):
        list(decoder.flush())


def test_an_event_of_the_last_type_ends_the_stream() -> None:
    decoder = EventDecoder(assembly("fields", "split", SONG), end=SONG.end)
    decoder.feed(b'data: {"type": "line", "line": "a"}\n\n')
    with pytest.raises(StreamTruncatedError):
        list(decoder.flush())

    decoder = EventDecoder(assembly("fields", "split", SONG), end=SONG.end)
    decoder.feed(b'data: {"type": "sung", "song": {}}\n\n')
    assert list(decoder.flush()) == []
