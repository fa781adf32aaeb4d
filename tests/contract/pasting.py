"""Suggestions pasted into a copy of the documents, as a person would."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tensormesh_contract.documents.operations import Surface, SurfaceName, read_surfaces
from tensormesh_contract.evaluation.findings import Finding
from tensormesh_documents.library import Library, openapi_folder
from tensormesh_documents.places import Place

_AT = re.compile(r"^# at (\S+) (\S*)\n", re.MULTILINE)


class Copy:
    """A copy of the documents, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "openapi"
        shutil.copytree(openapi_folder(), self._folder)
        self._library = Library(self._folder)

    def surfaces(self) -> Mapping[SurfaceName, Surface]:
        return read_surfaces(Library(self._folder))

    def paste(self, findings: Iterable[Finding]) -> None:
        """Paste what is suggested, one after the other."""
        documents: dict[str, Any] = {}
        for finding in findings:
            for place, snippet in _sections(finding):
                if place.file not in documents:
                    documents[place.file] = self._library.document(Path(place.file).stem).value
                _paste(snippet, place, documents[place.file])
        for file, document in documents.items():
            written = yaml.dump(document, Dumper=yaml.CSafeDumper)
            (self._folder / Path(file).name).write_text(written, encoding="utf-8")


def _sections(finding: Finding) -> list[tuple[Place, str]]:
    """What belongs where: the same everywhere, or each below a comment with its place."""
    parts = _AT.split(finding.snippet)
    if len(parts) == 1:
        return [(place, finding.snippet) for place in finding.every_place]
    at = {(str(place), place.pointer): place for place in finding.every_place}
    return [(at[parts[n], parts[n + 1]], parts[n + 2]) for n in range(1, len(parts), 3)]


def _paste(snippet: str, place: Place, document: Any) -> None:
    there, *rest = yaml.safe_load_all(snippet)
    holder = document
    for key in place.keys[:-1] if place.keys[-1] in there else place.keys:
        holder = holder[key]
    for word in ("const", "format", "pattern"):
        if snippet.startswith((f"# in place of {word}", f"# without {word}")):
            holder.pop(word, None)
    if "oneOf" in there:
        holder.pop("$ref", None)
    _merge(there, holder)
    for more in rest:
        _merge(more, document)


def _merge(new: Any, into: Any) -> None:
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(value, into[key])
        else:
            into[key] = value
