"""What is wrong with a request is said in the engine's words, and unknown keys are no mistake."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tests.cases import cases
from tests.plain_http import NO_TLS

CHAT = "/v1/chat/completions"
HELLO = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello there"}]}

type Refused = Callable[..., dict[str, Any]]


def test_an_empty_body_is_a_missing_body(serverless: httpx.Client) -> None:
    answer = serverless.post(CHAT, content=b"", headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json() == {
        "error": {
            "message": "1 validation error:\n  {'type': 'missing', 'loc': 'body', 'msg': 'Field required', "
            "'input': 'None'}",
            "type": "Bad Request",
            "param": "body",
            "code": 400,
        }
    }


def test_bad_json_is_told_where_it_breaks(serverless: httpx.Client) -> None:
    body = b'{"model": "tiny", "messages": ['
    answer = serverless.post(CHAT, content=body, headers={"Content-Type": "application/json"})

    assert answer.json()["error"] == {
        "message": "1 validation error:\n  {'type': 'json_invalid', 'loc': 'body.31', 'msg': 'JSON decode error', "
        "'input': '<dict of 0 items>', 'ctx': {'error': 'Expecting value'}}",
        "type": "Bad Request",
        "param": "body.31",
        "code": 400,
    }


@cases("body", [b"[]", b'"x"', b"17", b"null", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(serverless: httpx.Client, body: bytes) -> None:
    assert serverless.post(CHAT, content=body, headers={"Content-Type": "application/json"}).status_code == 400


def test_a_body_that_is_nested_too_deeply_is_refused(serverless: httpx.Client) -> None:
    schema = '{"properties": {"a": ' * 490 + "{}" + "}}" * 490
    body = f'{{"model": "{HELLO["model"]}", "input": "x", "text": {{"format": {{"type": "json_schema", "schema": '
    answer = serverless.post(
        "/v1/responses", content=f"{body}{schema}}}}}}}", headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "The body is nested too deeply."


def test_a_body_of_another_media_type_is_refused(serverless: httpx.Client) -> None:
    answer = serverless.post(CHAT, content=b"{}", headers={"Content-Type": "text/plain"})

    assert "Only 'application/json' is allowed" in answer.json()["error"]["message"]


@cases(
    ("path", "body", "locations"),
    [
        (CHAT, {}, ["body.model", "body.messages"]),
        (CHAT, {**HELLO, "messages": [{"content": "x"}]}, ["body.messages.0.role"]),
        (CHAT, {**HELLO, "messages": "x"}, ["body.messages"]),
        (CHAT, {**HELLO, "messages": ["x"]}, ["body.messages.0"]),
        (CHAT, {**HELLO, "temperature": "hot", "max_tokens": 1.5}, ["body.max_tokens", "body.temperature"]),
        (CHAT, {**HELLO, "stream": "perhaps"}, ["body.stream"]),
        (CHAT, {**HELLO, "stop": 5}, ["body.stop"] * 2),
        (CHAT, {**HELLO, "stop": list("abcde")}, ["body.stop"] * 2),
        (CHAT, {**HELLO, "reasoning_effort": "zzz"}, ["body.reasoning_effort"]),
        (CHAT, {**HELLO, "model": 5}, ["body.model"]),
        ("/v1/completions", {"prompt": "x"}, ["body.model"]),
        ("/v1/completions", {**HELLO, "prompt": {"a": 1}}, ["body.prompt"] * 4),
        ("/v1/responses", {}, ["body.model", "body.input"]),
        ("/v1/responses", {**HELLO, "input": 5}, ["body.input"] * 2),
        ("/v1/responses", {**HELLO, "input": [{"content": "x"}], "tools": [{"type": "function"}]},
         ["body.input.0.role", "body.tools.0.name"]),
        ("/tokenize", HELLO | {"messages": None}, ["body.prompt", "body.messages"]),
        ("/tokenize", {"model": "x", "prompt": ["a", "b"]}, ["body.prompt", "body.messages"]),
        ("/detokenize", {"model": "x"}, ["body.tokens"]),
        ("/detokenize", {"model": "x", "tokens": [-1]}, ["body.tokens.0"]),
        ("/detokenize", {"model": "x", "tokens": ["a"]}, ["body.tokens.0"]),
        ("/detokenize", {"model": "x", "tokens": [2**63]}, ["body.tokens.0"]),
    ],
)  # fmt: skip
def test_all_unreadable_fields_are_named_at_once(
    refused: Refused, path: str, body: dict[str, Any], locations: list[str]
) -> None:
    """Where several types will do, each that was tried is told."""
    error = refused(path, body)

    assert error["type"] == "Bad Request"
    assert error["param"] == locations[0]
    assert error["message"].startswith(f"{len(locations)} validation error")
    assert all(f"'loc': '{location}'" in error["message"] for location in locations)


CALL = {"id": "c", "type": "function", "function": {"name": "f"}}


@cases(
    ("path", "fields", "location"),
    [
        (CHAT, {"typical_p": "hot"}, "body.typical_p"),
        (CHAT, {"mirostat_lr": []}, "body.mirostat_lr"),
        (CHAT, {"user": 5}, "body.user"),
        (CHAT, {"metadata": "x"}, "body.metadata"),
        (CHAT, {"raw_output": "perhaps"}, "body.raw_output"),
        (CHAT, {"reasoning_history": "some"}, "body.reasoning_history"),
        (CHAT, {"speculation": 5}, "body.speculation"),
        (CHAT, {"prediction": {"type": "content"}}, "body.prediction"),
        (CHAT, {"thinking": {"type": "perhaps"}}, "body.thinking.type"),
        (CHAT, {"thinking": {"type": "enabled", "budget_tokens": "many"}}, "body.thinking.budget_tokens"),
        (CHAT, {"functions": [{}]}, "body.functions.0.name"),
        (CHAT, {"bad_words": ["a", 5]}, "body.bad_words.1"),
        (CHAT, {"logit_bias": {"5": "x"}}, "body.logit_bias.5"),
        (CHAT, {"messages": [{"role": "user", "content": "x", "name": 5}]}, "body.messages.0.name"),
        (CHAT, {"messages": [{"role": "assistant", "tool_calls": [CALL]}]},
         "body.messages.0.tool_calls.0.function.arguments"),
        ("/v1/completions", {"prompt": "x", "best_of": 2, "bad_words": "x"}, "body.bad_words"),
        ("/v1/responses", {"input": "x", "truncation": 5}, "body.truncation"),
        ("/v1/responses", {"input": "x", "tools": [{"type": "function", "name": "f", "description": 5}]},
         "body.tools.0.description"),
        ("/tokenize", {"add_special_tokens": "perhaps"}, "body.add_special_tokens"),
    ],
)  # fmt: skip
def test_documented_fields_have_their_types_even_where_nothing_reads_them(
    refused: Refused, path: str, fields: dict[str, Any], location: str
) -> None:
    error = refused(path, {**HELLO, **fields})

    assert error["type"] == "Bad Request"
    assert f"'loc': '{location}" in error["message"]


@cases(
    "fields",
    [
        {"speculation": [1, 2]}, {"speculation": "x"}, {"prediction": "x"}, {"thinking": {"type": "disabled"}},
        {"prediction": {"type": "content", "content": [{"type": "text", "text": "x"}]}}, {"reasoning_history": None},
        {"function_call": {"name": "f"}}, {"functions": []}, {"context_length_exceeded_behavior": "truncate"},
        {"metadata": {"a": {"b": 1}}}, {"echo_last": 3}, {"priority": -1}, {"novel": {"a": [1]}},
    ],
)  # fmt: skip
def test_documented_fields_that_do_nothing_are_accepted(
    chat: Callable[..., dict[str, Any]], fields: dict[str, Any]
) -> None:
    assert chat(**fields)["choices"]


def test_the_wording_is_that_of_the_engine(refused: Refused) -> None:
    assert refused(CHAT, {**HELLO, "temperature": "hot"})["message"] == (
        "1 validation error:\n  {'type': 'float_parsing', 'loc': 'body.temperature', 'msg': 'Input should be a valid "
        "number, unable to parse string as a number', 'input': 'hot'}"
    )
    assert refused("/detokenize", {"model": "x", "tokens": [-1]})["message"] == (
        "1 validation error:\n  {'type': 'greater_than_equal', 'loc': 'body.tokens.0', 'msg': 'Input should be "
        "greater than or equal to 0', 'input': '-1', 'ctx': {'ge': 0}}"
    )


def test_more_than_ten_problems_are_counted_and_not_listed(refused: Refused) -> None:
    error = refused("/detokenize", {"model": "x", "tokens": [-1] * 14})

    assert error["message"].startswith("14 validation errors:")
    assert error["message"].endswith("\n  ...and 4 more errors")


def test_numbers_in_strings_are_read_as_the_engine_reads_them(chat: Callable[..., dict[str, Any]]) -> None:
    assert chat(temperature="0.5", max_tokens="3", stream="false")["usage"]["completion_tokens"] == 3


def test_unknown_keys_and_nulls_are_ignored(chat: Callable[..., dict[str, Any]]) -> None:
    nulls = dict.fromkeys(["temperature", "stop", "tools", "seed", "response_format", "stream_options", "n"])

    assert chat(typical_p=0.5, speculation=[1], perf_metrics_in_response=True, zzz={"a": 1}, **nulls)["choices"]


@cases(
    ("path", "fields", "location", "kind"),
    [
        (CHAT, {"include_reasoning": None}, "body.include_reasoning", "bool_type"),
        (CHAT, {"min_tokens": None}, "body.min_tokens", "int_type"),
        (CHAT, {"length_penalty": None}, "body.length_penalty", "float_type"),
        (CHAT, {"bad_words": None}, "body.bad_words", "list_type"),
        ("/v1/completions", {"prompt": "x", "n": None}, "body.n", "int_type"),
        ("/v1/responses", {"input": "x", "request_id": None}, "body.request_id", "string_type"),
    ],
)
def test_null_is_refused_where_the_engine_refuses_it(
    refused: Refused, path: str, fields: dict[str, Any], location: str, kind: str
) -> None:
    error = refused(path, {**HELLO, **fields})

    assert error["message"].startswith(f"1 validation error:\n  {{'type': '{kind}', 'loc': '{location}', ")
    assert error["message"].endswith("'input': 'None'}")


@pytest.fixture
def narrow() -> Iterator[httpx.Client]:
    with LocalHost(Options(context_tokens=64)) as host:
        headers = {"Authorization": f"Bearer {host.inference_api_key}"}
        with httpx.Client(base_url=host.serverless_base_url, headers=headers, trust_env=False, verify=NO_TLS) as client:
            yield client


@pytest.mark.parametrize("path", [CHAT, "/v1/completions", "/v1/responses"])
def test_a_prompt_beyond_the_context_is_refused_in_the_words_clients_look_for(narrow: httpx.Client, path: str) -> None:
    text = "hello there " * 50
    body: dict[str, Any] = {"model": "openai/gpt-oss-20b"}
    body |= {"messages": [{"role": "user", "content": text}]} if path == CHAT else {}
    body |= {"prompt": text} if path == "/v1/completions" else {}
    body |= {"input": text} if path == "/v1/responses" else {}
    answer = narrow.post(path, json=body)

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["param"] == "input_tokens"
    assert error["message"].startswith(
        "This model's maximum context length is 64 tokens. However, your prompt contains at least 65 input tokens"
    )


@pytest.mark.parametrize(
    ("path", "fields", "limit"),
    [
        (CHAT, {}, "max_tokens"),
        (CHAT, {"max_tokens": 5}, "max_completion_tokens"),
        ("/v1/completions", {"prompt": "x"}, "max_tokens"),
        ("/v1/responses", {"input": "x"}, "max_output_tokens"),
    ],
)
def test_an_answer_longer_than_the_context_is_refused_by_the_name_of_its_limit(
    narrow: httpx.Client, path: str, fields: dict[str, Any], limit: str
) -> None:
    error = narrow.post(path, json={**HELLO, **fields, limit: 65}).json()["error"]

    assert error["message"] == (
        f"{limit}=65 cannot be greater than max_model_len=64. Please request fewer output tokens. "
        f"(parameter={limit}, value=65)"
    )
    assert error["param"] == limit


def test_an_answer_beyond_the_context_is_refused_too(narrow: httpx.Client) -> None:
    error = narrow.post(CHAT, json={**HELLO, "max_tokens": 60}).json()["error"]

    assert error["message"].startswith("This model's maximum context length is 64 tokens. However, you requested 60")
