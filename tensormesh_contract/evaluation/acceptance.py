"""
Findings that somebody has looked at and accepts, each with the reason.

Knows the file they stand in and which finding an entry means; does not hide
one: an accepted finding is still reported, and does not fail the run.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_documents.json_types import Json

ANY = "*"
LOCAL_HOST = Path(__file__).with_name("local_host.yaml")
"""What the local host says beyond the documents, on purpose."""
_KEYS = {"kind", "at", "name", "values", "why"}


class AcceptanceError(ValueError):
    """A file of accepted findings that cannot be followed, and what is wrong in it."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """
    One entry.

    Args:
        kind: of which kind a finding has to be.
        at: where its place is: the file and the pointer, as in `openapi/x.yaml#/components/schemas/X`.
        why: the reason.
        name: its field, header or status; None for any.
        values: the values it may be about; None for any.

    In `at`, `name` and texts among `values`, `*` stands for anything and `?` for one character.
    """

    kind: Kind
    at: str
    why: str
    name: str | None = None
    values: tuple[Json, ...] | None = None

    def covers(self, finding: Finding) -> bool:
        """Tell whether a finding is meant."""
        place = f"{finding.place.file}#{finding.place.pointer}"
        return (
            finding.kind is self.kind
            and _meant(self.at, place)
            and (self.name is None or _meant(self.name, finding.name))
            and (self.values is None or all(self._covers_value(value) for value in finding.examples))
        )

    def _covers_value(self, value: Json) -> bool:
        known = self.values or ()
        return value in known or (
            isinstance(value, str) and any(isinstance(one, str) and _meant(one, value) for one in known)
        )


def literal(text: str) -> str:
    """Write a text so that it stands for itself only."""
    return re.sub(r"([*?[])", r"[\1]", text)


def _meant(pattern: str, text: str) -> bool:
    # What is the same is meant, whatever else its brackets might stand for.
    return pattern == text or fnmatch.fnmatchcase(text, pattern)


def read_accepted(file: Path) -> list[Accepted]:
    """
    Read a file of entries.

    Raises:
        AcceptanceError: it cannot be read, or an entry is not one.
    """
    try:
        found: Any = yaml.safe_load(file.read_text(encoding="utf-8")) or []
    except (OSError, ValueError, yaml.YAMLError) as exc:
        raise AcceptanceError(f"Cannot read {file}: {exc}") from exc
    if not isinstance(found, list):
        raise AcceptanceError(f"{file} must be a list of entries with {', '.join(sorted(_KEYS))}.")
    return [_entry(entry, f"{file}, entry {number}") for number, entry in enumerate(found, start=1)]


def _entry(entry: Any, place: str) -> Accepted:
    if not isinstance(entry, dict) or not {"kind", "at", "why"} <= entry.keys() <= _KEYS:
        raise AcceptanceError(f"{place}: an entry has kind, at and why, and may have name and values.")
    try:
        kind = Kind(entry["kind"])
    except ValueError:
        raise AcceptanceError(f"{place}: there is no kind {entry['kind']!r}; there are {', '.join(Kind)}.") from None
    values = entry.get("values")
    name = entry.get("name")
    return Accepted(
        kind,
        str(entry["at"]),
        str(entry["why"]).strip(),
        None if name is None else str(name),
        None if values is None else tuple(values),
    )


def accept(
    findings: Iterable[Finding], entries: Sequence[Accepted], files: Iterable[str]
) -> tuple[list[Finding], list[Accepted]]:
    """
    Mark the findings that are accepted.

    Args:
        findings: what was found.
        entries: what is accepted.
        files: the documents that were looked at.

    Returns:
        All findings, and the entries about those documents that none of them is about.
    """
    used: set[int] = set()
    found: list[Finding] = []
    for finding in findings:
        index = next((number for number, entry in enumerate(entries) if entry.covers(finding)), None)
        if index is not None:
            used.add(index)
            finding = replace(finding, accepted=entries[index].why)
        found.append(finding)
    unused = [entry for number, entry in enumerate(entries) if number not in used]
    return found, [entry for entry in unused if any(_meant(entry.at.partition("#")[0], file) for file in files)]
