"""The tables: what each client costs, and whether this project is as far ahead as it means to be."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.peers.cases import CASES, LIMITS, Case, Limit
from benchmarks.peers.results import Figure, Results, Spread
from benchmarks.peers.roster import OURS, PEERS

NAMES = [peer.name for peer in PEERS]
TITLES = {case.name: case.title for case in CASES}


def costs(results: Results) -> str:
    """CPU time of a unit, by case and peer: medians of the rounds."""
    rows = [[case.title, _unit(case), *_line(results, case, "cpu")] for case in CASES if _measured(results, case)]
    return table(["CPU time", "", *NAMES], rows)


def memory(results: Results) -> str:
    """The most memory a process had, MB."""
    wanted = ("import-sync", "import-async", "request-async-256", "streams-1000-paced", "streams-1000-flooded")
    cases = [case for case in CASES if case.name in wanted and _measured(results, case)]
    return table(["peak memory, MB", *NAMES], [[case.title, *_line(results, case, "memory")] for case in cases])


def verdicts(results: Results) -> str:
    """Every limit with the ratio that was measured."""
    rows = []
    for limit in LIMITS:
        ratio = results.ratio(limit)
        if ratio is None:
            reason = _reason(results, limit)
            rows.append([_title(limit), limit.against, "-", "-", f"{limit.at_most:g}", _stretch(limit), reason])
            continue
        holds = "yes" if ratio.median <= limit.at_most else "NO"
        if limit.stretch is not None and ratio.median <= limit.stretch:
            holds = "stretch"
        spread = f"{ratio.least:.2f} to {ratio.most:.2f}"
        row = [_title(limit), _against(limit), f"{ratio.median:.2f}", spread, f"{limit.at_most:g}", _stretch(limit)]
        rows.append([*row, holds])
    return table(["ours", "divided by", "ratio", "rounds", "at most", "stretch", "holds"], rows)


def remarks(results: Results) -> list[str]:
    """Who could not take part, and in what."""
    lines = [f"{peer} is absent: {reason}" for peer, reason in results.absent.items()]
    for key, reason in results.failed.items():
        case, _, peer = key.partition("/")
        lines.append(f"{peer}, {TITLES[case]}: {reason}")
    return lines


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that reads as text too."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    texts = [
        "| "
        + " | ".join(_pad(cell, width, column) for column, (cell, width) in enumerate(zip(line, widths, strict=True)))
        + " |"
        for line in lines
    ]
    rule = (
        "|" + "|".join("-" * (width + 1) + ("-" if column == 0 else ":") for column, width in enumerate(widths)) + "|"
    )
    return "\n".join([texts[0], rule, *texts[1:]])


def number(value: float) -> str:
    """Three digits that matter."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _pad(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column else cell.ljust(width)


def _unit(case: Case) -> str:
    return "ms" if case.process else "µs"


def _measured(results: Results, case: Case) -> bool:
    return any(results.of(case.name, name) for name in NAMES)


def _line(results: Results, case: Case, figure: Figure) -> list[str]:
    scale = 1000 if case.process and figure == "cpu" else 1
    return [_cell(results.figure(case.name, name, figure), scale) for name in NAMES]


def _cell(spread: Spread | None, scale: int) -> str:
    return number(spread.median / scale) if spread else "-"


def _title(limit: Limit) -> str:
    return TITLES[limit.case] + (", memory" if limit.figure == "memory" else "")


def _against(limit: Limit) -> str:
    return TITLES[limit.base] if limit.base else limit.against


def _stretch(limit: Limit) -> str:
    return "" if limit.stretch is None else f"{limit.stretch:g}"


def _reason(results: Results, limit: Limit) -> str:
    for peer in (OURS, limit.against):
        if peer in results.absent:
            return f"{peer} is absent"
        if f"{limit.case}/{peer}" in results.failed:
            return f"{peer} failed"
    return "not run"
