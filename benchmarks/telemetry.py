"""What a call costs that OpenTelemetry is told of, beside one that nobody listens to, and beside the SDK alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from opentelemetry import context, metrics, propagate, trace
from opentelemetry.metrics import MeterProvider as AnyMeterProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, set_span_in_context

from benchmarks.measures import Group, Measure
from benchmarks.peers.contestants.question import KEY, WHOLE
from benchmarks.peers.host.process import running
from tensormesh import Tensormesh
from tensormesh_overlay.surfaces.inference import InferenceSurfaces
from tensormesh_transport.messages import Body, Request, Response

CONTENT = (Path(__file__).parent / "samples" / "completion.json").read_bytes().strip()
BATCH_NS = 20_000_000

# What a call of the sample is told of, so that the SDK alone does the same work.
ASKED: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "tensormesh",
    "gen_ai.request.model": WHOLE["model"],
    "server.address": "127.0.0.1",
    "server.port": 80,
}
ANSWERED: dict[str, Any] = {
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.response.model": WHOLE["model"],
    "gen_ai.response.finish_reasons": ("stop",),
    "gen_ai.usage.input_tokens": 81,
    "gen_ai.usage.output_tokens": 300,
    "gen_ai.usage.cache_read.input_tokens": 64,
}

Run = Callable[[], Any]
Case = tuple[str, Callable[[], AbstractContextManager[Run]], bool]


class Stub:
    """A transport that has the answer already."""

    answer = Response(200, {"content-type": "application/json"}, CONTENT)

    def prepare(self, base_url: str) -> None:
        pass

    def send(self, request: Request) -> Response:
        return self.answer

    def open(self, request: Request) -> Body:
        raise NotImplementedError

    def close(self) -> None:
        pass


class Nowhere(SpanExporter):
    """Takes spans, and keeps none."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS


@contextmanager
def listening(*, measures: bool) -> Iterator[tuple[TracerProvider, AnyMeterProvider]]:
    """Somebody listens while the block runs."""
    tracers = TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(BatchSpanProcessor(Nowhere()))
    meters = MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False) if measures else None
    told: AnyMeterProvider = meters or metrics.NoOpMeterProvider()
    with (
        patch.object(trace, "get_tracer_provider", lambda: tracers),
        patch.object(metrics, "get_meter_provider", lambda: told),
    ):
        yield tracers, told
    tracers.shutdown()
    if meters is not None:
        meters.shutdown()


@contextmanager
def told(call: Run, *, measures: bool) -> Iterator[Run]:
    """A call that somebody listens to."""
    with listening(measures=measures):
        yield call


@contextmanager
def alone(*, measures: bool) -> Iterator[Run]:
    """What the SDK itself takes to be told the same, with nothing of ours."""
    with listening(measures=measures) as (tracers, meters):
        tracer = tracers.get_tracer("alone")
        duration = meters.get_meter("alone").create_histogram("duration", "s")

        def run() -> None:
            span = tracer.start_span("chat", kind=SpanKind.CLIENT, attributes=ASKED)
            within = set_span_in_context(span)
            propagate.inject({}, context=within)
            context.detach(context.attach(within))
            if measures:
                duration.record(0.1, ASKED, within)
            span.set_attributes(ANSWERED)
            span.end()

        yield run


def measure(rounds: int) -> list[Group]:
    """Measure calls over a transport that answers at once, and over a connection to this machine."""
    with (
        running() as host,
        Tensormesh(inference_api_key=KEY, serverless_base_url=host.url(), env={}) as client,
    ):
        chat = InferenceSurfaces(client.config, Stub()).serverless.chat.completions
        return [
            _group("A call over a transport that answers at once", lambda: chat.create(**WHOLE), rounds),
            _group(
                "A call over a connection to this machine",
                lambda: client.inference.serverless.chat.completions.create(**WHOLE),
                rounds,
            ),
        ]


def _group(title: str, call: Run, rounds: int) -> Group:
    cases: list[Case] = [
        ("nobody listens", lambda: nullcontext(call), True),
        ("a span of it", lambda: told(call, measures=False), True),
        ("the SDK alone, a span", lambda: alone(measures=False), False),
        ("a span and its metrics", lambda: told(call, measures=True), True),
        ("the SDK alone, a span and a histogram", lambda: alone(measures=True), False),
    ]
    times: list[list[float]] = [[] for _ in cases]
    for turn in range(rounds + 1):
        for (_, make, _), found in zip(cases, times, strict=True):
            with make() as run:
                spent = _microseconds(run)
            if turn:  # the first one loads what there is to load
                found.append(spent)
    measures = tuple(Measure(name, tuple(found), ours) for (name, _, ours), found in zip(cases, times, strict=True))
    ours, theirs = (min(measures[at].rounds) - min(measures[0].rounds) for at in (1, 3)), (measures[2], measures[4])
    beyond = [f"{mine - alone.minimum:.1f}" for mine, alone in zip(ours, theirs, strict=True)]
    note = f"Beyond the SDK and the call, ours: {beyond[0]} µs for a span, {beyond[1]} with metrics."
    return Group(title, "µs", measures, note)


def _microseconds(run: Run) -> float:
    for _ in range(50):
        run()
    done, start = 0, time.process_time_ns()
    while (spent := time.process_time_ns() - start) < BATCH_NS:
        for _ in range(50):
            run()
        done += 50
    return spent / done / 1000
