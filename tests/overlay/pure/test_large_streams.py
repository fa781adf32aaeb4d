"""
However long a stream is, each piece of it is looked at once.

No test here has a clock: what takes the square of its length takes hours at the lengths here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from tensormesh_overlay.errors import StreamError
from tensormesh_overlay.streaming.assemblies import assembly
from tensormesh_overlay.streaming.event_decoder import EventDecoder
from tensormesh_overlay.think_blocks.splitter import ThinkSplitter

Json = dict[str, Any]

MANY = 300_000
DONE = b"data: [DONE]\n\n"


def chunk(delta: Json, index: int = 0) -> bytes:
    event = {"id": "c", "choices": [{"index": index, "delta": delta}]}
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def call(arguments: str, name: str | None = "f") -> bytes:
    function = {"arguments": arguments, **({"name": name} if name else {})}
    return chunk({"tool_calls": [{"index": 0, "id": "a", "function": function}]})


def read(pieces: Iterable[bytes]) -> Any:
    """What a stream adds up to; its text is asked for after every event."""
    added = assembly("chat", "split")
    decoder = EventDecoder(added)
    for piece in pieces:
        for event in decoder.feed(piece):
            added.texts(event)
    for event in decoder.flush():
        added.texts(event)
    return added.result()


@pytest.mark.parametrize("first", ["[{}", '{"a": {}', "{x}"])
def test_lines_that_could_belong_to_an_event_and_never_do(first: str) -> None:
    with pytest.raises(StreamError):
        read([f"data: {first}\n".encode() + b"data: {}\n" * MANY])


def test_lines_of_one_event_one_by_one() -> None:
    with pytest.raises(StreamError):
        read([b"data: [{}\n", *[b"data: {}\n"] * MANY])


def test_think_blocks_that_hold_nothing() -> None:
    blocks = "<think></think>" * MANY

    final = read([chunk({"content": blocks}), chunk({"content": "x"}), DONE])

    assert ThinkSplitter(inside=False).feed(f"{blocks}x") == ("", "x")
    assert final["choices"][0]["message"]["content"] == "x"


def test_blanks_after_whole_arguments() -> None:
    whole = "{" + '"a": 1,' * 30_000 + '"b": 2}'

    final = read([call(whole), *[call(" ", None)] * 30_000, DONE])

    (made,) = final["choices"][0]["message"]["tool_calls"]
    assert json.loads(made["function"]["arguments"]) == {"a": 1, "b": 2}


def test_what_is_held_back_of_many_choices_comes_in_one_event() -> None:
    """One for each would repeat all that is around them."""
    added = assembly("chat", "split")
    decoder = EventDecoder(added)
    for index in range(100):
        assert len(list(decoder.feed(chunk({"content": "<thi"}, index)))) == 1

    last = [*decoder.feed(DONE), *decoder.flush()]

    assert len(last) == 1
    assert [choice["delta"]["content"] for choice in last[0]["choices"]] == ["<thi"] * 100
