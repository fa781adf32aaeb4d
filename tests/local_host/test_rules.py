"""Rules between values: ranges, and fields that need or exclude each other."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tests.cases import cases
from tests.plain_http import NO_TLS

CHAT = "/v1/chat/completions"
HELLO = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello there"}]}
TOOL = {"type": "function", "function": {"name": "f", "description": "Does it.", "parameters": {"type": "object"}}}

type Refused = Callable[..., dict[str, Any]]


@cases(
    ("fields", "message", "param"),
    [
        ({"temperature": -0.1}, "temperature must be in [0, 2], got -0.1. (parameter=temperature, value=-0.1)",
         "temperature"),
        ({"temperature": 2.1}, "temperature must be in [0, 2], got 2.1.", "temperature"),
        ({"top_p": 0}, "top_p must be in (0, 1], got 0.0.", "top_p"),
        ({"top_p": 1.01}, "top_p must be in (0, 1], got 1.01.", "top_p"),
        ({"max_tokens": 0}, "max_tokens must be at least 1, got 0. (parameter=max_tokens, value=0)", "max_tokens"),
        ({"max_tokens": -5}, "max_tokens must be at least 1, got -5. (parameter=max_tokens, value=-5)", "max_tokens"),
        ({"n": 0}, "n must be at least 1, got 0.", None),
        ({"n": 2, "temperature": 0}, "n must be 1 when using greedy sampling, got 2.", None),
        ({"frequency_penalty": 9}, "frequency_penalty must be in [-2, 2], got 9.0.", None),
        ({"presence_penalty": -2.5}, "presence_penalty must be in [-2, 2], got -2.5.", None),
        ({"repetition_penalty": 0}, "repetition_penalty must be greater than zero, got 0.0.", None),
        ({"top_k": -2}, "top_k must be 0 (disable), or at least 1, got -2.", None),
        ({"min_p": 2}, "min_p must be in [0, 1], got 2.0.", None),
        ({"min_tokens": 5, "max_tokens": 4}, "min_tokens must be less than or equal to max_tokens=4, got 5.", None),
        ({"stop": ["a", ""]}, "stop cannot contain an empty string.", None),
        ({"stop": ""}, "stop cannot contain an empty string.", None),
        ({"logit_bias": {"x": 1}}, "logit_bias contains key(s) that cannot be converted to integer token IDs: ['x']",
         "logit_bias"),
        ({"stream_options": {"include_usage": True}},
         "Stream options can only be defined when `stream=True`. (parameter=stream_options)", "stream_options"),
        ({"top_logprobs": 2},
         "when using `top_logprobs`, `logprobs` must be set to true. (parameter=top_logprobs)", "top_logprobs"),
        ({"tools": []}, "`tools` must not be an empty array. Either provide at least one tool or omit", "tools"),
        ({"tool_choice": "auto"}, "When using `tool_choice`, `tools` must be set. (parameter=tool_choice)",
         "tool_choice"),
        ({"tools": [TOOL], "tool_choice": "zzz"}, "Invalid value for `tool_choice`: zzz!", "tool_choice"),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "g"}}},
         "The tool specified in `tool_choice` does not match any of the specified `tools` (parameter=tool_choice)",
         "tool_choice"),
        ({"messages": []}, "Cannot apply chat template to an empty conversation. Provide at least one message.", None),
        ({"messages": [{"role": "user", "content": [
            {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]}]},
         "Text and images are what this model reads, got 'input_audio'.", "messages"),
        ({"messages": [{"role": "alien", "content": "x"}]},
         "Unexpected message role: 'alien'; there are system, developer, user, assistant, tool.", "messages"),
        ({"messages": [{"role": "User", "content": "x"}]}, "Unexpected message role: 'User'", "messages"),
        ({"messages": [{"role": "", "content": "x"}]}, "Unexpected message role: ''", "messages"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_named(refused: Refused, fields: dict[str, Any], message: str, param: str | None) -> None:
    error = refused(CHAT, {**HELLO, **fields})

    assert error["message"].startswith(message)
    assert error["type"] == "BadRequestError"
    assert error["param"] == param


@cases(
    "fields",
    [
        {"temperature": 0}, {"temperature": 2}, {"top_p": 1}, {"n": 2}, {"presence_penalty": 2}, {"top_k": -1},
        {"frequency_penalty": -2}, {"max_tokens": 1}, {"logprobs": True, "top_logprobs": 20}, {"min_p": 1},
        {"tool_choice": "none"}, {"stop": list("abcd")}, {"logit_bias": {"5": -100}}, {"seed": -1},
        {"stream": False, "stream_options": None}, {"tools": [TOOL], "tool_choice": "auto"},
    ],
)  # fmt: skip
def test_the_edges_of_the_ranges_are_inside(chat: Callable[..., dict[str, Any]], fields: dict[str, Any]) -> None:
    assert chat(**fields)["choices"]


@pytest.mark.parametrize("description", [None, "", "  "])
def test_a_tool_needs_a_description(refused: Refused, description: str | None) -> None:
    function = {"name": "find_parcel", "description": description, "parameters": {"type": "object"}}
    chat_error = refused(CHAT, {**HELLO, "tools": [{"type": "function", "function": function}]})
    flat = {"model": HELLO["model"], "input": "x", "tools": [{"type": "function", **function}]}

    assert "Tool 'find_parcel' needs a non-empty `description`" in chat_error["message"]
    assert chat_error["param"] == "tools"
    assert chat_error == refused("/v1/responses", flat)


def test_a_tool_of_another_type_is_unreadable(refused: Refused) -> None:
    error = refused(CHAT, {**HELLO, "tools": [{"type": "zzz"}]})

    assert error["message"] == (
        "2 validation errors:\n  {'type': 'literal_error', 'loc': 'body.tools.0.type', 'msg': \"Input should be "
        "'function'\", 'input': 'zzz', 'ctx': {'expected': \"'function'\"}}\n  {'type': 'missing', 'loc': "
        "'body.tools.0.function', 'msg': 'Field required', 'input': '<dict of 1 items>'}"
    )


SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}


@pytest.mark.parametrize("given", [SCHEMA, {"type": "zzz"}, {"type": "json_object", "schema": {}, "strict": True}])
def test_response_format_takes_json_object_and_text_and_nothing_else(refused: Refused, given: dict[str, Any]) -> None:
    error = refused(CHAT, {**HELLO, "response_format": given})

    assert error["param"] == "response_format"


def test_response_format_needs_a_type(refused: Refused) -> None:
    assert refused(CHAT, {**HELLO, "response_format": {}})["param"] == "body.response_format.type"


@pytest.fixture
def lenient() -> Iterator[httpx.Client]:
    with LocalHost(Options(allow_json_schema=True)) as host:
        headers = {"Authorization": f"Bearer {host.inference_api_key}"}
        with httpx.Client(base_url=host.serverless_base_url, headers=headers, trust_env=False, verify=NO_TLS) as client:
            yield client


def test_a_schema_of_types_that_do_not_exist_is_refused(lenient: httpx.Client) -> None:
    schema = {"type": "object", "properties": {"n": {"anyOf": [{"type": ["string", "nonsense"]}]}}}
    given = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    answer = lenient.post(CHAT, json={**HELLO, "response_format": given})

    assert answer.status_code == 400
    assert answer.json()["error"]["message"].endswith('Unsupported type "nonsense"')


def test_json_schema_can_be_switched_on(lenient: httpx.Client) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}, "s": {"enum": ["a", "b"]}}}
    given = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    answer = lenient.post(CHAT, json={**HELLO, "response_format": given, "reasoning_effort": "none"})

    assert answer.json()["choices"][0]["message"]["content"] == '{"n": 1, "s": "a"}'
