"""
A surface's document as one value that refers to nothing outside itself.

Some tools lose their way when a reference in one file leads to another whose
own references are relative; this spares them.
"""

from __future__ import annotations

from tensormesh_contract.json_types import Json, JsonObject
from tensormesh_documents.library import Document, Node


def bundle(document: Document) -> JsonObject:
    """Copy a document, with the components of other files that it needs among its own."""
    return _Bundler(document).run()


class _Bundler:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._components: dict[str, JsonObject] = {}

    def run(self) -> JsonObject:
        whole = self._copy(self._document.root.value, self._document)
        own = whole.setdefault("components", {}) if isinstance(whole, dict) else {}
        if not isinstance(whole, dict) or not isinstance(own, dict):
            raise TypeError(f"{self._document.name} is no document")
        for section, parts in self._components.items():
            known = own.setdefault(section, {})
            if isinstance(known, dict):
                known.update({name: part for name, part in parts.items() if name not in known})
        return whole

    def _copy(self, value: Json, document: Document) -> Json:
        if isinstance(value, list):
            return [self._copy(item, document) for item in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str):
            found = document.library.find(reference, document)
            self._hoist(found)
            return {"$ref": "#" + found.place.pointer}
        return {key: self._copy(item, document) for key, item in value.items()}

    def _hoist(self, node: Node) -> None:
        if node.document is self._document or len(node.keys) != 3:
            return
        _, section, name = (str(key) for key in node.keys)
        parts = self._components.setdefault(section, {})
        if name not in parts:
            parts[name] = None  # taken, so that what refers to itself ends here
            parts[name] = self._copy(node.value, node.document)
