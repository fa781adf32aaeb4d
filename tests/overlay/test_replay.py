"""What was recorded reads the same sync and async, however it is cut into packets."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tensormesh.errors import StreamEventError
from tests.cases import cases
from tests.overlay.calls import ask_for_stream
from tests.overlay.conftest import Runner
from tests.overlay.recordings import CALLS, PAIRS, STREAMS, Recording
from tests.overlay.scripted_host import STALL, ScriptedHost, answer, cut_up, streamed

BYTE_BY_BYTE = "chat_logprobs_stream"
DEATH = b"""data: {"id":"chatcmpl-9757cb8dcd8841cc","object":"chat.completion.chunk","created":1795225746,\
"model":"tiny","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],\
"prompt_token_ids":null,"prompt_text":null}

data: {"id":"chatcmpl-9757cb8dcd8841cc","object":"chat.completion.chunk","created":1795225746,"model":"tiny",\
"choices":[{"index":0,"delta":{"reasoning":"The user"},"logprobs":null,"finish_reason":null,"token_ids":null}]}

data: {"error": {"message": "EngineCore encountered an issue. See stack trace (above) for the root cause.", \
"type": "InternalServerError", "param": null, "code": 500}}

data: [DONE]

"""
"""The beginning and the end of a stream whose engine was killed."""


def replay(runner: Runner, client: Any, host: ScriptedHost, recording: Recording) -> Any:
    """A stream of `recording`, cut up by chance, or byte by byte."""
    size = len(recording.content)
    chance = random.Random(recording.name)  # noqa: S311  (the same cuts in every run)
    everywhere = recording.name == BYTE_BY_BYTE
    borders = range(size) if everywhere else chance.sample(range(size), chance.randint(1, 60))
    host.plays(streamed(*cut_up(recording.content, borders)))
    asked = dict(recording.asked)
    # Seen with the engine alone; the service has no json_schema, so the client lets it pass only this way.
    extra = {"response_format": asked.pop("response_format")} if "response_format" in asked else {}
    return runner.run(call(client, recording)(request=asked, extra_body=extra))


def call(client: Any, recording: Recording) -> Any:
    found = client.inference.serverless
    for name in CALLS[recording.path].split("."):
        found = getattr(found, name)
    return found


def essence(value: Any) -> Any:
    """An answer without what differs from one to the next, and without what is not there."""
    if isinstance(value, list):
        return [essence(item) for item in value]
    if not isinstance(value, dict):
        return value
    changing = ("id", "call_id", "item_id", "created", "created_at", "completed_at", "status")
    return {name: essence(item) for name, item in value.items() if name not in changing and item not in (None, "", {})}


@cases("recording", STREAMS, ids=str)
def test_every_event_comes_out_as_it_was_recorded(
    runner: Runner, client: Any, host: ScriptedHost, recording: Recording
) -> None:
    """Where nothing is asked of the think blocks, nothing is moved at all."""
    stream = replay(runner, client.with_options(think="keep"), host, recording)

    assert [event.to_dict() for event in runner.read(stream)] == recording.events


@cases("recording", STREAMS, ids=str)
def test_the_pieces_of_text_add_up_to_the_text(
    runner: Runner, client: Any, host: ScriptedHost, recording: Recording
) -> None:
    stream = replay(runner, client, host, recording)
    text = "".join(runner.read(stream.text_deltas()))

    final = stream.snapshot().to_dict()
    if "output" in final:
        parts = [part for item in final["output"] if item["type"] == "message" for part in item["content"]]
        assert text == stream.snapshot().output_text == "".join(part["text"] for part in parts)
    elif "text" in final["choices"][0]:
        assert text == final["choices"][0]["text"]
    else:
        # Blank lines before a tool call are no answer.
        assert text.strip("\n") == (final["choices"][0]["message"]["content"] or "").strip("\n")


@cases(("recording", "whole"), PAIRS, ids=str)
def test_the_final_answer_is_the_one_that_was_not_streamed(
    runner: Runner, client: Any, host: ScriptedHost, recording: Recording, whole: Recording
) -> None:
    stream = replay(runner, client, host, recording)
    host.plays(answer(200, whole.content))

    final = runner.run(stream.get_final()).to_dict()
    other = runner.run(call(client, whole)(request=whole.asked)).to_dict()

    if "usage" not in final:
        del other["usage"]  # a chat stream tells it only where it is asked for
    assert essence(final) == essence(other)


def test_there_are_recordings_of_every_kind() -> None:
    assert {recording.path for recording in STREAMS} == CALLS.keys()
    assert BYTE_BY_BYTE in {recording.name for recording in STREAMS}
    assert len(PAIRS) >= 6


def test_the_death_of_the_engine_is_told(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    for pieces in (cut_up(DEATH, ()), cut_up(DEATH, range(0, len(DEATH), 7))):
        host.plays(streamed(*pieces))
        stream = runner.run(ask_for_stream(any_client))

        got, error = runner.read_until_fault(stream)

        assert len(got) == 2
        assert isinstance(error, StreamEventError)
        assert error.status_code == 500
        assert "EngineCore encountered an issue" in str(error)
        assert stream.snapshot().choices[0].message.reasoning == "The user"


@pytest.mark.parametrize("events", [0, 1, 5])
def test_a_client_that_hangs_up_frees_the_host(runner: Runner, client: Any, host: ScriptedHost, events: int) -> None:
    recording = next(one for one in STREAMS if one.name == "comp_stream")
    host.plays((*streamed(recording.content[:2000], last=False), STALL))
    stream = runner.run(call(client, recording)(request=recording.asked))
    for _ in range(events):
        runner.next(stream)

    runner.run(stream.close())

    runner.wait_until(lambda: host.open == 0)
    assert (stream.snapshot() is None) is (events == 0)
