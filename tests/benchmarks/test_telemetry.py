"""What telling OpenTelemetry costs is measured beside the SDK that is told the same."""

from __future__ import annotations

import select
from typing import Any

import pytest
from opentelemetry import metrics, trace

from benchmarks import telemetry
from benchmarks.peers.contestants.question import KEY, WHOLE
from tensormesh import Tensormesh
from tensormesh_overlay.surfaces.inference import InferenceSurfaces


@pytest.fixture
def call() -> Any:
    client = Tensormesh(inference_api_key=KEY, serverless_base_url="http://127.0.0.1:9", env={})
    chat = InferenceSurfaces(client.config, telemetry.Stub()).serverless.chat.completions
    return lambda: chat.create(**WHOLE)


def test_each_case_is_measured_in_each_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing in between, over this machine, and to the local host."""
    monkeypatch.setattr(telemetry, "BATCH_NS", 1)
    monkeypatch.setattr(telemetry, "LOCAL_BATCH_NS", 1)

    groups = telemetry.measure(rounds=2)

    connected = [5] if hasattr(select, "epoll") else []
    assert [len(group.measures) for group in groups] == [5, *connected, 3]
    for group in groups:
        assert {len(measure.rounds) for measure in group.measures} == {2}
        assert all(spent > 0 for measure in group.measures for spent in measure.rounds)


def test_by_hand_a_call_is_told_of_once_and_says_the_same(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    spans: list[Any] = []
    monkeypatch.setattr(telemetry.Nowhere, "export", lambda self, batch: spans.extend(batch))

    with telemetry.alone(call, measures=True) as run:
        run()

    (span,) = spans
    assert dict(span.attributes) == telemetry.heard(call)


def test_nobody_listens_afterwards(call: Any) -> None:
    before = trace.get_tracer_provider, metrics.get_meter_provider

    with telemetry.told(call, measures=True) as run:
        run()

    assert (trace.get_tracer_provider, metrics.get_meter_provider) == before
