"""
What is new since an earlier report, and what came then and comes no more.

Knows the report as data; a difference that was there already counts no longer, and what a document leaves optional
counts where it was sent before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tensormesh_contract.evaluation.findings import Finding, Kind, Level
from tensormesh_contract.outcome import Outcome
from tensormesh_documents.json_types import Json

_ANYWHERE = frozenset({Kind.UNDOCUMENTED_HEADER, Kind.MISSING_HEADER})
"""What is the same wherever it is."""
_BY_VALUE = frozenset({Kind.UNKNOWN_VALUE})

type _Trait = tuple[str, str, str, str]


class ComparisonError(ValueError):
    """A file that is no earlier report, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """
    An earlier report.

    Args:
        name: that of its file.
        began: when that run was; empty where it does not say.
        traits: of its findings, what tells them from others.
        failing: those that failed, as sentences, by their traits.
        seen: the fields and headers that were sent, by operation.
        succeeded: the operations that did.
    """

    name: str
    began: str
    traits: frozenset[_Trait]
    failing: dict[str, frozenset[_Trait]]
    seen: dict[str, frozenset[str]]
    succeeded: frozenset[str]


def read_report(file: Path) -> Earlier:
    """
    Read a report that `--json` wrote.

    Raises:
        ComparisonError: it is none.
        OSError: it cannot be read.
    """
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
        findings = [(one, frozenset(_traits_of_data(one))) for one in report["findings"]]
        failing = [(one, traits) for one, traits in findings if one["level"] in (Level.BROKEN, Level.UNKNOWN)]
        operations = {f"{one['surface']} {one['operation']}": one for one in report["operations"]}
        return Earlier(
            file.name,
            str((report.get("run") or {}).get("began", "")),
            frozenset(trait for _, traits in failing for trait in traits),
            {f"{one['kind']}: {one['operation']} {one['where']} {one['name']}".strip(): t for one, t in failing},
            {name: frozenset(one.get("seen", ())) for name, one in operations.items()},
            frozenset(name for name, one in operations.items() if any(code[0] == "2" for code in one["statuses"])),
        )
    except (ValueError, LookupError, TypeError, AttributeError) as exc:
        raise ComparisonError(f"{file} is no report that --json wrote: {exc!r}.") from exc


def compared(outcome: Outcome, earlier: Earlier) -> Outcome:
    """Let only that count which is new since an earlier report."""
    since = f"{earlier.name}{f' of {earlier.began}' if earlier.began else ''}"
    now: set[_Trait] = set()
    findings: list[Finding] = []
    for finding in outcome.findings:
        traits = {*_traits(finding)}
        now |= traits
        if finding.fails and traits <= earlier.traits:
            finding = replace(finding, accepted=f"As in {since}.")
        findings.append(finding)
    gone = [text for text, traits in earlier.failing.items() if not traits & now]
    told = [f"Compared with {since}: what is known from there does not count."]
    return replace(
        outcome,
        findings=[*findings, *_lost(outcome, earlier, since)],
        compared=[*told, *(f"Gone since then: {text}" for text in gone)],
    )


def _lost(outcome: Outcome, earlier: Earlier, since: str) -> Iterator[Finding]:
    """Find what came then, and comes no more although it could."""
    lost: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in outcome.findings:
        if finding.kind in (Kind.NEVER_SEEN, Kind.HEADER_NEVER_SEEN):
            then = earlier.seen.get(f"{finding.surface} {finding.operation}", frozenset())
            if finding.subject in then:
                lost.setdefault((finding.surface, finding.place.pointer, finding.name), []).append(finding)
    for group in lost.values():
        operations = tuple(dict.fromkeys(one.operation for one in group))
        detail = f"was sent in {since}, and is not any more"
        yield replace(group[0], kind=Kind.NO_LONGER, detail=detail, operations=operations)
    for tally in outcome.tallies:
        if not tally.succeeded and tally.operation.key in earlier.succeeded:
            place = tally.operation.node.place
            detail = f"answered with success in {since}, and does not any more"
            yield Finding(Kind.NO_LONGER, tally.operation.surface, tally.operation.label, "", "", detail, place)


def _traits(finding: Finding) -> Iterator[_Trait]:
    if finding.parts:
        yield from (trait for one in finding.parts for trait in _traits(one))
        return
    names = list(finding.every_name)
    if finding.kind in _BY_VALUE:
        names = [_text(value) for value in finding.examples]
    pointers = [place.pointer for place in finding.every_place]
    yield from _traits_from(finding.kind, finding.surface, pointers, names)


def _traits_of_data(one: dict[str, Any]) -> Iterator[_Trait]:
    if one.get("parts"):
        yield from (trait for part in one["parts"] for trait in _traits_of_data(part))
        return
    names = one.get("names") or [one["name"]]
    if one["kind"] in _BY_VALUE:
        names = [_text(value) for value in one["examples"]]
    pointers = [place["pointer"] for place in one.get("places") or [one["place"]]]
    yield from _traits_from(one["kind"], one["surface"], pointers, names)


def _traits_from(kind: str, surface: str, pointers: list[str], names: list[str]) -> Iterator[_Trait]:
    yield from ((kind, surface, "name", name) for name in names)
    if kind not in _ANYWHERE:
        yield from ((kind, surface, "place", pointer) for pointer in pointers)


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
