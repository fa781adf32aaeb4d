"""The table of what was counted, and what is wrong with it."""

from __future__ import annotations

from benchmarks.peers.report import table as padded
from benchmarks.soak.results import Measure, Results, Run
from benchmarks.soak.verdict import problems as problems_of

HEAD = ("", "calls", "at once", "errors", "objects", "memory, MB", "connections at rest", "left", "s")


def table(results: Results) -> str:
    """One line for each scenario; of what may not grow, the median of the first half and of the second."""
    return padded(HEAD, [_line(run) for run in results.runs])


def problems(results: Results) -> list[str]:
    """Everything that is wrong, with the scenario it went wrong in."""
    return [f"{run.scenario.title}: {problem}" for run in results.runs for problem in problems_of(run)]


def _line(run: Run) -> list[str]:
    left: tuple[Measure, ...] = ("sockets", "connections", "threads", "tasks")
    return [
        run.scenario.title,
        f"{run.scenario.calls:,}",
        f"{run.scenario.at_once:,}",
        str(run.failures),
        "{:,.0f} → {:,.0f}".format(*run.halves("objects")),
        "{:.1f} → {:.1f}".format(*(kilobytes / 1024 for kilobytes in run.halves("kilobytes"))),
        f"{run.most('connections'):,}",
        str(sum(run.left(measure) for measure in left)),
        f"{run.seconds:.0f}",
    ]
