"""`tm infer` and any answer: it shows what there is to show, or says in one sentence why not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.conftest import Outcome, Tm
from tests.fuzz.spoiling import any_json, names, spoilt
from tests.overlay.recordings import RECORDINGS, Recording
from tests.overlay.scripted_host import ScriptedHost, answer, streamed

COMMANDS = {"/v1/chat/completions": "chat", "/v1/completions": "completions", "/v1/responses": "responses"}
FORMATS = ("text", "json", "yaml", "table", "raw")
STREAMED_FORMATS = ("text", "json", "raw")


@pytest.fixture(scope="module")
def host() -> Iterator[ScriptedHost]:
    host = ScriptedHost().start()
    yield host
    host.stop()


def ask(host: ScriptedHost, home: Path, recording: Recording, form: str, *options: str) -> Outcome:
    tm = Tm(home, {"TENSORMESH_INFERENCE_API_KEY": "ak-x", "TENSORMESH_SERVERLESS_BASE_URL": host.url})
    return tm("--output", form, "infer", COMMANDS[recording.path], "Hello", "--model", "m", *options)


def in_order(outcome: Outcome) -> None:
    """It went well, or an error says why it did not; a traceback would have been raised by the runner."""
    told = any(line.startswith(("Error:", '{"error"')) for line in outcome.stderr.splitlines())
    assert (outcome.code == 0) != told, outcome
    assert "Traceback" not in outcome.stderr


@st.composite
def spoilt_answers(draw: st.DrawFn) -> tuple[Recording, Any]:
    recording = draw(st.sampled_from([one for one in RECORDINGS if not one.asked.get("stream")]))
    whole = json.loads(recording.content)
    return recording, draw(spoilt(whole, any_json(sorted(names(whole)), leaves=4)))


@st.composite
def spoilt_events(draw: st.DrawFn) -> tuple[Recording, list[Any]]:
    recording = draw(st.sampled_from([one for one in RECORDINGS if one.asked.get("stream")]))
    events = list(recording.events)
    for _ in range(draw(st.integers(1, 3))):
        position = draw(st.integers(0, len(events) - 1))
        events[position] = draw(spoilt(events[position], any_json(sorted(names(events[position])), leaves=4)))
    return recording, events


IN_ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@IN_ONE_FOLDER
@given(spoilt_answers(), st.sampled_from(FORMATS))
def test_a_whole_answer(host: ScriptedHost, tmp_path: Path, case: tuple[Recording, Any], form: str) -> None:
    recording, value = case
    host.always_plays(answer(200, json.dumps(value).encode()))

    in_order(ask(host, tmp_path, recording, form, "--no-stream"))


@IN_ONE_FOLDER
@given(spoilt_events(), st.sampled_from(STREAMED_FORMATS))
def test_a_stream(host: ScriptedHost, tmp_path: Path, case: tuple[Recording, list[Any]], form: str) -> None:
    recording, values = case
    content = b"".join(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values)
    host.always_plays(streamed(content + b"data: [DONE]\n\n"))

    in_order(ask(host, tmp_path, recording, form, "--stream"))
