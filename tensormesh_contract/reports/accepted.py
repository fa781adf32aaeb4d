"""
What fails as entries of a file of accepted differences.

Knows the form of that file; whether a difference is to be accepted is for a person to say.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from tensormesh_contract.evaluation.acceptance import ANY, literal
from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_contract.evaluation.snippets import as_yaml_list
from tensormesh_contract.outcome import Outcome
from tensormesh_contract.reports.wording import heading
from tensormesh_documents.json_types import JsonObject

WHY = "Not decided yet."
_HEAD = """\
# What differed on {began}, to be given to --accept. Say why each is accepted, and delete what is not.
# In `at`, `name` and `values`, * stands for anything, ? for one character, [*] for a *.
"""


def accepted_entries(outcome: Outcome) -> str:
    """Write an entry for everything that fails."""
    began = outcome.about.began if outcome.about is not None else "an earlier day"
    entries = [entry for finding in outcome.failing for one in finding.parts or (finding,) for entry in _entries(one)]
    return _HEAD.format(began=began) + "\n" + as_yaml_list([*{repr(one): one for one in entries}.values()])


def _entries(finding: Finding) -> Iterator[JsonObject]:
    """Give one entry where what it is about has one family name, or else one for each name and place."""
    why = f"{WHY} {heading(finding)}"
    if finding.kind is Kind.UNDOCUMENTED_HEADER:
        name = f"{literal(_shared(finding.names))}*" if finding.names else literal(finding.name)
        yield {"kind": finding.kind.value, "at": ANY, "name": name, "why": why}
        return
    # Of several places, each has its own of several names; but for fields, which all of them have.
    all_have = finding.kind is Kind.UNDOCUMENTED_FIELD or len(finding.every_place) == 1 or len(finding.every_name) == 1
    names = finding.every_name if all_have else ("",)
    for place in finding.every_place:
        for name in names:
            entry: JsonObject = {"kind": finding.kind.value, "at": literal(f"{place.file}#{place.pointer}")}
            if name:
                entry["name"] = literal(name)
            if finding.kind is Kind.UNKNOWN_VALUE and finding.examples:
                entry["values"] = [literal(one) if isinstance(one, str) else one for one in finding.examples]
            yield {**entry, "why": why}


def _shared(names: tuple[str, ...]) -> str:
    """Give the words that names begin with."""
    return os.path.commonprefix(names).rpartition("-")[0] + "-"  # noqa: RUF071 - names of headers, and no paths
