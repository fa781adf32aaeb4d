"""What is done, how often and how much of it at once: all of it as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

Mode = Literal["sync", "async"]
Action = Literal["requests", "streams", "abandoned", "faults"]
Plant = Literal["memory", "connections", "tasks", "errors"]

PLANTS: tuple[Plant, ...] = get_args(Plant)
LEAST_BATCHES = 6

CHUNKS = 20
PACED = f"chunks={CHUNKS},pace=0.05"
"""A stream of a second, which may be one of many."""
ENDLESS = "chunks=1000,pace=0.05"
"""A stream that nobody waits for the end of."""
CUT_MODEL, FULL_MODEL = "openai/gpt-oss-20b", "openai/gpt-oss-120b"
"""Of the failing host: streams of one break off, and there is never room for the other."""


@dataclass(frozen=True)
class Scenario:
    """
    One way to use a client, batch after batch, with everything at rest between two of them.

    Attributes:
        name: what `--scenario` takes.
        title: its line in the table.
        action: what a call is, see `acts.py`.
        calls: how many, all batches together.
        at_once: how many of them are under way at the same time.
        kept: how many connections may be open at rest, for later use.
        batches: how often everything is counted.
        script: what the benchmark host answers, see `benchmarks/peers/host/answers.py`.
    """

    name: str
    title: str
    mode: Mode
    action: Action
    calls: int
    at_once: int
    kept: int
    batches: int = 20
    script: str = "answer"

    @property
    def batch(self) -> int:
        """Calls of one batch."""
        return self.calls // self.batches

    def smaller(self, calls: int) -> Scenario:
        """The same with about so many calls: a try, not a proof."""
        batches = min(self.batches, LEAST_BATCHES)
        batch = max(calls // batches, 1)
        at_once = min(self.at_once, batch)
        return replace(self, calls=batch * batches, batches=batches, at_once=at_once, kept=min(self.kept, at_once))


SCENARIOS = (
    Scenario("requests-sync", "requests, sync, by threads", "sync", "requests", 20_000, 16, 16),
    Scenario("requests-async", "requests, async", "async", "requests", 20_000, 256, 256),
    Scenario("streams-sync", "streams, sync, a thread for each", "sync", "streams", 2_000, 200, 200, 10, PACED),
    Scenario("streams-async", "streams, async", "async", "streams", 10_000, 1_000, 1_000, 10, PACED),
    Scenario("abandoned-sync", "abandoned streams, sync", "sync", "abandoned", 3_000, 8, 0, script=ENDLESS),
    Scenario("abandoned-async", "abandoned streams, async", "async", "abandoned", 3_000, 25, 0, script=ENDLESS),
    Scenario("faults-sync", "calls to a failing host, sync", "sync", "faults", 6_000, 8, 8),
    Scenario("faults-async", "calls to a failing host, async", "async", "faults", 6_000, 30, 30),
)
