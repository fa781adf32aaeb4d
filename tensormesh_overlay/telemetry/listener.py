"""Who listens: a tracer, and instruments that measure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import NamedTuple

from opentelemetry.metrics import CallbackOptions, Histogram, Meter, MeterProvider, NoOpMeterProvider, Observation
from opentelemetry.trace import Tracer, TracerProvider

from tensormesh_overlay.telemetry import conventions as names

Value = str | bool | int | float | tuple[str, ...]


class Totals:
    """
    Tokens added up by the attributes of their calls. The SDK asks for the sums when it exports: that costs a call a
    tenth of what it takes to tell a counter.
    """

    def __init__(self, meter: Meter) -> None:
        self._lock = Lock()
        self._sums: dict[str, dict[tuple[tuple[str, Value], ...], int]] = {}
        for attribute, (name, description) in names.TOKEN_METRICS.items():
            sums = self._sums[attribute] = {}
            meter.create_observable_counter(name, [_Sums(sums, self._lock)], "{token}", description)

    def add(self, answer: Mapping[str, Value], attributes: Mapping[str, Value]) -> None:
        """
        Add the counts of one call.

        Args:
            answer: what its span says of its answer, counts among it.
            attributes: by which they are told apart.
        """
        key = tuple(attributes.items())
        with self._lock:
            for attribute, sums in self._sums.items():
                if isinstance(amount := answer.get(attribute), int):
                    sums[key] = sums.get(key, 0) + amount


class _Sums:
    """What a meter asks for the sums."""

    def __init__(self, sums: Mapping[tuple[tuple[str, Value], ...], int], lock: Lock) -> None:
        self._sums = sums
        self._lock = lock

    def __call__(self, options: CallbackOptions) -> Iterable[Observation]:
        with self._lock:
            items = [*self._sums.items()]
        return [Observation(total, dict(key)) for key, total in items]


class Listener(NamedTuple):
    """
    Who listens.

    Attributes:
        measures: whether what instruments are told goes anywhere.
        captures: whether prompts and answers are asked for.
    """

    tracer: Tracer
    duration: Histogram
    first_chunk: Histogram
    chunk: Histogram
    tokens: Totals
    measures: bool
    captures: bool


def listener(tracers: TracerProvider, meters: MeterProvider | None) -> Listener:
    """Who listens by way of these providers; the environment says how much is told."""
    meter = (meters or NoOpMeterProvider()).get_meter(names.SCOPE)

    def histogram(name: str, description: str) -> Histogram:
        return meter.create_histogram(name, "s", description, explicit_bucket_boundaries_advisory=names.SECONDS)

    return Listener(
        tracers.get_tracer(names.SCOPE),
        histogram(names.DURATION_METRIC, "How long calls take, to the end of their answers."),
        histogram(names.FIRST_CHUNK_METRIC, "How long streams take to begin."),
        histogram(names.CHUNK_METRIC, "How long each further chunk of a stream takes."),
        Totals(meter),
        meters is not None,
        os.environ.get(names.CAPTURE_VARIABLE, "").strip().lower() in names.CAPTURES,
    )


def is_disabled() -> bool:
    """Whether the environment says that this client is not to be told of."""
    disabled = os.environ.get(names.DISABLED_VARIABLE, "").split(",")
    return names.SCOPE in {name.strip() for name in disabled}
