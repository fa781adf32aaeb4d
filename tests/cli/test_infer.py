"""`tm infer`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tensormesh import types
from tensormesh_cli.inference.answers import CHAT, RESPONSE, Said
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import Tm

MODEL = "openai/gpt-oss-20b"
SERVED = "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"
KEYLESS = {"TENSORMESH_INFERENCE_API_KEY": ""}


def body(host: LocalHost) -> Any:
    return host.requests[-1].body


def test_a_question_just_works(tm: Tm, host: LocalHost) -> None:
    outcome = tm("infer", "chat", "Say hello")

    assert outcome.code == 0
    assert outcome.stdout == "hello\n"
    assert body(host)["model"] == MODEL
    assert body(host)["stream"] is True


def test_reasoning_is_beside_the_answer(tm: Tm) -> None:
    for stream in ("--stream", "--no-stream"):
        outcome = tm("infer", "chat", "Say hello", "--model", MODEL, "--show-reasoning", stream)

        assert outcome.stdout == "hello\n"
        assert "The user says" in outcome.stderr


def test_a_question_comes_from_standard_input(tm: Tm, host: LocalHost) -> None:
    assert tm("infer", "chat", "-", input="Say hello\n").stdout == "hello\n"
    assert body(host)["messages"] == [{"role": "user", "content": "Say hello"}]
    assert tm("infer", "chat", "-", input=" \n").code == 1


def test_a_whole_request_comes_as_json(tm: Tm, host: LocalHost) -> None:
    request = {"model": MODEL, "messages": [{"role": "user", "content": "Say hello"}], "temperature": 0}

    for arguments, text in ((["--json", json.dumps(request)], None), ([], json.dumps(request))):
        assert tm("infer", "chat", *arguments, input=text).stdout == "hello\n"
        assert body(host) == {**request, "stream": True}


def test_a_question_goes_on_with_a_conversation(tm: Tm, host: LocalHost) -> None:
    history = json.dumps({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]})

    tm("infer", "chat", "c", "--json", history, "--system", "Be brief.", "--max-tokens", "9")

    assert [message["content"] for message in body(host)["messages"]] == ["Be brief.", "a", "b", "c"]
    assert body(host)["max_tokens"] == 9


def test_a_stream_of_events_is_one_line_each(tm: Tm) -> None:
    outcome = tm("infer", "chat", "Say hello", "--stream", "-o", "json")

    events = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert "".join(e["choices"][0]["delta"].get("content") or "" for e in events if e["choices"]).strip() == "hello"


def test_a_whole_answer_is_not_streamed(tm: Tm, host: LocalHost) -> None:
    answer = tm.ok("infer", "chat", "Say hello")

    assert answer["choices"][0]["message"]["content"].strip() == "hello"
    assert "stream" not in body(host)


def test_raw_is_the_body_of_the_host(tm: Tm, host: LocalHost) -> None:
    outcome = tm("infer", "chat", "Say hello", "-o", "raw")

    assert json.loads(outcome.stdout)["object"] == "chat.completion"
    assert len(outcome.stdout.splitlines()) == 1


@pytest.mark.parametrize("form", ["yaml", "table"])
def test_a_stream_cannot_be_a_table(tm: Tm, form: str) -> None:
    outcome = tm("infer", "chat", "Say hello", "--stream", "-o", form)

    assert outcome.code == 2
    assert f"A stream cannot be printed as {form}" in outcome.stderr


def test_an_answer_that_is_cut_off_says_so(tm: Tm) -> None:
    for stream in ("--stream", "--no-stream"):
        outcome = tm("infer", "completions", "Once upon a time", "--max-tokens", "3", stream)

        assert outcome.code == 0
        assert "The answer is cut off: it reached the limit of tokens." in outcome.stderr


def test_a_stream_that_breaks_off_keeps_what_came(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"cut_after_events": 3})

    outcome = tm("--error-format", "json", "infer", "completions", "Once upon a time", "--model", MODEL)

    assert outcome.code == 8
    assert outcome.stdout.endswith("\n")
    assert outcome.stdout.strip()
    assert outcome.error["kind"] == "protocol"


def test_other_calls_take_a_text_too(tm: Tm, host: LocalHost) -> None:
    assert tm("infer", "responses", "Say hello").stdout == "hello\n"
    assert body(host)["input"] == "Say hello"
    tokens = tm.ok("infer", "tokenize", "Say hello")["tokens"]
    printed = tm("infer", "tokenize", "Say hello").stdout
    assert printed == " ".join(map(str, tokens)) + "\n"
    assert tm("infer", "detokenize", *printed.split()).stdout == "Say hello\n"


def test_on_demand_needs_nothing_but_a_sync(logged_in: Tm, host: LocalHost) -> None:
    logged_in.ok("init", "--sync")

    outcome = logged_in("infer", "chat", "Say hello", "--surface", "on-demand")

    assert outcome.stdout == "hello\n"
    assert body(host)["model"] == SERVED


def test_the_latest_deployment_is_looked_up(tm: Tm, host: LocalHost) -> None:
    tm.ok("infer", "chat", "Say hello", "--surface", "on-demand", "--model", "@latest")

    assert body(host)["model"] == SERVED


def test_the_user_id_is_looked_up(tm: Tm) -> None:
    assert tm("infer", "models", "--surface", "on-demand", TENSORMESH_ON_DEMAND_USER_ID="").code == 0


def test_a_missing_key_is_told_before_anything_is_sent(tm: Tm, host: LocalHost) -> None:
    outcome = tm("infer", "chat", "Hello", **KEYLESS)

    assert outcome.code == 2
    assert outcome.stderr == (
        "Error: There is no key for inference.\n"
        "Hint: run `tm init --sync`, or make one: `tm users api-keys create --name tm --store`, "
        "or set TENSORMESH_INFERENCE_API_KEY\n"
    )
    assert list(host.requests) == []


def test_a_missing_user_id_is_told(tm: Tm) -> None:
    outcome = tm(
        "infer", "models", "--surface", "on-demand", TENSORMESH_ON_DEMAND_USER_ID="", TENSORMESH_CONTROL_PLANE_TOKEN=""
    )

    assert outcome.code == 2
    assert "On-demand hosts need to know your user id." in outcome.stderr


def test_a_wrong_key_names_its_place(tm: Tm) -> None:
    outcome = tm("infer", "chat", "Hello", "--model", MODEL, "--api-key", "wrong")

    assert outcome.code == 3
    assert "the key is the one of --api-key" in outcome.stderr


def test_an_unknown_model_says_how_to_find_one(tm: Tm) -> None:
    outcome = tm("infer", "chat", "Hello", "--model", "no/such")

    assert outcome.code == 4
    assert "`tm infer models --surface serverless` lists the models that are there" in outcome.stderr


def test_a_model_can_be_configured(tm: Tm, host: LocalHost) -> None:
    tm.home.mkdir()
    (tm.home / "config.toml").write_text('serverless_model = "openai/gpt-oss-120b"\n')

    outcome = tm("infer", "chat", "Say hello")

    assert outcome.stderr == ""
    assert body(host)["model"] == "openai/gpt-oss-120b"


def test_doctor_looks_at_one_surface(offline: Tm) -> None:
    serverless = offline.ok("infer", "doctor", TENSORMESH_INFERENCE_API_KEY="k")
    routed = offline("infer", "doctor", "--surface", "on-demand", "--exit-status", TENSORMESH_INFERENCE_API_KEY="k")

    assert serverless["ok"] is True
    assert routed.code == 1
    assert "there is no user id for on-demand hosts" in routed.stdout


def test_calls_of_tools_are_shown() -> None:
    function = {"name": "get_weather", "arguments": '{"city": "Cork"}'}
    message = {"content": None, "tool_calls": [{"function": function}]}
    answer = {"choices": [{"message": message, "finish_reason": "tool_calls"}]}

    assert CHAT.whole(types.ChatCompletionResponse.from_dict(answer)) == [
        Said("", calls=('get_weather({"city": "Cork"})',))
    ]
    output = [{"type": "reasoning", "content": [{"text": "hm"}]}, {"type": "function_call", **function}]
    assert RESPONSE.whole(types.ResponseCreateResponse.from_dict({"status": "completed", "output": output})) == [
        Said("", "hm", ('get_weather({"city": "Cork"})',))
    ]


SCHEMA = {"name": "river", "schema": {"type": "object", "properties": {"name": {"type": "string"}}}}
ASKING = {
    "chat": {
        "messages": [{"role": "user", "content": "Is it the Rhine?"}],
        "response_format": {"type": "json_schema", "json_schema": SCHEMA},
    },
    "responses": {"input": "Is it the Rhine?", "text": {"format": {"type": "json_schema", **SCHEMA}}},
}


@cases("stream", ["--stream", "--no-stream"])
@cases("command", ASKING)
def test_a_body_with_a_schema_is_sent_where_that_is_allowed(tm: Tm, host: LocalHost, command: str, stream: str) -> None:
    arguments = ("infer", command, "--json", json.dumps(ASKING[command]), "--model", MODEL, stream)

    refused = tm(*arguments)
    assert refused.code != 0
    assert "allow_json_schema=True" in refused.stderr
    assert [one for one in host.requests if one.method == "POST"] == []
    tm(*arguments, "--allow-json-schema")
    assert body(host).items() >= ASKING[command].items()
