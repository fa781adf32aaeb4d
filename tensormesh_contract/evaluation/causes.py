"""
Findings that have one cause, as one.

What is wrong at one place of a document is wrong wherever that place applies, and what a host adds to all its answers
is one thing, however many operations and statuses it has. Knows which findings belong together; finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from tensormesh_contract.evaluation.findings import Finding, Kind, Level
from tensormesh_contract.evaluation.groups import EXAMPLES
from tensormesh_contract.evaluation.snippets import joined
from tensormesh_contract.exchanges.exchange import plainest

type _Cause = tuple[object, ...]

FEW = 3
"""Headers that share the beginning of their names are one family from this number on, and fields that changed alike."""

_SAID_AGAIN = frozenset({Kind.SERVER_ERROR, Kind.EXAMPLE_REFUSED, Kind.BODY, Kind.ERROR_AS_SUCCESS})
"""What is the same where the host says the same."""
_OF_BYTES = ("is no UTF-8", "is compressed", "byte order mark")
"""What is wrong with all that a host writes, whatever it says."""
_BY_DETAIL = frozenset(
    {
        Kind.NO_ANSWER,
        Kind.MEDIA_TYPE,
        Kind.STREAM_END,
        Kind.STREAM_EVENT,
        Kind.STREAM_IDENTITY,
        Kind.NOT_SENT,
        Kind.NOT_ASKED,
        Kind.OPEN_TO_STRANGERS,
        Kind.ENVELOPE,
    }
)
_BY_NAME = frozenset({Kind.STATUS, Kind.MISSING_HEADER, Kind.HEADER_VALUE})
_VARYING = re.compile(r"[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]+)*|\d+|(?<!\w)'[^']*(?:'|$)|`[^`]*(?:`|$)|\\\"[^\"]*(?:\\\"|$)")
_WORDS = re.compile(r"\w+")


def by_cause(findings: Iterable[Finding]) -> list[Finding]:
    """Merge findings of one cause; what is accepted and what is not stays apart, and the order is kept."""
    every = _explained([*findings])
    families = _families(every)
    failing = {_said(one) for one in every if one.kind is Kind.SERVER_ERROR and not one.change}
    merged = [_refusing(one, failing) for one in _together(every, lambda one: _cause(one, families, failing))]
    # Undocumented fields: those of one object, and then the same ones elsewhere.
    objects = _together(merged, lambda one: _fields(one, one.every_place))
    alike = _together(objects, lambda one: _fields(one, frozenset(one.every_name)))
    return _by_change(alike)


def _by_change(findings: Sequence[Finding]) -> list[Finding]:
    """Merge what has changed alike at several places: that is one change, and what has changed at one is another."""
    alike: dict[_Cause, list[Finding]] = {}
    for number, one in enumerate(findings):
        alike.setdefault(_change(one) or (number,), []).append(one)
    merged = [[replace(_merged(group), parts=tuple(group))] if len(group) >= FEW else group for group in alike.values()]
    return [one for group in merged for one in group]


def _change(finding: Finding) -> _Cause | None:
    if not finding.change or finding.kind is Kind.SERVER_ERROR:
        return None
    return (finding.kind, finding.surface, finding.accepted, finding.change)


def _explained(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out refused examples that have a parameter which is refused by itself."""
    refused: dict[tuple[str, str], set[str]] = {}
    for one in findings:
        if one.kind is Kind.PARAMETER_REFUSED and not one.accepted:
            refused.setdefault((one.surface, one.operation), set()).add(one.name)
    found: list[Finding] = []
    for one in findings:
        sent = one.requests[-1].json if one.kind is Kind.EXAMPLE_REFUSED and one.requests else None
        names = refused.get((one.surface, one.operation), set())
        if not (isinstance(sent, dict) and names & sent.keys() and one.count == 1):
            found.append(one)
    return found


def _together(findings: Iterable[Finding], cause: Callable[[Finding], _Cause | None]) -> list[Finding]:
    """Merge what has the same cause; what has none stays apart."""
    found: dict[_Cause, list[Finding]] = {}
    for number, one in enumerate(findings):
        found.setdefault(cause(one) or (number,), []).append(one)
    return [_merged(group) if len(group) > 1 else group[0] for group in found.values()]


