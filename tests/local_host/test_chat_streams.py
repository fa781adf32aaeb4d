"""A streamed chat answer: the order of its chunks, and that it says the same as the whole one."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.cases import cases

type Chat = Callable[..., dict[str, Any]]
type Streamed = Callable[..., list[Any]]


def _joined(chunks: list[Any], field: str, index: int = 0) -> str:
    deltas = [c["delta"] for chunk in chunks for c in chunk["choices"] if c["index"] == index]
    return "".join(delta.get(field) or "" for delta in deltas)


def _endings(chunks: list[Any]) -> list[Any]:
    return [c for chunk in chunks for c in chunk["choices"] if c["finish_reason"] is not None]


def test_chunks_have_the_keys_of_the_engine(streamed: Streamed) -> None:
    chunks = streamed("Hello", stream_options={"include_usage": True})
    base = ["id", "object", "created", "model", "choices"]

    assert list(chunks[0]) == [*base, "prompt_token_ids", "prompt_text"]
    assert chunks[0]["choices"] == [
        {"index": 0, "delta": {"role": "assistant", "content": ""}, "logprobs": None, "finish_reason": None}
    ]
    assert all(list(chunk) == base for chunk in chunks[1:-1])
    assert list(chunks[1]["choices"][0]) == ["index", "delta", "logprobs", "finish_reason", "token_ids"]
    assert list(chunks[-2]["choices"][0]) == [
        "index", "delta", "logprobs", "finish_reason", "stop_reason", "token_ids",
    ]  # fmt: skip
    assert chunks[-2]["choices"][0]["delta"] == {}
    assert list(chunks[-1]) == [*base, "usage", "system_fingerprint"]
    assert chunks[-1]["choices"] == []
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in chunks}) == 1


def test_without_options_there_is_no_usage_and_the_end_has_the_fingerprint(streamed: Streamed) -> None:
    chunks = streamed("Hello")

    assert not any("usage" in chunk for chunk in chunks)
    assert [i for i, chunk in enumerate(chunks) if "system_fingerprint" in chunk] == [len(chunks) - 1]


def test_reasoning_comes_before_content_one_token_a_chunk(streamed: Streamed) -> None:
    chunks = streamed("Hello")
    fields = [key for chunk in chunks[1:] for key in chunk["choices"][0]["delta"]]
    said = [chunk["choices"][0]["delta"].get("content") for chunk in chunks[1:]]

    assert fields == sorted(fields, reverse=True)
    assert {"reasoning", "content"} == set(fields)
    assert len([text for text in said if text]) > 10


@cases(
    "fields",
    [
        {},
        {"max_tokens": 3},
        {"max_tokens": 40},
        {"n": 3},
        {"stop": ["your", "local"]},
        {"reasoning_effort": "none"},
        {"include_reasoning": False},
        {"response_format": {"type": "json_object"}},
        {"messages": [{"role": "user", "content": "Say: naïve 日本 🙂 end"}]},
        {"messages": [{"role": "user", "content": "Say: 🙂"}], "max_tokens": 2, "reasoning_effort": "none"},
        {"messages": [{"role": "user", "content": "Say: a b c d"}], "stop": "c", "reasoning_effort": "none"},
        {"ignore_eos": True, "max_tokens": 90},
    ],
)
def test_a_stream_says_what_the_whole_answer_says(chat: Chat, streamed: Streamed, fields: dict[str, Any]) -> None:
    whole = chat(**fields)
    chunks = streamed(stream_options={"include_usage": True}, **fields)

    for choice in whole["choices"]:
        for field in ("content", "reasoning"):
            assert _joined(chunks, field, choice["index"]) == (choice["message"][field] or "")
    endings = {c["index"]: (c["finish_reason"], c["stop_reason"]) for c in _endings(chunks)}
    assert endings == {c["index"]: (c["finish_reason"], c["stop_reason"]) for c in whole["choices"]}
    assert len(_endings(chunks)) == len(whole["choices"])
    usage = chunks[-1]["usage"]
    assert usage["completion_tokens"] == whole["usage"]["completion_tokens"]
    assert usage["completion_tokens_details"] == whole["usage"]["completion_tokens_details"]


def test_an_end_for_length_comes_with_the_last_delta(streamed: Streamed) -> None:
    last = streamed(max_tokens=3)[-1]["choices"][0]

    assert last["finish_reason"] == "length"
    assert last["delta"] == {"reasoning": "The"}


def test_choices_are_interleaved(streamed: Streamed) -> None:
    order = [c["index"] for chunk in streamed(n=2) for c in chunk["choices"]]

    assert order[:6] == [0, 1, 0, 1, 0, 1]


def test_continuous_usage_grows_by_every_token(streamed: Streamed) -> None:
    options = {"include_usage": True, "continuous_usage_stats": True}
    chunks = streamed("Hello", stream_options=options)
    counts = [chunk["usage"]["completion_tokens"] for chunk in chunks]

    assert counts[0] == 0
    assert counts == sorted(counts)
    assert list(chunks[1]["usage"]) == [
        "prompt_tokens", "total_tokens", "completion_tokens", "completion_tokens_details",
    ]  # fmt: skip
    assert counts[-2] == counts[-1]
    assert chunks[-1]["usage"]["prompt_tokens_details"] == {"cached_tokens": 0, "created_cache_tokens": 0}


def test_continuous_usage_is_that_of_the_choice(streamed: Streamed) -> None:
    """The other choices are counted at the end only."""
    options = {"include_usage": True, "continuous_usage_stats": True}
    *chunks, end = streamed("Hello", n=2, max_tokens=4, stream_options=options)

    assert [chunk["usage"]["completion_tokens"] for chunk in chunks] == [0, 0, 2, 2, 3, 3, 4, 4]
    assert end["usage"]["completion_tokens"] == 8


def test_every_choice_ends_with_the_fingerprint(streamed: Streamed) -> None:
    chunks = streamed("Hello", n=2, max_tokens=4)

    assert [c["index"] for chunk in chunks if "system_fingerprint" in chunk for c in chunk["choices"]] == [0, 1]


def test_logprobs_bring_a_chunk_for_every_token(streamed: Streamed) -> None:
    """What shows nothing has an empty delta."""
    _, first, *_ = streamed("Hello", logprobs=True)

    assert first["choices"][0]["delta"] == {}
    assert [entry["token"] for entry in first["choices"][0]["logprobs"]["content"]] == ["<think>"]


@pytest.mark.parametrize("more", [{"reasoning_effort": "none"}, {}, {"include_reasoning": False}])
def test_logprobs_and_token_ids_of_all_chunks_are_those_of_the_answer(
    chat: Chat, streamed: Streamed, more: dict[str, Any]
) -> None:
    fields = {"logprobs": True, "top_logprobs": 1, "return_token_ids": True, **more}
    whole = chat("Say: naïve 🙂 blue", **fields)["choices"][0]
    chunks = [c for chunk in streamed("Say: naïve 🙂 blue", **fields) for c in chunk["choices"]]

    entries = [entry for c in chunks if c["logprobs"] for entry in c["logprobs"]["content"]]
    assert entries == (whole["logprobs"] or {"content": []})["content"]
    assert [token for c in chunks for token in c.get("token_ids") or []] == (whole["token_ids"] or [])


def test_utf8_is_sent_as_it_is(serverless: httpx.Client) -> None:
    body = {
        "model": "openai/gpt-oss-20b",
        "stream": True,
        "messages": [{"role": "user", "content": "Say: 日本\u2028x"}],
    }
    raw = serverless.post("/v1/chat/completions", json=body).content

    assert "日".encode() in raw
    assert "\u2028".encode() in raw
