"""What a run says: what became of the package, in the words of a change log, and which files that took."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.changes import Changes, compare_interfaces
from tools.interface import read_interface
from tools.manifest import MANIFEST, compare, edited

MARKS = {"changed": "~", "missing": "+", "extra": "-"}
MOST = 40


class Report(NamedTuple):
    """
    How a package and a fresh one differ.

    Attributes:
        modules: how many the fresh one has.
        files: the names of the files that are changed, missing and extra.
        changes: what that means to who uses the package; None where there was no package.
        lost: the files that somebody edited by hand.
        unused: places in the documents of which nothing is made.
    """

    modules: int
    files: dict[str, list[str]]
    changes: Changes | None
    lost: list[str]
    unused: list[str]

    @classmethod
    def of(cls, package: Path, fresh: Path, unused: list[str]) -> Report:
        """Compare what is there with what takes its place."""
        files = compare(package, fresh)
        changes, lost = None, sorted(edited(package) & {*files["changed"], *files["extra"]})
        if package.is_dir() and any(name != MANIFEST for names in files.values() for name in names):
            (old, one), (new, other) = read_interface(package), read_interface(fresh)
            unread = one | other
            known = ({name: item for name, item in side.items() if item.file not in unread} for side in (old, new))
            changes = compare_interfaces(*known)
        return cls(sum(1 for _ in fresh.rglob("*.py")), files, changes, lost, unused)

    def lines(self) -> Iterator[str]:
        """The report, line by line."""
        files = [f"{mark} {name}" for kind, mark in MARKS.items() for name in self.files[kind] if name != MANIFEST]
        told = f"{len(files)} file{'s' * (len(files) > 1)} changed" if files else "nothing changed"
        yield f"tensormesh_generated: {self.modules} modules, {told}."
        if self.changes:
            entries = [(change.breaking, f"{change.name}: {change.text}") for change in self.changes.changes]
            yield from _section("Breaking", [line for breaking, line in entries if breaking])
            yield from _section("Compatible", [line for breaking, line in entries if not breaking])
            yield from _section("Described anew", self.changes.described)
        yield from _section("Edited by hand before, and lost", self.lost)
        yield from _section("Used by no operation, so nothing is made of it", self.unused)
        yield from _section("Files (+ new, ~ changed, - gone)", files)


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
    yield from (f"  {line}" for line in lines[:MOST])
    if len(lines) > MOST:
        yield f"  ... and {len(lines) - MOST} more; `git diff` has all"
