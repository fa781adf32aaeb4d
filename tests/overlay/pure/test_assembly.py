"""What the events of a stream add up to: the answer that would have come whole."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tensormesh_generated.api.chat import create_chat_completion
from tensormesh_generated.api.completions import create_completion
from tensormesh_generated.api.responses import create_response
from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.streaming.assemblies import assembly
from tensormesh_overlay.think_blocks.messages import split_message
from tests.overlay.pure.cuts import PLACES, cut
from tests.overlay.pure.streamed_events import CHUNK, WORDS, Json, chat, chunk, deltas, take

# A whole answer, cut into the chunks that a host would have streamed.

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
