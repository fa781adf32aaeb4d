"""
Our document beside the one that a host serves of itself.

Knows how to walk two schemas at once; does not say which is right. Two
documents are compared, no answer is: what differs has not failed yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

from tensormesh_contract.documents.operations import Operation, Surface
from tensormesh_contract.documents.shapes import Shape
from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_contract.evaluation.snippets import as_yaml
from tensormesh_contract.json_values import in_words
from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_documents.library import Document, Node
from tensormesh_documents.operations import operations
from tensormesh_documents.places import DocumentError

DEPTH = 8
NAME = "the host's openapi.json"
_PARAMETER = re.compile(r"\{[^{}]*\}")


def compare(surface: Surface, theirs: JsonObject) -> list[Finding]:
    """
    Compare a surface with the document of a host.

    Raises:
        DocumentError: theirs has no paths, or refers to what it does not have, or to itself and nothing else.
    """
    document = Document(NAME, theirs)
    try:
        return list(_Comparison(surface, document).findings())
    except RecursionError:
        raise DocumentError(document.root.place, "it has a reference that leads to itself") from None


class _Comparison:
    def __init__(self, surface: Surface, theirs: Document) -> None:
        self._surface = surface
        self._theirs = theirs
        self._seen: set[tuple[frozenset[Shape], frozenset[Shape]]] = set()

    def findings(self) -> Iterator[Finding]:
        ours = {(one.method, _PARAMETER.sub("{}", one.path)): one for one in self._surface.operations}
        theirs = dict(self._their_operations())
        for key, operation in ours.items():
            if key not in theirs:
                detail = "is in our document only"
                yield self._finding(Kind.OUR_OPERATION, operation, "", "", detail, operation.node)
                continue
            yield from self._operation(operation, theirs[key])
        left_out = {(one.method, _PARAMETER.sub("{}", one.path)) for one in self._surface.left_out}
        paths = self._surface.document.root["paths"]
        for (method, path), node in theirs.items():
            if (method, path) not in ours and (method, path) not in left_out:
                detail = node.text("summary") or "is in the host's document only"
                place = paths.place
                yield Finding(Kind.THEIR_OPERATION, self._surface.name, f"{method} {path}", "", "", detail, place)

    def _their_operations(self) -> Iterator[tuple[tuple[str, str], Node]]:
        for one in operations(self._theirs):
            yield (one.method.upper(), _PARAMETER.sub("{}", one.path)), one.node

    def _operation(self, operation: Operation, theirs: Node) -> Iterator[Finding]:
        their_body = _json(theirs.get("requestBody"))
        if operation.body is not None and their_body is not None:
            yield from self._shapes(operation, [operation.body], [self._surface.shapes.of(their_body)], "request")
        response, _ = operation.response(200)
        our_answer = operation.content(response).get("application/json") if response is not None else None
        responses = theirs.get("responses")
        their_answer = _json(responses.get("200")) if responses is not None else None
        if our_answer is not None and their_answer is not None:
            yield from self._shapes(operation, [our_answer], [self._surface.shapes.of(their_answer)], "200")

    def _shapes(self, operation: Operation, ours: list[Shape], theirs: list[Shape], where: str) -> Iterator[Finding]:
        """Compare what a value may be, alternatives on both sides."""
        ours, theirs = _leaves(ours), _leaves(theirs)
        key = (frozenset(ours), frozenset(theirs))
        if key in self._seen or not ours or not theirs:
            return
        self._seen.add(key)
        yield from self._types(operation, ours, theirs, where)
        yield from self._values(operation, ours, theirs, where)
        our_fields, their_fields = _fields(ours), _fields(theirs)
        if our_fields and their_fields:
            yield from self._fields(operation, ours, our_fields, their_fields, where)
            yield from self._required(operation, ours, theirs, where)
        yield from self._shapes(operation, _items(ours), _items(theirs), f"{where}[]")

    def _types(self, operation: Operation, ours: list[Shape], theirs: list[Shape], where: str) -> Iterator[Finding]:
        our_types, their_types = _types(ours), _types(theirs)
        if our_types and their_types and our_types != their_types:
            detail = f"is {in_words(sorted(our_types))}, in the host's document {in_words(sorted(their_types))}"
            yield self._finding(Kind.OTHER_DOCUMENT_TYPE, operation, where, "", detail, ours[0].node)

    def _values(self, operation: Operation, ours: list[Shape], theirs: list[Shape], where: str) -> Iterator[Finding]:
        our_values, their_values = _values(ours), _values(theirs)
        if our_values and their_values and our_values != their_values:
            more, fewer = sorted(their_values - our_values), sorted(our_values - their_values)
            parts = [f"the host's document adds {in_words(more, 'and')}"] if more else []
            parts += [f"it lacks {in_words(fewer, 'and')}"] if fewer else []
            detail = f"has other values: {', '.join(parts)}"
            yield self._finding(Kind.OTHER_DOCUMENT_VALUES, operation, where, "", detail, ours[0].node)

    def _fields(
        self,
        operation: Operation,
        our_leaves: list[Shape],
        ours: dict[str, list[Shape]],
        theirs: dict[str, list[Shape]],
        where: str,
    ) -> Iterator[Finding]:
        holder = next(leaf for leaf in our_leaves if leaf.properties).node["properties"]
        for name, shapes in theirs.items():
            if name not in ours:
                snippet = as_yaml({"properties": {name: _plain(shapes)}})
                detail = "is in the host's document only"
                yield self._finding(Kind.THEIR_FIELD, operation, where, name, detail, holder, snippet)
        for name, shapes in ours.items():
            if name in theirs:
                yield from self._shapes(operation, shapes, theirs[name], _step(where, name))
            else:
                detail = "is in our document only"
                yield self._finding(Kind.OUR_FIELD, operation, where, name, detail, shapes[0].node)

    def _required(self, operation: Operation, ours: list[Shape], theirs: list[Shape], where: str) -> Iterator[Finding]:
        ours = [leaf for leaf in ours if leaf.properties]
        theirs = [leaf for leaf in theirs if leaf.properties]
        # Of several variants, each has its own required fields; only single ones can be compared.
        if len(ours) == len(theirs) == 1 and set(ours[0].required) != set(theirs[0].required):
            said = in_words(sorted(theirs[0].required), "and")
            detail = f"requires {in_words(sorted(ours[0].required), 'and')}, in the host's document {said}"
            yield self._finding(Kind.OTHER_DOCUMENT_REQUIRED, operation, where, "", detail, ours[0].node)

    def _finding(
        self, kind: Kind, operation: Operation, where: str, name: str, detail: str, node: Node, snippet: str = ""
    ) -> Finding:
        return Finding(kind, operation.surface, operation.label, where, name, detail, node.place, snippet=snippet)


def _step(where: str, name: str) -> str:
    return f"{where}.{name}" if " " in where else f"{where} {name}"


def _json(holder: Node | None) -> Node | None:
    content = holder.get("content") if holder is not None else None
    media = content.get("application/json") if content is not None else None
    schema = media.get("schema") if media is not None else None
    return schema if schema is not None and schema.value else None


def _leaves(shapes: list[Shape], depth: int = 0) -> list[Shape]:
    """Give the alternatives of shapes, unions in unions included."""
    found: list[Shape] = []
    for shape in shapes:
        found += _leaves(list(shape.variants), depth + 1) if shape.variants and depth < DEPTH else [shape]
    return [*dict.fromkeys(found)]


def _types(leaves: list[Shape]) -> set[str]:
    """Give all types; none when any is allowed. Whether null may stand for nothing is a matter of style."""
    if not all(leaf.types for leaf in leaves):
        return set()
    found = {name for leaf in leaves for name in leaf.types} - {"null"}
    return found - {"integer"} if "number" in found else found


def _values(leaves: list[Shape]) -> set[str]:
    """Give all known values; none when one of the alternatives takes any."""
    texts = [leaf for leaf in leaves if leaf.types - {"null"}]
    if not all(leaf.values for leaf in texts):
        return set()
    return {str(value) for leaf in texts for value in leaf.values if value is not None}


def _fields(leaves: list[Shape]) -> dict[str, list[Shape]]:
    found: dict[str, list[Shape]] = {}
    for leaf in leaves:
        for name, shape in leaf.properties.items():
            found.setdefault(name, []).append(shape)
    return found


def _items(leaves: list[Shape]) -> list[Shape]:
    return [leaf.items for leaf in leaves if leaf.items is not None]


def _plain(shapes: list[Shape]) -> dict[str, Json]:
    """Give a schema of theirs in the words of ours, without what refers to elsewhere."""
    schema = cast("dict[str, Any]", shapes[0].node.value) if isinstance(shapes[0].node.value, dict) else {}
    types = sorted({name for leaf in _leaves(shapes) for name in leaf.types})
    kept: dict[str, Json] = {"type": types[0] if len(types) == 1 else [*types]} if types else {}
    if "default" in schema:
        kept["default"] = schema["default"]
    kept["description"] = " ".join(str(schema.get("description", "Unverified: what it means.")).split())
    return kept
