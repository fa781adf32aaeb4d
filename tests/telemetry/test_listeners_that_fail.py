"""What those who listen raise is theirs: calls are made, and answers handed out, which are paid for."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from opentelemetry import propagate
from opentelemetry.sdk.trace import SpanProcessor

from tests.overlay.calls import COMPLETION, ask, ask_for_stream, piece
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed
from tests.telemetry.conftest import Ears


class Broken(SpanProcessor):
    """Raises at the beginning of a span, or at its end."""

    def __init__(self, at: str) -> None:
        self._at = at

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        if self._at == "start":
            raise RuntimeError("boom")

    def on_end(self, span: Any) -> None:
        if self._at == "end":
            raise RuntimeError("boom")


@pytest.fixture(params=["start", "end", "propagator", "chunk"])
def broken(request: pytest.FixtureRequest, ears: Ears, monkeypatch: pytest.MonkeyPatch) -> str:
    """Somebody listens, and something of theirs raises."""

    def raises(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("boom")

    match request.param:
        case "propagator":
            monkeypatch.setattr(propagate, "inject", raises)
        case "chunk":
            meter = ears.meters.get_meter("tensormesh")
            histogram = meter.create_histogram("gen_ai.client.inference.time_per_output_chunk")
            monkeypatch.setattr(type(histogram), "record", raises)
        case at:
            ears.tracers.add_span_processor(Broken(at))
    return str(request.param)


def test_an_answer_is_handed_out(
    runner: Runner, client: Any, host: ScriptedHost, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    host.plays(answer(200, COMPLETION))

    with caplog.at_level(logging.WARNING, logger="tensormesh"):
        assert runner.run(ask(client)).choices[0].message.content == "Hello."

    assert [record.getMessage() for record in caplog.records] == ["OpenTelemetry could not be told all of a call"]
    assert "boom" in caplog.text


def test_a_stream_is_read_to_its_end(
    runner: Runner, client: Any, host: ScriptedHost, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    host.plays(streamed(events(piece("Hel"), end=b""), events(piece("lo."), end=b""), events(piece("", "stop"))))

    with caplog.at_level(logging.WARNING, logger="tensormesh"):
        got = runner.read(runner.run(ask_for_stream(client)))

    assert "".join(event.choices[0].delta.content for event in got) == "Hello."
    assert "boom" in caplog.text
