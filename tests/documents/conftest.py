"""The documents as the tests see them: as data, with none of the meaning that `tools` finds in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tensormesh_documents.library import Library, Node
from tensormesh_documents.operations import operations as operations_of

SURFACES = ("serverless", "on_demand", "control_plane")
FILES = (*SURFACES, "inference")
LIBRARY = Library()


@dataclass(frozen=True)
class Operation:
    """One operation of one document."""

    surface: str
    path: str
    method: str
    place: Node
    parameters: tuple[Node, ...]

    @property
    def raw(self) -> dict[str, Any]:
        return self.place.value  # type: ignore[return-value]

    @property
    def document(self) -> dict[str, Any]:
        """The document it belongs to, though it may be written in a shared one."""
        return LIBRARY.document(self.surface).value

    @property
    def sends(self) -> bool:
        return "requestBody" in self.raw

    @property
    def facts(self) -> dict[str, Any]:
        return dict(self.raw.get("x-tensormesh", {}))

    def __str__(self) -> str:
        return f"{self.surface}-{self.raw.get('operationId', self.path)}"


def read_operations() -> list[Operation]:
    return [
        Operation(surface, one.path, one.method, one.node, tuple(place.followed() for place in one.parameters))
        for surface in SURFACES
        for one in operations_of(LIBRARY.document(surface))
    ]


def _schemas() -> list[Node]:
    """Every schema of every document: components, what is nested in them, and those of parameters and bodies."""

    def walk(place: Node) -> Iterator[Node]:
        yield place
        for child in place.children():
            yield from walk(child)

    def nested(place: Node) -> Iterator[Node]:
        yield place
        if not isinstance(place.value, dict):
            return
        for key in ("items", "additionalProperties", "not"):
            if key in place:
                yield from nested(place.step(key))
        for key in ("oneOf", "anyOf", "allOf", "properties"):
            for child in place.step(key).children() if key in place else ():
                yield from nested(child)

    found: list[Node] = []
    for name in FILES:
        for place in walk(LIBRARY.document(name).root):
            in_schema = place.keys[-1:] == ("schema",) and isinstance(place.value, dict)
            if in_schema or (len(place.keys) == 3 and place.keys[:2] == ("components", "schemas")):
                found += nested(place)
    return found


@pytest.fixture(scope="session")
def operations() -> list[Operation]:
    return read_operations()


@pytest.fixture(scope="session")
def schemas() -> list[Node]:
    return _schemas()


@pytest.fixture(scope="session")
def components() -> dict[str, Node]:
    """Every component schema by its name; the names are the same for all documents."""
    parts = [LIBRARY.document(name).root["components"].get("schemas") for name in FILES]
    return {name: component for schemas in parts if schemas for name, component in schemas.items()}
