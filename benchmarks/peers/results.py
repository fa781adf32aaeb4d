"""What was measured: every run of every round, and what follows from them. It starts no clock."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Literal

from benchmarks.peers.cases import Limit
from benchmarks.peers.roster import OURS

Figure = Literal["cpu", "memory"]


@dataclass(frozen=True)
class Run:
    """
    One case with one peer in one round, in a process of its own.

    Attributes:
        units: processes, requests or chunks.
        cpu: seconds that the client's process worked, all units together.
        wall: seconds that went by.
        kilobytes: the most memory the client's process had.
        host_cpu: seconds that the host worked meanwhile, warm-up included.
        at_once: the most answers that were under way at once.
    """

    case: str
    peer: str
    round: int
    units: int
    cpu: float
    wall: float
    kilobytes: int
    host_cpu: float = 0.0
    at_once: int = 0

    def figure(self, figure: Figure) -> float:
        """CPU microseconds of a unit, or megabytes."""
        return self.kilobytes / 1024 if figure == "memory" else self.cpu / self.units * 1e6


@dataclass(frozen=True)
class Spread:
    """The median of the rounds, and the least and the most of them."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread | None:
        found = list(values)
        return cls(statistics.median(found), min(found), max(found)) if found else None


@dataclass
class Results:
    """
    All of one session.

    Attributes:
        machine: facts about it, in words.
        versions: what is installed beside each peer.
        absent: why a peer could not take part.
        failed: why a peer could not do a case, `case/peer`.
        rounds: how many there were.
        budget: CPU seconds that the calls of one run took, at least.
        seconds: how long all of it took.
    """

    machine: dict[str, str] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    rounds: int = 0
    budget: float = 0.0
    seconds: float = 0.0

    def of(self, case: str, peer: str) -> list[Run]:
        return [run for run in self.runs if run.case == case and run.peer == peer]

    def figure(self, case: str, peer: str, figure: Figure = "cpu") -> Spread | None:
        return Spread.of(run.figure(figure) for run in self.of(case, peer))

    def ratio(self, limit: Limit) -> Spread | None:
        """Ours divided by theirs, round by round."""
        ours = {run.round: run.figure(limit.figure) for run in self.of(limit.case, OURS)}
        theirs = {run.round: run.figure(limit.figure) for run in self.of(limit.base or limit.case, limit.against)}
        return Spread.of(ours[number] / theirs[number] for number in ours if number in theirs)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Results:
        content = json.loads(text)
        return cls(**{**content, "runs": [Run(**run) for run in content["runs"]]})
