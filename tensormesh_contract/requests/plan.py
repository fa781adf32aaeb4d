"""
What a fuzz run is to do.

Knows its settings, but not the tool that does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tensormesh_contract.requests.fixups import Surroundings

MOST_GENTLE = 19
"""So many requests a gentle run has, where nobody says otherwise."""
PHASES = ("examples", "coverage", "fuzzing", "stateful")


@dataclass(frozen=True, slots=True)
class Plan:
    """
    The settings.

    Args:
        seed: makes two runs alike.
        phases: some of `PHASES`.
        cases: how many random requests for an operation, and how many sequences.
        positive: send only what the document allows.
        known: values that exist, by the parameter that takes them, such as `path.modelId`.
        around: what else is known of the host.
    """

    seed: int = 1
    phases: Sequence[str] = PHASES
    cases: int = 40
    positive: bool = False
    known: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    around: Surroundings = field(default_factory=Surroundings)
