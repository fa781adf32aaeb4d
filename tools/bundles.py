"""One file for each surface that needs no other: for tools that read OpenAPI and know nothing of this project."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tensormesh_documents.library import Document, Node
from tools.answers import EVENTS
from tools.documents import JsonObject
from tools.hoisting import Hoisting

BUNDLES = "openapi_bundled"
"""The folder of them, beside that of the documents."""


def write_bundles(documents: Iterable[Document], folder: Path) -> None:
    """
    Write a bundle of each document, as JSON.

    Raises:
        DocumentError: a reference leads nowhere, or two components of a section have one name.
    """
    folder.mkdir()
    for document in documents:
        text = json.dumps(bundle(document), indent=2, ensure_ascii=False)
        (folder / Path(document.name).with_suffix(".json").name).write_text(f"{text}\n", encoding="utf-8")


def bundle(document: Document) -> JsonObject:
    """
    A document that holds all it refers to, and no component that nothing leads to.

    Raises:
        DocumentError: a reference leads nowhere, or two components of a section have one name.
    """
    root, parts = document.root, _Parts()
    whole: dict[str, Any] = {}
    for child in root.children():
        if child.name not in ("paths", "components"):
            whole[child.name] = parts.copy(child)
    whole["x-generated"] = f"by `make generate` from {Path(document.name).name}: change that instead"
    # A path is written where it belongs: not all tools follow a reference there.
    whole["paths"] = {path: parts.copy(item) for path, item in root["paths"].items()}
    components = root.get("components")
    if components and "securitySchemes" in components:
        # Requirements name them without a reference.
        parts.components["securitySchemes"] = parts.copy(components["securitySchemes"], names=True)
    return whole | {"components": parts.in_order()}


class _Parts(Hoisting):
    """What a bundle consists of: all that stands in the document, in words that any tool understands."""

    stream: Node | None = None
    """How the operation that is being copied streams."""

    def leaves_out(self, holder: Node, child: Node) -> bool:
        frames = holder.name == EVENTS and child.name == "schema" and self.stream is not None
        # Many tools cannot read a link whose body is an object.
        body = holder.name == "links" and "requestBody" in child.followed() and not child.followed().text("requestBody")
        # A component that only our own word leads to, linters call unused.
        return frames or body or (child.name == "x-may-accept" and isinstance(child.value, list))

    def copy(self, node: Node, *, names: bool = False) -> Any:
        if "x-tensormesh" in node:
            self.stream = node["x-tensormesh"].get("stream")
        copied = super().copy(node, names=names)
        if node.name == EVENTS and self.stream:
            # Its schema knows of the text in an event, and here of the JSON in that as well.
            schema = self.copy(node["schema"])
            reference = self.hoist(f"#/components/schemas/{self.stream.text('event')}", self.stream)
            if data := schema.get("properties", {}).get("data"):
                data |= {"contentMediaType": "application/json", "contentSchema": {"$ref": reference}}
            copied = {"schema": schema, **copied}
        if not names and isinstance(copied, dict) and copied.get("links") == {}:
            del copied["links"]
        return copied
