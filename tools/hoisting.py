"""Copies of parts of documents, in which every reference leads to a component that was copied beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensormesh_documents.library import Node
from tensormesh_documents.places import DocumentError
from tensormesh_documents.pointers import Keys, write
from tools.documents import MAPS, VALUES, JsonObject

AS_THEY_ARE = VALUES - MAPS
"""Words that hold values of the API, in which nothing refers to anything."""


class Hoisting:
    """
    One set of components, to which copies refer.

    Args:
        name: what a component is called in it.

    Attributes:
        components: they, by section and name.
        origins: where each of them was written, by the keys of the copy.
    """

    def __init__(self, name: Callable[[Node], str] = lambda target: target.name) -> None:
        self._name = name
        self.components: dict[str, JsonObject] = {}
        self.origins: dict[Keys, Node] = {}
        self._references: dict[Node, str] = {}

    def leaves_out(self, holder: Node, child: Node) -> bool:
        """Whether an object or a list is not copied."""
        return False

    def copy(self, node: Node, *, names: bool = False) -> Any:
        """
        Copy a node, and all that it refers to.

        Args:
            names: whether its keys are names that somebody chose.

        Raises:
            DocumentError: a reference leads nowhere or to no component, or two components have one name.
        """
        if isinstance(node.value, list):
            return [self.copy(child) for child in node.children()]
        if not isinstance(node.value, dict):
            return node.value
        copied: JsonObject = {}
        for key, value in node.value.items():
            # Most values are neither, and need no node.
            if isinstance(value, dict | list):
                child = node.step(key)
                if self.leaves_out(node, child):
                    continue
                if names or key not in AS_THEY_ARE:
                    value = self.copy(child, names=not names and key in MAPS)
            copied[key] = value
        # To follow it to its end finds circles.
        if node.followed() is not node:
            copied["$ref"] = self.hoist(node.text("$ref"), node)
        if node.keys[-2:] == ("discriminator", "mapping"):
            copied = {tag: self.hoist(target, node) if "#" in target else target for tag, target in copied.items()}
        return copied

    def hoist(self, reference: str, holder: Node) -> str:
        """Copy the component that a reference names, and give the reference to that copy."""
        target = holder.document.find(reference, holder)
        if target in self._references:
            return self._references[target]
        if len(target.keys) != 3 or target.keys[0] != "components":
            raise DocumentError(holder.place, f"$ref {reference!r} must name a component")
        keys = ("components", str(target.keys[1]), self._name(target))
        if known := self.origins.get(keys):
            problem = f"the component {keys[2]} is written twice, at {known.place} and at {target.place}"
            raise DocumentError(holder.place, problem)
        self.origins[keys] = target
        # Before it is copied, so that a component that refers to itself ends here.
        self._references[target] = f"#{write(keys)}"
        self.components.setdefault(keys[1], {})[keys[2]] = self.copy(target)
        return self._references[target]

    def in_order(self) -> dict[str, JsonObject]:
        """The components, sections and names in the order of the alphabet."""
        return {section: dict(sorted(names.items())) for section, names in sorted(self.components.items())}
