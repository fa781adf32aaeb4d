"""
The operations of a surface, read from its document.

Knows paths, methods, answers and the `x-tensormesh` facts that matter when an
answer is checked against the document; does not send anything.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from tensormesh_contract.documents.shapes import Shape, Shapes
from tensormesh_documents.json_types import Json
from tensormesh_documents.library import Document, Library, Node
from tensormesh_documents.operations import operations
from tensormesh_documents.routes import Routes


class SurfaceName(StrEnum):
    """The three documents."""

    SERVERLESS = "serverless"
    ON_DEMAND = "on-demand"
    CONTROL_PLANE = "control-plane"


@dataclass(frozen=True, slots=True)
class Stream:
    """
    How an operation streams.

    Args:
        field: the request field that asks for it.
        event: what the data of an event is.
        end: `[DONE]`, or `type:` and the type of the last event.
    """

    field: str
    event: Shape
    end: str


class Operation:
    """One operation of one surface."""

    def __init__(self, surface: SurfaceName, path: str, method: str, node: Node, shapes: Shapes) -> None:
        self.surface = surface
        self.path = path
        self.method = method.upper()
        self.node = node
        self._shapes = shapes

    def __repr__(self) -> str:
        return f"Operation({self.label})"

    @property
    def id(self) -> str:
        """The operationId."""
        return self.node.text("operationId")

    @property
    def label(self) -> str:
        """Method and path, as a reader knows it."""
        return f"{self.method} {self.path}"

    @property
    def key(self) -> str:
        """A name for it that no other operation of any surface has."""
        return f"{self.surface} {self.label}"

    @property
    def tags(self) -> tuple[str, ...]:
        """The groups that the document puts it into."""
        node = self.node.get("tags")
        return tuple(str(tag) for tag in node.value) if node is not None and isinstance(node.value, list) else ()

    @property
    def call(self) -> str:
        """What the client calls it, such as `chat.completions.create`; empty where it does not."""
        return self.facts.text("call") if self.facts is not None else ""

    @cached_property
    def facts(self) -> Node | None:
        """The `x-tensormesh` block."""
        return self.node.get("x-tensormesh")

    @property
    def reads_only(self) -> bool:
        """Whether a call leaves the host as it was. Creating reads say `retry: never`."""
        return self.method == "GET" and self.facts is not None and self.facts.text("retry") == "idempotent"

    @property
    def harmless(self) -> bool:
        """Whether a call leaves the host as it was; inference costs a little, and changes nothing."""
        return self.reads_only or self.surface is not SurfaceName.CONTROL_PLANE

    @property
    def for_administrators(self) -> bool:
        """Whether only an administrator gets anything but a refusal."""
        return self.call.startswith("admin.")

    @property
    def needs_key(self) -> bool:
        """Whether the documents know no way to call it without credentials."""
        ways = self.node.get("security")
        return ways is None or (isinstance(ways.value, list) and ways.value != [] and {} not in ways.value)

    @property
    def may_be_empty(self) -> bool:
        """Whether success may come without a body."""
        return self.facts is not None and "empty_ok" in self.facts

    @cached_property
    def stream(self) -> Stream | None:
        """How it streams, if it does."""
        node = self.facts.get("stream") if self.facts is not None else None
        if node is None:
            return None
        event = node.document.at(("components", "schemas", node.text("event")))
        return Stream(node.text("field"), self._shapes.of(event), node.text("end"))

    @cached_property
    def parameters(self) -> tuple[Node, ...]:
        """Its parameters."""
        node = self.node.get("parameters")
        return tuple(node.elements()) if node is not None else ()

    @cached_property
    def body(self) -> Shape | None:
        """What it takes as JSON, if it takes a body."""
        node = self.node.get("requestBody")
        media = node["content"].get("application/json") if node is not None else None
        return self._shapes.of(media["schema"]) if media is not None else None

    def parameter(self, name: str) -> Node:
        """
        Find where a field of the body, or a parameter, stands, and not what it refers to: that may belong to others.

        The operation itself is the place of what it does not have.
        """
        body = self.body
        if body is not None and name in body.properties and "properties" in body.node:
            return body.node["properties"].step(name)
        return next((node for node in self.parameters if node.text("name") == name), self.node)

    @cached_property
    def examples(self) -> tuple[Json, ...]:
        """The documented examples of its body."""
        node = self.node.get("requestBody")
        media = node["content"].get("application/json") if node is not None else None
        if media is None:
            return ()
        one, many = media.get("example"), media.get("examples")
        named = tuple(example["value"].value for _, example in many.items()) if many is not None else ()
        return (*((one.value,) if one is not None else ()), *named)

    def response(self, status: int) -> tuple[Node | None, bool]:
        """
        Find what the document says of a status, and whether it names it.

        A success that it does not name is checked against the one that it does, everything else against `default`.
        """
        responses = self.node["responses"]
        for name in (str(status), f"{status // 100}XX"):
            if name in responses:
                return responses[name], True
        return responses.get("200" if 200 <= status < 300 else "default"), False

    def content(self, response: Node) -> dict[str, Shape | None]:
        """Give the media types of a response with what the document says of each body."""
        node = response.get("content")
        found: dict[str, Shape | None] = {}
        for name, media in node.items() if node is not None else ():
            schema = media.get("schema")
            found[name] = self._shapes.of(schema) if schema is not None else None
        return found

    def headers(self, response: Node) -> dict[str, tuple[Shape | None, bool]]:
        """Give the headers of a response: name in lower case, what it is, and whether it has to be there."""
        node = response.get("headers")
        found: dict[str, tuple[Shape | None, bool]] = {}
        for name, header in node.items() if node is not None else ():
            schema = header.get("schema")
            required = header.get("required")
            shape = self._shapes.of(schema) if schema is not None else None
            found[name.lower()] = (shape, required is not None and required.value is True)
        return found


class Surface:
    """One of the three documents, as operations."""

    def __init__(self, name: SurfaceName, library: Library, shapes: Shapes) -> None:
        self.name = name
        self.library = library
        self.document: Document = library.document(file_stem(name))
        self.shapes = shapes
        self.operations = tuple(
            Operation(name, one.path, one.method, one.node, shapes) for one in operations(self.document)
        )
        self._routes = Routes((one.method, one.path, one) for one in self.operations)
        self._by_id = {one.id: one for one in self.operations}
        self.left_out: tuple[Operation, ...] = ()

    def limited(self, left_out: Collection[Operation]) -> Surface:
        """Give the same surface without some operations: they are not asked, and nothing is said of them."""
        other = copy.copy(self)
        other.operations = tuple(one for one in self.operations if one not in left_out)
        other.left_out = (*self.left_out, *(one for one in self.operations if one in left_out))
        return other

    @property
    def version(self) -> str:
        """The version that the document gives itself."""
        return self.document.root["info"].text("version")

    def find(self, method: str, path: str) -> Operation | None:
        """Find the operation that a request reaches, by its path below the base URL, without the query."""
        found = self.documented(method, path)
        return found if found not in self.left_out else None

    def documented(self, method: str, path: str) -> Operation | None:
        """Find the operation that a request reaches, be it left out or not."""
        match = self._routes.find(method, path)
        return match.target if match is not None else None

    def by_id(self, name: str) -> Operation:
        """
        Give an operation by its operationId, be it left out or not.

        Raises:
            KeyError: there is none.
        """
        return self._by_id[name]


def read_surfaces(
    library: Library | None = None, names: Iterable[SurfaceName] = SurfaceName
) -> dict[SurfaceName, Surface]:
    """Read the surfaces of some names, all three if none are given; shapes of shared parts are shared."""
    library, shapes = library or Library(), Shapes()
    return {name: Surface(name, library, shapes) for name in names}


def surfaces_in(folder: Path) -> list[SurfaceName]:
    """Tell which surfaces a folder has a document of."""
    return [name for name in SurfaceName if (folder / f"{file_stem(name)}.yaml").is_file()]


def file_stem(name: SurfaceName) -> str:
    """Give the name of a surface's document, without its ending."""
    return name.replace("-", "_")
