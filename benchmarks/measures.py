"""What was measured, and the table of it. It starts no clock."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measure:
    """
    One case, measured once a round.

    Attributes:
        name: what was done.
        rounds: what it cost, by round.
        ours: whether this project is what was measured, or what it is compared with.
    """

    name: str
    rounds: tuple[float, ...]
    ours: bool = True

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def minimum(self) -> float:
        return min(self.rounds)


@dataclass(frozen=True)
class Group:
    """Cases of the same rounds, interleaved; the first one is the yardstick of the others."""

    title: str
    unit: str
    measures: tuple[Measure, ...]
    note: str = ""
    clock: str = "CPU"
    """What was looked at: the time that processors worked, or that which passed (`elapsed`)."""

    def ratio(self, measure: Measure) -> float:
        """How many times the yardstick `measure` costs: the median of the rounds' ratios."""
        yardstick = self.measures[0]
        return statistics.median(
            mine / other for mine, other in zip(measure.rounds, yardstick.rounds, strict=True) if other
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "unit": self.unit,
            "clock": self.clock,
            "note": self.note,
            "yardstick": self.measures[0].name,
            "cases": [
                {
                    "name": measure.name,
                    "ours": measure.ours,
                    "median": measure.median,
                    "minimum": measure.minimum,
                    "ratio": self.ratio(measure),
                    "rounds": list(measure.rounds),
                }
                for measure in self.measures
            ],
        }


def table(groups: Sequence[Group]) -> str:
    """The groups as text: ratio first, because only ratios travel from one machine to another."""
    width = max(len(measure.name) for group in groups for measure in group.measures) + 2
    lines: list[str] = []
    for group in groups:
        count = len(group.measures[0].rounds)
        rounds = "1 round" if count == 1 else f"{count} rounds"
        lines += ["", f"{group.title} ({group.clock} {group.unit}, {rounds})"]
        lines += [f"  {'':{width}}{'ratio':>8}{'median':>10}{'minimum':>10}"]
        for measure in group.measures:
            numbers = f"{group.ratio(measure):8.2f}{measure.median:10.2f}{measure.minimum:10.2f}"
            lines += [f"{'*' if measure.ours else ' '} {measure.name:{width}}{numbers}"]
        lines += [f"  {group.note}"] if group.note else []
    return "\n".join(lines[1:])
