"""A whole chat answer: its shape, its words, and where it ends."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cases import cases

type Chat = Callable[..., dict[str, Any]]

PLAIN = {"reasoning_effort": "none"}


def _content(answer: dict[str, Any], index: int = 0) -> str:
    content: str = answer["choices"][index]["message"]["content"]
    return content


def test_an_answer_has_every_key_of_the_engine_in_its_order(chat: Chat) -> None:
    answer = chat("Hello there")
    choice = answer["choices"][0]

    assert list(answer) == [
        "id", "object", "created", "model", "choices", "service_tier", "system_fingerprint", "usage",
        "prompt_logprobs", "prompt_token_ids", "prompt_text", "kv_transfer_params", "ec_transfer_params", "metrics",
    ]  # fmt: skip
    assert list(choice) == [
        "index", "message", "logprobs", "finish_reason", "stop_reason", "token_ids", "routed_experts",
    ]  # fmt: skip
    assert list(choice["message"]) == [
        "role", "content", "refusal", "annotations", "audio", "function_call", "reasoning",
    ]  # fmt: skip
    assert answer["object"] == "chat.completion"
    assert answer["id"].startswith("chatcmpl-")
    assert choice["finish_reason"] == "stop"


def test_usage_adds_up_and_counts_what_tokenize_counts(chat: Chat, serverless: Any) -> None:
    usage = chat("What is the weather like?")["usage"]
    body = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "What is the weather like?"}]}

    assert list(usage) == [
        "prompt_tokens", "total_tokens", "completion_tokens", "prompt_tokens_details", "completion_tokens_details",
    ]  # fmt: skip
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["prompt_tokens"] == serverless.post("/tokenize", json=body).json()["count"]


@cases(
    ("question", "expected"),
    [
        ("What is 17*23?", "17*23 = 391."),
        ("What is (2+3)^2 / 5 ?", "(2+3)^2 / 5 = 5."),
        ("Please say exactly: blue moon", "blue moon"),
        ("Count to 5", "1, 2, 3, 4, 5."),
        ("What is the capital of France?", "The capital of France is Paris."),
        ("what is 17 times 20?", "17 * 20 = 340."),
        ("Who are you?", "I am the engine inside a local Tensormesh host: "),
        ("Write a haiku.", "Tokens fall like rain,\na prefix seen once before:\nthe cache remembers."),
        ("Why is a prefix cache worth having?", "Most prompts begin like an earlier one: "),
        ("Thanks!", "You are welcome."),
        ("  ", "You have not asked anything yet."),
    ],
)
def test_it_answers_the_last_question(chat: Chat, question: str, expected: str) -> None:
    history = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Tell me a joke"},
        {"role": "assistant", "content": "No."},
        {"role": "user", "content": question},
    ]

    assert _content(chat(messages=history, **PLAIN)).startswith(expected)


@cases("question", ["1/0", "9^9^9^9", "10^60 ^ 60", "((((", "1..2 + 3", "2024-05-01"])
def test_what_has_no_result_is_answered_in_words(chat: Chat, question: str) -> None:
    content = _content(chat(question, **PLAIN))

    assert f"“{question}”" in content
    assert "=" not in content


@cases("question", ["Is it safe to eat raw chicken?", "Explain tides", "日本の首都は?", "x"])
def test_any_other_question_gets_a_sentence_that_repeats_it(chat: Chat, question: str) -> None:
    content = _content(chat(question, **PLAIN))

    assert f"“{question}”" in content
    assert content.endswith(".")
    assert ".”." not in content


def test_text_parts_are_read_like_text(chat: Chat) -> None:
    parts = [{"type": "text", "text": "What is"}, {"type": "text", "text": "6*7?"}]

    assert _content(chat(messages=[{"role": "user", "content": parts}], **PLAIN)) == "6*7 = 42."


def test_the_same_request_gets_the_same_answer(chat: Chat) -> None:
    assert _content(chat("Why is the sky blue?", seed=7)) == _content(chat("Why is the sky blue?", seed=7))


def test_choices_differ(chat: Chat) -> None:
    answer = chat("Why is the sky blue?", n=6)

    assert [choice["index"] for choice in answer["choices"]] == list(range(6))
    assert len({_content(answer, index) for index in range(6)}) == 6


def test_some_seeds_differ_and_a_greedy_answer_has_none(chat: Chat) -> None:
    question = "Why is the sky blue?"

    assert len({_content(chat(question, seed=seed)) for seed in range(1, 9)}) > 1
    assert len({_content(chat(question, seed=seed, temperature=0)) for seed in range(1, 9)}) == 1


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_a_limit_ends_the_answer_for_length(chat: Chat, field: str) -> None:
    answer = chat(**{field: 3}, **PLAIN)

    assert answer["usage"]["completion_tokens"] == 3
    assert answer["choices"][0]["finish_reason"] == "length"


def test_max_completion_tokens_wins(chat: Chat) -> None:
    assert chat(max_tokens=9, max_completion_tokens=2)["usage"]["completion_tokens"] == 2


def test_an_answer_cut_inside_the_reasoning_has_no_content(chat: Chat) -> None:
    message = chat(max_tokens=3)["choices"][0]["message"]

    assert message["content"] is None
    assert message["reasoning"].startswith("\nThe")


@cases(
    ("stop", "content", "reason"),
    [
        (" moon", "blue", " moon"),
        (["zzz", "moo"], "blue ", "moo"),
        ("e m", "blu", "e m"),
        (["moon", "blue"], "", "blue"),
    ],
)
def test_a_stop_string_ends_the_answer_before_it(chat: Chat, stop: Any, content: str, reason: str) -> None:
    choice = chat("Please say exactly: blue moon rising", stop=stop, **PLAIN)["choices"][0]

    assert choice["message"]["content"] == content
    assert (choice["finish_reason"], choice["stop_reason"]) == ("stop", reason)


def test_a_stop_string_can_be_kept(chat: Chat) -> None:
    fields = {"stop": "moon", "include_stop_str_in_output": True, **PLAIN}

    assert _content(chat("Please say exactly: blue moon rising", **fields)) == "blue moon"


def test_a_stop_token_is_named_by_its_id(chat: Chat) -> None:
    said = chat("Please say exactly: blue moon rising", return_token_ids=True, **PLAIN)
    moon = said["choices"][0]["token_ids"][1]
    choice = chat("Please say exactly: blue moon rising", stop_token_ids=[moon], **PLAIN)["choices"][0]

    assert (choice["message"]["content"], choice["stop_reason"]) == ("blue", moon)


def test_ignore_eos_goes_on_to_the_limit(chat: Chat) -> None:
    answer = chat(ignore_eos=True, max_tokens=300)

    assert answer["usage"]["completion_tokens"] == 300
    assert answer["choices"][0]["finish_reason"] == "length"


def test_an_answer_can_be_asked_to_be_longer(chat: Chat) -> None:
    usage = chat("Hello", min_tokens=200)["usage"]

    assert usage["completion_tokens"] == 200


def test_the_longest_answer_fills_the_context(chat: Chat) -> None:
    usage = chat("Hello", min_tokens=10**9, model="google/gemma-4-31B-it")["usage"]

    assert usage["total_tokens"] == 32_768


def test_the_prompt_can_be_had_as_text(chat: Chat) -> None:
    text = chat("Hello", return_prompt_text=True)["prompt_text"]

    assert text == "<|turn|>user\nHello<|end|>\n<|turn|>assistant\n"


def test_an_answer_is_named_after_the_id_in_the_body(chat: Chat) -> None:
    assert chat("Hello", request_id="mine")["id"] == "chatcmpl-mine"


def test_json_mode_writes_an_object(chat: Chat) -> None:
    answer = json.loads(_content(chat("Who is it?", response_format={"type": "json_object"})))
    keyed = json.loads(
        _content(chat("Give JSON with keys name and age of Ada.", response_format={"type": "json_object"}))
    )

    assert list(answer) == ["answer"]
    assert list(keyed) == ["name", "age"]


SHOWN = 'A schema such as {"properties": {"foo": {"type": "array"}}} is fit by {"foo": ["bar"]}. Fit this one:'
PERSON = '{"properties": {"name": {"type": "string"}, "age": {"type": "integer"}}, "required": ["name", "age"]}'


@cases(
    ("prompt", "keys"),
    [
        ("Tell a joke, as JSON with 'setup' and 'punchline' keys. Return nothing other than JSON.", "setup punchline"),
        ('Give an object with "city" and "country" as keys, please.', "city country"),
        ("Use the fields `a`, `b`, and `c` only.", "a b c"),
        ("Keys: name, age", "name age"),
        (f"{SHOWN} {PERSON}", "name age"),
        ('Answer like {"name": "...", "tags": ["..."], "age": 7}, and with nothing else.', "name tags age"),
        ("Who is {this} in {{braces}}?", "answer"),
        ('{"' * 3000, "answer"),
    ],
)
def test_json_mode_writes_what_the_prompt_says_of_it(chat: Chat, prompt: str, keys: str) -> None:
    told = json.loads(_content(chat(prompt, response_format={"type": "json_object"})))

    assert list(told) == keys.split()
    assert isinstance(told.get("age", 7), int)
    assert isinstance(told.get("tags", []), list)


def test_logprobs_cover_all_tokens(chat: Chat) -> None:
    """The end is a token as well."""
    choice = chat("Please say exactly: blue moon", logprobs=True, top_logprobs=2, **PLAIN)["choices"][0]
    entries = choice["logprobs"]["content"]

    assert "".join(entry["token"] for entry in entries) == "blue moon<|end|>"
    assert bytes(entries[0]["bytes"]) == b"blue"
    assert all(entry["logprob"] < 0 and len(entry["top_logprobs"]) == 2 for entry in entries)
    assert all(entry["top_logprobs"][0]["token"] == entry["token"] for entry in entries)


def test_the_marks_around_a_thought_are_tokens_but_no_thought(chat: Chat) -> None:
    answer = chat(logprobs=True)
    tokens = [entry["token"] for entry in answer["choices"][0]["logprobs"]["content"]]

    assert len(tokens) == answer["usage"]["completion_tokens"]
    assert tokens[0] == "<think>"
    assert answer["usage"]["completion_tokens_details"] == {"reasoning_tokens": tokens.index("</think>") - 1}


def test_a_hidden_thought_is_not_given_away_by_its_tokens(chat: Chat) -> None:
    choice = chat(include_reasoning=False, logprobs=True, return_token_ids=True)["choices"][0]

    assert (choice["logprobs"], choice["token_ids"]) == (None, None)


def test_token_ids_decode_to_the_answer(chat: Chat, serverless: Any) -> None:
    answer = chat("Please say exactly: blue moon", return_token_ids=True, **PLAIN)
    body = {"model": answer["model"], "tokens": answer["choices"][0]["token_ids"]}

    assert serverless.post("/detokenize", json=body).json() == {"prompt": "blue moon<|end|>"}
    assert len(answer["prompt_token_ids"]) == answer["usage"]["prompt_tokens"]


def test_a_lone_surrogate_goes_through_unharmed(serverless: Any) -> None:
    body = b'{"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Say: \\ud83d!"}]}'
    answer = serverless.post("/v1/chat/completions", content=body, headers={"Content-Type": "application/json"})

    assert answer.json()["choices"][0]["message"]["content"].endswith("\ud83d!")
