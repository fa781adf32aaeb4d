"""
A picture of a run: how much of each surface was seen, and how much of what was asked was answered and evaluated.

Knows how to draw bars as SVG; needs no script, and nothing from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from tensormesh_contract.evaluation.evaluator import Tally
from tensormesh_contract.outcome import Outcome

WIDTH, HEIGHT, GAP, LEFT = 720, 22, 12, 150
_COLOURS = {
    "agree": "#3a7d44",
    "differ": "#c0392b",
    "only refused": "#b9770e",
    "not asked": "#8888",
    "left out": "#8884",
    "asked": "#5b7db1",
    "answered": "#4a6da7",
    "evaluated": "#3a5d97",
    "succeeded": "#3a7d44",
}


def picture(outcome: Outcome) -> str:
    """Draw the bars: one for each surface, then one for each step from a question to a verdict."""
    bars = [*_surfaces(outcome)]
    steps = _steps(outcome)
    height = (len(bars) + len(steps)) * (HEIGHT + GAP) + 2 * GAP + HEIGHT
    lines = [f'<svg role="img" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">']
    lines.append(f"<title>{escape(_title(bars, steps))}</title>")
    top = 0
    for name, parts in bars:
        lines += _bar(top, name, parts, sum(parts.values()))
        top += HEIGHT + GAP
    lines += _legend(top, bars)
    top += HEIGHT + GAP
    most = max(steps.values(), default=0)
    for name, number in steps.items():
        lines += _bar(top, name, {name: number}, most)
        top += HEIGHT + GAP
    return "\n".join([*lines, "</svg>"])


def _surfaces(outcome: Outcome) -> Iterator[tuple[str, dict[str, int]]]:
    """Count the operations of each surface by what was seen of them."""
    differ = {(one.surface, label) for one in outcome.failing for label in one.every_operation}
    operations = [*(tally.operation for tally in outcome.tallies), *outcome.unasked, *outcome.excluded]
    for surface in dict.fromkeys(operation.surface for operation in operations):
        tallies = [tally for tally in outcome.tallies if tally.operation.surface == surface]
        others = {"not asked": outcome.unasked, "left out": outcome.excluded}
        rest = {kind: sum(1 for one in found if one.surface == surface) for kind, found in others.items()}
        kinds = [_seen(tally, differs=(surface, tally.operation.label) in differ) for tally in tallies]
        parts = {kind: kinds.count(kind) for kind in ("agree", "differ", "only refused")} | rest
        yield surface, {name: number for name, number in parts.items() if number}


def _seen(tally: Tally, *, differs: bool) -> str:
    if differs:
        return "differ"
    return "agree" if tally.succeeded else "only refused"


def _steps(outcome: Outcome) -> dict[str, int]:
    """Count requests: sent, answered, of an operation of the documents, with success."""
    evaluated = sum(sum(tally.statuses.values()) for tally in outcome.tallies)
    silent = sum(tally.silences.total() for tally in outcome.tallies)
    good = sum(n for tally in outcome.tallies for status, n in tally.statuses.items() if 200 <= status < 300)
    answered = evaluated + outcome.passed_over
    return {"asked": answered + silent, "answered": answered, "evaluated": evaluated, "succeeded": good}


def _bar(top: int, name: str, parts: Mapping[str, int], whole: int) -> Iterator[str]:
    yield f'<text x="0" y="{top + HEIGHT - 6}">{escape(name)}</text>'
    left = float(LEFT)
    for kind, number in parts.items():
        wide = (WIDTH - LEFT - 80) * number / whole if whole else 0.0
        colour = _COLOURS[kind]
        said = f"{name}: {number:,} {kind}" if name != kind else f"{number:,} {kind}"
        box = f'x="{left:.1f}" y="{top}" width="{wide:.1f}" height="{HEIGHT}" fill="{colour}"'
        yield f"<rect {box}><title>{escape(said)}</title></rect>"
        left += wide
    numbers = ", ".join(f"{number:,}" for number in parts.values())
    yield f'<text x="{left + 6:.1f}" y="{top + HEIGHT - 6}">{numbers}</text>'


def _legend(top: int, bars: Sequence[tuple[str, Mapping[str, int]]]) -> Iterator[str]:
    left = LEFT
    for kind in dict.fromkeys(kind for _, parts in bars for kind in parts):
        yield f'<rect x="{left}" y="{top + 4}" width="12" height="12" fill="{_COLOURS[kind]}"/>'
        yield f'<text x="{left + 18}" y="{top + HEIGHT - 7}">{kind}</text>'
        left += 120


def _title(bars: Sequence[tuple[str, Mapping[str, int]]], steps: Mapping[str, int]) -> str:
    seen = "; ".join(
        f"{name}: {', '.join(f'{number} {kind}' for kind, number in parts.items())}" for name, parts in bars
    )
    return (
        f"Operations by what was seen of them: {seen}. Requests: {', '.join(f'{n:,} {k}' for k, n in steps.items())}."
    )
