"""Text completions: the forms of a prompt, the shape of an answer, whole and streamed."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.cases import cases

MODEL = "openai/gpt-oss-20b"

type Complete = Callable[..., dict[str, Any]]
type Events = Callable[[str], list[Any]]


@pytest.fixture
def complete(serverless: httpx.Client) -> Complete:
    def ask(prompt: Any = "Roses are", **fields: Any) -> dict[str, Any]:
        answer = serverless.post("/v1/completions", json={"model": MODEL, "prompt": prompt, **fields})

        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return ask


@pytest.fixture
def streamed_text(serverless: httpx.Client, events: Events) -> Callable[..., list[Any]]:
    def ask(prompt: Any = "Roses are", **fields: Any) -> list[Any]:
        body = {"model": MODEL, "prompt": prompt, "stream": True, **fields}
        answer = serverless.post("/v1/completions", json=body)

        assert answer.status_code == 200, answer.text
        *chunks, done = events(answer.text)
        assert done == "[DONE]"
        return chunks

    return ask


def test_an_answer_has_every_key_of_the_engine_in_its_order(complete: Complete) -> None:
    answer = complete(max_tokens=4)

    assert list(answer) == [
        "id", "object", "created", "model", "choices", "service_tier", "system_fingerprint", "usage",
        "kv_transfer_params", "ec_transfer_params", "metrics",
    ]  # fmt: skip
    assert list(answer["choices"][0]) == [
        "index", "text", "logprobs", "finish_reason", "stop_reason", "token_ids", "prompt_logprobs",
        "prompt_token_ids", "routed_experts",
    ]  # fmt: skip
    assert answer["object"] == "text_completion"
    assert answer["id"].startswith("cmpl-")
    assert answer["choices"][0]["text"].startswith(" red, violets")


def test_the_default_limit_is_sixteen_tokens(complete: Complete) -> None:
    answer = complete("Some text of mine")

    assert answer["usage"]["completion_tokens"] == 16
    assert answer["choices"][0]["finish_reason"] == "length"


def test_prompts_and_choices_are_numbered_through(complete: Complete) -> None:
    answer = complete(["One,", "Uno,"], n=2, max_tokens=2)

    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2, 3]
    assert [choice["text"] for choice in answer["choices"]][::2] == [" two,", " dos,"]
    assert answer["usage"]["completion_tokens"] == 8


def test_token_ids_are_prompts_too(complete: Complete, serverless: httpx.Client) -> None:
    ids = serverless.post("/tokenize", json={"model": MODEL, "prompt": "Roses are"}).json()["tokens"]
    text = complete()["choices"][0]["text"]

    assert complete(ids)["choices"][0]["text"] == text
    assert [choice["text"] for choice in complete([ids, ids])["choices"]] == [text, text]
    assert complete(ids)["usage"]["prompt_tokens"] == len(ids)


@cases(
    ("fields", "message", "param"),
    [
        ({"prompt": ""}, "Either prompt or prompt_embeds must be provided and non-empty. (parameter=prompt)", "prompt"),
        ({}, "Either prompt or prompt_embeds must be provided and non-empty. (parameter=prompt)", "prompt"),
        ({"prompt": ["a", ""]}, "Either prompt or prompt_embeds must be provided", "prompt"),
        ({"prompt": [99_999_999]}, "Token id 99999999 is out of vocabulary", None),
        ({"prompt": "x", "suffix": "y"}, "suffix is only supported for models with FIM completion rendering", "suffix"),
        ({"prompt": "x", "max_tokens": 0}, "max_tokens must be at least 1, got 0.", "max_tokens"),
        ({"prompt": "x", "logprobs": -1}, "`logprobs` must be a positive value.", "logprobs"),
        ({"prompt": "x", "logprobs": 21}, "`logprobs` must be in [0, 20], got 21.", "logprobs"),
    ],
)
def test_a_broken_rule_is_named(
    refused: Callable[..., dict[str, Any]], fields: dict[str, Any], message: str, param: str | None
) -> None:
    error = refused("/v1/completions", {"model": MODEL, **fields})

    assert error["message"].startswith(message)
    assert error["type"] == "BadRequestError"
    assert error["param"] == param


def test_echo_gives_the_prompt_back(complete: Complete) -> None:
    assert complete(echo=True, max_tokens=2)["choices"][0]["text"] == "Roses are red,"


def test_an_echo_alone_costs_one_token(complete: Complete) -> None:
    answer = complete(echo=True, max_tokens=0)

    assert answer["choices"][0]["text"] == "Roses are"
    assert answer["usage"]["completion_tokens"] == 1
    assert answer["choices"][0]["finish_reason"] == "length"


def test_logprobs_are_lists_of_one_length(complete: Complete) -> None:
    logprobs = complete(logprobs=2, max_tokens=3)["choices"][0]["logprobs"]

    assert list(logprobs) == ["text_offset", "token_logprobs", "tokens", "top_logprobs"]
    assert logprobs["tokens"] == [" red", ",", " violets"]
    assert logprobs["text_offset"] == [0, 4, 5]
    assert [len(entry) for entry in logprobs["top_logprobs"]] == [2, 2, 2]


def test_the_first_token_of_an_echo_has_no_probability(complete: Complete) -> None:
    logprobs = complete(echo=True, logprobs=1, max_tokens=1)["choices"][0]["logprobs"]

    assert "".join(logprobs["tokens"]) == "Roses are red"
    assert [value is None for value in logprobs["token_logprobs"]] == [True] + [False] * (len(logprobs["tokens"]) - 1)
    assert logprobs["top_logprobs"][0] is None


def test_the_tokens_of_an_echoed_prompt_have_probabilities_of_their_own(complete: Complete) -> None:
    choice = complete(echo=True, logprobs=2, max_tokens=1)["choices"][0]
    first, *others = choice["prompt_logprobs"]

    assert first is None
    assert [[entry["rank"] for entry in likely.values()] for likely in others] == [[1, 2]] * len(others)
    assert [next(iter(likely.values()))["decoded_token"] for likely in others] == choice["logprobs"]["tokens"][1:-1]


def test_a_stop_string_ends_the_text(complete: Complete) -> None:
    choice = complete(stop=" violets")["choices"][0]

    assert (choice["text"], choice["finish_reason"], choice["stop_reason"]) == (" red,", "stop", " violets")


@pytest.mark.parametrize(
    "fields",
    [{}, {"max_tokens": 100}, {"n": 2}, {"echo": True}, {"echo": True, "max_tokens": 0}, {"stop": ["is"]},
     {"prompt": ["One,", "Uno,"]}, {"logprobs": 1}, {"max_tokens": 1}],
)  # fmt: skip
def test_a_stream_says_what_the_whole_answer_says(
    complete: Complete, streamed_text: Callable[..., list[Any]], fields: dict[str, Any]
) -> None:
    whole = complete(**fields)
    chunks = streamed_text(stream_options={"include_usage": True}, **fields)

    for choice in whole["choices"]:
        parts = [c for chunk in chunks for c in chunk["choices"] if c["index"] == choice["index"]]
        assert "".join(part["text"] for part in parts) == choice["text"]
        assert [part["finish_reason"] for part in parts][-1] == choice["finish_reason"]
        assert {part["finish_reason"] for part in parts[:-1]} <= {None}
        if choice["logprobs"]:
            offsets = [o for part in parts if part["logprobs"] for o in part["logprobs"]["text_offset"]]
            assert offsets == choice["logprobs"]["text_offset"]
    assert chunks[-1]["usage"]["completion_tokens"] == whole["usage"]["completion_tokens"]


def test_chunks_have_the_keys_of_the_engine(streamed_text: Callable[..., list[Any]]) -> None:
    chunks = streamed_text(max_tokens=4)

    assert list(chunks[0]) == ["id", "object", "created", "model", "choices"]
    assert list(chunks[-1]) == ["id", "object", "created", "model", "choices", "system_fingerprint"]
    assert list(chunks[0]["choices"][0]) == [
        "index", "text", "logprobs", "finish_reason", "stop_reason", "prompt_token_ids", "token_ids",
    ]  # fmt: skip
    assert {chunk["object"] for chunk in chunks} == {"text_completion"}
    assert len(chunks) == 4


def test_continuous_usage_counts_answer_tokens_only(streamed_text: Callable[..., list[Any]]) -> None:
    options = {"include_usage": True, "continuous_usage_stats": True}
    chunks = streamed_text(echo=True, max_tokens=3, stream_options=options)

    assert [chunk["usage"]["completion_tokens"] for chunk in chunks] == [1, 2, 3, 3]


def test_continuous_usage_is_that_of_the_choice(streamed_text: Callable[..., list[Any]]) -> None:
    """The other choices are counted at the end only."""
    options = {"include_usage": True, "continuous_usage_stats": True}
    *chunks, end = streamed_text(n=2, max_tokens=2, temperature=1, stream_options=options)

    assert [chunk["usage"]["completion_tokens"] for chunk in chunks] == [1, 1, 2, 2]
    assert end["usage"]["completion_tokens"] == 4


def test_the_first_event_of_an_echo_holds_the_prompt_and_a_token(streamed_text: Callable[..., list[Any]]) -> None:
    first, second = (chunk["choices"][0] for chunk in streamed_text(echo=True, logprobs=0, max_tokens=2))

    assert (first["text"], second["text"]) == ("Roses are red", ",")
    assert "".join(first["logprobs"]["tokens"]) == "Roses are red"
    assert len(first["prompt_token_ids"]) == len(first["logprobs"]["tokens"]) - 1
    assert second["prompt_token_ids"] is None


def test_every_choice_ends_with_the_fingerprint(streamed_text: Callable[..., list[Any]]) -> None:
    chunks = streamed_text(n=2, max_tokens=2, temperature=1)

    assert [c["index"] for chunk in chunks if "system_fingerprint" in chunk for c in chunk["choices"]] == [0, 1]
