"""`python -m benchmarks.peers`: this project beside its peers, interleaved, as CPU time of a unit."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from benchmarks.machine import facts
from benchmarks.peers import document, report
from benchmarks.peers.cases import CASES
from benchmarks.peers.environments import PLACE, Environment, prepare
from benchmarks.peers.host import certificate
from benchmarks.peers.results import Results
from benchmarks.peers.roster import PEERS, Peer
from benchmarks.peers.rounds import run_rounds
from tools.clean_room import ROOT, CleanRoomError

ROUNDS, SECONDS = 7, 0.3
QUICK_ROUNDS, QUICK_SECONDS = 3, 0.1


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if not hasattr(os, "sched_setaffinity"):
        print(
            "benchmarks.peers: needs Linux: it pins processes to processors, and its host uses epoll", file=sys.stderr
        )
        return 1
    try:
        file = certificate.make(PLACE)
    except CleanRoomError as error:
        print(f"benchmarks.peers: {error}", file=sys.stderr)
        return 1
    chosen = [case for case in CASES if not options.case or case.name in options.case]
    peers = [peer for peer in PEERS if not options.peer or peer.name in options.peer]
    rounds, budget = (QUICK_ROUNDS, QUICK_SECONDS) if options.quick else (ROUNDS, SECONDS)
    results = Results(machine=facts(), rounds=options.rounds or rounds, budget=budget)
    start = time.perf_counter()
    run_rounds(results, chosen, _install(peers, results), file, _tell)
    results.seconds = time.perf_counter() - start
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(results.to_json(), encoding="utf-8")
    print("", report.costs(results), "", report.memory(results), "", report.verdicts(results), "", sep="\n")
    print(report.host(results), *report.remarks(results), sep="\n")
    if options.document:
        print("wrote", *(str(path) for path in document.write(results, ROOT / "docs" / "evidence")))
    print(f"{results.seconds:.0f} s; every run is in {options.json}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds of less, instead of {ROUNDS}")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often each case is run")
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES], metavar="NAME")
    parser.add_argument("--peer", action="append", choices=[peer.name for peer in PEERS], metavar="NAME")
    parser.add_argument("--document", action="store_true", help="make docs/evidence/performance.md of it")
    parser.add_argument("--json", type=Path, metavar="FILE", default=PLACE / "results.json")
    return parser


def _install(peers: list[Peer], results: Results) -> dict[Peer, Environment]:
    environments = {}
    for peer in peers:
        _tell(f"installing {peer.name}")
        try:
            environments[peer] = prepare(peer)
            results.versions[peer.name] = environments[peer].versions
        except CleanRoomError as error:
            results.absent[peer.name] = str(error)
    return environments


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
