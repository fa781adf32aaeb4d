"""`python -m benchmarks`: importing, the command, parsing, telemetry and generating, as ratios within one run."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks import generation, imports, parsing, telemetry
from benchmarks.machine import facts, libraries
from benchmarks.measures import table

EXPLANATION = """\
Rounds are interleaved: every round runs every case of its group once. Ratio: the median over the rounds of a case's
cost divided by that of the first line of its group, in the same round. Only ratios travel to other machines, and
those of imports not far. `*` marks this project. pydantic checks every value; ours checks a value when it is read."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything, each round included, to FILE")
    options = parser.parse_args(arguments)
    machine = facts() | libraries()
    start = time.perf_counter()
    groups = [
        imports.measure(rounds=11),
        imports.measure_commands(rounds=11),
        *parsing.measure(rounds=25),
        *telemetry.measure(rounds=15),
        generation.measure(rounds=2),
    ]
    seconds = time.perf_counter() - start
    print(table(groups), "", EXPLANATION, "", *(f"  {name:24}{value}" for name, value in machine.items()), sep="\n")
    print(f"  {'measured in':24}{seconds:.0f} s")
    if options.json:
        content = {"machine": machine, "seconds": seconds, "groups": [group.to_dict() for group in groups]}
        try:
            options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            print(f"benchmarks: cannot write {options.json}: {error.strerror}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
