"""However long an answer is, what is held of it is not: `max_response_bytes` says how much may be."""

from __future__ import annotations

import gzip
import json
import pickle
from typing import Any

import pytest

from tensormesh.errors import (
    ConfigurationError,
    InternalServerError,
    NotFoundError,
    ProtocolError,
    StreamError,
    StreamTruncatedError,
)
from tensormesh_overlay.streaming.lines import Lines
from tests.cases import cases
from tests.overlay.calls import COMPLETION, ask, ask_for_stream, fails, piece, serves_the_next_call, works_again
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import CLOSE, STALL, ScriptedHost, Step, answer, chunk, events, head, streamed

LIMIT = 50_000
SETTING = f"longer than {LIMIT} bytes, the limit that max_response_bytes= sets"


def completion_of(count: int) -> bytes:
    """The JSON of a completion that is so many bytes long."""
    made = json.loads(json.dumps(COMPLETION))
    made["choices"][0]["message"]["content"] = ""
    made["choices"][0]["message"]["content"] = "x" * (count - len(json.dumps(made)))
    return json.dumps(made).encode()


def in_chunks(body: bytes, **fields: str) -> tuple[Step, ...]:
    pieces = [chunk(body[at : at + 4096]) for at in range(0, len(body), 4096)]
    return (head(200, content_type="application/json", transfer_encoding="chunked", **fields), *pieces)


@pytest.fixture
def limited(any_client: Any) -> Any:
    """A client whose answers may be no longer than that."""
    return any_client.with_options(max_response_bytes=LIMIT)


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "asked as a stream"])
@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
def test_an_answer_of_just_the_limit_is_read(
    runner: Runner, limited: Any, host: ScriptedHost, zipped: bool, streams: bool
) -> None:
    body = completion_of(LIMIT)
    host.plays(answer(200, gzip.compress(body), content_encoding="gzip") if zipped else answer(200, body))

    if streams:
        final = runner.run(runner.run(ask_for_stream(limited)).get_final_completion())
    else:
        final = runner.run(ask(limited))

    assert len(final.choices[0].message.content) > LIMIT - 1000
    serves_the_next_call(runner, limited, host)


LONGER = [
    pytest.param(answer(200, completion_of(LIMIT + 1)), id="with a length"),
    pytest.param((*in_chunks(completion_of(2 * LIMIT)), STALL), id="in chunks, without end"),
    pytest.param((head(200) + completion_of(LIMIT + 1), CLOSE), id="to the end of the connection"),
    pytest.param(answer(200, gzip.compress(completion_of(LIMIT + 1)), content_encoding="gzip"), id="gzip"),
    pytest.param((*in_chunks(gzip.compress(bytes(50_000_000)), content_encoding="gzip"), chunk(b"")), id="a bomb"),
]


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "asked as a stream"])
@pytest.mark.parametrize("steps", LONGER)
def test_a_longer_answer_is_an_error_that_names_the_setting(
    runner: Runner, limited: Any, host: ScriptedHost, steps: tuple[Step, ...], streams: bool
) -> None:
    host.plays(steps)

    error = fails(runner, lambda: (ask_for_stream if streams else ask)(limited), ProtocolError, SETTING)

    assert error.status_code == 200
    assert 0 < len(error.body) <= LIMIT
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    serves_the_next_call(runner, limited, host)


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "asked as a stream"])
def test_a_longer_error_is_that_error_with_its_beginning(
    runner: Runner, limited: Any, host: ScriptedHost, streams: bool
) -> None:
    body = b'{"error": {"message": "' + b"no " * LIMIT + b'"}}'
    host.plays((head(500, content_type="application/json", content_length=str(len(body)), x_request_id="r-1") + body,))

    error = fails(
        runner,
        lambda: (ask_for_stream if streams else ask)(limited),
        InternalServerError,
        r"(?s)^HTTP 500 .*no no .*max_response_bytes=",
    )

    assert error.request_id == "r-1"
    assert error.body.startswith('{"error": {"message": "no no')
    serves_the_next_call(runner, limited, host)


def test_a_longer_error_is_tried_again_like_any_other(runner: Runner, limited: Any, host: ScriptedHost) -> None:
    patient = limited.with_options(max_retries=1)
    host.plays(answer(503, b"x" * 2 * LIMIT, retry_after="0"), answer(404, b"x" * 2 * LIMIT))

    fails(runner, lambda: patient.inference.serverless.models.list(), NotFoundError, "max_response_bytes=")

    assert len(host.asked) == 2


def test_a_longer_answer_is_not_asked_for_again(runner: Runner, limited: Any, host: ScriptedHost) -> None:
    """It would be as long as before."""
    host.plays(answer(200, b"x" * 2 * LIMIT))

    fails(
        runner,
        lambda: limited.with_options(max_retries=5).inference.serverless.models.list(),
        ProtocolError,
        SETTING,
    )

    assert len(host.asked) == 1


