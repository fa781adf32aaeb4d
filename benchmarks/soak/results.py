"""What was counted, scenario by scenario."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from benchmarks.soak.gauge import Sample
from benchmarks.soak.scenarios import Scenario

Measure = Literal["objects", "blocks", "kilobytes", "sockets", "connections", "threads", "tasks"]

WARM_UP = 0.2
"""The share of batches, at the beginning, that no half counts: modules load, pools and caches fill."""


@dataclass(frozen=True)
class Run:
    """
    One scenario, run to its end.

    Attributes:
        start: before the first call.
        rests: after each batch, with nothing under way.
        end: after the client was closed.
        errors: the first few, in words.
        failures: how many there were.
        seconds: how long the calls took.
        at_once: the most answers that the host had under way at a time; None where it does not tell.
    """

    scenario: Scenario
    start: Sample
    rests: tuple[Sample, ...]
    end: Sample
    errors: tuple[str, ...]
    failures: int
    seconds: float
    at_once: int | None

    @classmethod
    def of(cls, scenario: Scenario, counted: dict[str, Any], at_once: int | None) -> Self:
        """Read what a worker printed."""
        start, end = Sample(*counted["start"]), Sample(*counted["end"])
        rests = tuple(Sample(*rest) for rest in counted["rests"])
        errors, failures, seconds = tuple(counted["errors"]), counted["failures"], counted["seconds"]
        return cls(scenario, start, rests, end, errors, failures, seconds, at_once)

    def halves(self, measure: Measure) -> tuple[float, float]:
        """The median of the first half of the batches, and of the second."""
        values = [getattr(rest, measure) for rest in self.rests[int(len(self.rests) * WARM_UP) :]]
        middle = len(values) // 2
        return statistics.median(values[:middle]), statistics.median(values[middle:])

    def most(self, measure: Measure) -> int:
        """The most at any rest, beyond what there was at the start."""
        return max(int(getattr(rest, measure)) for rest in self.rests) - int(getattr(self.start, measure))

    def left(self, measure: Measure) -> int:
        """What is still there at the end, beyond what there was at the start."""
        return int(getattr(self.end, measure)) - int(getattr(self.start, measure))


@dataclass
class Results:
    """All of one session, and the machine it was on."""

    machine: dict[str, str]
    runs: list[Run] = field(default_factory=list)
    seconds: float = 0.0
