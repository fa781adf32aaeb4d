"""
The report as SARIF 2.1.0, which GitHub and others show beside the lines of the documents.

Knows the form; a result stands where the document would have to change.
"""

from __future__ import annotations

import hashlib
import json

from tensormesh_contract.evaluation.findings import Finding, Kind, Level
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.text import finding_text
from tensormesh_contract.reports.wording import sealed, shortcomings, shown_urls, visible
from tensormesh_documents.json_types import Json, JsonObject

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Level.BROKEN: "error", Level.UNKNOWN: "warning"}


def sarif_report(outcome: Outcome) -> str:
    """Write the report; what fails nothing is left out, and what is accepted is suppressed."""
    urls = shown_urls(outcome)
    counted = [one for one in outcome.findings if one.level in _LEVELS]
    kinds = [*dict.fromkeys(one.kind for one in counted)]
    version = outcome.about.version if outcome.about is not None else "0"
    driver: JsonObject = {
        "name": "tensormesh contract",
        "version": version,
        "rules": [{"id": _rule(kind), "shortDescription": {"text": kind.value}} for kind in kinds],
    }
    results: list[Json] = [_result(one, urls[one.surface]) for one in counted]
    told = shortcomings(outcome)
    invocation: JsonObject = {
        "executionSuccessful": not told,
        "toolExecutionNotifications": [{"level": "error", "message": {"text": text}} for text in told],
    }
    run: JsonObject = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    report: JsonObject = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return sealed(json.dumps(report, ensure_ascii=False, indent=2) + "\n", outcome)


def _result(finding: Finding, url: str) -> JsonObject:
    message = visible(f"{', '.join(finding.every_operation)}: {finding_text(finding, url)}")
    places: list[Json] = [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": place.file},
                "region": {"startLine": max(place.line, 1)},
            },
            "logicalLocations": [{"fullyQualifiedName": place.pointer}],
        }
        for place in finding.every_place
    ]
    traits = "\n".join(
        [finding.kind, finding.surface, *(one.pointer for one in finding.every_place), *finding.every_name]
    )
    result: JsonObject = {
        "ruleId": _rule(finding.kind),
        "level": _LEVELS[finding.level],
        "message": {"text": message},
        "locations": places[:1],
        "relatedLocations": places[1:],
        "partialFingerprints": {"contract/v1": hashlib.sha256(traits.encode()).hexdigest()[:32]},
    }
    if finding.accepted:
        result["suppressions"] = [{"kind": "external", "justification": finding.accepted}]
    return result


def _rule(kind: Kind) -> str:
    return kind.value.replace(",", "").replace("'", "").replace(" ", "-")
