"""The console in front of another engine: here, a second local host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tensormesh_local.inference.upstream_prompts import plain_texts
from tests.console.conftest import MODEL, RULES, lens, newest
from tests.plain_http import NO_TLS

type Send = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[LocalHost, LocalHost]]:
    with LocalHost() as engine:
        options = Options(upstream=engine.serverless_base_url, upstream_key=engine.inference_api_key)
        with LocalHost(options) as relay:
            yield engine, relay


@pytest.fixture
def engine(pair: tuple[LocalHost, LocalHost]) -> LocalHost:
    for one in pair:
        one.reset()
    return pair[0]


@pytest.fixture
def relay(engine: LocalHost, pair: tuple[LocalHost, LocalHost]) -> LocalHost:
    assert engine is not pair[1]
    return pair[1]


@pytest.fixture
def looker(relay: LocalHost) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{relay.base_url}/_local/console/", trust_env=False, verify=NO_TLS) as found:
        yield found


@pytest.fixture
def send(relay: LocalHost) -> Iterator[Send]:
    headers = {"Authorization": f"Bearer {relay.inference_api_key}"}
    with httpx.Client(base_url=relay.serverless_base_url, headers=headers, trust_env=False, verify=NO_TLS) as client:
        yield lambda path, **fields: client.post(path, json={"model": MODEL, **fields})


def messages(second: int) -> list[dict[str, Any]]:
    return [
        {"role": "system", "content": f"It is 14:05:{second:02} now. {RULES}"},
        {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
    ]


def test_the_lens_has_the_tokens_of_the_engine(looker: httpx.Client, send: Send) -> None:
    for second in range(2):
        assert send("/v1/chat/completions", messages=messages(second)).status_code == 200
    found = lens(looker)

    assert found["source"] == "the tokenizer of the engine"
    assert (found["tokens"], found["able"], found["cached"]) == (newest(looker)["prompt"], 0, 0)
    assert found["words"].startswith("A time in the system prompt at token 5: here “14:05:01”, in request")
    assert [turn["label"] for turn in found["turns"]] == [
        "the system prompt",
        "message 2 (user)",
        "the beginning of the answer",
    ]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/v1/completions", {"prompt": RULES}),
        ("/v1/responses", {"input": RULES, "instructions": "Be brief."}),
        ("/v1/responses", {"input": [{"role": "user", "content": RULES}]}),
    ],
)
def test_every_operation_is_put_to_the_engine(
    looker: httpx.Client, send: Send, path: str, fields: dict[str, Any]
) -> None:
    for _ in range(2):
        send(path, **fields)
    found = lens(looker)

    assert found["source"] == "the tokenizer of the engine"
    assert found["tokens"] == newest(looker)["prompt"]
    assert abs(found["able"] - found["cached"]) <= found["block"]


def test_the_blocks_are_as_long_as_the_counts_of_the_engine_show(looker: httpx.Client, send: Send) -> None:
    for end in ("", " and", "", " a longer end, which is longer than that" * 3):
        send("/v1/completions", prompt=RULES + end)
    send("/v1/completions", prompt=RULES + " a longer end, which is longer than that" * 3)

    assert lens(looker)["block"] in (16, 32, 64)


@pytest.mark.parametrize("fault", [{"status": 404}, {"reset": True}, {"set": {"tokens": "none"}}, {"status": 200}])
def test_an_engine_that_does_not_tell_its_tokens_leaves_the_built_in_ones(
    engine: LocalHost, looker: httpx.Client, send: Send, fault: dict[str, Any]
) -> None:
    for second in range(2):
        send("/v1/chat/completions", messages=messages(second))
    engine.faults.add({**fault, "match": {"path": "/tokenize"}, "times": None})
    found = lens(looker)

    assert found["source"] == "the built-in tokenizer"
    assert found["words"].startswith("A time in the system prompt")


def test_the_key_of_the_engine_is_shown_nowhere(engine: LocalHost, looker: httpx.Client, send: Send) -> None:
    send("/v1/chat/completions", messages=messages(1))
    number = newest(looker)["number"]

    for path in (f"requests/{number}", f"requests/{number}/lens", "lens", "account", "ledger.jsonl"):
        assert engine.inference_api_key not in looker.get(path).text


@pytest.mark.parametrize(
    ("spelt", "texts"),
    [
        (["Hello", "Ġworld", "Ċ", "Ã©", "<|im_end|>"], ["Hello", " world", "\n", "é", "<|im_end|>"]),
        (["▁Hello", "▁world", "<0x0A>"], [" Hello", " world", "<0x0A>"]),
        (["plain", " text"], ["plain", " text"]),
    ],
)
def test_tokens_read_as_text_however_a_vocabulary_spells_them(spelt: list[str], texts: list[str]) -> None:
    assert plain_texts(spelt) == texts
