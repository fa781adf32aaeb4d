"""
Documents and their values, each of which knows where it stands, and references from one to another.

Knows where the project's own documents lie, but not what OpenAPI means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from errno import EPERM
from pathlib import Path
from posixpath import dirname, join, normpath

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_documents.places import DocumentError, Place
from tensormesh_documents.pointers import Keys, split, walk
from tensormesh_documents.yaml_text import Lines, read

_HERE = Path(__file__).resolve().parent
_FOLDERS = (_HERE / "openapi", _HERE.parent / "openapi")


def openapi_folder() -> Path:
    """
    Find the project's documents: within this package once it is installed, beside it in the repository.

    Raises:
        DocumentError: they are in neither.
    """
    for folder in _FOLDERS:
        if folder.is_dir():
            return folder
    raise DocumentError(Place(str(_FOLDERS[0])), "the OpenAPI documents are not here; reinstall the package")


class Node:
    """One value of a document. The same place is always the same node."""

    __slots__ = ("document", "keys", "value")

    def __init__(self, document: Document, keys: Keys, value: Json) -> None:
        self.document = document
        self.keys = keys
        self.value = value

    def __str__(self) -> str:
        return self.place.in_words

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __getitem__(self, key: str | int) -> Node:
        """
        Step to a key or an index, and on to what a reference there leads to.

        Raises:
            DocumentError: there is no such thing, or the reference leads nowhere.
        """
        return self.step(key).followed()

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
                yield key, self[key]

    def elements(self) -> Iterator[Node]:
        """Give the elements of a list in order; anything else has none."""
        if isinstance(self.value, list):
            for index in range(len(self.value)):
                yield self[index]

    def step(self, key: str | int) -> Node:
        """
        Step to a key or an index; a reference there is not followed.

        Raises:
            DocumentError: there is no such thing.
        """
        try:
            return self.document.below(self, key)
        except LookupError as error:
            raise DocumentError(self.place, f"there is no {key!r}") from error

    def children(self) -> Iterator[Node]:
        """Give all that stands directly in it, references not followed."""
        for key, item in _pairs(self.value):
            yield self.document.node((*self.keys, key), item)

    def inner(self) -> Iterator[Node]:
        """Give the objects and lists that stand directly in it, references not followed."""
        for key, item in _pairs(self.value):
            if isinstance(item, dict | list):
                yield self.document.node((*self.keys, key), item)

    def target(self) -> Node | None:
        """
        Give what it refers to, which may be a reference again; None when it is no reference.

        Raises:
            DocumentError: nothing is there.
        """
        reference = self.value.get("$ref") if isinstance(self.value, dict) else None
        return self.document.find(reference, self) if isinstance(reference, str) else None

    def followed(self) -> Node:
        """
        Give what it refers to at last, or itself when it is no reference.

        Raises:
            DocumentError: nothing is there, or the references go round in a circle.
        """
        if not isinstance(self.value, dict) or "$ref" not in self.value:
            return self
        node, seen = self, set[Node]()
        while (target := node.target()) is not None:
            if target is self or target in seen:
                raise DocumentError(self.place, f"$ref {self.text('$ref')!r} leads in a circle")
            seen.add(target)
            node = target
        return node

    @property
    def name(self) -> str:
        """The last of its keys; empty at the root."""
        return str(self.keys[-1]) if self.keys else ""

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.document.place(self.keys)


def _pairs(value: Json) -> Iterable[tuple[str | int, Json]]:
    """What stands directly in a value, by its keys."""
    return value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()


class Document:
    """
    One document.

    Args:
        name: what its readers know it by.
        value: what it says.
        lines: the lines of that; none where it came without them.
        read: reads another document by its name as this one writes it; none when this one must lead to no file.
    """

    def __init__(
        self, name: str, value: JsonObject, lines: Lines | None = None, read: Callable[[str], Document] | None = None
    ) -> None:
        self.name = name
        self.value = value
        self._lines = lines or {}
        self._read = read
        self._nodes: dict[Keys, Node] = {}

    @property
    def root(self) -> Node:
        """The whole of it."""
        return self.at(())

    def at(self, keys: Keys) -> Node:
        """
        Give what stands at some keys.

        Raises:
            LookupError: nothing does.
        """
        return self._nodes.get(keys) or self.node(*walk(self.value, keys))

    def node(self, keys: Keys, value: Json) -> Node:
        """Give the node of a value that stands at some keys, as the document has them."""
        # Of two threads that come first, both get what one of them made.
        return self._nodes.get(keys) or self._nodes.setdefault(keys, Node(self, keys, value))

    def below(self, node: Node, key: str | int) -> Node:
        """
        Give what stands directly below a node of this document.

        Raises:
            LookupError: nothing does.
        """
        if found := self._nodes.get((*node.keys, key)):
            return found
        # From there on, so that a step costs the same wherever it is taken.
        (key,), value = walk(node.value, (key,))
        return self.node((*node.keys, key), value)

    def find(self, reference: str, holder: Node) -> Node:
        """
        Give what a reference leads to.

        Args:
            reference: it.
            holder: where in this document it stands.

        Raises:
            DocumentError: nothing is there, or it leads to a file and must not.
        """
        try:
            file, keys = split(reference)
            if not file:
                return self.at(keys)
            if self._read is not None:
                return self._read(file).at(keys)
            problem = f"it refers to another file, {file!r}, and files are not read for it"
        except FileNotFoundError as error:
            raise DocumentError(holder.place, f"$ref {reference!r} names a file that is not there") from error
        except OSError as error:
            problem = f"$ref {reference!r} names a file that cannot be read ({error.strerror})"
            raise DocumentError(holder.place, problem) from error
        except (LookupError, ValueError) as error:
            raise DocumentError(holder.place, f"$ref {reference!r} points at nothing") from error
        raise DocumentError(holder.place, problem)

    def place(self, keys: Keys) -> Place:
        """Name a place; one that is not there has the line of the nearest thing around it."""
        line, value = 1, self.value
        for key in keys:
            lines = self._lines.get(id(value), {})
            if key not in lines:
                break
            line, (_, value) = lines[key], walk(value, (key,))
        return Place(self.name, keys, line if self._lines else 0)


class Library:
    """
    The documents of one folder, each read once.

    Args:
        folder: where they lie; the project's own when left out.
        name: what stands before their names for whoever reads of them; that of the folder when left out.
        check: what each has to pass when it is read.
    """

    def __init__(
        self, folder: Path | None = None, name: str = "", check: Callable[[Document], object] = lambda _: None
    ) -> None:
        self._folder = folder or openapi_folder()
        self._name = name or self._folder.name
        self._check = check
        self._documents: dict[str, Document] = {}

    def document(self, stem: str) -> Document:
        """
        Read a document by its name without the ending.

        Raises:
            DocumentError: it is not there, or says what no document says.
        """
        try:
            return self._read(f"{stem}.yaml")
        except OSError as error:
            raise DocumentError(Place(f"{self._name}/{stem}.yaml"), f"it cannot be read: {error.strerror}") from error

    def documents(self) -> tuple[Document, ...]:
        """Give what was read so far."""
        return tuple(self._documents.values())

    def _read(self, file: str) -> Document:
        if file.startswith(("/", "../")) or ":" in file:
            raise PermissionError(EPERM, f"it lies outside of {self._folder.name}")
        if file not in self._documents:
            name, content = f"{self._name}/{file}", (self._folder / file).read_bytes()
            value, lines = read(content, name)
            if not isinstance(value, dict):
                raise DocumentError(Place(name, (), 1), "a document must be a mapping")
            document = Document(name, value, lines, lambda other: self._read(normpath(join(dirname(file), other))))
            self._check(document)
            self._documents[file] = document
        return self._documents[file]
