"""`python -m benchmarks.soak`: many calls, many at once, many abandoned. Fails where anything grows, stays or fails."""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks.machine import facts
from benchmarks.soak import document, report
from benchmarks.soak.gauge import DESCRIPTORS, SOCKETS
from benchmarks.soak.results import Results
from benchmarks.soak.runs import run
from benchmarks.soak.scenarios import PLANTS, SCENARIOS
from tools.clean_room import ROOT, CleanRoomError


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if not (SOCKETS.exists() and DESCRIPTORS.exists()):
        print("soak: needs Linux: it counts sockets in /proc, and its host uses epoll", file=sys.stderr)
        return 2
    scenarios = [scenario for scenario in SCENARIOS if not options.scenario or scenario.name in options.scenario]
    if options.calls:
        scenarios = [scenario.smaller(options.calls) for scenario in scenarios]
    results, start = Results(facts()), time.perf_counter()
    for scenario in scenarios:
        print(f"{scenario.title}: {scenario.calls:,} calls, {scenario.at_once:,} at once", file=sys.stderr, flush=True)
        try:
            results.runs.append(run(scenario, options.plant))
        except CleanRoomError as error:
            print(f"soak: {scenario.name}: {error}", file=sys.stderr)
            return 2
    results.seconds = time.perf_counter() - start
    problems = report.problems(results)
    print("", report.table(results), "", sep="\n")
    print("\n".join(problems) or f"nothing grew, nothing was left and nothing failed, in {results.seconds:.0f} s")
    if options.document and not problems:
        print("wrote", document.write(results, ROOT / "docs" / "evidence" / "reliability.md"))
    return 1 if problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument("--scenario", action="append", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--calls", type=int, metavar="N", help="about so many calls of each: a try, not a proof")
    parser.add_argument(
        "--plant", action="append", choices=PLANTS, default=[], help="plant a leak or an error, to see that it is found"
    )
    parser.add_argument("--document", action="store_true", help="write docs/evidence/reliability.md, if all is well")
    return parser


if __name__ == "__main__":
    sys.exit(main())
