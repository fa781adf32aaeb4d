"""What the events of a stream add up to: the answer that would have come whole."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tensormesh_generated.api.chat import create_chat_completion
from tensormesh_generated.api.completions import create_completion
from tensormesh_generated.api.responses import create_response
from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.streaming.assemblies import assembly
from tensormesh_overlay.streaming.assembly import Assembly
from tensormesh_overlay.think_blocks.messages import split_message
from tests.overlay.pure.cuts import PLACES, cut

Json = dict[str, Any]

CHUNK = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
TEXT = {"id": "t-1", "object": "text_completion", "created": 1, "model": "m"}


def chat(think: ThinkPolicy = "split") -> Assembly:
    return assembly("chat", think)


def text() -> Assembly:
    return assembly("completion", "split")


def response() -> Assembly:
    return assembly("response", "split")


def take(whole: Assembly, events: Iterable[Json]) -> list[Json]:
    """Show events to an assembly, to the end of the stream; what the caller sees of them."""
    seen = copy.deepcopy(list(events))
    for event in seen:
        whole.take(event)
    return seen + whole.flush()


def result(whole: Assembly, events: Iterable[Json]) -> Json:
    take(whole, events)
    final = whole.result()
    assert final is not None
    return final


def chunk(index: int = 0, delta: Json | None = None, **fields: Any) -> Json:
    """A chunk of one choice."""
    return {**CHUNK, "choices": [{"index": index, "delta": delta or {}, "finish_reason": None, **fields}]}


def message_of(events: Iterable[Json], think: ThinkPolicy = "split") -> Json:
    """The message of the one choice that deltas add up to."""
    (choice,) = result(chat(think), events)["choices"]
    message: Json = choice["message"]
    return message


def deltas(*fields: Json) -> list[Json]:
    return [chunk(delta=one) for one in fields]


# A whole answer, cut into the chunks that a host would have streamed.

WORDS = st.text(alphabet="ab é\n\u2028", min_size=1, max_size=30).filter(str.strip)
NOVELTIES = st.dictionaries(st.sampled_from(["novel", "other"]), st.integers() | st.text(max_size=3), max_size=2)
TOKENS = st.lists(st.integers(0, 9), max_size=5)


@st.composite
def tool_calls(draw: st.DrawFn) -> list[Json]:
    names = draw(st.lists(st.sampled_from(["find", "get", "now"]), max_size=3))
    return [
        {"id": f"id-{number}", "type": "function", "function": {"name": name, "arguments": draw(WORDS)}}
        for number, name in enumerate(names)
    ]


@st.composite
def choices(draw: st.DrawFn, index: int) -> Json:
    message: Json = {"role": "assistant", "content": draw(st.none() | WORDS), **draw(NOVELTIES)}
    for key, value in (("reasoning", draw(st.none() | WORDS)), ("tool_calls", draw(tool_calls()))):
        if value:
            message[key] = value
    choice: Json = {"index": index, "message": message, "finish_reason": draw(st.sampled_from(["stop", "length"]))}
    tokens = draw(TOKENS)
    if tokens:
        choice["token_ids"] = tokens
        choice["logprobs"] = {"content": [{"token": str(token), "logprob": -0.5} for token in tokens]}
    return {**choice, **draw(NOVELTIES)}


@st.composite
def answers(draw: st.DrawFn) -> Json:
    many = [draw(choices(index)) for index in range(draw(st.integers(1, 3)))]
    around = {**CHUNK, "object": "chat.completion", **draw(NOVELTIES)}
    usage = {"usage": {"prompt_tokens": 1, "total_tokens": 2}} if draw(st.booleans()) else {}
    return {**around, "choices": many, **usage}


def pieces_of(choice: Json, draw: Callable[[Any], Any]) -> list[Json]:
    """One choice as a host streams it."""
    index = choice["index"]
    message = dict(choice["message"])
    content, reasoning = message.pop("content"), message.pop("reasoning", "")
    calls = message.pop("tool_calls", [])
    blank = {"content": ""} if content or reasoning or calls else {}
    raws: list[Json] = [{"delta": {"role": message.pop("role"), **blank}}]
    name = draw(st.sampled_from(["reasoning", "reasoning_content"]))
    raws += [{"delta": {name: part}} for part in cut(reasoning, draw(PLACES)) if reasoning]
    raws += [{"delta": {"content": part}} for part in cut(content or "", draw(PLACES)) if content]
    for number, call in enumerate(calls):
        first, *rest = cut(call["function"]["arguments"], draw(PLACES))
        head = {**call, "index": number, "function": {**call["function"], "arguments": first}}
        more = [{"index": number, "function": {"arguments": part}} for part in rest]
        raws += [{"delta": {"tool_calls": some}} for some in cut([head, *more], draw(PLACES))]
    raws.append({"delta": message})
    tokens, logprobs = choice.get("token_ids", []), choice.get("logprobs", {"content": []})["content"]
    for raw, ids in zip(raws, cut(tokens, draw(PLACES))[: len(raws)], strict=False):
        raw |= {"token_ids": ids, "logprobs": {"content": logprobs[: len(ids)]}} if ids else {"logprobs": None}
        tokens, logprobs = tokens[len(ids) :], logprobs[len(ids) :]
    ends = {key: value for key, value in choice.items() if key not in ("index", "message", "token_ids", "logprobs")}
    raws.append(
        {"delta": {}, **ends, "token_ids": tokens or None, "logprobs": {"content": logprobs} if tokens else None}
    )
    return [{"index": index, "finish_reason": None, **raw} for raw in raws]


def chunks_of(answer: Json, draw: Callable[[Any], Any]) -> list[Json]:
    """The chunks of a whole answer: its choices interleaved, sometimes several to a chunk, the usage at the end."""
    queues = [pieces_of(choice, draw) for choice in answer["choices"]]
    raws = []
    while waiting := [queue for queue in queues if queue]:
        raws.append(draw(st.sampled_from(waiting)).pop(0))
    chunks = [{**CHUNK, "choices": some, "usage": None} for some in cut(raws, draw(PLACES)) if some]
    known = {*CHUNK, "choices", "usage"}
    chunks[-1] |= {key: value for key, value in answer.items() if key not in known}
    if "usage" in answer:
        chunks.append({**CHUNK, "choices": [], "usage": answer["usage"]})
    return chunks


def told(value: Any) -> Any:
    """A value without nulls, which an answer may also leave out."""
    if isinstance(value, dict):
        return {key: told(item) for key, item in value.items() if item is not None}
    return [told(item) for item in value] if isinstance(value, list) else value


@given(answers(), st.data(), st.sampled_from(["split", "keep"]))
def test_chunks_add_up_to_the_answer_that_they_were_cut_from(
    answer: Json, data: st.DataObject, think: ThinkPolicy
) -> None:
    whole = chat(think)
    events = chunks_of(answer, data.draw)
    seen = take(whole, events)
    final = told(whole.result())
    for choice in final["choices"]:
        choice["message"].pop("reasoning_content", None)

    assert final == told(answer)
    assert whole.complete
    messages = [choice["message"] for choice in answer["choices"]]
    by_choice = [
        [{**event, "choices": [raw for raw in event["choices"] if raw["index"] == index]} for event in seen]
        for index in range(len(messages))
    ]
    for message, own in zip(messages, by_choice, strict=True):
        assert "".join(part for event in own for part in whole.texts(event)) == (message["content"] or "")
        assert "".join(part for event in own for part in whole.reasonings(event)) == message.get("reasoning", "")


TAGGED = st.lists(
    st.sampled_from(("<think>", "</think>", "<", "<th", "ink>", "</", "nk>", " ", "\n", "a", "b")), max_size=16
).map("".join)


@given(TAGGED, PLACES, st.sampled_from(["split", "keep", "open"]), st.sampled_from(["", "kept", " "]), st.booleans())
@example("", [], "open", "", True)
@example(" ", [], "open", "", True)
@example("<think>a", [], "split", "", False)
@example("<think></think>", [], "split", "", True)
@example("<think>a</th", [3], "split", "", False)
@example("<thi", [], "split", "", False)
@example(" ", [], "split", "", False)
def test_think_blocks_come_out_as_they_do_of_a_whole_message(
    content: str, places: list[int], think: ThinkPolicy, reasoning: str, ends: bool
) -> None:
    """However the text is cut; with a finish reason or without."""
    expected: Json = {"role": "assistant", "content": content}
    if reasoning:
        expected["reasoning"] = reasoning
    if think != "keep":
        split_message(expected, inside=think == "open")
    events = deltas({"role": "assistant"}, *([{"reasoning": reasoning}] if reasoning else []))
    events += deltas(*({"content": part} for part in cut(content, places)))
    events += [chunk(finish_reason="stop")] if ends else []
    whole = chat(think)

    seen = take(whole, events)
    final = whole.result()
    assert final is not None
    message = final["choices"][0]["message"]

    if reasoning and not content:
        expected["content"] = None
    assert told(message) == told(expected)
    assert "".join(part for event in seen for part in whole.texts(event)) == (expected["content"] or "")
    assert "".join(part for event in seen for part in whole.reasonings(event)) == expected.get("reasoning", "")


def test_a_role_is_said_once_or_with_every_chunk() -> None:
    once = deltas({"role": "assistant"}, {"content": "a"}, {"content": "b"})
    always = deltas({"role": "assistant"}, {"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"})

    assert message_of(once) == message_of(always) == {"role": "assistant", "content": "ab"}


@pytest.mark.parametrize("think", ["split", "keep", "open"])
def test_reasoning_is_read_under_either_name_and_kept_under_its_own(think: ThinkPolicy) -> None:
    events = deltas({"reasoning_content": "a"}, {"reasoning_content": "b"})
    whole = chat(think)

    assert [part for event in take(whole, events) for part in whole.reasonings(event)] == ["a", "b"]
    assert message_of(events, think) == {
        "role": "assistant",
        "content": None,
        "reasoning": "ab",
        "reasoning_content": "ab",
    }


def test_a_refusal_arrives_in_pieces() -> None:
    assert message_of(deltas({"refusal": "I can"}, {"refusal": "not."}))["refusal"] == "I cannot."


def test_objects_of_a_message_arrive_in_pieces_too() -> None:
    pieces: list[Json] = [
        {"role": "assistant", "function_call": {"name": "now", "arguments": ""}, "audio": {"id": "a", "data": "AB"}},
        {"function_call": {"arguments": '{"zone"'}, "audio": {"data": "CD"}, "mood": "gl"},
        {"function_call": {"name": None, "arguments": ":1}"}, "audio": {"expires_at": 7}, "mood": "ad"},
    ]

    message = message_of(chunk(delta=piece) for piece in pieces)

    assert message["function_call"] == {"name": "now", "arguments": '{"zone":1}'}
    assert message["audio"] == {"id": "a", "data": "ABCD", "expires_at": 7}
    assert message["mood"] == "glad"


@pytest.mark.parametrize("whole", [chat(), text()])
def test_chunks_that_hold_nothing_but_choices_add_up(whole: Assembly) -> None:
    last = {"choices": [{"index": 0, "delta": {"content": "Hi"}, "text": "Hi", "finish_reason": "stop"}]}

    (choice,) = result(whole, [last])["choices"]

    assert choice.get("message", choice).get("content", choice.get("text")) == "Hi"
    assert choice["finish_reason"] == "stop"


def test_a_last_chunk_full_of_nulls_takes_nothing_back() -> None:
    events = [
        chunk(delta={"content": "a", "novel": 1}, logprobs={"content": [1]}, token_ids=[7], novel=2),
        chunk(delta={"content": None, "novel": None}, finish_reason="stop", logprobs=None, token_ids=None, novel=None),
        {**dict.fromkeys(CHUNK), "choices": []},
    ]

    assert result(chat(), events) == {
        **CHUNK,
        "object": "chat.completion",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "a", "novel": 1},
                "finish_reason": "stop",
                "logprobs": {"content": [1]},
                "token_ids": [7],
                "novel": 2,
            }
        ],
    }


@pytest.mark.parametrize("field", ["message", "index", "text"])
def test_a_field_of_a_chunk_cannot_push_aside_the_text(field: str) -> None:
    nothing: Json = {field: None}
    something: Json = {field: {"x": 1}}
    (choice,) = result(chat(), [chunk(delta={"content": "a"}, **nothing), chunk(**something)])["choices"]

    assert choice["message"]["content"] == "a"
    assert choice["index"] == 0


def test_fields_around_the_choices_are_taken_from_whichever_chunk_brings_them() -> None:
    events = [
        {**chunk(delta={"content": "a"}), "prompt_token_ids": [1]},
        {**chunk(delta={"content": "b"}), "late": 1},
        {**chunk(finish_reason="stop"), "system_fingerprint": "f"},
        {**CHUNK, "choices": [], "usage": {"total_tokens": 2}},
    ]
    final = result(chat(), events)

    assert {key: final[key] for key in final if key not in (*CHUNK, "choices")} == {
        "prompt_token_ids": [1],
        "late": 1,
        "system_fingerprint": "f",
        "usage": {"total_tokens": 2},
    }


def test_what_the_last_chunk_says_of_cache_and_weights_is_in_the_whole() -> None:
    spans = [{"version": "step-7", "start": 0, "end": 2}]
    stats = {"cached_token_stats": {"num_lmcache_cached_tokens": 16}}
    events = [
        {**chunk(delta={"content": "a"}), "kv_transfer_params": None},
        {**chunk(finish_reason="stop", weight_versions=spans), "kv_transfer_params": stats},
    ]
    final = create_chat_completion.build_request(body={}).parse(result(chat(), events))

    (choice,) = final.choices
    (span,) = choice.weight_versions
    assert (span.version, span.start, span.end) == ("step-7", 0, 2)
    assert final.kv_transfer_params.cached_token_stats.num_lmcache_cached_tokens == 16


def test_what_was_null_may_be_told_at_the_end() -> None:
    events = [{**chunk(delta={"content": "a"}), "late": None}, {**chunk(finish_reason="stop"), "late": 1}]

    assert result(chat(), events)["late"] == 1


@pytest.mark.parametrize("delta", [{}, {"delta": None}, {"delta": "junk"}])
def test_text_that_was_held_back_comes_with_a_last_chunk_that_has_none_itself(delta: Json) -> None:
    last = {**CHUNK, "choices": [{"index": 0, "finish_reason": "stop", **delta}]}
    whole = chat()
    (_, seen) = take(whole, [chunk(delta={"content": "<thi"}), last])

    assert seen["choices"] == [{"index": 0, "finish_reason": "stop", "delta": {"content": "<thi"}}]
    assert take(chat(), [last]) == [last]


def test_usage_that_grows_with_every_chunk_is_that_of_the_last() -> None:
    events = [{**chunk(delta={"content": "a"}), "usage": {"total_tokens": count}} for count in range(3)]

    assert result(chat(), events)["usage"] == {"total_tokens": 2}


@pytest.mark.parametrize("index", [None, "0", [], {}, 1.5, True])
def test_a_choice_without_a_usable_index_is_the_first(index: Any) -> None:
    events = [{**CHUNK, "choices": [{"index": index, "delta": {"content": part}}]} for part in "ab"]

    (choice,) = result(chat(), events)["choices"]
    assert (choice["index"], choice["message"]["content"]) == (0, "ab")


def test_choices_come_out_in_order() -> None:
    events = [chunk(index, {"content": str(index)}) for index in (10, 2, 0, 1)]

    assert [choice["index"] for choice in result(chat(), events)["choices"]] == [0, 1, 2, 10]


@pytest.mark.parametrize(
    ("delta", "content"),
    [
        ({}, None),
        ({"content": None}, None),
        ({"content": ""}, ""),
        ({"content": 7}, "7"),
        ({"content": ["a", {"type": "text", "text": "b"}, {"text": [{"text": "c"}]}]}, "abc"),
    ],
)
def test_content_that_is_no_text_is_read_as_the_text_in_it(delta: Json, content: Any) -> None:
    assert message_of(deltas({"role": "assistant"}, delta))["content"] == content


@pytest.mark.parametrize("before", [[], [{"content": ""}]])
def test_content_in_parts_and_content_as_text_are_one_text(before: list[Json]) -> None:
    thought, picture = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "image_url"}
    parts = [thought, picture, {"type": "text", "text": "He"}]

    message = message_of(deltas(*before, {"content": parts}, {"content": "y"}))

    assert message["content"] == "Hey"
    assert message["reasoning"] == "Hm."
    assert message["content_parts"] == [picture]


@pytest.mark.parametrize("first", [{}, {"role": ""}, {"role": None}, {"role": 7}])
def test_a_message_without_a_role_is_the_assistants(first: Json) -> None:
    assert message_of(deltas(first, {"content": "a"}))["role"] == "assistant"


def test_a_character_that_the_host_cut_in_two_is_one_in_the_answer() -> None:
    assert message_of(deltas({"content": "\ud83d"}, {"content": "\ude00"}))["content"] == "\U0001f600"


def test_a_chunk_that_says_nothing_takes_nothing_back() -> None:
    empty = {**dict.fromkeys(CHUNK, ""), "choices": [{"index": 0, "delta": {"role": ""}, "finish_reason": ""}]}
    final = result(chat(), [chunk(delta={"role": "assistant"}, finish_reason="stop"), empty])

    assert {key: final[key] for key in CHUNK} == {**CHUNK, "object": "chat.completion"}
    assert final["choices"] == [
        {"index": 0, "message": {"role": "assistant", "content": None}, "finish_reason": "stop"}
    ]


def test_counts_are_not_told_again_with_text_that_was_held_back() -> None:
    seen = take(chat(), [{**chunk(delta={"content": "<thi"}), "usage": {"total_tokens": 3}}])

    assert ["usage" in event for event in seen] == [True, False]


@pytest.mark.parametrize("beside", [{"reasoning": "a"}, {"tool_calls": [{"index": 0, "function": {"name": "now"}}]}])
def test_an_empty_text_beside_reasoning_or_calls_is_null_as_in_a_whole_answer(beside: Json) -> None:
    assert message_of(deltas({"content": ""}, beside))["content"] is None


def test_a_blank_text_beside_calls_is_null_as_in_a_whole_answer() -> None:
    call = {"index": 0, "function": {"name": "now"}}

    assert message_of(deltas({"content": "\n\n"}, {"tool_calls": [call]}))["content"] is None
    assert message_of(deltas({"content": "Now:\n"}, {"tool_calls": [call]}))["content"] == "Now:\n"


def test_a_stream_is_complete_when_every_choice_has_its_finish_reason() -> None:
    whole = chat()
    told_so = []
    for event in (
        chunk(0),
        chunk(1),
        chunk(0, finish_reason="stop"),
        chunk(0, finish_reason="stop"),
        chunk(1, finish_reason="length"),
    ):
        whole.take(event)
        told_so.append(whole.complete)

    assert told_so == [False, False, False, False, True]


@pytest.mark.parametrize("kind", ["chat", "completion", "response"])
def test_nothing_adds_up_to_nothing(kind: str) -> None:
    whole = assembly(kind, "split")

    assert whole.result() is None
    assert whole.flush() == []
    assert not whole.complete


def test_a_snapshot_does_not_change_with_what_comes_later() -> None:
    event = chunk(delta={"content": "a", "list": [1]}, token_ids=[1], logprobs={"content": [1]})
    whole = chat()
    whole.take(copy.deepcopy(event))
    early = whole.result()
    before = copy.deepcopy(early)
    whole.take(copy.deepcopy(event))

    assert early == before
    assert whole.result() != before


def test_an_event_is_not_changed_by_what_comes_after_it() -> None:
    first, second = (chunk(delta={"content": "a"}, token_ids=[1], logprobs={"content": [1]}) for _ in range(2))
    before = copy.deepcopy(first)
    whole = chat()
    whole.take(first)
    whole.take(second)

    assert first == before


# Text completions.


@given(st.lists(WORDS, min_size=1, max_size=3), st.data())
def test_pieces_of_a_text_completion_add_up(texts: list[str], data: st.DataObject) -> None:
    queues = [
        [
            {
                "index": index,
                "text": part,
                "logprobs": {"tokens": [part], "token_logprobs": [None]},
                "finish_reason": None,
            }
            for part in cut(words, data.draw(PLACES))
        ]
        for index, words in enumerate(texts)
    ]
    wanted = [
        {
            "index": index,
            "text": words,
            "logprobs": {"tokens": [raw["text"] for raw in queue], "token_logprobs": [None] * len(queue)},
            "finish_reason": "stop",
        }
        for index, (words, queue) in enumerate(zip(texts, queues, strict=True))
    ]
    for queue in queues:
        queue.append({"index": queue[0]["index"], "text": "", "logprobs": None, "finish_reason": "stop"})
    events = []
    while waiting := [queue for queue in queues if queue]:
        events.append({**TEXT, "choices": [data.draw(st.sampled_from(waiting)).pop(0)]})
    whole = text()

    seen = take(whole, [*events, {**TEXT, "choices": [], "usage": {"total_tokens": 3}}])

    assert whole.result() == {**TEXT, "choices": wanted, "usage": {"total_tokens": 3}}
    assert whole.complete
    assert sorted("".join(part for event in seen for part in whole.texts(event))) == sorted("".join(texts))
    assert [part for event in seen for part in whole.reasonings(event)] == []


def test_think_blocks_of_a_text_completion_are_text() -> None:
    raw = {"index": 0, "text": "<think>a</think>b"}

    assert result(text(), [{**TEXT, "choices": [raw]}])["choices"][0]["text"] == "<think>a</think>b"


@pytest.mark.parametrize("last", [None, 7, ["x"]])
def test_a_last_piece_without_text_takes_nothing_back(last: Any) -> None:
    events = [
        {**TEXT, "choices": [{"index": 0, "text": part, "logprobs": part and {"tokens": ["a"]}}]}
        for part in ("a", last)
    ]
    (choice,) = result(text(), events)["choices"]

    assert (choice["text"], choice["logprobs"]["tokens"][0]) == ("a", "a")


# The Responses API.

BEGUN = {"id": "r-1", "object": "response", "status": "in_progress", "model": "m", "output": [], "novel": 1}
MESSAGE = {"id": "i-1", "type": "message", "role": "assistant", "content": []}


def event(kind: str, **fields: Any) -> Json:
    return {"type": f"response.{kind}", "sequence_number": 0, **fields}


def streamed_item(place: int, item: Json, *growing: tuple[str, str, Json], done: Json | None = None) -> list[Json]:
    """An item that is added, grows by deltas of a kind, and may be done."""
    events = [event("output_item.added", output_index=place, item=item)]
    for kind, delta, where in growing:
        events.append(event(f"{kind}.delta", output_index=place, item_id="i", delta=delta, **where))
    return events + ([event("output_item.done", output_index=place, item=done)] if done else [])


@pytest.mark.parametrize("kind", ["completed", "incomplete", "failed", "cancelled"])
def test_the_last_event_holds_the_whole_response(kind: str) -> None:
    last = {**BEGUN, "status": kind, "output": [{**MESSAGE, "content": [{"type": "output_text", "text": "ab"}]}]}
    events = [
        event("created", response=BEGUN),
        *streamed_item(0, MESSAGE, ("output_text", "ab", {"content_index": 0})),
        event(kind, response=last),
    ]
    whole = response()

    assert result(whole, events) == last
    assert whole.complete


@pytest.mark.parametrize("given", [{}, {"output": []}, {"output": None}])
def test_a_last_event_that_leaves_out_the_items_gets_them_from_those_before(given: Json) -> None:
    done = {**MESSAGE, "content": [{"type": "output_text", "text": "ab"}]}
    events = [*streamed_item(0, MESSAGE, done=done), event("completed", response={"id": "r-1", **given})]

    assert result(response(), events) == {"id": "r-1", "output": [done]}


def test_a_last_event_without_a_response_ends_the_one_before() -> None:
    whole = response()

    assert result(whole, [event("created", response=BEGUN), event("completed"), event("novel")]) == BEGUN
    assert whole.complete


@pytest.mark.parametrize(
    ("item", "growing", "grown"),
    [
        (
            MESSAGE,
            [("output_text", "a", {"content_index": 0}), ("output_text", "b", {"content_index": 0})],
            {**MESSAGE, "content": [{"type": "output_text", "text": "ab"}]},
        ),
        (
            MESSAGE,
            [("output_text", "a", {"content_index": 0}), ("refusal", "b", {"content_index": 1})],
            {**MESSAGE, "content": [{"type": "output_text", "text": "a"}, {"type": "refusal", "refusal": "b"}]},
        ),
        (
            {"type": "reasoning", "content": None, "summary": []},
            [("reasoning_text", "a", {"content_index": 0}), ("reasoning_summary_text", "b", {"summary_index": 0})],
            {
                "type": "reasoning",
                "content": [{"type": "reasoning_text", "text": "a"}],
                "summary": [{"type": "summary_text", "text": "b"}],
            },
        ),
        (
            {"type": "reasoning", "summary": []},
            [
                ("reasoning_summary_text", part, {"summary_index": place})
                for place, part in ((0, "a"), (1, "b"), (0, "c"))
            ],
            {
                "type": "reasoning",
                "summary": [{"type": "summary_text", "text": "ac"}, {"type": "summary_text", "text": "b"}],
            },
        ),
        (
            MESSAGE,
            [("output_text", part, {"content_index": place}) for place, part in ((0, "a"), (1, "b"), (0, "c"))],
            {**MESSAGE, "content": [{"type": "output_text", "text": "ac"}, {"type": "output_text", "text": "b"}]},
        ),
        (
            {"type": "function_call", "call_id": "c", "name": "find", "arguments": ""},
            [("function_call_arguments", '{"a"', {}), ("function_call_arguments", ":1", {})],
            {"type": "function_call", "call_id": "c", "name": "find", "arguments": '{"a":1'},
        ),
        ({"type": "novel", "x": 1}, [], {"type": "novel", "x": 1}),
    ],
)
def test_of_a_stream_that_was_cut_off_what_came_is_there(
    item: Json, growing: list[tuple[str, str, Json]], grown: Json
) -> None:
    done = {**MESSAGE, "content": [{"type": "output_text", "text": "first"}]}
    events = [
        event("created", response=BEGUN),
        *streamed_item(0, MESSAGE, done=done),
        *streamed_item(1, item, *growing),
    ]
    whole = response()

    assert result(whole, events) == {**BEGUN, "output": [done, grown]}
    assert not whole.complete


@pytest.mark.parametrize(
    ("kind", "brought", "item"),
    [
        ("output_text", {"text": "ab"}, {"type": "message", "content": [{"type": "output_text", "text": "ab"}]}),
        ("refusal", {"refusal": "ab"}, {"type": "message", "content": [{"type": "refusal", "refusal": "ab"}]}),
        ("function_call_arguments", {"arguments": "ab"}, {"type": "function_call", "arguments": "ab"}),
        ("custom_tool_call_input", {"input": "ab"}, {"type": "custom_tool_call", "input": "ab"}),
    ],
)
@pytest.mark.parametrize("before", [(), ("a",), ("a", "b")])
def test_a_text_that_is_done_is_there_with_its_deltas_or_without(
    kind: str, brought: Json, item: Json, before: tuple[str, ...]
) -> None:
    events = [event(f"{kind}.delta", output_index=0, delta=part) for part in before]
    if before != ("a", "b"):
        events.append(event(f"{kind}.done", output_index=0, **brought))

    assert result(response(), events) == {"output": [item]}


def test_what_comes_after_the_whole_response_does_not_replace_it() -> None:
    last = {**BEGUN, "status": "completed", "output": [MESSAGE]}
    whole = response()

    assert result(whole, [event("completed", response=last), event("in_progress", response=BEGUN)]) == last


def test_deltas_without_a_beginning_still_make_items() -> None:
    events = [
        event("output_text.delta", output_index=1, content_index=0, delta="b"),
        event("reasoning_text.delta", output_index=0, content_index=0, delta="a"),
        event("function_call_arguments.delta", output_index=2, delta="{}"),
    ]

    assert result(response(), events) == {
        "output": [
            {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "a"}]},
            {"type": "message", "content": [{"type": "output_text", "text": "b"}]},
            {"type": "function_call", "arguments": "{}"},
        ]
    }


def test_a_snapshot_of_a_response_is_there_from_its_first_event_on() -> None:
    assert result(response(), [event("created", response=BEGUN)]) == BEGUN


def test_text_and_reasoning_of_a_response_are_told_apart() -> None:
    whole = response()
    events = [
        event("output_text.delta", delta="a"),
        event("reasoning_text.delta", delta="b"),
        event("reasoning_summary_text.delta", delta="c"),
        event("function_call_arguments.delta", delta="d"),
        event("output_text.delta", delta=None),
        event("output_text.delta"),
    ]

    assert [part for one in events for part in whole.texts(one)] == ["a"]
    assert [part for one in events for part in whole.reasonings(one)] == ["b", "c"]


# Any JSON at all.

NAMES = (
    *("id", "object", "choices", "index", "delta", "message", "role", "content", "reasoning", "reasoning_content"),
    *("tool_calls", "function", "name", "arguments", "finish_reason", "logprobs", "usage", "text", "type", "item"),
    *("response", "output", "output_index", "content_index", "summary_index", "part", "refusal", "error", "x"),
)
KINDS = ("created", "completed", "output_item.added", "output_item.done", "output_text.delta", "novel.delta")
STRINGS = st.sampled_from((*(f"response.{kind}" for kind in KINDS), "", "a", "<think>", "</think>", " <", "stop"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False, allow_infinity=False) | STRINGS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)
EVENTS = st.lists(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6), max_size=6)
FIELDS = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6)
RAWS = JSON | FIELDS | st.builds(lambda delta: {"delta": delta}, FIELDS)
RESPONSES = st.lists(
    st.builds(lambda kind, fields: {**fields, "type": f"response.{kind}"}, st.sampled_from(KINDS), FIELDS)
)
CHUNKS = st.lists(st.builds(lambda raws: {"choices": raws}, st.lists(RAWS, max_size=3)), max_size=6)
OPERATIONS = {
    "chat": create_chat_completion,
    "completion": create_completion,
    "response": create_response,
}


@given(st.sampled_from(list(OPERATIONS)), st.sampled_from(["split", "keep", "open"]), EVENTS | CHUNKS | RESPONSES)
def test_no_json_breaks_an_assembly_and_what_it_makes_of_it_is_an_answer(
    kind: str, think: ThinkPolicy, events: list[Json]
) -> None:
    operation: Any = OPERATIONS[kind]
    whole = assembly(kind, think)
    for one in take(whole, events):
        assert all(part and isinstance(part, str) for part in (*whole.texts(one), *whole.reasonings(one)))
        operation.parse_event(one)
    final = whole.result()
    if final is not None:
        json.dumps(operation.parse(final).to_dict())


def test_a_stream_of_a_kind_that_nobody_knows_is_passed_through() -> None:
    whole = assembly("", "split")
    events = [{"a": 1}]

    assert not whole.complete
    assert take(whole, events) == events
    assert whole.complete
    assert whole.result() is None
    assert list(whole.texts(events[0])) == list(whole.reasonings(events[0])) == []


def test_an_index_that_only_equals_a_number_is_looked_at() -> None:
    """In Python `False == 0`, so an event that holds it looks like the one before."""
    grows = assembly("chat", "keep")
    sound = {"id": "c", "choices": [{"index": 0, "delta": {"content": "a"}}]}
    odd = {"id": "c", "choices": [{"index": False, "delta": {"content": "a"}}]}
    grows.take(sound)

    assert grows.take(sound) is True
    assert grows.take(odd) is False
