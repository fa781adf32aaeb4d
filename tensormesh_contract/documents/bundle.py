"""
A surface's document as one value that refers to nothing outside itself.

Some tools lose their way when a reference in one file leads to another whose
own references are relative; this spares them.
"""

from __future__ import annotations

from typing import cast

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_documents.library import Document, Node


def bundle(document: Document) -> JsonObject:
    """Copy a document, with the components of other files that it needs among its own."""
    return _Bundler(document).run()


class _Bundler:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._components: dict[str, JsonObject] = {}

    def run(self) -> JsonObject:
        whole: JsonObject = {node.name: self._copy(node) for node in self._document.root.children()}
        own = cast("JsonObject", whole.setdefault("components", {}))
        for section, parts in self._components.items():
            own[section] = {**parts, **cast("JsonObject", own.get(section, {}))}
        return whole

    def _copy(self, node: Node) -> Json:
        target = node.target()
        if target is not None:
            self._hoist(target)
            return {"$ref": "#" + target.place.pointer}
        if isinstance(node.value, list):
            return [self._copy(item) for item in node.children()]
        if isinstance(node.value, dict):
            return {item.name: self._copy(item) for item in node.children()}
        return node.value

    def _hoist(self, node: Node) -> None:
        if node.document is self._document or len(node.keys) != 3:
            return
        _, section, name = (str(key) for key in node.keys)
        parts = self._components.setdefault(section, {})
        if name not in parts:
            parts[name] = None  # taken, so that what refers to itself ends here
            parts[name] = self._copy(node)
