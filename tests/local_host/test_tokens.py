"""Tokenize and detokenize."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

MODEL = "openai/gpt-oss-20b"

type Post = Callable[..., dict[str, Any]]


@pytest.fixture
def tokenize(serverless: httpx.Client) -> Post:
    def ask(**fields: Any) -> dict[str, Any]:
        answer = serverless.post("/tokenize", json={"model": MODEL, **fields})

        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return ask


def test_a_text_is_counted(tokenize: Post) -> None:
    answer = tokenize(prompt="Hello there")

    assert list(answer) == ["count", "max_model_len", "tokens", "token_strs"]
    assert (answer["count"], answer["max_model_len"], answer["token_strs"]) == (2, 131_072, None)
    assert len(answer["tokens"]) == 2


def test_an_empty_text_has_no_tokens(tokenize: Post) -> None:
    assert tokenize(prompt="")["tokens"] == []


def test_strings_come_when_asked_for(tokenize: Post) -> None:
    assert tokenize(prompt="Hello there!", return_token_strs=True)["token_strs"] == ["Hello", " there", "!"]


@pytest.mark.parametrize("text", ["Hello!", "naïve 日本 🙂", "  \n\t", "<think>"])
def test_detokenize_undoes_tokenize(tokenize: Post, serverless: httpx.Client, text: str) -> None:
    body = {"model": MODEL, "tokens": tokenize(prompt=text)["tokens"]}

    assert serverless.post("/detokenize", json=body).json() == {"prompt": text}


def test_no_tokens_are_no_text_and_ids_beyond_the_vocabulary_neither(serverless: httpx.Client) -> None:
    for tokens in ([], [99_999_999]):
        assert serverless.post("/detokenize", json={"model": MODEL, "tokens": tokens}).json() == {"prompt": ""}


def test_a_conversation_is_counted_with_its_template(tokenize: Post, weather: dict[str, Any]) -> None:
    messages = [{"role": "user", "content": "Hi"}]
    plain = tokenize(messages=messages)["count"]

    assert plain > tokenize(messages=messages, add_generation_prompt=False)["count"]
    assert plain < tokenize(messages=messages, tools=[weather])["count"]
    assert plain < tokenize(messages=messages, chat_template_kwargs={"enable_thinking": False})["count"]


def test_the_template_is_the_one_that_is_paid_for(tokenize: Post, weather: dict[str, Any], chat: Post) -> None:
    messages = [{"role": "user", "content": "What is the weather in Paris?"}]
    for fields in ({"tools": [weather]}, {"chat_template_kwargs": {"enable_thinking": False}}):
        answer = chat(messages=messages, return_token_ids=True, **fields)

        assert tokenize(messages=messages, **fields)["tokens"] == answer["prompt_token_ids"]


def test_both_forms_at_once_are_refused(refused: Callable[..., dict[str, Any]]) -> None:
    body = {"model": MODEL, "prompt": "x", "messages": [{"role": "user", "content": "x"}]}

    assert refused("/tokenize", body)["message"].startswith("Send either `prompt` or `messages`, not both.")
