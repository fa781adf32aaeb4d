"""How far the run of a folder is, for whoever looks at it from elsewhere. Touches nothing."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from types import NoneType
from typing import Any, Literal

from tensormesh_batch.errors import FolderError
from tensormesh_batch.folder.layout import Layout, read_told
from tensormesh_batch.folder.manifest import manifest_of
from tensormesh_batch.folder.opened import survey_folder
from tensormesh_batch.progress.summary import Summary, summary
from tensormesh_batch.tally import Tally

SILENT_SECONDS = 15.0
"""A run says each second how far it is; one that has not for so long has ended."""

type State = Literal["running", "ended", "broken off"]


@dataclass(frozen=True, slots=True)
class Status:
    """
    How far a run is.

    Attributes:
        state: `running`; `ended`, well or not; or `broken off`, without a word.
        told_seconds: how long ago it said so; None where it said nothing, and its parts were counted.
        summary: what it said.
    """

    state: State
    told_seconds: float | None
    summary: Summary

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"state": self.state, "told_seconds": self.told_seconds, **self.summary.to_dict()}


def status(folder: str | os.PathLike[str]) -> Status:
    """
    Tell how far the run of a folder is: by what it says, else by what lies in its parts.

    Raises:
        FolderError: this is the folder of no batch, or it cannot be read.
    """
    layout = Layout(folder)
    manifest = manifest_of(layout)
    if not manifest.generations:
        raise FolderError(f"{layout.root} is the folder of a batch that has sent nothing yet: it reads its input")
    said = _said(layout)
    if said is not None and said.rows == manifest.input.rows:
        age = max(time.time() - layout.progress.stat().st_mtime, 0.0)
        over = not said.in_flight and (said.stopped is not None or not said.left)
        return Status("ended" if over else "running" if age < SILENT_SECONDS else "broken off", age, said)
    opened = survey_folder(layout, manifest, layout.spool)
    found = summary(manifest, opened.before, Tally(), seconds=0.0)
    return Status("broken off" if found.left else "ended", None, found)


def _said(layout: Layout) -> Summary | None:
    found = read_told(layout.progress)
    try:
        return Summary(**{each.name: _told(found[each.name], str(each.type)) for each in fields(Summary)})
    except (KeyError, ValueError, InvalidOperation):
        return None  # of another version


_KINDS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "str | None": (str, NoneType),
    "Decimal | None": (str, NoneType),
}


def _told(value: Any, kind: str) -> Any:
    if type(value) not in _KINDS[kind]:
        raise ValueError(f"{value!r} is no {kind}")
    if kind != "Decimal | None" or value is None:
        return value
    if not (amount := Decimal(value)).is_finite():
        raise ValueError(f"{value!r} is no sum")
    return amount
