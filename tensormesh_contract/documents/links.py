"""
The links of the documents: which operation an answer leads to.

Knows the `x-gone` of ours, by which a link from a deletion says what its target
no longer knows, but no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tensormesh_contract.documents.operations import Operation, Surface
from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_documents.library import Node


@dataclass(frozen=True, slots=True)
class Link:
    """
    One link.

    Args:
        name: what it is called.
        node: where it stands.
        source: from where it leads.
        target: to where.
        parameters: expressions by the target's parameter.
        body: the target's body, expressions in it not evaluated; None for none.
        gone: an expression for what the target no longer knows; empty when it is no such link.
    """

    name: str
    node: Node
    source: Operation
    target: Operation
    parameters: JsonObject
    body: Json
    gone: str

    @property
    def key(self) -> str:
        """A name for it that no other link of its surface has."""
        return f"{self.source.id} {self.name}"


def links_of(operation: Operation, surface: Surface, status: int = 200) -> Iterator[Link]:
    """Give the links of an operation's answer, but to operations that are left out."""
    response, _ = operation.response(status)
    node = response.get("links") if response is not None else None
    for name, link in node.items() if node is not None else ():
        target = surface.by_id(link.text("operationId"))
        if target in surface.left_out:
            continue
        parameters = link.get("parameters")
        body = link.get("requestBody")
        given = parameters.value if parameters is not None and isinstance(parameters.value, dict) else {}
        yield Link(name, link, operation, target, given, body.value if body is not None else None, link.text("x-gone"))
