"""
Makes one self-contained document of the three surfaces.

Components are hoisted under their own names, so that a class has one name and one module whichever surface
uses it. Anything on which two documents disagree is an error: a client that serves both must not have to guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pydantic

from tools.documents import METHODS, DocumentError, JsonObject, Library, first_problem
from tools.facts import Facts

SURFACES = ("serverless", "on_demand", "control_plane")

PATH_WORDS = frozenset({*METHODS, "description", "parameters", "summary"})

PATH = re.compile(r"(/([\w.~!$&()*+,;=:@%-]|\{[\w-]+\})*)+", re.ASCII)
"""Plain characters and `{names}`: the path is printed as Python, and sent as it stands."""

TOP_WORDS = frozenset({"components", "info", "openapi", "paths", "security", "servers", "tags"})

PREFIX = "/{surface}"
"""Stands before each path in the merged document: two hosts may serve different things under one path."""


@dataclass(frozen=True)
class Merged:
    """
    One document for the generator, and where each of its parts was written.

    Attributes:
        unused: the places of schemas to which no operation leads, and of which nothing is made.
    """

    document: JsonObject
    sources: dict[str, Path]
    unused: list[str] = field(default_factory=list)

    def schema_error(self, name: str, place: str, problem: str) -> DocumentError:
        """What is wrong at `place` below the schema `name`."""
        return DocumentError(self.sources[f"schemas.{name}"], f"components.schemas.{name}{place}", problem)

    def operation_error(self, operation: JsonObject, place: str, problem: str) -> DocumentError:
        """What is wrong at `place` below an operation."""
        source = operation["x-source"]
        return DocumentError(Path(source["file"]), f"{source['place']}{place}", problem)


def merge(folder: Path) -> Merged:
    """
    Merge the surfaces of `folder`.

    Raises:
        DocumentError: a broken reference, an operationId used twice, or surfaces that disagree.
    """
    return _Merge(folder.resolve()).run()


class _Merge:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.library = Library()
        self.components: dict[str, JsonObject] = {}
        self.sources: dict[str, Path] = {}
        self.operations: dict[str, tuple[str, str]] = {}

    def run(self) -> Merged:
        info: JsonObject = {}
        tags: dict[str, str] = {}
        paths: dict[str, JsonObject] = {}
        for surface in SURFACES:
            file = self.folder / f"{surface}.yaml"
            document = self.library.document(file)
            if unknown := sorted(document.keys() - TOP_WORDS):
                raise DocumentError(file, unknown[0], f"nothing here obeys {unknown[0]!r}")
            info = info or document.get("info", {})
            for index, tag in enumerate(document.get("tags", [])):
                if tags.setdefault(tag["name"], tag.get("description", "")) != tag.get("description", ""):
                    raise DocumentError(file, f"tags[{index}]", f"the tag {tag['name']!r} has other words elsewhere")
            kind = "control_plane" if surface == "control_plane" else "inference"
            for path, path_file, place, item in self._paths(file, document):
                if unknown := sorted(item.keys() - PATH_WORDS):
                    raise DocumentError(path_file, place, f"nothing here obeys {unknown[0]!r}")
                for method in METHODS:
                    if method in item:
                        operation = self._operation(path_file, f"{place}.{method}", item, method)
                        self._add(surface, kind, path, method, operation, paths)
        components = {section: dict(sorted(names.items())) for section, names in sorted(self.components.items())}
        merged = {
            "openapi": "3.1.0",
            "info": {"title": "Tensormesh", "version": info.get("version", "0")},
            "tags": [{"name": name, "description": text} for name, text in tags.items()],
            "paths": paths,
            "components": components,
        }
        return Merged(merged, self.sources, list(self._unused()))

    def _unused(self) -> Iterator[str]:
        for file, document in self.library.documents():
            for name in document.get("components", {}).get("schemas", {}):
                if self.sources.get(f"schemas.{name}") != file:
                    yield f"{file.name}, at components.schemas.{name}"

    def _paths(self, file: Path, document: JsonObject) -> Iterator[tuple[str, Path, str, JsonObject]]:
        for path, item in document.get("paths", {}).items():
            place = f"paths.{path}"
            if not PATH.fullmatch(path):
                raise DocumentError(file, place, "a path begins with / and consists of plain characters and {names}")
            if "$ref" in item:
                target, pointer, found = self.library.follow(item["$ref"], file, place)
                yield path, target, pointer.strip("/").replace("/", "."), found
            else:
                yield path, file, place, item

    def _operation(self, file: Path, place: str, item: JsonObject, method: str) -> JsonObject:
        operation = dict(item[method] or {})
        if item.get("parameters"):
            operation["parameters"] = [*item["parameters"], *operation.get("parameters", [])]
        for wanted in ("operationId", "tags", "x-tensormesh"):
            if not operation.get(wanted):
                raise DocumentError(file, place, f"the operation has no {wanted}")
        facts = operation["x-tensormesh"]
        try:
            Facts.model_validate(facts)
        except pydantic.ValidationError as error:
            raise DocumentError(file, *first_problem(error, facts, f"{place}.x-tensormesh")) from error
        # Who may call is a fact of the surface, not of the operation, so it takes no part in the comparison.
        operation.pop("security", None)
        if stream := facts.get("stream"):
            # No media type refers to it: a stream's schema describes its frames, not the JSON inside them.
            self._localise({"$ref": f"#/components/schemas/{stream['event']}"}, file, f"{place}.x-tensormesh.stream")
        localised: JsonObject = self._localise(operation, file, place)
        localised["x-source"] = {"file": file.name, "place": place}
        return localised

    def _add(
        self, surface: str, kind: str, path: str, method: str, operation: JsonObject, paths: dict[str, JsonObject]
    ) -> None:
        self._claim(operation, f"{kind} {method.upper()} {path}")
        item = paths.setdefault(PREFIX.format(surface=kind) + path, {})
        known = item.setdefault(method, {**operation, "x-surfaces": []})
        source = operation["x-source"]
        surfaces = known["x-surfaces"]
        difference = _difference(
            {key: value for key, value in known.items() if key not in ("x-surfaces", "x-source")},
            {key: value for key, value in operation.items() if key != "x-source"},
        )
        if difference is not None:
            raise DocumentError(
                self.folder / source["file"],
                f"{source['place']}{difference}",
                f"{surface} and {surfaces[0]} disagree about {method.upper()} {path}; they share one client",
            )
        surfaces.append(surface)

    def _claim(self, operation: JsonObject, identity: str) -> None:
        name, source = operation["operationId"], operation["x-source"]
        owner, place = self.operations.setdefault(name, (identity, f"{source['file']}, {source['place']}"))
        if owner != identity:
            raise DocumentError(
                self.folder / source["file"], source["place"], f"the operationId {name!r} is taken by {place}"
            )

    def _localise(self, node: Any, file: Path, place: str) -> Any:
        """Copy `node` with every reference turned into one inside the merged document."""
        if isinstance(node, list):
            return [self._localise(item, file, f"{place}[{index}]") for index, item in enumerate(node)]
        if not isinstance(node, dict):
            return node
        ref = node.get("$ref")
        if not isinstance(ref, str):
            return {key: self._localise(value, file, f"{place}.{key}") for key, value in node.items()}
        target, pointer, found = self.library.follow(ref, file, place)
        parts = pointer.split("/")
        if len(parts) != 4 or parts[1] != "components":
            raise DocumentError(file, place, f"$ref {ref!r} must name a component")
        # Schemas become classes and have one name everywhere; of the rest each document may have its own.
        name = parts[3] if parts[2] == "schemas" else f"{target.stem}.{parts[3]}"
        self._hoist(parts[2], name, target, found, file, place)
        siblings = {key: self._localise(value, file, f"{place}.{key}") for key, value in node.items() if key != "$ref"}
        return {"$ref": f"#/components/{parts[2]}/{name}", **siblings}

    def _hoist(self, section: str, name: str, target: Path, found: Any, file: Path, place: str) -> None:
        key = f"{section}.{name}"
        if key in self.sources:
            if self.sources[key] != target:
                raise DocumentError(
                    file,
                    place,
                    f"the component {name} is written twice, in {self.sources[key].name} and in {target.name}",
                )
            return
        self.sources[key] = target
        here = self.components.setdefault(section, {})
        here[name] = {}  # taken, so that a component that refers to itself ends here
        here[name] = self._localise(found, target, f"components.{section}.{name}")


def _difference(one: Any, other: Any, place: str = "") -> str | None:
    """Where two JSON values part, as a suffix to a place; None where they are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            if key not in one or key not in other:
                return f"{place}.{key}"
            found = _difference(one[key], other[key], f"{place}.{key}")
            if found is not None:
                return found
        return None
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            found = _difference(*pair, f"{place}[{index}]")
            if found is not None:
                return found
        return None
    return None if one == other and type(one) is type(other) else place
