"""What a run says: what became of the package, in the words of a change log, and which files that took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tools.changes import Change, Changes, compare_interfaces
from tools.interface import INTERFACE, read_interface
from tools.manifest import MANIFEST, compare, edited, other_sources

RECORDS = (INTERFACE, MANIFEST)
"""What a run writes down about the package: it follows from all else."""

MARKS = {"changed": "~", "missing": "+", "extra": "-"}
MOST = 40
FEW = 3


class Report(NamedTuple):
    """
    How a package and a fresh one differ.

    Attributes:
        modules: how many the fresh one has.
        files: the names of the files that are changed, missing and extra.
        changes: what that means to who uses the package; None where that cannot be told.
        lost: the files that somebody edited by hand.
        templates: those that are other than they were.
        unused: places in the documents of which nothing is made.
    """

    modules: int
    files: dict[str, list[str]]
    changes: Changes | None
    lost: list[str]
    templates: list[str]
    unused: list[str]

    @classmethod
    def of(cls, package: Path, fresh: Path, unused: list[str]) -> Report:
        """Compare what is there with what takes its place."""
        files = compare(package, fresh)
        lost = sorted(edited(package) & {*files["changed"], *files["extra"]})
        old, new = read_interface(package), read_interface(fresh)
        changes = compare_interfaces(old, new) if old is not None and new is not None else None
        templates = sorted(name for name in other_sources(package, fresh) if name.endswith(".jinja"))
        return cls(sum(1 for _ in fresh.rglob("*.py")), files, changes, lost, templates, unused)

    def lines(self) -> Iterator[str]:
        """The report, line by line."""
        files = [f"{mark} {name}" for kind, mark in MARKS.items() for name in self.files[kind] if name not in RECORDS]
        told = f"{len(files)} file{'s' * (len(files) > 1)} changed" if files else "nothing changed"
        yield f"tensormesh_generated: {self.modules} modules, {told}."
        if self.changes:
            for title, breaking in (("Breaking", True), ("Compatible", False)):
                lines = list(_told(change for change in self.changes.changes if change.breaking == breaking))
                # Whole, however long: no other place tells of these.
                yield from _section(title, lines, len(lines))
            yield from _section("Described anew", self.changes.described)
        elif any(line[0] != MARKS["missing"] for line in files):
            yield f"What that means to programs cannot be told: the package that was here has no {INTERFACE} to read."
        yield from _section("Templates changed; what that means to programs, only the files show", self.templates)
        yield from _section("Edited by hand before, and lost", self.lost)
        yield from _section("Used by no operation, so nothing is made of it", self.unused)
        yield from _section("Files (+ new, ~ changed, - gone)", files)


def _told(changes: Iterable[Change]) -> Iterator[str]:
    """A line for each change; what became of many calls or commands alike is told once, of all of them."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, text, *_ in changes:
        mark = " --" if name.startswith("tm ") else "("
        same = (mark, name.partition(mark)[2]) if mark == " --" or mark in name else (name,)
        alike.setdefault((*same, text), []).append(name)
    for (*_, text), names in alike.items():
        if len(names) > FEW:
            yield f"{names[0]} and {len(names) - 1} others: {text}. The others: {', '.join(names[1:])}"
        else:
            yield from (f"{name}: {text}" for name in names)


def _section(title: str, lines: list[str], most: int = MOST) -> Iterator[str]:
    if lines:
        yield f"{title}:"
    yield from (f"  {line}" for line in lines[:most])
    if len(lines) > most:
        yield f"  ... and {len(lines) - most} more; `git diff` has all"
