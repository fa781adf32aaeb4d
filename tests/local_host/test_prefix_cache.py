"""A prompt that begins like an earlier one is cached in blocks, for its own model and key only."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

from tensormesh_local.engine.prefix_cache import BLOCK, CacheMatch, PrefixCache

LONG = "Read these rules with care before you answer the question at the end of them. " * 8


def test_the_first_visit_creates_blocks_and_the_second_finds_them() -> None:
    cache = PrefixCache()
    prompt = list(range(BLOCK * 3 + 5))

    assert CacheMatch(0, BLOCK * 3) == cache.match(prompt, scope="a")
    assert CacheMatch(BLOCK * 3, 0) == cache.match(prompt, scope="a")


def test_a_prompt_is_never_cached_whole() -> None:
    cache = PrefixCache()
    prompt = list(range(BLOCK * 2))
    cache.match(prompt, scope="a")

    assert CacheMatch(BLOCK, 0) == cache.match(prompt, scope="a")


def test_only_the_common_beginning_is_a_hit() -> None:
    cache = PrefixCache()
    cache.match([1] * BLOCK + [2] * BLOCK + [3], scope="a")

    assert CacheMatch(BLOCK, BLOCK) == cache.match([1] * BLOCK + [9] * BLOCK + [3], scope="a")
    assert CacheMatch(0, BLOCK * 2) == cache.match([9] * BLOCK + [2] * BLOCK + [3], scope="a")


def test_scopes_share_nothing() -> None:
    cache = PrefixCache()
    prompt = list(range(BLOCK * 2 + 1))
    cache.match(prompt, scope="a")

    assert cache.match(prompt, scope="b").cached == 0


def test_the_least_recently_used_blocks_go_first() -> None:
    cache = PrefixCache(capacity=2)
    old, new = [1] * (BLOCK + 1), [2] * (BLOCK * 2 + 1)
    cache.match(old, scope="a")
    cache.match(new, scope="a")

    assert cache.match(old, scope="a").cached == 0


def _details(answer: dict[str, Any]) -> dict[str, Any]:
    details: dict[str, Any] = answer["usage"]["prompt_tokens_details"]
    return details


def test_usage_tells_what_was_cached(chat: Callable[..., dict[str, Any]]) -> None:
    key = uuid4().hex
    first = chat(LONG, cache_salt=key)
    second = chat(LONG, cache_salt=key)
    prompt = first["usage"]["prompt_tokens"]

    assert _details(first)["cached_tokens"] == 0
    assert _details(first)["created_cache_tokens"] == prompt // BLOCK * BLOCK
    assert _details(second)["cached_tokens"] == prompt // BLOCK * BLOCK
    assert _details(second)["created_cache_tokens"] == 0


def test_a_conversation_that_goes_on_hits_its_own_beginning(chat: Callable[..., dict[str, Any]]) -> None:
    key = uuid4().hex
    first = chat(LONG, cache_salt=key)
    longer = [
        {"role": "user", "content": LONG},
        {"role": "assistant", "content": first["choices"][0]["message"]["content"]},
        {"role": "user", "content": "And now?"},
    ]
    second = chat(messages=longer, cache_salt=key)

    assert _details(second)["cached_tokens"] >= first["usage"]["prompt_tokens"] - 2 * BLOCK


def test_either_isolation_key_keeps_prompts_apart(chat: Callable[..., dict[str, Any]]) -> None:
    for field in ("cache_salt", "prompt_cache_isolation_key"):
        chat(LONG, **{field: uuid4().hex})

        assert _details(chat(LONG, **{field: uuid4().hex}))["cached_tokens"] == 0


def test_models_share_nothing(chat: Callable[..., dict[str, Any]]) -> None:
    key = uuid4().hex
    chat(LONG, cache_salt=key)

    assert _details(chat(LONG, cache_salt=key, model="openai/gpt-oss-120b"))["cached_tokens"] == 0


def test_responses_and_completions_tell_it_too(serverless: httpx.Client) -> None:
    key = uuid4().hex
    model = "openai/gpt-oss-20b"
    responses = [
        serverless.post("/v1/responses", json={"model": model, "input": LONG, "cache_salt": key}).json()
        for _ in range(2)
    ]
    completions = [
        serverless.post("/v1/completions", json={"model": model, "prompt": LONG, "cache_salt": key}).json()
        for _ in range(2)
    ]

    assert [bool(r["usage"]["input_tokens_details"]["cached_tokens"]) for r in responses] == [0, True]
    assert [bool(_details(c)["cached_tokens"]) for c in completions] == [0, True]
