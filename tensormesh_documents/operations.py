"""The operations of a document: what stands at a path under a method."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tensormesh_documents.library import Document, Node

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""As the documents write them."""


class Operation(NamedTuple):
    """
    One operation.

    Args:
        path: the template of its path.
        method: as the document writes it.
        item: what is said of the path.
        node: what is said of the operation.
    """

    path: str
    method: str
    item: Node
    node: Node

    @property
    def parameters(self) -> list[Node]:
        """Those of its path, then its own; references among them are not followed."""
        lists = [owner["parameters"] for owner in (self.item, self.node) if "parameters" in owner]
        return [parameter for found in lists for parameter in found.children()]


def operations(document: Document) -> Iterator[Operation]:
    """
    Give the operations of a document in order.

    Raises:
        DocumentError: it has no paths, or refers to one that is not there.
    """
    for path, item in document.root["paths"].items():
        for method in METHODS:
            if method in item:
                yield Operation(path, method, item, item[method])
