"""Suggestions pasted into a copy of the documents, as a person would."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from tensormesh_contract.evaluation.findings import Finding
from tensormesh_documents.library import Document, Library
from tensormesh_documents.places import Place
from tensormesh_documents.yaml_text import read

_AT = re.compile(r"^# at (\S+) (\S*)\n", re.MULTILINE)
_originals = cache(Library)


class Pasted(Library):
    """The documents with what is suggested pasted into them, one after the other; the files stay as they are."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        super().__init__()
        self._made: dict[str, Document] = {}
        changed: dict[str, Any] = {}
        for finding in findings:
            for place, snippet in _sections(finding):
                stem = Path(place.file).stem
                if stem not in changed:
                    changed[stem] = copy.deepcopy(_originals().document(stem).value)
                _paste(snippet, place, changed[stem])
        self._changed = changed

    def document(self, stem: str) -> Document:
        if stem not in self._made:
            original = _originals().document(stem)
            value = self._changed.get(stem, original.value)
            self._made[stem] = Document(original.name, value, None, lambda file: self.document(Path(file).stem))
        return self._made[stem]

    def documents(self) -> tuple[Document, ...]:
        return tuple(self._made.values())


def _sections(finding: Finding) -> list[tuple[Place, str]]:
    """What belongs where: the same everywhere, or each below a comment with its place."""
    parts = _AT.split(finding.snippet)
    if len(parts) == 1:
        return [(place, finding.snippet) for place in finding.every_place]
    at = {(str(place), place.pointer): place for place in finding.every_place}
    return [(at[parts[n], parts[n + 1]], parts[n + 2]) for n in range(1, len(parts), 3)]


def _paste(snippet: str, place: Place, document: Any) -> None:
    # By the reader of the documents, which refuses more than YAML does.
    there, *rest = (read(part.encode(), "a suggestion")[0] for part in snippet.split("\n---\n"))
    assert isinstance(there, dict)
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
