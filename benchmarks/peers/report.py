"""The tables: what each client costs, and whether this project is as far ahead as it means to be."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.peers.cases import CASES, LIMITS, Limit
from benchmarks.peers.results import Results, Spread
from benchmarks.peers.roster import OURS, PEERS, SOCKET

BY_NAME = {case.name: case for case in CASES}
MEMORY = ("import-sync", "import-async", "request-async-256", "streams-1000-paced", "streams-1000-flooded")


def costs(results: Results) -> str:
    """CPU time of a unit, by case and peer: medians of the rounds."""
    peers = _peers(results)
    rows = []
    for case in CASES:
        scale, unit = (1000, "ms") if case.process else (1, "µs")
        cells = [_cell(results.figure(case.name, peer), scale) for peer in peers]
        if any(cells):
            rows.append([case.title, unit, *cells])
    return table(["CPU time of a", "", *peers], rows)


def memory(results: Results) -> str:
    """The most memory a process had: medians of the rounds."""
    peers = _peers(results)
    rows = []
    for name in MEMORY:
        cells = [_cell(results.figure(name, peer, "memory"), 1) for peer in peers]
        if any(cells):
            rows.append([BY_NAME[name].title, *cells])
    return table(["peak memory, MB", *peers], rows)


def verdicts(results: Results) -> str:
    """Every limit with the ratio that was measured: the median of the rounds, and their spread."""
    rows = []
    for limit in LIMITS:
        ratio = results.ratio(limit)
        verdict = _verdict(results, limit, ratio)
        if not verdict:
            continue
        title = BY_NAME[limit.case].title + (", memory" if limit.figure == "memory" else "")
        against = BY_NAME[limit.base].title if limit.base else limit.against
        found = ["", ""] if ratio is None else [f"{ratio.median:.2f}", f"{ratio.least:.2f} to {ratio.most:.2f}"]
        stretch = "" if limit.stretch is None else f"{limit.stretch:g}"
        rows.append([title, against, *found, f"{limit.at_most:g}", stretch, verdict])
    return table(["ours, of a", "divided by", "ratio", "rounds", "at most", "stretch", "holds"], rows)


def remarks(results: Results) -> list[str]:
    """What the tables cannot show: who could not take part, who failed, and who did less at once than was asked."""
    lines = [f"{peer} is absent: {reason}" for peer, reason in results.absent.items()]
    for key, reason in results.failed.items():
        name, _, peer = key.partition("/")
        lines.append(f"{peer} failed at “{BY_NAME[name].title}”: {reason}")
    for run in results.runs:
        case = BY_NAME[run.case]
        if case.pace and run.at_once < case.in_flight and run.round == 0:
            lines.append(f"{run.peer}, “{case.title}”: never more than {run.at_once} of them were open at once")
    return lines


def host(results: Results) -> str:
    """What shows that nobody waits for the host, in each client's quietest round: a busy machine looks like waiting."""
    busy = [
        spread.most
        for case in CASES
        for peer in _peers(results)
        if case.action == "chunks" and case.chunks >= 1000 and peer != SOCKET
        if (spread := Spread.of(run.cpu / run.wall for run in results.of(case.name, peer)))
    ]
    if not busy:
        return ""
    text = f"In long flooded streams no client was busy less than {min(busy):.0%} of the time"
    gaps = {
        peer: spread.least
        for peer in _peers(results)
        if (spread := Spread.of(run.wall / run.units * 1e6 for run in results.of("chunks-sync-1000", peer)))
    }
    if SOCKET in gaps and len(gaps) > 1:
        quickest = min(gaps.keys() - {SOCKET}, key=lambda peer: gaps[peer])
        text += (
            f"; a bare socket gets a chunk of such a stream every {gaps[SOCKET]:.1f} µs, "
            f"and {quickest}, the quickest client, every {gaps[quickest]:.1f} µs"
        )
    return text + "."


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that reads as text too."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    padded = [
        [
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        for line in lines
    ]
    rule = ["-" * (width + 1) + (":" if column else "-") for column, width in enumerate(widths)]
    texts = [f"| {' | '.join(line)} |" for line in padded]
    return "\n".join([texts[0], f"|{'|'.join(rule)}|", *texts[1:]])


def number(value: float) -> str:
    """Three digits that matter."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _peers(results: Results) -> list[str]:
    measured = {run.peer for run in results.runs}
    return [peer.name for peer in PEERS if peer.name in measured]


def _cell(spread: Spread | None, scale: int) -> str:
    return number(spread.median / scale) if spread else ""


def _verdict(results: Results, limit: Limit, ratio: Spread | None) -> str:
    if ratio is None:
        for peer in (OURS, limit.against):
            if peer in results.absent:
                return f"{peer} is absent"
            if f"{limit.case}/{peer}" in results.failed:
                return f"{peer} failed"
        return ""
    if limit.stretch is not None and ratio.median <= limit.stretch:
        return "stretch"
    return "yes" if ratio.median <= limit.at_most else "NO"
