"""`python -m tests.fuzz`: every property test with many more cases than `make test` has time for."""

from __future__ import annotations

import argparse
import datetime
import sys
import time
from pathlib import Path
from string import Template

from benchmarks.machine import facts
from benchmarks.peers.report import table
from benchmarks.soak.document import replaced
from tests.fuzz.fuzz_run import GROUPS, ROOT, Found, run_all

CASES = 2_000
TEMPLATE = Path(__file__).with_name("reliability.md")


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    groups = [group for group in GROUPS if not options.group or any(word in group for word in options.group)]
    if not groups:
        print(f"fuzz: there is no such group; there are: {'; '.join(GROUPS)}", file=sys.stderr)
        return 2
    begin = time.perf_counter()
    found = run_all(groups, options.cases, options.seed, _tell)
    seconds = time.perf_counter() - begin
    failed = [name for one in found for name in one.failed]
    print("", *(one.output for one in found if one.failed), sep="\n" if failed else "")
    print(_table(found), "", *(f"failed: {name}" for name in failed), sep="\n")
    cases = sum(one.cases for one in found)
    print(f"{cases:,} cases, {len(failed)} failures, {seconds / 60:.1f} minutes")
    if options.document and not failed:
        page = ROOT / "docs" / "evidence" / "reliability.md"
        page.write_text(
            replaced(page.read_text(encoding="utf-8"), _section(found, options.cases, seconds)), encoding="utf-8"
        )
        print("wrote", page)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, metavar="N", help="of each property (default: %(default)s)")
    parser.add_argument("--seed", type=int, metavar="N", help="the same cases each time; failures are not kept then")
    parser.add_argument("--group", action="append", metavar="WORDS", help="only those whose title has these words")
    parser.add_argument("--document", action="store_true", help="write docs/evidence/reliability.md, if all is well")
    return parser


def _tell(one: Found) -> None:
    result = f"{len(one.failed)} FAILED" if one.failed else "well"
    print(f"{one.group}: {one.cases:,} cases, {result}, {one.seconds:.0f} s", file=sys.stderr, flush=True)


def _table(found: list[Found]) -> str:
    rows = [[one.group, str(one.properties), f"{one.cases:,}", str(len(one.failed))] for one in found]
    total = ["all", str(sum(one.properties for one in found)), f"{sum(one.cases for one in found):,}"]
    return table(["", "properties", "cases", "failures"], [*rows, [*total, str(sum(len(one.failed) for one in found))]])


def _section(found: list[Found], cases: int, seconds: float) -> str:
    machine = facts()
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        table=_table(found),
        cases=cases,
        minutes=f"{max(seconds / 60, 1):.0f}",
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        machine=f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, {machine['python']}",
    )


if __name__ == "__main__":
    sys.exit(main())
