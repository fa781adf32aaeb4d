"""Answers that are not what the documents say: shown as far as that makes sense, else an error with the reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cases import cases
from tests.cli.conftest import Outcome, Tm
from tests.overlay.scripted_host import ScriptedHost, answer, streamed


@pytest.fixture
def infer(scripted: ScriptedHost, tm: Tm) -> Any:
    """Ask a host that answers with a value whole, or with values as events."""

    def ask(command: str, *values: Any, stream: bool = False) -> Outcome:
        events = b"".join(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values)
        whole = answer(200, json.dumps(values[0]).encode())
        scripted.always_plays(streamed(events + b"data: [DONE]\n\n") if stream else whole)
        options = ("--model", "m", "--stream" if stream else "--no-stream")
        env = {"TENSORMESH_INFERENCE_API_KEY": "ak-x", "TENSORMESH_SERVERLESS_BASE_URL": scripted.url}
        return tm("--output", "text", "infer", command, "Hello", *options, **env)

    return ask


def chat(**message: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}]}


def chunk(**delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": "stop"}]}


PARTS = [{"type": "text", "text": "Hel"}, "lo", {"type": "text", "text": "."}]


@pytest.mark.parametrize(
    ("content", "shown"),
    [(PARTS, "Hello."), (7, "7"), ({"type": "text", "text": "Hi"}, "Hi"), ([None, "Hi"], "Hi")],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_content_of_another_kind_is_shown_as_text(infer: Any, content: Any, shown: str, stream: bool) -> None:
    outcome = infer("chat", chunk(content=content) if stream else chat(content=content), stream=stream)

    assert (outcome.code, outcome.stdout) == (0, f"{shown}\n")


def test_half_a_character_is_spelt_out(infer: Any) -> None:
    outcome = infer("chat", chat(content="\ud800"))

    assert (outcome.code, outcome.stdout) == (0, "\\ud800\n")


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        ({}, "holds no choices"),
        ({"choices": None}, "holds no choices"),
        ({"choices": [None]}, "holds no choices"),
        ({"choices": [{"index": 0, "message": None}]}, "has no 'message'"),
        (chat(content={"a": 1}), "holds no text"),
        (chat(content=None, tool_calls="get_weather()"), "holds no text"),
    ],
)
def test_what_is_no_answer_is_an_error(infer: Any, answered: Any, reason: str) -> None:
    outcome = infer("chat", answered)

    assert (outcome.code, outcome.stdout) == (8, "")
    assert reason in outcome.stderr


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_an_error_under_a_success_has_the_exit_code_of_its_kind(infer: Any, stream: bool) -> None:
    error = {"error": {"message": "Slow down.", "code": 429}, "choices": None}

    outcome = infer("chat", error, stream=stream)

    assert (outcome.code, outcome.stdout) == (5, "")
    assert "Slow down." in outcome.stderr


@pytest.mark.parametrize(
    ("delta", "shown"),
    [(["Hel", {"type": "text", "text": "l"}], "Hell"), ("Hell", "Hell"), (None, ""), ({}, ""), (7, "")],
)
def test_a_piece_of_another_kind_is_shown_as_far_as_it_is_text(infer: Any, delta: Any, shown: str) -> None:
    odd = {"choices": [{"index": 0, "delta": delta}]}

    outcome = infer("chat", odd, {"choices": None}, {"type": "ping"}, chunk(content="o"), stream=True)

    assert (outcome.code, outcome.stdout) == (0, f"{shown}o\n")


@pytest.mark.parametrize("status", ["failed", "incomplete", "cancelled"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_response_that_is_not_completed_says_why(infer: Any, status: str, stream: bool) -> None:
    item = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hal"}]}
    details = {"incomplete_details": {"reason": "max_output_tokens"}}
    response = {"id": "r", "status": status, "output": [item], **(details if status == "incomplete" else {})}
    delta = {"type": "response.output_text.delta", "output_index": 0, "delta": "Hal"}
    events = [delta, {"type": f"response.{status}", "response": response}]

    outcome = infer("responses", *(events if stream else [response]), stream=stream)

    assert (outcome.code, outcome.stdout) == (8, "Hal\n")
    assert f"The response is {status}" in outcome.stderr
    assert status != "incomplete" or "max_output_tokens" in outcome.stderr


@pytest.mark.parametrize(
    "output", [[None], [7], "text", [{"type": "message", "content": [None]}], [{"type": "web_search_call", "id": "w"}]]
)
def test_output_of_another_kind_is_no_answer(infer: Any, output: Any) -> None:
    outcome = infer("responses", {"id": "r", "status": "completed", "output": output})

    assert (outcome.code, outcome.stdout) == (8, "")
    assert "'output'" in outcome.stderr or "holds no output" in outcome.stderr


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        ({"type": "message", "content": "Hi"}, "Hi"),
        ({"type": "message", "content": [{"type": "output_text", "text": {"value": "Hi"}}]}, "Hi"),
        ({"type": "function_call", "name": "f", "arguments": {"a": 1}}, 'f({"a": 1})'),
        ({"type": "custom_tool_call", "name": "f", "input": "a"}, "f(a)"),
    ],
)
def test_an_item_of_a_response_in_other_words_is_shown(infer: Any, item: dict[str, Any], shown: str) -> None:
    response = {"id": "r", "status": "completed", "output": [item]}

    outcome = infer("responses", response)

    assert (outcome.code, outcome.stdout) == (0, f"{shown}\n")


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_a_response_that_is_yet_to_come_is_no_answer(infer: Any, status: str) -> None:
    outcome = infer("responses", {"id": "r", "status": status, "output": []})

    assert (outcome.code, outcome.stdout) == (8, "")
    assert f"The response is {status}" in outcome.stderr


@cases("status", ["failed", "incomplete", "cancelled"])
@cases("output", ["text", "json", "jsonl", "raw"])
def test_a_streamed_response_that_is_not_completed_is_no_success(
    scripted: ScriptedHost, tm: Tm, output: str, status: str
) -> None:
    ended = {"type": f"response.{status}", "response": {"id": "r", "status": status, "output": []}}
    scripted.plays(streamed(b"data: " + json.dumps(ended).encode() + b"\n\n"))
    env = {"TENSORMESH_INFERENCE_API_KEY": "ak-x", "TENSORMESH_SERVERLESS_BASE_URL": scripted.url}

    outcome = tm("--output", output, "infer", "responses", "Hello", "--model", "m", "--stream", **env)

    assert outcome.code == 8
    assert f"The response is {status}" in outcome.stderr


@pytest.mark.parametrize("choice", [{"text": None}, {"text": ["a"]}, {}, {"message": {"content": "Hi"}}])
def test_a_completion_without_text_is_an_error(infer: Any, choice: dict[str, Any]) -> None:
    outcome = infer("completions", {"choices": [{"index": 0, **choice}]})

    assert (outcome.code, outcome.stdout) == (8, "")
    assert "holds no text" in outcome.stderr


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"content": ""}, "The answer is empty.\n"),
        ({"content": None}, "The answer is empty.\n"),
        ({"content": []}, "The answer is empty.\n"),
        (
            {"content": None, "reasoning": "Well."},
            "The answer is empty, but for what the model thinks: --show-reasoning prints that.\n",
        ),
    ],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_an_empty_answer_is_not_silent(infer: Any, message: dict[str, Any], said: str, stream: bool) -> None:
    outcome = infer("chat", chunk(**message) if stream else chat(**message), stream=stream)

    assert (outcome.code, outcome.stdout, outcome.stderr) == (0, "", said)


@pytest.mark.parametrize(
    ("command", "choice"), [("completions", {"text": "Hi"}), ("chat", {"message": {"content": "Hi"}})]
)
def test_a_whole_answer_that_does_not_say_why_it_ended_is_one(
    scripted: ScriptedHost, tm: Tm, command: str, choice: dict[str, Any]
) -> None:
    scripted.plays(answer(200, {"choices": [{"index": 0, **choice}]}))
    env = {"TENSORMESH_INFERENCE_API_KEY": "ak-x", "TENSORMESH_SERVERLESS_BASE_URL": scripted.url}

    outcome = tm("--output", "text", "infer", command, "Hello", "--model", "m", "--stream", **env)

    assert (outcome.code, outcome.stdout, outcome.stderr) == (0, "Hi\n", "")
