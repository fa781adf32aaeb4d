"""While a model is waited for, a terminal says so, and for how long; nothing of it is left."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from tensormesh_cli.output.progress import waited
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli import processes
from tests.cli.conftest import Tm
from tests.cli.terminal import CTRL_C, Terminal
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed

MODEL_ID = "3f1c2b9e-5d1a-4c57-9d0e-0a6d1f0c7b11"

CHAT = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def delta(**fields: Any) -> bytes:
    return events(CHAT | {"choices": [{"index": 0, "delta": fields}]}, end=b"")


DONE = events(CHAT | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})


@pytest.fixture
def environment(offline: Tm, scripted: ScriptedHost) -> dict[str, str]:
    offline.env |= {
        "TENSORMESH_SERVERLESS_BASE_URL": scripted.url,
        "TENSORMESH_CONTROL_PLANE_BASE_URL": scripted.url,
        "TENSORMESH_INFERENCE_API_KEY": "ak",
        "TENSORMESH_CONTROL_PLANE_TOKEN": "cp",
    }
    return processes.environment(offline)


def asks(environment: dict[str, str], *options: str) -> Terminal:
    return Terminal(["infer", "chat", "Why?", "--model", "m", *options], environment)


def test_a_model_that_thinks_is_seen_to_think_until_its_text_begins(
    environment: dict[str, str], scripted: ScriptedHost
) -> None:
    begun, thought = threading.Event(), threading.Event()
    scripted.plays(streamed(begun, delta(reasoning="Hm, let me see."), thought, delta(content="Because."), DONE))

    with asks(environment) as terminal:
        terminal.sees("Waiting for the answer")
        terminal.sees("Waiting for the answer, 1 s")
        begun.set()
        terminal.sees("Thinking, 1 s")
        thought.set()
        assert terminal.ends() == 0
        assert terminal.text == "Because."


def test_what_it_thinks_is_dim_and_takes_the_place_of_the_line(
    environment: dict[str, str], scripted: ScriptedHost
) -> None:
    begun, thought = threading.Event(), threading.Event()
    scripted.plays(streamed(begun, delta(reasoning="Hm, let me see."), thought, delta(content="Because."), DONE))

    with asks(environment | {"NO_COLOR": ""}, "--show-reasoning") as terminal:
        terminal.sees("Waiting for the answer")
        begun.set()
        terminal.sees("Hm, let me see.")
        thought.set()
        assert terminal.ends() == 0
        assert terminal.text == "Hm, let me see.\n\nBecause."
        assert b"\x1b[2mHm, let me see." in terminal.raw


@pytest.mark.parametrize(
    ("command", "body"),
    [
        (
            ["infer", "chat", "Why?", "--model", "m", "--no-stream"],
            {"choices": [{"index": 0, "message": {"role": "assistant", "content": "So."}}]},
        ),
        (["infer", "completions", "Why?", "--model", "m", "--no-stream"], {"choices": [{"index": 0, "text": "So."}]}),
        (["infer", "models"], {"object": "list", "data": [{"id": "So."}]}),
        (["models", "chat", MODEL_ID, "--message", "Why?"], {"response": "So."}),
        (["infer", "chat", "Why?", "--model", "m", "--stream", "-o", "json"], None),
    ],
    ids=["a whole answer", "a completion", "a list", "a deployment that chats", "events"],
)
def test_whatever_is_waited_for_is_told(
    environment: dict[str, str], scripted: ScriptedHost, command: list[str], body: Any
) -> None:
    begun = threading.Event()
    steps = streamed(delta(content="So."), DONE) if body is None else answer(200, body)
    scripted.plays((begun, *steps))

    with Terminal(command, environment) as terminal:
        terminal.sees("ing ")
        begun.set()
        assert terminal.ends() == 0
        assert b"\r\x1b[K| " in terminal.raw
        assert "So." in terminal.text
        assert "Waiting" not in terminal.text
        assert "Asking" not in terminal.text


def test_an_answer_into_a_file_is_waited_for_to_its_end(
    environment: dict[str, str], scripted: ScriptedHost, tmp_path: Path
) -> None:
    begun, over = threading.Event(), threading.Event()
    scripted.plays(streamed(begun, delta(content="Because."), over, DONE))

    with (
        open(tmp_path / "answer", "wb") as file,
        Terminal(["infer", "chat", "Why?", "--model", "m"], environment, stdout=file.fileno()) as terminal,
    ):
        terminal.sees("Waiting for the answer")
        begun.set()
        terminal.sees("Writing the answer")
        over.set()
        assert terminal.ends() == 0
        assert terminal.text == ""

    assert (tmp_path / "answer").read_text() == "Because.\n"


def test_an_error_and_an_interrupt_leave_nothing_of_the_line(
    environment: dict[str, str], scripted: ScriptedHost
) -> None:
    begun = threading.Event()
    scripted.plays((begun, *answer(503, {"error": {"message": "too busy"}})))
    with asks(environment) as terminal:
        terminal.sees("Waiting for the answer")
        begun.set()
        assert terminal.ends() == 6
        assert terminal.text.startswith("Error: ")

    interrupted = threading.Event()
    scripted.plays(streamed(delta(reasoning="Hm"), interrupted))
    with asks(environment) as terminal:
        terminal.sees("Thinking")
        terminal.type(CTRL_C)
        assert terminal.ends() == 130
        assert terminal.text.replace("^C", "").strip() == "Error: Interrupted."
    interrupted.set()


@pytest.mark.parametrize("how", [{"TERM": "dumb"}, {}])
def test_where_it_could_not_be_wiped_it_is_not_shown(
    environment: dict[str, str], scripted: ScriptedHost, how: dict[str, str]
) -> None:
    scripted.plays(streamed(delta(content="Because."), DONE))

    with asks(environment | how, *([] if how else ["--quiet"])) as terminal:
        assert terminal.ends() == 0

    assert terminal.raw == b"Because.\r\n"


def test_a_pipe_gets_none_of_it(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"delay_seconds": 0.5})

    outcome = tm("infer", "chat", "Say hello", "--model", "openai/gpt-oss-20b")

    assert (outcome.stdout, outcome.stderr) == ("hello\n", "")


def test_a_narrow_terminal_keeps_to_one_line(environment: dict[str, str], scripted: ScriptedHost) -> None:
    begun = threading.Event()
    scripted.plays(streamed(begun, delta(content="Because."), DONE))

    with Terminal(["infer", "chat", "Why?", "--model", "m"], environment, columns=12) as terminal:
        terminal.sees("Waiting f")
        begun.set()
        assert terminal.ends() == 0
        assert terminal.text == "Because."


@cases(("seconds", "words"), [(0.9, ""), (1, ", 1 s"), (59.9, ", 59 s"), (60, ", 1 min 0 s"), (754, ", 12 min 34 s")])
def test_a_wait_is_told_in_minutes_and_seconds(seconds: float, words: str) -> None:
    assert waited(seconds) == words
