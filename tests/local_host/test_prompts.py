"""The prompts of requests as the lens reads them: the very tokens that the engine counts."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_local.inference.prompts import (
    CHAT,
    COMPLETIONS,
    RESPONSES,
    UnreadablePromptError,
    operation_of,
    read_prompts,
)
from tests.cases import cases
from tests.local_host.conftest import MODEL

PICTURE = "data:image/png;base64,iVBORw0KGgo="
WEATHER = {"name": "get_weather", "description": "Weather.", "parameters": {"type": "object"}}
USER = {"role": "user", "content": "What is the weather in Paris?"}
CALL = {"id": "c", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}
SEEN = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": PICTURE}}]}

BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": (CHAT, {"messages": [{"role": "system", "content": "Be brief."}, USER]}),
    "parts": (CHAT, {"messages": [{"role": "user", "content": [{"type": "text", "text": "One"}] * 3}]}),
    "picture": (CHAT, {"messages": [SEEN]}),
    "tools": (CHAT, {"messages": [USER], "tools": [{"type": "function", "function": WEATHER}]}),
    "tool results": (
        CHAT,
        {
            "messages": [
                USER,
                {"role": "assistant", "content": None, "tool_calls": [CALL]},
                {"role": "tool", "tool_call_id": "c", "content": "sunny"},
            ]
        },
    ),
    "no thought": (CHAT, {"messages": [USER], "reasoning_effort": "none"}),
    "template": (CHAT, {"messages": [USER], "chat_template_kwargs": {"enable_thinking": False}}),
    "text": (COMPLETIONS, {"prompt": "Once upon a time"}),
    "texts": (COMPLETIONS, {"prompt": ["Once upon a time", "There was"]}),
    "tokens": (COMPLETIONS, {"prompt": [1828, 4629]}),
    "input": (RESPONSES, {"input": "Hello", "instructions": "Be brief."}),
    "items": (
        RESPONSES,
        {
            "input": [
                {"role": "user", "content": "Hello"},
                {"type": "function_call", "call_id": "c", "name": "get_weather", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c", "output": "sunny"},
            ],
            "tools": [{"type": "function", **WEATHER}],
        },
    ),
}


@cases("name", BODIES)
def test_a_prompt_has_as_many_tokens_as_the_engine_counts(serverless: httpx.Client, name: str) -> None:
    path, fields = BODIES[name]
    body = {"model": MODEL, **fields}
    usage = serverless.post(path, json=body).json()["usage"]
    prompts = read_prompts(path, body)

    assert sum(map(len, prompts)) == usage.get("prompt_tokens", usage.get("input_tokens"))
    for prompt in prompts:
        assert [turn.end for turn in prompt.turns[:-1]] == [turn.start for turn in prompt.turns[1:]]
        assert (prompt.turns[0].start, prompt.turns[-1].end) == (0, len(prompt))


@given(st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=40)), min_size=1, max_size=4))
def test_it_reads_as_it_was_written(turns: list[tuple[str, str]]) -> None:
    messages = [{"role": role, "content": content} for role, content in turns]
    (prompt,) = read_prompts(CHAT, {"model": MODEL, "messages": messages})

    for (_, content), turn in zip(turns, prompt.turns, strict=False):
        assert content in prompt.text(turn.start, turn.end)


def test_every_part_says_what_it_is() -> None:
    path, fields = BODIES["tools"]
    messages = [{"role": "system", "content": "Be brief."}, *fields["messages"]]
    (prompt,) = read_prompts(path, {"model": MODEL, **fields, "messages": messages})

    assert [turn.label for turn in prompt.turns] == [
        "the tools",
        "the system prompt",
        "message 2 (user)",
        "the beginning of the answer",
    ]


def test_what_shares_no_cache_has_another_scope() -> None:
    body = {"model": MODEL, "prompt": "Once"}
    scopes = {
        read_prompts(COMPLETIONS, changed, surface=surface)[0].scope
        for changed, surface in (
            (body, "serverless"),
            (body, "on-demand"),
            ({**body, "model": "m"}, "serverless"),
            ({**body, "cache_salt": "s"}, "serverless"),
        )
    }

    assert len(scopes) == 4


@cases(
    ("path", "operation"),
    [
        ("/serverless/v1/chat/completions", CHAT),
        ("/on-demand/v1/completions", COMPLETIONS),
        ("/v1/responses", RESPONSES),
        ("/serverless/v1/responses/resp_1", None),
        ("/serverless/tokenize", None),
    ],
)
def test_an_operation_with_a_prompt_is_told_by_its_path(path: str, operation: str | None) -> None:
    assert operation_of(path) == operation


@cases(
    ("body", "why"),
    [
        (None, "the body is no JSON object"),
        ({"messages": []}, "the body names no model"),
        ({"model": MODEL, "messages": []}, "Cannot apply chat template"),
        ({"model": MODEL, "messages": 1}, "the engine cannot read body.messages"),
    ],
)
def test_what_is_no_request_says_why(body: Any, why: str) -> None:
    with pytest.raises(UnreadablePromptError, match=why):
        read_prompts(CHAT, body)
