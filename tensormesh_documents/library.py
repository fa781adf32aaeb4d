"""
The OpenAPI documents as data that knows where it stands.

Knows YAML, JSON, line numbers and references between files; refuses to know
what OpenAPI means.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from tensormesh_contract.json_types import Json, JsonObject

_ROOT = Path(__file__).resolve().parents[1]
# In the repository they lie beside the packages; in an installation, in that of the local host.
FOLDERS = (_ROOT / "openapi", _ROOT / "tensormesh_local" / "openapi")

type Keys = tuple[str | int, ...]


class DocumentError(ValueError):
    """A document that cannot be read, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where something stands.

    Args:
        file: the name of the document, such as `openapi/inference.yaml`.
        pointer: the JSON pointer inside it.
        line: the line, from 1; 0 when it is not known.
    """

    file: str
    pointer: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Node:
    """One value of a document. Stepping into it follows references, into other files too."""

    __slots__ = ("_children", "document", "keys", "value")

    def __init__(self, document: Document, keys: Keys, value: Json) -> None:
        self.document = document
        self.keys = keys
        self.value = value
        self._children: dict[str | int, Node] = {}

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __getitem__(self, key: str | int) -> Node:
        """
        Step to a key or an index.

        Raises:
            DocumentError: there is no such thing.
        """
        known = self._children.get(key)
        if known is not None:
            return known
        try:
            value = self.value[key]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            raise DocumentError(f"{self.place} has no {key!r} at {self.place.pointer or '/'}.") from None
        found = Node(self.document, (*self.keys, key), cast("Json", value)).followed()
        self._children[key] = found
        return found

    def get(self, key: str) -> Node | None:
        """Step to a key that may be missing."""
        return self[key] if key in self else None  # noqa: SIM401 - this is that method

    def text(self, key: str) -> str:
        """Give the string at a key; empty when there is none."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else ""

    def items(self) -> Iterator[tuple[str, Node]]:
        """Give the members of an object in order; anything else has none."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield str(key), self[key]

    def elements(self) -> Iterator[Node]:
        """Give the elements of a list in order; anything else has none."""
        if isinstance(self.value, list):
            for index in range(len(self.value)):
                yield self[index]

    def followed(self) -> Node:
        """Give what this refers to, if it is a reference, and itself otherwise."""
        reference = self.value.get("$ref") if isinstance(self.value, dict) else None
        return self.document.library.find(reference, self.document) if isinstance(reference, str) else self

    @property
    def place(self) -> Place:
        """Where it stands."""
        pointer = "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in self.keys)
        return Place(self.document.name, pointer, self.document.line(self.keys))


class Document:
    """One file."""

    def __init__(self, library: Library, name: str, value: Json, lines: dict[Keys, int]) -> None:
        self.library = library
        self.name = name
        self.root = Node(self, (), value)
        self._lines = lines
        self._found: dict[str, Node] = {}

    def line(self, keys: Keys) -> int:
        """Give the line of a value, or that of the nearest thing around it."""
        while keys and keys not in self._lines:
            keys = keys[:-1]
        return self._lines.get(keys, 0)

    def at(self, pointer: str) -> Node:
        """Find a value by its JSON pointer; the same one is always the same node."""
        if pointer not in self._found:
            node = self.root
            for part in pointer.split("/")[1:]:
                key = part.replace("~1", "/").replace("~0", "~")
                node = node[int(key) if isinstance(node.value, list) and key.isdecimal() else key]
            self._found[pointer] = node
        return self._found[pointer]


class Library:
    """The documents of one folder, each read once."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or _folder()
        self._documents: dict[str, Document] = {}
        self._strangers: set[Document] = set()

    def document(self, stem: str) -> Document:
        """
        Read a document by its name without the ending.

        Raises:
            DocumentError: it is not there, or no YAML.
        """
        return self._read(f"{stem}.yaml")

    def documents(self) -> tuple[Document, ...]:
        """Give what was read so far."""
        return tuple(self._documents.values())

    def add(self, name: str, text: str) -> Document:
        """
        Take in a JSON document from elsewhere.

        Raises:
            DocumentError: it is no JSON object.
        """
        try:
            value: Json = json.loads(text)
        except ValueError as exc:
            raise DocumentError(f"{name} is not JSON: {exc}.") from exc
        if not isinstance(value, dict):
            raise DocumentError(f"{name} is not a JSON object.")
        document = self._documents[name] = Document(self, name, value, {})
        self._strangers.add(document)
        return document

    def find(self, reference: str, origin: Document) -> Node:
        """
        Follow a reference that stands in a document.

        Raises:
            DocumentError: it leads nowhere, or from elsewhere to a file of ours.
        """
        file, _, pointer = reference.partition("#")
        if file and origin in self._strangers:
            raise DocumentError(f"{origin.name} refers to another file, {file!r}, and files are not read for it.")
        return (self._read(file) if file else origin).at(pointer)

    def _read(self, file: str) -> Document:
        if file not in self._documents:
            try:
                text = (self._folder / file).read_text(encoding="utf-8")
            except OSError as exc:
                raise DocumentError(f"Cannot read {self._folder / file}: {exc.strerror}.") from exc
            value, lines = _parsed(text, file)
            self._documents[file] = Document(self, f"{self._folder.name}/{file}", value, lines)
        return self._documents[file]


def _folder() -> Path:
    for folder in FOLDERS:
        if folder.is_dir():
            return folder
    raise DocumentError(f"The OpenAPI documents are in none of {', '.join(map(str, FOLDERS))}; reinstall the package.")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The loader in C is ten times as fast. Times stay the text that they are on the wire."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML reads it from the class
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _parsed(text: str, name: str) -> tuple[Json, dict[Keys, int]]:
    loader = _Loader(text)
    lines: dict[Keys, int] = {}

    def value_of(node: yaml.Node, keys: Keys, line: int) -> Json:
        lines[keys] = line
        if isinstance(node, yaml.MappingNode):
            found: JsonObject = {}
            for key_node, item in node.value:
                key = str(key_node.value)
                found[key] = value_of(item, (*keys, key), key_node.start_mark.line + 1)
            return found
        if isinstance(node, yaml.SequenceNode):
            return [value_of(item, (*keys, index), item.start_mark.line + 1) for index, item in enumerate(node.value)]
        return cast("Json", loader.construct_object(node))

    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise DocumentError(f"{name} is not a YAML object.")
        return value_of(root, (), 1), lines
    except yaml.YAMLError as exc:
        raise DocumentError(f"{name} is not YAML: {exc}") from exc
    finally:
        loader.dispose()
