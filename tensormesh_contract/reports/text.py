"""
The report for a terminal.

Knows plain text of limited width, but no colours.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.curl import curl
from tensormesh_contract.reports.wording import (
    MOST_LISTED,
    MOST_OPERATIONS,
    by_operation,
    example,
    extent,
    figures,
    heading,
    operations,
    origin,
    part,
    places,
    quiet_sections,
    refused,
    sealed,
    shortened,
    shown_parts,
    shown_urls,
    unasked_sections,
    verdict,
    visible,
)

WIDTH = 110
FEW = 3
"""So many findings need no table of contents."""


def text_report(outcome: Outcome, *, unseen: bool = False) -> str:
    """
    Write the report.

    Args:
        outcome: what the run has shown.
        unseen: whether to list what was never seen, one by one.
    """
    return visible(sealed("\n".join(_lines(outcome, unseen=unseen)) + "\n", outcome))


def _lines(outcome: Outcome, *, unseen: bool) -> Iterator[str]:
    urls = shown_urls(outcome)
    for target in outcome.targets:
        yield f"{target.surface}: {'a local host of its own' if target.own else target.base_url}"
    yield from origin(outcome)
    yield figures(outcome)
    failing = outcome.failing
    if failing:
        yield verdict(outcome)
    if len(failing) > FEW:
        yield ""
        yield "Contents:"
        for number, finding in enumerate(failing, start=1):
            yield _short(f"{number:>4}  {finding.level:<8}{heading(finding)}; {operations(finding)}")
    for (surface, operation), findings in by_operation(failing).items():
        yield ""
        yield f"{operation}  ({surface})"
        for finding in findings:
            yield from _finding(finding, urls[surface])
    yield from _asides(outcome, unseen=unseen)
    yield ""
    yield verdict(outcome)


def finding_text(finding: Finding, base_url: str) -> str:
    """Write one finding with everything that belongs to it, to stand alone."""
    return textwrap.dedent("\n".join(_finding(finding, base_url)))


def _short(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def _finding(finding: Finding, base_url: str) -> Iterator[str]:
    yield from _wrapped(f"{finding.level:<8} {heading(finding)}", "  ", "           ")
    if finding.kind is Kind.BEHAVIOUR:
        yield from _wrapped(finding.detail, "           ", "           ")
    yield f"           {extent(finding)}; {places(finding)}"
    if finding.parts:
        for one in shown_parts(finding):
            yield from _wrapped(part(one), "           ", "             ")
        if (more := len(finding.parts) - MOST_LISTED) > 0:
            yield f"           and {more} more: --json and --html list them all"
    elif len(finding.operations) > MOST_OPERATIONS:
        listed = finding.operations
        yield from _wrapped(f"operations: {', '.join(listed)}", "           ", "             ")
    for value in finding.examples:
        yield f"           seen: {example(value)}"
    if finding.hint:
        yield f"           {finding.hint}"
    for request in finding.requests:
        yield f"           {curl(request, base_url)}"
    if finding.snippet:
        yield "           suggestion:"
        yield textwrap.indent("\n".join(shortened(finding.snippet.split("\n"))), "             ")


def _asides(outcome: Outcome, *, unseen: bool) -> Iterator[str]:
    accepted = [finding for finding in outcome.findings if finding.accepted]
    if accepted:
        yield ""
        yield f"Accepted ({len(accepted)}):"
        for finding in accepted:
            values = ", ".join(example(value) for value in finding.examples)
            yield from _wrapped(f"{finding.operation}: {finding.subject} {values}", "  ", "    ")
            yield from _wrapped(finding.accepted, "    ", "    ")
    if silent := refused(outcome):
        yield ""
        yield from _quiet(f"Only refused, so that nothing is known ({len(silent)}):", silent)
    for title, quiet in quiet_sections(outcome):
        yield ""
        yield from _quiet(f"{title} ({len(quiet)}){':' if unseen else '; --unseen lists it.'}", quiet if unseen else [])
    for title, unasked in unasked_sections(outcome):
        yield ""
        yield f"{title} ({len(unasked)}):"
        yield from shortened([f"  {operation.key}" for operation in unasked])
    for entry in outcome.stale:
        yield ""
        yield from _wrapped(f"Accepted, and not found this time: {entry.kind} at {entry.at}", "", "  ")
    for text in (*outcome.compared, *outcome.advice):
        yield ""
        yield from _wrapped(text, "", "  ")
    for trouble in outcome.troubles:
        yield ""
        yield from _wrapped(f"Not done ({trouble.phase}): {trouble.text}", "", "  ")


def _quiet(title: str, listed: Sequence[Finding]) -> Iterator[str]:
    yield title
    for (surface, operation), findings in by_operation(listed).items():
        yield f"  {operation}  ({surface})"
        for finding in findings:
            yield from _wrapped(f"{heading(finding)}; {finding.place}", "    ", "      ")


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