@cases("value", [0, -1, "x", 1.5, True])
def test_a_limit_that_is_none_is_refused(runner: Runner, value: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_response_bytes cannot be used"):
        runner.client(max_response_bytes=value)
    with pytest.raises(ConfigurationError, match="max_response_bytes cannot be used"):
        runner.client().with_options(max_response_bytes=value)


def test_the_limit_is_generous_where_none_is_given(runner: Runner) -> None:
    assert runner.client().config.max_response_bytes == 256 * 1024 * 1024


# Streams.

COUNT = 4_000
LONG = [*(piece(f"{number:04} ") for number in range(COUNT)), piece("end", "stop")]
SAID = "".join(f"{number:04} " for number in range(COUNT)) + "end"
"""More than a megabyte of events, which no transport hands out at once."""


def test_a_longer_stream_is_read_to_its_end(runner: Runner, limited: Any, host: ScriptedHost) -> None:
    host.plays(streamed(events(*LONG)))
    stream = runner.run(ask_for_stream(limited))

    texts = [event.choices[0].delta.content for event in runner.read(stream)]

    assert "".join(texts) == SAID
    for add_up in (stream.snapshot, stream.get_final_completion):
        with pytest.raises(StreamError, match=SETTING):
            runner.run(add_up())
    serves_the_next_call(runner, limited, host)


def test_its_text_is_read_to_its_end_think_blocks_apart(runner: Runner, limited: Any, host: ScriptedHost) -> None:
    """What is within a block stays so, however much of it was let go."""
    host.plays(streamed(events(piece("<think>"), *LONG[:-1], piece("</think>"), *LONG)))
    stream = runner.run(ask_for_stream(limited))

    assert "".join(runner.read(stream.text_deltas())) == SAID
    serves_the_next_call(runner, limited, host)


def test_its_counts_are_there_all_the_same(runner: Runner, limited: Any, host: ScriptedHost) -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 1001, "total_tokens": 1002}
    host.plays(streamed(events(*LONG, {**piece(None), "choices": [], "usage": usage})))
    stream = runner.run(ask_for_stream(limited))

    runner.read(stream)

    assert stream.usage.completion_tokens == 1001


def test_the_final_answer_of_a_stream_without_end_is_not_waited_for(
    runner: Runner, limited: Any, host: ScriptedHost
) -> None:
    host.plays((*streamed(events(*LONG, end=b""), last=False), STALL))
    stream = runner.run(ask_for_stream(limited))

    fails(runner, stream.get_final_completion, StreamError, SETTING)

    works_again(runner, limited, host)


def test_a_longer_stream_that_breaks_off_is_truncated(runner: Runner, limited: Any, host: ScriptedHost) -> None:
    host.plays((*streamed(events(*LONG[:-1], end=b""), last=False), CLOSE))
    stream = runner.run(ask_for_stream(limited))

    got, error = runner.read_until_fault(stream)

    assert len(got) == COUNT
    assert type(error) is StreamTruncatedError


def test_a_response_that_repeats_itself_at_its_end_is_whole(runner: Runner, limited: Any, host: ScriptedHost) -> None:
    """Its last event holds all of it."""
    delta = {"type": "response.output_text.delta", "item_id": "i", "output_index": 0, "content_index": 0}
    limited = limited.with_options(max_response_bytes=2 * LIMIT)
    part = {"type": "output_text", "text": SAID, "annotations": []}
    item = {"type": "message", "id": "i", "role": "assistant", "status": "completed", "content": [part]}
    last = {"type": "response.completed", "response": {"id": "r", "status": "completed", "output": [item]}}
    host.plays(streamed(events(*({**delta, "delta": f"{number:04} "} for number in range(COUNT)), last, end=b"")))

    stream = runner.run(limited.inference.serverless.responses.create(model="m", input="i", stream=True))

    assert runner.run(stream.get_final_response()).output_text == SAID


def test_a_stream_of_more_choices_than_any_host_gives_is_broken_off(
    runner: Runner, any_client: Any, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tensormesh_overlay.streaming.choices_assembly.MOST_CHOICES", 5)
    pieces = [{"id": "c", "choices": [{"index": index, "delta": {"content": "x"}}]} for index in range(7)]
    host.plays(streamed(events(*pieces)))
    stream = runner.run(ask_for_stream(any_client))

    got, error = runner.read_until_fault(stream)

    assert len(got) == 5
    assert type(error) is StreamError
    assert "more than 5 choices" in str(error)


def test_lines_of_a_stream_have_a_length() -> None:
    lines = Lines(max_line_bytes=10)

    assert lines.feed(b"one\ntwo") == ["one"]
    assert lines.feed(b"\n" + b"x" * 11) == ["two"]
    with pytest.raises(StreamError, match="longer than 10 bytes"):
        lines.feed(b"x")


# Memory.


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "asked as a stream"])
def test_what_there_is_no_memory_to_read_is_an_error_of_ours(
    runner: Runner, any_client: Any, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch, streams: bool
) -> None:
    def full(content: bytes) -> Any:
        raise MemoryError

    monkeypatch.setattr("tensormesh_overlay.calls.responses.from_json", full)
    host.plays(answer(200, COMPLETION))

    fails(
        runner,
        lambda: (ask_for_stream if streams else ask)(any_client),
        ProtocolError,
        r"no memory to read its \d+ bytes; max_response_bytes= sets a limit",
    )


def test_an_event_that_there_is_no_memory_for_ends_its_stream(
    runner: Runner, any_client: Any, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(content: bytes) -> Any:
        if b"large" in content:
            raise MemoryError
        return json.loads(content)

    monkeypatch.setattr("tensormesh_overlay.streaming.event_decoder.from_json", full)
    host.plays(streamed(events(piece("one"), piece("large"))))
    stream = runner.run(ask_for_stream(any_client))

    got, error = runner.read_until_fault(stream)

    assert [event.choices[0].delta.content for event in got] == ["one"]
    assert type(error) is StreamError
    assert "no memory for an event" in str(error)
