"""The chat request has every documented field, with its type, its nullability and its default."""

from __future__ import annotations

from typing import Any

import pytest

FIELDS: dict[str, set[str]] = {
    "model": {"string"},
    "messages": {"array[ChatMessage]"},
    "temperature": {"number", "null"},
    "top_p": {"number", "null"},
    "max_tokens": {"integer", "null"},
    "max_completion_tokens": {"integer", "null"},
    "n": {"integer", "null"},
    "stop": {"string", "array[string]", "null"},
    "top_k": {"integer", "null"},
    "min_p": {"number", "null"},
    "typical_p": {"number", "null"},
    "seed": {"integer", "null"},
    "repetition_penalty": {"number", "null"},
    "mirostat_target": {"number", "null"},
    "mirostat_lr": {"number", "null"},
    "stream": {"boolean", "null"},
    "stream_options": {"StreamOptions"},
    "response_format": {"ResponseFormat"},
    "tools": {"array[ChatCompletionTool]", "null"},
    "tool_choice": {"string", "FunctionSelection"},
    "parallel_tool_calls": {"boolean", "null"},
    "presence_penalty": {"number", "null"},
    "frequency_penalty": {"number", "null"},
    "logprobs": {"boolean", "null"},
    "top_logprobs": {"integer", "null"},
    "logit_bias": {"object"},
    "user": {"string", "null"},
    "metadata": {"object"},
    "prompt_truncate_len": {"integer", "null"},
    "context_length_exceeded_behavior": {"string", "null"},
    "return_token_ids": {"boolean", "null"},
    "prompt_cache_isolation_key": {"string", "null"},
    "raw_output": {"boolean", "null"},
    "perf_metrics_in_response": {"boolean", "null"},
    "echo": {"boolean", "null"},
    "echo_last": {"integer", "null"},
    "ignore_eos": {"boolean", "null"},
    "speculation": {"string", "array[integer]", "null"},
    "prediction": {"string", "PredictedOutput", "null"},
    "reasoning_effort": {"string", "integer", "boolean", "null"},
    "reasoning_history": {"string", "null"},
    "thinking": {"ThinkingConfigEnabled", "ThinkingConfigDisabled"},
    "functions": {"array[ChatCompletionFunction]", "null"},
    "function_call": {"string", "FunctionNameSpec"},
}
"""Documented field: its types, null among them where the documentation says so; a component by its name."""

DEFAULTS = {
    "n": 1,
    "stream": False,
    "tool_choice": "auto",
    "context_length_exceeded_behavior": "truncate",
    "return_token_ids": False,
    "raw_output": False,
    "perf_metrics_in_response": False,
    "echo": False,
    "ignore_eos": False,
}

VALUES = {
    "tool_choice": {"auto", "none", "required"},
    "context_length_exceeded_behavior": {"truncate", "error"},
    "reasoning_effort": {"low", "medium", "high", "none"},
    "reasoning_history": {"disabled", "interleaved", "preserved"},
    "function_call": {"auto", "none"},
}


@pytest.fixture(scope="module")
def request_schema(components: dict[str, Any]) -> Any:
    return components["ChatCompletionRequest"]


def types(schema: dict[str, Any]) -> set[str]:
    """The types of a schema, flat: `array[string]`, `null`, the names of components."""
    if "$ref" in schema:
        return {schema["$ref"].rpartition("/")[2]}
    if "oneOf" in schema or "anyOf" in schema:
        return {kind for item in schema.get("oneOf") or schema["anyOf"] for kind in types(item)}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {f"array[{'|'.join(sorted(types(schema['items'])))}]" if kind == "array" else kind for kind in kinds}


def values(schema: dict[str, Any]) -> set[str]:
    found = set(schema.get("enum", schema.get("x-known-values", [])))
    return found.union(*(values(item) for item in schema.get("oneOf", schema.get("anyOf", []))))


def test_a_documented_field_has_its_types(request_schema: Any) -> None:
    """The type of each field is the documented one, null included or not."""
    assert {name: types(request_schema.value["properties"][name]) for name in FIELDS} == FIELDS


def test_a_documented_field_has_its_default(request_schema: Any) -> None:
    """Documented defaults are named, and no others: a wrong default would mislead whoever reads it."""
    fields = {name: request_schema.value["properties"][name] for name in FIELDS}

    assert {name: field["default"] for name, field in fields.items() if "default" in field} == DEFAULTS


def test_a_choice_knows_its_documented_values(request_schema: Any) -> None:
    """The documented values are among the known ones."""
    missing = {name: known - values(request_schema.value["properties"][name]) for name, known in VALUES.items()}

    assert not any(missing.values()), missing


def test_model_and_messages_are_all_that_is_needed(request_schema: Any) -> None:
    """The smallest request names a model and says something."""
    assert {"model", "messages"} == set(request_schema.value["required"])


def test_the_request_is_open(request_schema: Any) -> None:
    """What the documents do not know is sent on."""
    assert request_schema.value.get("additionalProperties", True) is True


def test_the_response_has_the_documented_fields(components: dict[str, Any]) -> None:
    """The answer, its choices and their messages hold what the documentation shows."""
    shown = {
        "ChatCompletionResponse": "id created model choices object usage perf_metrics prompt_token_ids",
        "ChatCompletionResponseChoice": "index message finish_reason logprobs raw_output stop_reason token_ids",
        "ChatCompletionMessage": "role content refusal annotations audio function_call tool_calls reasoning",
        "ChatCompletionMessageToolCall": "type function id",
        "ChatCompletionMessageToolCallFunction": "name arguments",
        "UsageInfo": "prompt_tokens total_tokens completion_tokens prompt_tokens_details",
    }
    missing = {name: set(keys.split()) - set(components[name].value["properties"]) for name, keys in shown.items()}

    assert {name: set() for name in shown} == missing
    assert {"id", "created", "model", "choices"} == set(components["ChatCompletionResponse"].value["required"])
