"""What the chunks of a chat add up to."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh_generated.api.chat import create_chat_completion
from tensormesh_overlay.configuration.config import ThinkPolicy
from tensormesh_overlay.streaming.assembly import Assembly
from tests.cases import cases
from tests.overlay.pure.streamed_events import CHUNK, Json, chat, chunk, deltas, message_of, result, take, text


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


@cases(
    "choices",
    [
        pytest.param([{"delta": "Hel"}, {"delta": "lo"}], id="a text in place of a delta"),
        pytest.param([{"delta": ["Hel"]}, {"delta": [{"type": "text", "text": "lo"}]}], id="parts in place of a delta"),
        pytest.param([{"text": "Hel"}, {"text": "lo"}], id="a text in place of a message"),
        pytest.param([{"delta": None, "text": "Hel"}, {"delta": {"content": "lo"}}], id="a text beside a delta"),
        pytest.param(
            [{"message": {"content": "Hel"}}, {"message": {"content": "Hello"}}], id="all until now, each time"
        ),
        pytest.param([{"delta": {"content": "Hel"}}, {"message": {"content": "Hello"}}], id="all of it at the end"),
        pytest.param([{"delta": {"content": "Hello"}}, {"message": {"content": "Hello"}}], id="all of it, again"),
    ],
)
def test_text_in_another_place_than_a_delta_is_not_lost(choices: list[Json]) -> None:
    assembly = chat()
    seen = take(assembly, [{**CHUNK, "choices": [{"index": 0, **choice}]} for choice in choices])

    assert "".join(text for event in seen for text in assembly.texts(event)) == "Hello"
    assert result(chat(), seen)["choices"][0]["message"]["content"] == "Hello"


def test_what_was_null_may_be_told_at_the_end() -> None:
    events = [{**chunk(delta={"content": "a"}), "late": None}, {**chunk(finish_reason="stop"), "late": 1}]

    assert result(chat(), events)["late"] == 1


@pytest.mark.parametrize("delta", [{}, {"delta": None}, {"delta": 7}])
def test_text_that_was_held_back_comes_with_a_last_chunk_that_has_none_itself(delta: Json) -> None:
    last = {**CHUNK, "choices": [{"index": 0, "finish_reason": "stop", **delta}]}
    whole = chat()
    (_, seen) = take(whole, [chunk(delta={"content": "<thi"}), last])

    assert seen["choices"] == [{"index": 0, "finish_reason": "stop", "delta": {"content": "<thi"}}]
    assert take(chat(), [last]) == [last]


def test_usage_that_grows_with_every_chunk_is_that_of_the_last() -> None:
    events = [{**chunk(delta={"content": "a"}), "usage": {"total_tokens": count}} for count in range(3)]

    assert result(chat(), events)["usage"] == {"total_tokens": 2}


@cases("index", [None, "0", [], {}, 1.5, True])
def test_a_choice_without_a_usable_index_is_the_first(index: Any) -> None:
    events = [{**CHUNK, "choices": [{"index": index, "delta": {"content": part}}]} for part in "ab"]

    (choice,) = result(chat(), events)["choices"]
    assert (choice["index"], choice["message"]["content"]) == (0, "ab")


def test_choices_come_out_in_order() -> None:
    events = [chunk(index, {"content": str(index)}) for index in (10, 2, 0, 1)]

    assert [choice["index"] for choice in result(chat(), events)["choices"]] == [0, 1, 2, 10]


@cases(
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


@cases("first", [{}, {"role": ""}, {"role": None}, {"role": 7}])
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
