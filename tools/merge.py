"""
Makes one self-contained document of the three surfaces.

Components are hoisted under their own names, so that a class has one name and one module whichever surface
uses it. Anything on which two documents disagree is an error: a client that serves both must not have to guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pydantic

from tensormesh_documents.library import Document, Library, Node
from tensormesh_documents.operations import METHODS, Operation, operations
from tensormesh_documents.places import DocumentError, Place
from tensormesh_documents.pointers import Keys, split, walk
from tensormesh_runtime.surface import Surface
from tools.documents import JsonObject, check_document, first_problem
from tools.facts import Facts
from tools.hoisting import Hoisting
from tools.references import check_references
from tools.surfaces import SURFACES, security_of, surface_of

PATH_WORDS = frozenset({*METHODS, "description", "parameters", "summary"})

PATH = re.compile(r"(/([\w.~!$&()*+,;=:@%-]|\{[\w-]+\})*)+", re.ASCII)
"""Plain characters and `{names}`: the path is printed as Python, and sent as it stands."""

TOP_WORDS = frozenset({"components", "info", "openapi", "paths", "security", "servers", "tags"})

OURS = frozenset({"x-security", "x-surfaces"})
"""What an operation of the merged document has beside what was written: by whom it is served, and to whom."""

PREFIX = "/{surface}"
"""Stands before each path in the merged document: two hosts may serve different things under one path."""

type Origins = Mapping[Keys, Node]
"""What was copied as it stands, by the keys of the copy; what is in a copy has the same keys in it as it had."""


@dataclass(frozen=True)
class Merged:
    """
    One document for the generator, and where each of its parts was written.

    Attributes:
        roots: what the documents say as a whole, of their hosts and tags and of who may call, by their names.
        hosts: what the documents say of them, by surface.
        surfaces: the documents it was made of.
        unused: the places of schemas to which no operation leads, and of which nothing is made.
    """

    document: JsonObject
    origins: Origins
    hosts: dict[str, Surface]
    surfaces: tuple[Document, ...] = ()
    roots: dict[str, JsonObject] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    def error(self, keys: Keys, problem: str) -> DocumentError:
        """
        What is wrong in the document, told with the place where it was written.

        Args:
            keys: what leads there, through references as if they were what they refer to.
        """
        at: Keys = ()
        value: Any = self.document
        for key in keys:
            while isinstance(value, dict) and key not in value and "$ref" in value:
                at, value = walk(self.document, split(value["$ref"])[1])
            at = (*at, key)
            try:
                _, value = walk(value, (key,))
            except LookupError:
                value = None
        return DocumentError(_written(at, self.origins), problem)


def merge(folder: Path) -> Merged:
    """
    Merge the surfaces of `folder`.

    Raises:
        DocumentError: a broken reference, an operationId used twice, or surfaces that disagree.
    """
    return _Merge(folder).run()


def _name(target: Node) -> str:
    """Schemas become classes and have one name everywhere; of the rest each document may have its own."""
    return target.name if target.keys[1] == "schemas" else f"{Path(target.document.name).stem}.{target.name}"


def _written(keys: Keys, origins: Origins) -> Place:
    depth = next(depth for depth in range(len(keys), -1, -1) if keys[:depth] in origins)
    origin = origins[keys[:depth]]
    return origin.document.place((*origin.keys, *keys[depth:]))


class _Merge:
    def __init__(self, folder: Path) -> None:
        folder, here = folder.resolve(), Path.cwd()
        # So that a terminal makes a link of it.
        name = folder.relative_to(here) if folder.is_relative_to(here) else folder
        self.library = Library(folder, name.as_posix(), check_document)
        self.parts = Hoisting(_name)
        self.paths: dict[str, JsonObject] = {}
        self.owners: dict[str, tuple[str, Node]] = {}
        self.hosts: dict[str, Surface] = {}

    def run(self) -> Merged:
        info: Any = {}
        tags: dict[str, str] = {}
        for surface in SURFACES:
            document = self.library.document(surface)
            _check_words(document.root, TOP_WORDS)
            self.hosts[surface] = surface_of(surface, document)
            info = info or document.value["info"]
            for tag in document.root["tags"].elements() if "tags" in document.root else ():
                if tags.setdefault(tag.text("name"), tag.text("description")) != tag.text("description"):
                    raise DocumentError(tag.place, f"the tag {tag.text('name')!r} has other words elsewhere")
            for path, item in document.root["paths"].items():
                if not PATH.fullmatch(path):
                    problem = "a path begins with / and consists of plain characters and {names}"
                    raise DocumentError(document.place(("paths", path)), problem)
                _check_words(item, PATH_WORDS)
            for operation in operations(document):
                self._add(surface, operation, document)
        check_references(self.library, SURFACES)
        merged = {
            "openapi": "3.1.0",
            "info": {"title": "Tensormesh", "version": info.get("version", "0")},
            "tags": [{"name": name, "description": text} for name, text in tags.items()],
            "paths": self.paths,
            "components": self.parts.in_order(),
        }
        surfaces = tuple(map(self.library.document, SURFACES))
        roots = {Path(document.name).name: _root(document.value) for document in self.library.documents()}
        return Merged(merged, self.parts.origins, self.hosts, surfaces, roots, list(self._unused()))

    def _unused(self) -> Iterator[str]:
        for document in self.library.documents():
            components = document.root.get("components")
            schemas = components.get("schemas") if components else None
            for schema in schemas.children() if schemas else ():
                if self.parts.origins.get(schema.keys) is not schema:
                    yield str(schema)

    def _add(self, surface: str, operation: Operation, document: Document) -> None:
        kind = "control_plane" if surface == "control_plane" else "inference"
        title = f"{operation.method.upper()} {operation.path}"
        copied = self._operation(operation)
        self._claim(operation.node, f"{kind} {title}")
        origins: dict[Keys, Node] = {(): operation.node}
        origins |= {("parameters", index): parameter for index, parameter in enumerate(operation.parameters)}
        path = PREFIX.format(surface=kind) + operation.path
        known = self.paths.setdefault(path, {}).setdefault(
            operation.method, {**copied, "x-surfaces": [], "x-security": {}}
        )
        surfaces = known["x-surfaces"]
        difference = _difference({key: value for key, value in known.items() if key not in OURS}, copied)
        if difference is not None:
            problem = f"{surface} and {surfaces[0]} disagree about {title}; they share one client"
            raise DocumentError(_written(difference, origins), problem)
        if not surfaces:
            self.parts.origins |= {("paths", path, operation.method, *keys): node for keys, node in origins.items()}
        surfaces.append(surface)
        if "security" in operation.node:
            known["x-security"][surface] = security_of(surface, operation.node, document)

    def _operation(self, operation: Operation) -> JsonObject:
        node = operation.node
        for wanted in ("operationId", "tags", "x-tensormesh"):
            if wanted not in node or not node[wanted].value:
                raise DocumentError(node.place, f"the operation has no {wanted}")
        facts = node["x-tensormesh"]
        try:
            Facts.model_validate(facts.value)
        except pydantic.ValidationError as error:
            keys, problem = first_problem(error, facts.value)
            raise DocumentError(node.document.place((*facts.keys, *keys)), problem) from error
        if stream := facts.get("stream"):
            # No media type refers to it: a stream's schema describes its frames, not the JSON inside them.
            self.parts.hoist(f"#/components/schemas/{stream.text('event')}", stream)
        # Who may call is a fact of the surface, not of the operation, so it takes no part in the comparison.
        copied = {key: value for key, value in self.parts.copy(node).items() if key != "security"}
        return copied | {"parameters": [self.parts.copy(parameter) for parameter in operation.parameters]}

    def _claim(self, node: Node, identity: str) -> None:
        name = node.text("operationId")
        owner, place = self.owners.setdefault(name, (identity, node))
        if owner != identity:
            raise DocumentError(node.place, f"the operationId {name!r} is taken by {place}")


def _root(document: JsonObject) -> JsonObject:
    found = {key: item for key, item in document.items() if key not in ("components", "paths", "tags")}
    return found | {
        "securitySchemes": document.get("components", {}).get("securitySchemes", {}),
        "tags": {tag["name"]: tag for tag in document.get("tags", [])},
    }


def _check_words(node: Node, words: Set[str]) -> None:
    for child in node.children():
        if child.name not in words:
            raise DocumentError(child.place, f"nothing here obeys {child.name!r}")


def _difference(one: Any, other: Any, keys: Keys = ()) -> Keys | None:
    """Where two JSON values part; None where they are equal."""
    steps: dict[Any, tuple[Any, Any]]
    if one is other:
        return None
    if isinstance(one, dict) and isinstance(other, dict):
        steps = {key: (one.get(key, ...), other.get(key, ...)) for key in one | other}
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        steps = dict(enumerate(zip(one, other, strict=True)))
    else:
        return None if one == other and type(one) is type(other) else keys
    parts = (_difference(*pair, (*keys, key)) for key, pair in steps.items())
    return next((part for part in parts if part is not None), None)
