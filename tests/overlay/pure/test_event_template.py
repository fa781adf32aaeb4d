"""An event that is like another but for its text is what its JSON says, whatever that text is."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tensormesh_overlay.json_values import from_json
from tensormesh_overlay.streaming.assembly import Assembly
from tensormesh_overlay.streaming.event_decoder import EventDecoder
from tensormesh_overlay.streaming.event_template import MARK, EventTemplate
from tests.cases import cases
from tests.overlay.pure.cuts import PLACES, cut
from tests.overlay.pure.streamed_events import TEXT, chat, chunk, text

Json = dict[str, Any]

TRICKY = st.text('"\\,{}:[] aé\n\u2028\ud83d\ude00', max_size=12)
WRITTEN = st.lists(
    st.sampled_from([b'"', b"\\", b",", b"\\u", b"\\ud83d", b"\\n", b"a", b" ", b"\xc3", b"\xc3\xa9", b"\n", b"}]}"]),
    max_size=6,
).map(b"".join)
"""What may stand in the place of a text."""
DONE = b"data: [DONE]\n\n"


def pieces_of_text(said: str, *, spaced: bool = False, name: str = "content", **fields: Any) -> bytes:
    event = chunk(delta={name: said}, **fields)
    return json.dumps(event, ensure_ascii=False, separators=None if spaced else (",", ":")).encode(errors="replace")


def template(assembly: Assembly, content: bytes) -> EventTemplate | None:
    plain = assembly.plain(from_json(content))
    return None if plain is None else EventTemplate.of(content, plain)


@given(
    TRICKY, st.booleans(), st.sampled_from(["content", "reasoning", "a.b", "cont(ent"]), st.lists(WRITTEN, min_size=1)
)
@example("", False, "content", [b'a","b', b"c\\"])
@example("", False, "content", [b"a\\", b'b","c'])
@example("", False, "content", [b"\\", b"\\"])
@example("", False, "content", [b'"}}]},{"'])
@example(MARK, False, "content", [b"a"])
def test_what_is_told_by_a_template_is_what_the_json_says(
    said: str, spaced: bool, name: str, others: list[bytes]
) -> None:
    content = pieces_of_text(said, spaced=spaced, name=name, note=f'"{name}":"x"')
    found = template(chat(), content)
    if found is None:
        assert said == MARK
        return
    begin, end = (
        content.partition(json.dumps(said, ensure_ascii=False).encode(errors="replace"))[half] for half in (0, 2)
    )
    like = [b'%b"%b"%b' % (begin, other, end) for other in others]

    told = found.events(like)

    if told is not None:
        assert told == [from_json(one) for one in like]


@cases("said", ["", " a", "é", "line\nline", "tab\t", "back\\slash", "two\\\\", "\u2028"])
def test_usual_texts_are_told(said: str) -> None:
    found = template(chat(), pieces_of_text("Hello"))
    assert found is not None

    contents = [pieces_of_text(one) for one in ("a", said, "b")]

    assert found.events(contents) == (None if said.endswith("\\") else [from_json(one) for one in contents])


@cases(
    "event",
    [
        {},
        {"choices": []},
        {"choices": [None]},
        chunk(delta={}),
        chunk(delta={"role": "assistant", "content": ""}),
        chunk(delta={"content": None}),
        chunk(delta={"tool_calls": [{"index": 0}]}),
        chunk(delta={"content": "a"}, logprobs={"content": []}),
        {**chunk(delta={"content": "a"}), "usage": {"total_tokens": 3}},
        {**chunk(), "choices": [*chunk(delta={"content": "a"})["choices"], *chunk(1, {"content": "a"})["choices"]]},
    ],
)
def test_an_event_that_is_more_than_a_piece_of_text_is_no_template(event: Json) -> None:
    assert chat().plain(event) is None


def test_of_keys_that_are_written_twice_the_last_counts() -> None:
    twice = b'{"choices":[{"index":0,"delta":{"content":"a","content":"b"}}]}'
    found = template(chat(), twice)
    assert found is not None

    assert found.events([twice.replace(b'"b"', b'"c"')]) == [{"choices": [{"index": 0, "delta": {"content": "c"}}]}]
    assert found.events([twice.replace(b'"a"', b'"c"')]) is None


def test_events_that_are_told_have_nothing_in_common() -> None:
    found = template(chat(), pieces_of_text("a"))
    assert found is not None

    first, second = found.events([pieces_of_text("b"), pieces_of_text("c")]) or ()
    first["id"] = first["choices"][0]["delta"]["content"] = "changed"
    first["choices"].append(None)

    assert second == from_json(pieces_of_text("c"))


EVENTS = st.lists(
    st.one_of(
        st.builds(
            lambda said, created: {**chunk(delta={"content": said}), "created": created}, TRICKY, st.integers(1, 2)
        ),
        st.builds(lambda said: chunk(delta={"reasoning": said}), TRICKY),
        st.builds(lambda said, index: chunk(index, {"content": said}), TRICKY, st.integers(0, 1)),
        st.builds(lambda said: chunk(delta={"content": said}, finish_reason="stop"), TRICKY),
    ),
    max_size=20,
)


@given(EVENTS, PLACES)
def test_a_stream_is_the_same_however_it_is_cut(events: list[Json], places: list[int]) -> None:
    stream = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events) + DONE

    read = []
    for pieces in (cut(stream, places), cut(stream, range(len(stream)))):
        assembly = chat("keep")
        decoder = EventDecoder(assembly)
        handed = [event for piece in pieces for event in decoder.feed(piece)]
        read.append((handed, assembly.result()))

    assert read[0] == read[1]


def test_texts_of_completions_have_templates_too() -> None:
    event = {**TEXT, "choices": [{"index": 0, "text": "a", "finish_reason": None}]}
    found = template(text(), json.dumps(event).encode())
    assert found is not None

    event["choices"][0]["text"] = "b"

    assert found.events([json.dumps(event).encode()]) == [event]
