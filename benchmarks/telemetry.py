"""
What a call costs that OpenTelemetry is told of.

The yardstick is the same call when nobody listens. Beside it stands the least that it can cost: that call, and the SDK
told the same by hand, right after it. (Each alone in a loop is quicker than both in turn, by a third: the processor
then has either at hand.) Last comes the least call that a program really makes, to the local host.
"""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from opentelemetry import context, metrics, propagate, trace
from opentelemetry.metrics import MeterProvider as AnyMeterProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, set_span_in_context

from benchmarks.measures import Group, Measure
from benchmarks.peers.contestants.question import KEY, WHOLE
from benchmarks.peers.host.process import running
from tensormesh import Tensormesh
from tensormesh_overlay.surfaces.inference import InferenceSurfaces
from tensormesh_transport.messages import Body, Request, Response
from tools.clean_room import local_host

CONTENT = (Path(__file__).parent / "samples" / "completion.json").read_bytes().strip()
BATCH_NS = 20_000_000
LOCAL_BATCH_NS = 150_000_000
ASKED = ("gen_ai.operation.", "gen_ai.provider.", "gen_ai.request.", "server.")
"""How the attributes begin that are known before a call is sent."""
RESPONSE_MODEL = "gen_ai.response.model"

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


def heard(call: Run) -> dict[str, Any]:
    """What the span of a call says."""
    exporter, tracers = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    with patch.object(trace, "get_tracer_provider", lambda: tracers):
        call()
    (span,) = exporter.get_finished_spans()
    return dict(span.attributes or {})


@contextmanager
def alone(call: Run, *, measures: bool) -> Iterator[Run]:
    """A call, and after it the SDK, told the same with nothing of ours."""
    said = heard(call)
    asked = {name: value for name, value in said.items() if name.startswith(ASKED)}
    answered = {name: value for name, value in said.items() if name not in asked}
    measured = asked | {name: value for name, value in said.items() if name == RESPONSE_MODEL}
    with listening(measures=measures) as (tracers, meters):
        tracer = tracers.get_tracer("alone")
        duration = meters.get_meter("alone").create_histogram("duration", "s")

        def run() -> None:
            call()
            span = tracer.start_span("chat", kind=SpanKind.CLIENT, attributes=asked)
            within = set_span_in_context(span)
            propagate.inject({}, context=within)
            context.detach(context.attach(within))
            if measures:
                duration.record(0.1, measured, within)
            span.set_attributes(answered)
            span.end()

        with (
            patch.object(trace, "get_tracer_provider", trace.NoOpTracerProvider),
            patch.object(metrics, "get_meter_provider", metrics.NoOpMeterProvider),
        ):
            yield run


def measure(rounds: int) -> list[Group]:
    """
    Measure calls over a transport that answers at once, on Linux over a connection to this machine, and to the local
    host.
    """
    groups = [_stubbed(rounds)]
    if hasattr(select, "epoll"):
        with (
            running() as host,
            Tensormesh(inference_api_key=KEY, serverless_base_url=host.url(), env={}) as client,
        ):
            chat = client.inference.serverless.chat.completions
            title = "A call over a connection to this machine, told of to OpenTelemetry"
            groups.append(_group(title, lambda: chat.create(**WHOLE), rounds))
    return [*groups, _local(rounds)]


def _stubbed(rounds: int) -> Group:
    with Tensormesh(inference_api_key=KEY, serverless_base_url="http://127.0.0.1:9", env={}) as client:
        chat = InferenceSurfaces(client.config, Stub()).serverless.chat.completions
        title = "A call over a transport that answers at once, told of to OpenTelemetry"
        return _group(title, lambda: chat.create(**WHOLE), rounds)


def _group(title: str, call: Run, rounds: int) -> Group:
    cases: list[Case] = [
        ("nobody listens", lambda: nullcontext(call), True),
        ("the same, and by hand a span", lambda: alone(call, measures=False), False),
        ("a span of it", lambda: told(call, measures=False), True),
        ("the same, and by hand a span and a duration", lambda: alone(call, measures=True), False),
        ("a span of it, its duration and its tokens", lambda: told(call, measures=True), True),
    ]
    measures = _measures(cases, rounds, time.process_time_ns, BATCH_NS)
    plain, floor, ours, measured_floor, measured = (measure.minimum for measure in measures)
    note = (
        f"Minima: the SDK takes {floor - plain:.0f} µs for a span and {measured_floor - plain:.0f} with a duration; "
        f"ours, beyond that: {ours - floor:.0f} and {measured - measured_floor:.0f}."
    )
    return Group(title, "µs", measures, note)


def _local(rounds: int) -> Group:
    """What a program waits for that is tried at a local host: its time, and not only that of this process, counts."""
    with (
        TemporaryDirectory() as place,
        local_host(sys.executable, Path(place)) as environment,
        Tensormesh(env=environment) as client,
    ):
        chat = client.inference.serverless.chat.completions

        def call() -> Any:
            return chat.create(**WHOLE)

        cases: list[Case] = [
            ("nobody listens", lambda: nullcontext(call), True),
            ("a span of it", lambda: told(call, measures=False), True),
            ("a span of it, its duration and its tokens", lambda: told(call, measures=True), True),
        ]
        measures = _measures(cases, rounds, time.perf_counter_ns, LOCAL_BATCH_NS)
    plain, span, measured = (measure.minimum for measure in measures)
    note = f"Minima: telling takes {span / plain - 1:.1%} of the call for a span, {measured / plain - 1:.1%} with all."
    return Group("A call to the local host, told of to OpenTelemetry", "µs", measures, note, "elapsed")


def _measures(cases: Sequence[Case], rounds: int, clock: Callable[[], int], batch_ns: int) -> tuple[Measure, ...]:
    times: list[list[float]] = [[] for _ in cases]
    for turn in range(rounds + 1):
        for (_, make, _), found in zip(cases, times, strict=True):
            with make() as run:
                spent = _microseconds(run, clock, batch_ns)
            if turn:  # the first one loads what there is to load
                found.append(spent)
    return tuple(Measure(name, tuple(found), ours) for (name, _, ours), found in zip(cases, times, strict=True))


def _microseconds(run: Run, clock: Callable[[], int], batch_ns: int) -> float:
    for _ in range(50):
        run()
    done, start, spent = 0, clock(), 0
    while spent < batch_ns:
        for _ in range(10):
            run()
        done, spent = done + 10, clock() - start
    return spent / done / 1000
