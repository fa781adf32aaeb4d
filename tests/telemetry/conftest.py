"""Somebody who listens: the SDK of OpenTelemetry with exporters in memory, as the providers of one test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.overlay.conftest import Runner
from tests.overlay.conftest import asynchronous as asynchronous
from tests.overlay.conftest import client as client
from tests.overlay.conftest import host as host
from tests.overlay.conftest import runner as runner

CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


class Ears:
    """What was heard."""

    def __init__(self) -> None:
        self._exporter, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.meters = MeterProvider([self._reader], shutdown_on_exit=False)

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """Those that have ended."""
        return self._exporter.get_finished_spans()

    @property
    def span(self) -> ReadableSpan:
        """The only one."""
        (span,) = self.spans
        return span

    @property
    def said(self) -> Mapping[str, Any]:
        """What the only span says."""
        return dict(self.span.attributes or {})

    def points(self) -> dict[str, list[Any]]:
        """What was measured, by the names of the instruments."""
        data: Any = self._reader.get_metrics_data()
        scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics] if data else []
        return {metric.name: list(metric.data.data_points) for scope in scopes for metric in scope.metrics}

    def close(self) -> None:
        self.tracers.shutdown()
        self.meters.shutdown()


@pytest.fixture
def ears(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ears]:
    """Somebody listens to spans and to metrics."""
    for name in (CAPTURE, "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    ears = Ears()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: ears.tracers)
    monkeypatch.setattr(metrics, "get_meter_provider", lambda: ears.meters)
    yield ears
    ears.close()


def sole(runner: Runner, ears: Ears) -> ReadableSpan:
    """The only span, once it has ended."""
    runner.wait_until(lambda: bool(ears.spans))
    return ears.span
