"""When a model reasons, for how long, and where the thought appears."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tests.cases import cases
from tests.plain_http import NO_TLS

type Chat = Callable[..., dict[str, Any]]


def _message(answer: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = answer["choices"][0]["message"]
    return message


@cases(
    ("model", "expected"),
    [
        ("openai/gpt-oss-20b", True),
        ("MiniMaxAI/MiniMax-M2.5", True),
        ("google/gemma-4-31B-it", False),
        ("deepseek-ai/DeepSeek-V4-Flash", False),
        ("Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8", False),
    ],
)
def test_a_model_reasons_by_default_or_not(chat: Chat, model: str, expected: bool) -> None:
    answer = chat("Hello", model=model)

    assert expected == bool(_message(answer)["reasoning"])
    assert expected == bool(answer["usage"]["completion_tokens_details"]["reasoning_tokens"])


@cases(
    "switch",
    [
        {"chat_template_kwargs": {"enable_thinking": False}},
        {"chat_template_kwargs": {"thinking": False}},
        {"reasoning_effort": "none"},
        {"thinking": {"type": "disabled"}},
    ],
)
def test_reasoning_can_be_switched_off(chat: Chat, switch: dict[str, Any]) -> None:
    message = _message(chat("Hello", **switch))

    assert message["reasoning"] is None
    assert not message["content"].startswith("\n")


@pytest.mark.parametrize(
    "switch",
    [
        {"chat_template_kwargs": {"enable_thinking": True}},
        {"reasoning_effort": "low"},
        {"thinking": {"type": "enabled", "budget_tokens": 100}},
    ],
)
def test_reasoning_can_be_switched_on(chat: Chat, switch: dict[str, Any]) -> None:
    assert _message(chat("Hello", model="google/gemma-4-31B-it", **switch))["reasoning"]


def test_a_model_that_cannot_reason_does_not(chat: Chat) -> None:
    model = "Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8"

    assert _message(chat("Hello", model=model, reasoning_effort="high"))["reasoning"] is None


def test_effort_makes_it_longer(chat: Chat) -> None:
    lengths = [len(_message(chat("Hello", reasoning_effort=e))["reasoning"]) for e in ("low", "medium", "high")]

    assert lengths == sorted(set(lengths))


def test_hidden_reasoning_is_paid_for_and_not_shown(chat: Chat) -> None:
    answer = chat("Hello", include_reasoning=False)

    assert _message(answer)["reasoning"] is None
    assert answer["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0


def test_a_fault_renames_the_field_for_one_request(host: LocalHost, chat: Chat) -> None:
    host.faults.add(reasoning_field="reasoning_content")
    renamed, usual = _message(chat("Hello")), _message(chat("Hello"))

    assert renamed["reasoning_content"] == usual["reasoning"]
    assert "reasoning" not in renamed


@cases(
    ("model", "gap"),
    [
        ("openai/gpt-oss-20b", ""),
        ("moonshotai/Kimi-K2.6", ""),
        ("MiniMaxAI/MiniMax-M2.5", "\n\n"),
        ("Qwen/Qwen3.6-27B-FP8", "\n\n"),
    ],
)
def test_an_answer_begins_with_blank_lines_where_a_template_puts_them(
    chat: Chat, streamed: Callable[..., list[Any]], model: str, gap: str
) -> None:
    """Between the thought and the answer of some models; not where there is no thought."""
    whole, chunks = _message(chat("Say hello", model=model)), streamed("Say hello", model=model)
    without = _message(chat("Say hello", model=model, chat_template_kwargs={"enable_thinking": False}))

    assert whole["content"] == f"{gap}hello"
    assert "".join(c["delta"].get("content") or "" for chunk in chunks for c in chunk["choices"]) == f"{gap}hello"
    assert without["content"] == "hello"


def test_a_fault_leaks_the_thought_into_the_content(
    host: LocalHost, chat: Chat, streamed: Callable[..., list[Any]]
) -> None:
    host.faults.add(leak_think=True, times=2)
    message, chunks = _message(chat("Hello")), streamed("Hello")
    pieces = [c["delta"].get("content") or "" for chunk in chunks for c in chunk["choices"]]

    assert message["content"].startswith("<think>\nThe user says: ")
    assert "</think>\n\nHello!" in message["content"]
    assert message["reasoning"] is None
    assert "".join(pieces) == message["content"]
    assert "<think>" not in pieces


@pytest.fixture
def odd() -> Iterator[tuple[LocalHost, httpx.Client]]:
    with LocalHost(Options(reasoning_field="reasoning_content", leak_think=True)) as host:
        headers = {"Authorization": f"Bearer {host.inference_api_key}"}
        with httpx.Client(base_url=host.serverless_base_url, headers=headers, trust_env=False, verify=NO_TLS) as client:
            yield host, client


def test_both_are_options_too_and_a_fault_can_undo_them(odd: tuple[LocalHost, httpx.Client]) -> None:
    host, client = odd
    body = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}]}
    leaked = _message(client.post("/v1/chat/completions", json=body).json())
    host.faults.add(leak_think=False)
    proper = _message(client.post("/v1/chat/completions", json=body).json())

    assert leaked["content"].startswith("<think>")
    assert proper["reasoning_content"].startswith("\nThe user says")
