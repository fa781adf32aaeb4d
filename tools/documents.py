"""Reads OpenAPI documents and follows their references; knows nothing of what they describe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydantic
import yaml
from openapi_python_client.schema import OpenAPI

JsonObject = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

VALUES = {"const", "default", "example", "examples", "value"}
VALUE_LISTS = {"enum", "x-known-values"}
"""What holds values of the API, of which one may be null."""

VERSION = "3.1."
"""The generator refuses 3.2, and 3.0 cannot say that something may be null."""


class DocumentError(Exception):
    """
    A document that cannot be used.

    The message is one sentence that names the file and the place in it.
    """

    def __init__(self, file: Path, place: str, problem: str) -> None:
        super().__init__(f"{file.name}, at {place or 'the top'}: {problem}")
        self.file = file
        self.place = place
        self.problem = problem


class _Loader(yaml.CSafeLoader):
    """YAML without its guess at dates: an example `2026-11-21T08:00:00Z` stays the text it is on the wire."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _mapping_without_duplicates(loader: _Loader, node: yaml.MappingNode) -> JsonObject:
    loader.flatten_mapping(node)
    mapping: JsonObject = {}
    for (key, value), (key_node, _) in zip(loader.construct_pairs(node, deep=True), node.value, strict=True):
        # Trap: `200:` is a number and `no:` a boolean, which the generator takes and JSON does not.
        problem = f"the key {key!r} is not text: quote it" if not isinstance(key, str) else ""
        if not problem and key in mapping:
            problem = f"the key {key!r} stands twice"
        if problem:
            raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
        mapping[key] = value
    return mapping


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_duplicates)


def load(file: Path) -> JsonObject:
    """
    Read one document.

    Raises:
        DocumentError: the file is missing, is not YAML, or is not OpenAPI.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise DocumentError(file, "", f"it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DocumentError(file, f"byte {error.start}", "this is not UTF-8") from error
    try:
        # A subclass of CSafeLoader, so nothing in the document can run code.
        document = yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise DocumentError(file, line, f"this is not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        raise DocumentError(file, f"character {error.position}", f"this is not YAML: {error.reason}") from error
    if not isinstance(document, dict):
        raise DocumentError(file, "", "a document must be a mapping")
    version = document.get("openapi")
    if not str(version).startswith(VERSION):
        raise DocumentError(file, "openapi", f"the version is {version!r}, and must be {VERSION}x")
    try:
        OpenAPI.model_validate(document)
    except pydantic.ValidationError as error:
        raise DocumentError(file, *first_problem(error, document)) from error
    # The generator takes null for absent; whoever wrote a key with nothing behind it meant to write more.
    for place in _nulls(document):
        raise DocumentError(file, place, "nothing stands here")
    return document


def _nulls(node: Any, place: str = "") -> Iterator[str]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from [f"{place}[{index}]"] if item is None else _nulls(item, f"{place}[{index}]")
    elif isinstance(node, dict):
        names = place.endswith(".properties")
        for key, item in node.items():
            below = f"{place}.{key}".lstrip(".")
            if names or key not in VALUES:
                yield from [below] if item is None else _nulls(item, below) if names or key not in VALUE_LISTS else ()


def first_problem(error: pydantic.ValidationError, value: Any, place: str = "") -> tuple[str, str]:
    """The place inside `value`, which stands at `place`, of the first thing that is wrong, and what is."""
    first = error.errors()[0]
    for key in first["loc"]:
        # Between the keys stand names of pydantic's own: which branch of a union it tried.
        if isinstance(value, dict) and key in value:
            place, value = f"{place}.{key}".lstrip("."), value[key]
        elif isinstance(value, list) and isinstance(key, int):
            place, value = f"{place}[{key}]", value[key]
    last = first["loc"][-1] if first["loc"] else ""
    own = {"missing": f"there is no {last!r}", "extra_forbidden": "no such key is known here"}
    return place, own.get(first["type"], f"{value!r} cannot stand here: {first['msg']}")


def resolve(node: JsonObject, document: JsonObject) -> JsonObject:
    """`node`, or what it refers to in a self-contained document."""
    while "$ref" in node:
        _, *keys = node["$ref"].split("/")
        node = document
        for key in keys:
            node = node[key]
    return node


class Library:
    """The documents of one run, each read once."""

    def __init__(self) -> None:
        self._documents: dict[Path, JsonObject] = {}

    def document(self, file: Path) -> JsonObject:
        file = file.resolve()
        if file not in self._documents:
            self._documents[file] = load(file)
        return self._documents[file]

    def documents(self) -> list[tuple[Path, JsonObject]]:
        """Those that were read so far."""
        return list(self._documents.items())

    def follow(self, ref: str, file: Path, place: str) -> tuple[Path, str, Any]:
        """
        Find what `ref`, written in `file` at `place`, points at.

        Returns:
            The file and the pointer of the target, and the target itself.

        Raises:
            DocumentError: the reference leads nowhere, or in a circle.
        """
        found = at_file, pointer, node = self._step(ref, file, place)
        seen = {(at_file, pointer)}
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            at_file, pointer, node = self._step(node["$ref"], at_file, pointer.strip("/").replace("/", "."))
            if (at_file, pointer) in seen:
                raise DocumentError(file, place, f"$ref {ref!r} leads in a circle")
            seen.add((at_file, pointer))
        return found

    def _step(self, ref: str, file: Path, place: str) -> tuple[Path, str, Any]:
        target_name, _, pointer = ref.partition("#")
        target_file = (file.parent / target_name).resolve() if target_name else file
        if not target_file.is_file():
            raise DocumentError(file, place, f"$ref {ref!r} names a file that is not there")
        node: Any = self.document(target_file)
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or key not in node:
                raise DocumentError(file, place, f"$ref {ref!r} points at nothing")
            node = node[key]
        return target_file, pointer, node
