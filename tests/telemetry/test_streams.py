"""A streamed answer: its span ends when the stream does, whichever way that is, and says how it went."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any

import pytest
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.trace import StatusCode

from tests.overlay.calls import ask_for_stream, piece
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import CLOSE, RESET, STALL, ScriptedHost, answer, events, streamed
from tests.telemetry.conftest import CAPTURE, Ears, sole
from tests.telemetry.test_calls import COUNTED, RESPONSE, USAGE

WAITS = "gen_ai.client.inference.time_per_output_chunk"
FIRST = "gen_ai.response.time_to_first_chunk"
HELLO = events(piece("Hel"), end=b"")
REST = events(piece("lo.", "stop"), {**piece(None), "choices": [], "usage": USAGE})


def test_a_stream_that_is_read_to_its_end(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    gate = threading.Event()
    host.plays(streamed(b": wait\n\n", HELLO, gate, REST, x_request_id="req-1"))

    stream = runner.run(ask_for_stream(client))
    runner.next(stream)
    assert ears.spans == ()
    gate.set()
    runner.read(stream)

    assert ears.span.name == "chat m"
    assert ears.span.status.status_code is StatusCode.UNSET
    told = {
        "gen_ai.request.stream": True,
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.finish_reasons": ("stop",),
        "http.response.header.x-request-id": ("req-1",),
        **COUNTED,
    }
    assert ears.said.items() >= told.items()


def test_chunks_are_timed(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    """The first since the call began, each other since the one before; what is no event does not count."""
    gates = [threading.Event() for _ in range(3)]
    host.plays(streamed(b": wait\n\n", gates[0], HELLO, gates[1], HELLO, gates[2], REST))

    stream = runner.run(ask_for_stream(client))
    for gate in gates:
        gate.set()
        runner.next(stream)
    runner.read(stream)

    points = ears.points()
    (first,) = points["gen_ai.client.inference.time_to_first_chunk"]
    (waits,) = points[WAITS]
    (duration,) = points["gen_ai.client.inference.duration"]
    assert (first.count, waits.count, duration.count) == (1, 2, 1)
    assert first.sum == pytest.approx(ears.said[FIRST])
    assert first.sum + waits.sum <= duration.sum


def test_the_whole_of_a_stream_is_told_as_that_of_a_whole_answer(
    runner: Runner, client: Any, host: ScriptedHost, ears: Ears
) -> None:
    created = {"type": "response.created", "response": {**RESPONSE, "status": "in_progress", "usage": None}}
    completed = {"type": "response.completed", "response": RESPONSE}
    host.plays(streamed(events(created, completed, end=b"")))

    runner.run(runner.run(client.inference.serverless.responses.create(model="m", input="Hi", stream=True)).get_final())

    assert ears.said.items() >= {**COUNTED, "gen_ai.response.finish_reasons": ("completed",)}.items()


@pytest.mark.parametrize("read", ["text_deltas", "get_final", "iter_bytes", "iter_lines"])
def test_however_it_is_read(runner: Runner, client: Any, host: ScriptedHost, ears: Ears, read: str) -> None:
    host.plays(streamed(HELLO, REST))

    got = getattr(runner.run(ask_for_stream(client)), read)()
    if read == "get_final":
        runner.run(got)
    else:
        runner.read(got)

    assert "error.type" not in ears.said


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        pytest.param(streamed(HELLO, CLOSE, last=False), "StreamTruncatedError", id="closed"),
        pytest.param(streamed(HELLO, RESET, last=False), "StreamTruncatedError", id="reset"),
        pytest.param(streamed(HELLO), "StreamTruncatedError", id="unfinished"),
        pytest.param(streamed(HELLO, STALL, last=False), "StreamTimeoutError", id="silent"),
        pytest.param(streamed(HELLO, events({"error": {"message": "SENTINEL"}})), "StreamEventError", id="its error"),
        pytest.param(streamed(HELLO, b"data: nothing\n\n"), "StreamError", id="no JSON"),
    ],
)
def test_a_stream_that_breaks_is_an_error(
    runner: Runner, client: Any, host: ScriptedHost, ears: Ears, script: Any, kind: str
) -> None:
    host.plays(script)

    stream = runner.run(ask_for_stream(client, stream_idle_timeout=0.3))
    got, error = runner.read_until_fault(stream)

    assert (len(got), type(error).__name__) == (1, kind)
    assert ears.span.status.status_code is StatusCode.ERROR
    assert ears.said["error.type"] == kind
    assert ears.said["gen_ai.response.id"] == "chatcmpl-1"
    assert "SENTINEL" not in ears.span.to_json()


@pytest.mark.parametrize("read", ["iter_bytes", "iter_lines"])
def test_bytes_that_break_are_an_error_too(
    runner: Runner, client: Any, host: ScriptedHost, ears: Ears, read: str
) -> None:
    host.plays(streamed(HELLO, RESET, last=False))

    stream = runner.run(ask_for_stream(client))
    _, error = runner.read_until_fault(aiter(getattr(stream, read)()) if runner.is_async else getattr(stream, read)())

    assert type(error).__name__ == ears.said["error.type"] == "StreamTruncatedError"


def test_a_refusal_in_place_of_a_stream(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    host.plays(answer(503, {"error": {"message": "full"}}))

    with pytest.raises(Exception, match="full"):
        runner.run(ask_for_stream(client))

    assert ears.said["error.type"] == "InternalServerError"
    assert FIRST not in ears.said


def test_a_stream_that_is_closed_early_is_no_error(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    """It says as much as had come; closed twice, it ends once."""
    host.plays(streamed(HELLO, STALL, last=False))

    stream = runner.run(ask_for_stream(client))
    runner.next(stream)
    runner.run(stream.close())
    runner.run(stream.close())

    assert ears.said["gen_ai.response.id"] == "chatcmpl-1"
    assert {"error.type", "gen_ai.response.finish_reasons"} & ears.said.keys() == set()


@pytest.mark.parametrize("begun", [True, False], ids=["begun", "never read"])
@pytest.mark.parametrize("cycle", [True, False], ids=["in a cycle", "let go of"])
def test_a_stream_that_nobody_has_any_more(
    runner: Runner, client: Any, host: ScriptedHost, ears: Ears, begun: bool, cycle: bool
) -> None:
    """It is told of by a thread of its own: a collection may happen while somebody has a lock of the SDK."""
    host.plays(streamed(HELLO, STALL, last=False))
    threads = list[int]()
    ears.tracers.add_span_processor(EndsIn(threads))

    stream = runner.run(ask_for_stream(client))
    if begun:
        runner.next(stream)
    if cycle:
        ring = [stream]
        ring.append(ring)
        del ring
    del stream
    gc.collect()

    assert "error.type" not in (sole(runner, ears).attributes or {})
    assert threads != [threading.get_ident()]


class EndsIn(SpanProcessor):
    """Notes the threads in which spans end."""

    def __init__(self, threads: list[int]) -> None:
        self._threads = threads

    def on_end(self, span: Any) -> None:
        self._threads.append(threading.get_ident())


def test_a_task_that_is_cancelled_says_so(asynchronous: Runner, host: ScriptedHost, ears: Ears) -> None:
    client = asynchronous.client(**surfaces_of(host))
    host.plays(streamed(HELLO, STALL, last=False))

    async def read() -> None:
        async for _ in await ask_for_stream(client):
            asyncio.current_task().cancel()  # type: ignore[union-attr]

    with pytest.raises(asyncio.CancelledError):
        asynchronous.run(read())

    assert ears.said["error.type"] == "CancelledError"


def test_a_whole_answer_in_place_of_a_stream(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    whole = {**piece(None), "object": "chat.completion", "usage": USAGE}
    whole["choices"] = [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}]
    host.plays(answer(200, whole))

    runner.read(runner.run(ask_for_stream(client)))

    assert ears.said.items() >= COUNTED.items()


def test_a_stream_that_adds_up_to_too_much_keeps_its_counts(
    runner: Runner, host: ScriptedHost, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of its text is not told as if it were all."""
    monkeypatch.setenv(CAPTURE, "true")
    client = runner.client(**surfaces_of(host), max_response_bytes=800)
    gate = threading.Event()
    host.plays(streamed(*[HELLO] * 20, gate, REST))

    stream = runner.run(ask_for_stream(client))
    for _ in range(20):
        runner.next(stream)
    gate.set()
    runner.read(stream)

    assert ears.said.items() >= COUNTED.items()
    assert "gen_ai.output.messages" not in ears.said
