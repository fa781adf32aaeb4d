"""
The operations of the control plane's OpenAPI document.

Knows what the document says of each, but not what any of them does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from tensormesh_documents import library
from tensormesh_documents.operations import operations
from tensormesh_documents.pointers import resolve

type Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path or the query."""

    name: str
    place: str
    required: bool
    schema: Schema


@dataclass(frozen=True, slots=True)
class Operation:
    """
    One operation.

    Args:
        id: its operationId.
        method: the HTTP method, in capitals.
        path: the path template.
        tag: its one tag.
        parameters: those in path and query.
        body: the schema of its body; None when it takes none.
        public: whether it takes no token.
    """

    id: str
    method: str
    path: str
    tag: str
    parameters: tuple[Parameter, ...]
    body: Schema | None
    public: bool


class Document:
    """The document, read once."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self.operations = tuple(
            self._operation(one.method, one.path, cast("Schema", one.node.value))
            for one in operations(library.Document("control_plane", dict(content)))
        )

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow a reference within the document."""
        return resolve(node, self._content)

    def _operation(self, method: str, path: str, facts: Mapping[str, Any]) -> Operation:
        given = [self.resolve(parameter) for parameter in facts.get("parameters", ())]
        body = facts.get("requestBody")
        return Operation(
            id=facts["operationId"],
            method=method.upper(),
            path=path,
            tag=facts["tags"][0],
            parameters=tuple(Parameter(p["name"], p["in"], bool(p.get("required", False)), p["schema"]) for p in given),
            body=None if body is None else body["content"]["application/json"]["schema"],
            public=facts.get("security", self._content["security"]) == [],
        )


@cache
def control_plane_document() -> Document:
    """
    Read the document, once for the whole process.

    Raises:
        DocumentError: when the package lacks it.
    """
    return Document(library.Library().document("control_plane").value)