def _fields(finding: Finding, alike: object) -> _Cause | None:
    """Say what undocumented fields have in common; a guessed name stays with its like."""
    if finding.kind is not Kind.UNDOCUMENTED_FIELD:
        return None
    return (
        finding.surface,
        finding.accepted,
        alike,
        *((finding.hint, finding.names or finding.name) if finding.hint else ()),
    )


def _said(finding: Finding) -> _Cause:
    """Give what a host says, without what differs each time."""
    return (finding.detail, *(_plain(str(value)) for value in finding.examples[:1]))


def _unrefused(finding: Finding, failing: Collection[_Cause]) -> bool:
    """Tell whether only wrong requests fail: what is not looked at breaks in as many ways as it has readers."""
    return finding.kind is Kind.SERVER_ERROR and bool(finding.change) and _said(finding) not in failing


def _refusing(finding: Finding, failing: Collection[_Cause]) -> Finding:
    if not _unrefused(finding, failing):
        return finding
    return replace(finding, detail="fails on a request that is wrong in one thing, and has to be refused")


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(_VARYING.sub(" ", text)))


def _cause(finding: Finding, families: dict[str, str], failing: Collection[_Cause]) -> _Cause | None:
    if finding.level in (Level.UNSEEN, Level.APART):
        return None
    kind = finding.kind
    same: _Cause = (kind, finding.surface, finding.accepted)
    if kind is Kind.UNDOCUMENTED_HEADER:
        return (*same, families[finding.name])
    if _unrefused(finding, failing):
        return (*same, finding.change)
    if kind is Kind.BODY and any(words in finding.detail for words in _OF_BYTES):
        return (*same, _plain(finding.detail))
    if kind in _SAID_AGAIN:
        return (*same, *_said(finding))
    if kind in _BY_DETAIL or (kind is Kind.TYPE and finding.where.isdecimal()):
        return (*same, finding.name, finding.detail)
    if kind in _BY_NAME:
        return (*same, finding.name)
    if kind is Kind.WRONG_ACCEPTED and finding.where != "request":
        return (*same, finding.where, finding.name)
    if kind is Kind.WRONG_ACCEPTED:
        # Whoever does not look at the types of one operation looks at none.
        return (*same, finding.where, finding.detail)
    if kind is Kind.PARAMETER_REFUSED:
        return (*same, finding.operation, finding.where, _plain(finding.detail))
    if kind is Kind.BEHAVIOUR:
        return (*same, finding.name, finding.detail.partition("\n")[0])
    return (*same, finding.place, finding.name, finding.change)


def _families(findings: Sequence[Finding]) -> dict[str, str]:
    """Give each undocumented header its family: the first two words of its name, where several share them."""
    names = {one.name for one in findings if one.kind is Kind.UNDOCUMENTED_HEADER}
    begin = {name: "-".join(name.split("-")[: 2 if name.startswith("x-") else 1]) for name in names}
    often = [*begin.values()]
    return {name: f"{first}-*" if often.count(first) >= FEW else name for name, first in begin.items()}


def _merged(group: Sequence[Finding]) -> Finding:
    first = group[0]
    # Behaviour has a title, and no name.
    named = [one for one in group if one.kind is not Kind.BEHAVIOUR]
    names = tuple(dict.fromkeys(name for one in named for name in one.every_name))
    examples = [*{repr(value): value for one in group for value in one.examples}.values()]
    most = max(EXAMPLES, *(len(one.examples) for one in group))
    where = first.where if len({one.where for one in group}) == 1 else _common(group)
    return replace(
        first,
        where=where,
        count=sum(one.count for one in group),
        examples=tuple(examples[:most]),
        requests=plainest(one.requests for one in group if one.requests),
        exchanges=frozenset().union(*(one.exchanges for one in group)),
        operations=tuple(dict.fromkeys(name for one in group for name in one.every_operation)),
        places=tuple(dict.fromkeys(place for one in group for place in one.every_place)),
        names=names if len(names) > 1 else (),
        snippet=joined((one.place, one.snippet) for one in group),
        hint=next((one.hint for one in group if one.hint), ""),
    )


def _common(group: Sequence[Finding]) -> str:
    """Say where, of several: what is the same from the end, without the statuses in front."""
    ways = [one.where.partition(" ")[2] for one in group]
    if len(set(ways)) == 1:
        return ways[0]
    # One schema is one thing, whichever way leads to it; of several schemas, none of their ways is that of all.
    return min(ways, key=len) if len({one.place for one in group}) == 1 else ""
