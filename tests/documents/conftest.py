"""The documents as the tests see them: read with plain YAML, followed with a few lines of our own, not with `tools`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "openapi"
SURFACES = ("serverless", "on_demand", "control_plane")
FILES = (*SURFACES, "inference")
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


class _Loader(yaml.SafeLoader):
    """Times stay text, as they are on the wire."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def read(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506


@dataclass(frozen=True)
class Place:
    """A value in a document, and where it stands."""

    file: Path
    keys: tuple[Any, ...] = ()

    @property
    def value(self) -> Any:
        node = read(self.file)
        for key in self.keys:
            node = node[key]
        return node

    @property
    def uri(self) -> str:
        parts = (str(key).replace("~", "~0").replace("/", "~1") for key in self.keys)
        return f"{self.file.as_uri()}#{quote(''.join('/' + part for part in parts), safe='/~')}"

    def __getitem__(self, key: Any) -> Place:
        return Place(self.file, (*self.keys, key)).follow()

    def __contains__(self, key: object) -> bool:
        return key in self.value

    def __str__(self) -> str:
        return f"{self.file.name}: {'.'.join(map(str, self.keys))}"

    def follow(self) -> Place:
        """The place itself, or what it refers to."""
        if not (isinstance(self.value, dict) and isinstance(self.value.get("$ref"), str)):
            return self
        name, _, pointer = self.value["$ref"].partition("#")
        file = (self.file.parent / name).resolve() if name else self.file
        keys = (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
        return Place(file, tuple(keys)).follow()

    def walk(self) -> Iterator[Place]:
        """This place and all below it, without following references."""
        yield self
        value = self.value
        keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        for key in keys:
            yield from Place(self.file, (*self.keys, key)).walk()


@dataclass(frozen=True)
class Operation:
    """One operation of one document."""

    surface: str
    path: str
    method: str
    place: Place
    parameters: tuple[Place, ...]

    @property
    def raw(self) -> dict[str, Any]:
        return dict(self.place.value)

    @property
    def document(self) -> dict[str, Any]:
        """The document it belongs to, though it may be written in a shared one."""
        return dict(read(FOLDER / f"{self.surface}.yaml"))

    @property
    def sends(self) -> bool:
        return "requestBody" in self.raw

    @property
    def facts(self) -> dict[str, Any]:
        return dict(self.raw.get("x-tensormesh", {}))

    def __str__(self) -> str:
        return f"{self.surface}-{self.raw.get('operationId', self.path)}"


def read_operations() -> list[Operation]:
    found = []
    for surface in SURFACES:
        document = Place(FOLDER / f"{surface}.yaml")
        for path in document["paths"].value:
            item = document["paths"][path]
            for method in METHODS:
                if method in item:
                    place = item[method]
                    parameters = tuple(
                        owner["parameters"][index]
                        for owner in (item, place)
                        for index in range(len(owner.value.get("parameters", [])))
                    )
                    found.append(Operation(surface, path, method, place, parameters))
    return found


def _schemas() -> list[Place]:
    """Every schema of every document: components, what is nested in them, and those of parameters and bodies."""

    def nested(place: Place) -> Iterator[Place]:
        yield place
        value = place.value
        if not isinstance(value, dict):
            return
        for key in ("items", "additionalProperties", "not"):
            if key in value:
                yield from nested(Place(place.file, (*place.keys, key)))
        for key in ("oneOf", "anyOf", "allOf", "properties"):
            for name in value.get(key, {}) if key == "properties" else range(len(value.get(key, []))):
                yield from nested(Place(place.file, (*place.keys, key, name)))

    found: list[Place] = []
    for name in FILES:
        document = Place(FOLDER / f"{name}.yaml")
        for place in document.walk():
            in_schema = place.keys[-1:] == ("schema",) and isinstance(place.value, dict)
            if in_schema or (len(place.keys) == 3 and place.keys[:2] == ("components", "schemas")):
                found += nested(place)
    return found


@pytest.fixture(scope="session")
def operations() -> list[Operation]:
    return read_operations()


@pytest.fixture(scope="session")
def schemas() -> list[Place]:
    return _schemas()


@pytest.fixture(scope="session")
def components() -> dict[str, Place]:
    """Every component schema by its name; the names are the same for all documents."""
    found: dict[str, Place] = {}
    for name in FILES:
        document = Place(FOLDER / f"{name}.yaml")
        for component in document.value.get("components", {}).get("schemas", {}):
            found[component] = document["components"]["schemas"][component]
    return found
