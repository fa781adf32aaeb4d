"""The cache lens of the console, in front of the real engine: what it foretells is what the engine counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tests.live.conftest import Host

LARGEST_BLOCK = 128
SENTENCE = "Rule {}: a guest is greeted by name, and the door is closed behind them. "


@pytest.fixture
def client(relay: LocalHost, relayed: Host) -> Iterator[httpx.Client]:
    relay.reset()
    headers = {"Authorization": f"Bearer {relayed.key}"}
    with httpx.Client(base_url=relay.base_url, headers=headers, trust_env=False, timeout=120) as found:
        yield found


def rules(count: int, first: int = 0) -> str:
    return "".join(SENTENCE.format(first + number) for number in range(count))


def chat(system: str, question: str, model: str) -> tuple[str, dict[str, Any]]:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    return "/v1/chat/completions", {"model": model, "messages": messages, "max_tokens": 1, "temperature": 0}


def text(prompt: str, model: str) -> tuple[str, dict[str, Any]]:
    return "/v1/completions", {"model": model, "prompt": prompt, "max_tokens": 1, "temperature": 0}


def questions(model: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Beginnings of many lengths, each asked about more than once, and what breaks them at its beginning and inside."""
    for number in range(3, 30, 4):
        for question in ("Hello", "Hello, who are you?", "Hello"):
            yield chat(rules(number), question, model)
    for second in range(3):
        yield chat(f"It is 14:05:{second:02} now. {rules(20)}", "Hello", model)
        yield chat(f"{rules(20)} It is 14:05:{second:02} now.", "Hello", model)
    for number in (5, 9, 16):
        yield text(rules(number, first=50), model)
        yield text(rules(number, first=50) + " And then", model)


def test_what_the_lens_foretells_is_what_the_engine_counts_to_within_a_block(
    client: httpx.Client, relay: LocalHost, relayed: Host
) -> None:
    for path, body in questions(relayed.model):
        assert client.post(f"/serverless{path}", json=body).status_code == 200
    found = [client.get(f"/_local/console/requests/{one.number}/lens").json() for one in relay.requests]
    (block,) = {lens["block"] for lens in found}
    told = [(lens["tokens"], lens["common"], lens["able"], lens["cached"]) for lens in found]

    assert block <= LARGEST_BLOCK
    assert {lens["source"] for lens in found} == {"the tokenizer of the engine"}
    # The engine reads a prompt of so many tokens.
    assert [lens["tokens"] for lens in found] == [one.tokens.prompt for one in relay.requests if one.tokens]
    assert [one for one in told if abs(one[2] - one[3]) > block] == []
    assert len([one for one in told if one[3]]) > len(told) / 2
    moving = [lens for lens in found if lens["words"].startswith("A time in the system prompt")]
    assert len(moving) == 2
    assert all(lens["free"] > 0.5 * lens["tokens"] for lens in moving)
