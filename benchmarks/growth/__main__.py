"""`python -m benchmarks.growth`: whether any input makes work grow with its square. Fails where one does."""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks.growth.cases import (
    answers,
    chunks,
    local_host,
    output,
    prompts,
    questions,
    streams,
    tool_calls,
    transport,
)
from benchmarks.growth.measurement import growth

GROUPS = (streams, chunks, tool_calls, answers, transport, output, questions, local_host, prompts)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="only cases whose name holds one of these")
    parser.add_argument("--verbose", action="store_true", help="tell of every case, and not only of the bad ones")
    options = parser.parse_args(arguments)
    every = [case for group in GROUPS for case in group.CASES]
    cases = [case for case in every if not options.words or any(word in case.name for word in options.words)]
    if not cases:
        print(f"growth: no case holds {' or '.join(options.words)}", file=sys.stderr)
        return 2
    start, too_fast = time.perf_counter(), 0
    for case in cases:
        found = growth(case)
        too_fast += found.is_square
        if found.is_square or options.verbose:
            verdict = "  grows with the square" if found.is_square else ""
            print(f"{found.ratio:5.1f} {found.seconds:7.3f} s {found.size:9,}  {found.name}{verdict}", flush=True)
    print(f"{too_fast} of {len(cases)} grow with the square, in {time.perf_counter() - start:.0f} s")
    return 1 if too_fast else 0


if __name__ == "__main__":
    sys.exit(main())
