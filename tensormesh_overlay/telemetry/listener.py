"""Who listens: a tracer, and instruments that measure."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from functools import partial
from threading import Lock
from typing import NamedTuple

from opentelemetry.metrics import CallbackOptions, Histogram, Meter, MeterProvider, NoOpMeterProvider, Observation
from opentelemetry.trace import Tracer, TracerProvider

from tensormesh_overlay.telemetry import conventions as names

Value = str | bool | int | float | tuple[str, ...]
Key = tuple[tuple[str, Value], ...]


class Totals:
    """
    Tokens added up by the attributes of their calls. The SDK asks for the sums when it exports: that costs a call a
    tenth of what it takes to tell a counter.
    """

    def __init__(self, meter: Meter) -> None:
        self._lock = Lock()
        self._sums: dict[Key, list[int | None]] = {}
        for at, (name, description) in enumerate(names.TOKEN_METRICS.values()):
            meter.create_observable_counter(name, [partial(self._observed, at)], "{token}", description)

    def add(self, answer: Mapping[str, Value], key: Key) -> None:
        """
        Add the counts of one call.

        Args:
            answer: what its span says of its answer, counts among it.
            key: by which attributes they are told apart.
        """
        counts = [answer.get(attribute) for attribute in names.TOKEN_METRICS]
        with self._lock:
            sums = self._sums.get(key)
            if sums is None:
                sums = self._sums[key] = [None] * len(counts)
            for at, count in enumerate(counts):
                if isinstance(count, int):
                    sums[at] = (sums[at] or 0) + count

    def _observed(self, at: int, options: CallbackOptions) -> Iterable[Observation]:
        """The sums of one counter, which its meter asks for."""
        with self._lock:
            items = [(total, key) for key, sums in self._sums.items() if (total := sums[at]) is not None]
        return [Observation(total, dict(key)) for total, key in items]


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


def not_told() -> None:
    """
    Say in the log `tensormesh` why OpenTelemetry was not told of something, within the handling of the error.

    Whatever a processor, a sampler or a propagator of the program raises: calls go on, and no answer is lost for it.
    """
    logging.getLogger("tensormesh").warning("OpenTelemetry could not be told all of a call", exc_info=True)


def is_disabled() -> bool:
    """Whether the environment says that this client is not to be told of."""
    disabled = os.environ.get(names.DISABLED_VARIABLE, "").split(",")
    return names.SCOPE in {name.strip() for name in disabled}
