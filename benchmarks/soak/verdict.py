"""Whether a scenario went well: what may grow, what may stay, and what must not be there at all."""

from __future__ import annotations

from benchmarks.soak.results import Measure, Run

ALLOWED: dict[Measure, int] = {"objects": 100, "blocks": 1_500, "kilobytes": 3_072}
"""
How much more the second half may have than the first. One object kept for each call would be thousands; the samples
themselves, caches, and memory that comes back to the system in whole pages only make up what is allowed.
"""

KEPT: tuple[Measure, ...] = ("sockets", "connections")
PASSING: tuple[Measure, ...] = ("threads", "tasks")


def problems(run: Run) -> list[str]:
    """What grew, what stayed, what failed and what was not even tried; nothing where all is well."""
    found = []
    if run.failures:
        found.append(f"{run.failures} errors, first of all: {'; '.join(run.errors)}")
    for measure, allowed in ALLOWED.items():
        first, second = run.halves(measure)
        if second - first > allowed:
            found.append(f"{measure} grew from {first:,.0f} to {second:,.0f}")
    for measure in KEPT:
        if run.most(measure) > run.scenario.kept:
            found.append(f"{run.most(measure)} {measure} were open at rest, and {run.scenario.kept} may be")
    found += [f"{run.most(measure)} {measure} were left at rest" for measure in PASSING if run.most(measure) > 0]
    for measure in (*KEPT, *PASSING):
        if run.left(measure) > 0:
            found.append(f"{run.left(measure)} {measure} were left when the client was closed")
    if run.scenario.action == "streams" and (run.at_once or 0) < run.scenario.at_once:
        found.append(f"only {run.at_once} of {run.scenario.at_once} streams were under way at once")
    return found
