"""
The report for a program, as JSON.

Knows the names of its fields; nothing is left out.
"""

from __future__ import annotations

import json

from tensormesh_contract.evaluation.findings import Finding
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.curl import curl
from tensormesh_contract.reports.wording import (
    sealed,
    shown_urls,
)
from tensormesh_documents.json_types import JsonObject
from tensormesh_documents.places import Place


def json_report(outcome: Outcome) -> str:
    """Write the report."""
    urls = shown_urls(outcome)
    report: JsonObject = {
        "failed": outcome.failed,
        "run": _run(outcome),
        "too_little": [*outcome.too_little],
        "advice": [*outcome.advice],
        "compared": [*outcome.compared],
        "targets": [{"surface": target.surface, "base_url": target.shown_url} for target in outcome.targets],
        "operations": [
            {
                "surface": tally.operation.surface,
                "operation": tally.operation.label,
                "operation_id": tally.operation.id,
                "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
                "events": dict(sorted(tally.events.items())),
                "seen": [*sorted(tally.seen)],
            }
            for tally in outcome.tallies
        ],
        "findings": [_finding(finding, urls[finding.surface]) for finding in outcome.findings],
        "not_asked": [operation.key for operation in outcome.unasked],
        "left_out": [operation.key for operation in outcome.left_out],
        "excluded": [operation.key for operation in outcome.excluded],
        "not_done": [{"phase": trouble.phase, "text": trouble.text} for trouble in outcome.troubles],
        "accepted_and_not_found": [{"kind": entry.kind, "at": entry.at} for entry in outcome.stale],
        "reaching_no_operation": outcome.passed_over,
    }
    return sealed(json.dumps(report, ensure_ascii=False, indent=2) + "\n", outcome)


def _run(outcome: Outcome) -> JsonObject | None:
    about = outcome.about
    if about is None:
        return None
    return {
        "began": about.began,
        "version": about.version,
        "documents": {**about.documents},
        "seed": about.seed,
        "phases": [*about.phases],
        "gentle": about.gentle,
        "only": [*about.only],
        "without": [*about.without],
    }


def _place(place: Place) -> JsonObject:
    return {"file": place.file, "pointer": place.pointer, "line": place.line}


def _finding(finding: Finding, base_url: str) -> JsonObject:
    return {
        "level": finding.level,
        "kind": finding.kind,
        "surface": finding.surface,
        "operation": finding.operation,
        "where": finding.where,
        "name": finding.name,
        "detail": finding.detail,
        "count": finding.count,
        "requests": len(finding.exchanges) or finding.count,
        "operations": [*finding.every_operation],
        "names": [*finding.every_name],
        "place": _place(finding.place),
        "places": [_place(place) for place in finding.every_place],
        "change": finding.change if finding.parts else "",
        "parts": [_finding(one, base_url) for one in finding.parts],
        "examples": [*finding.examples],
        "hint": finding.hint,
        "snippet": finding.snippet,
        "accepted": finding.accepted,
        "curl": [curl(request, base_url) for request in finding.requests],
    }
