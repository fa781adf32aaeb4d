"""No change of the project's documents is silent: each leaf of them is changed, those of a kind at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tensormesh_documents import library
from tensormesh_documents.places import DocumentError
from tests.generation.conftest import ROOT, interface
from tools import merge
from tools.changes import compare_interfaces
from tools.interface import NAMES, PROSE, Interface

Keys = tuple[Any, ...]
Leaf = tuple[str, Keys]

DOCUMENTS = {
    file.name: yaml.load(file.read_bytes(), yaml.CSafeLoader) for file in sorted((ROOT / "openapi").glob("*.yaml"))
}
VALUES = {"default", "example", "examples"}
"""What holds values of the API: one of them is as good as another."""
METHODS = {"delete", "get", "post", "put"}
OTHERS = {"string": "integer", "integer": "number", "number": "integer", "boolean": "string", "null": "boolean"}
FORMATS = {"date-time": "decimal", "int32": None, "int64": "uint64", "uint64": "int64", "double": None}


def leaves(value: Any, keys: Keys = ()) -> Iterator[Keys]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from leaves(item, (*keys, key))
    if not isinstance(value, dict | list):
        yield keys


def kind(keys: Keys) -> str:
    """A place without the names in it: leaves of one kind are told of in the same way."""
    words: list[str] = []
    for key in keys:
        names = bool(words) and words[-1] in {*NAMES, "paths", "schemas", "pathItems", "options", "examples"}
        words.append("#" if isinstance(key, int) else "*" if names or key in METHODS else str(key))
        if not names and (key in VALUES or (key == "requestBody" and "links" in words)):
            break
    return ".".join(words).replace("components.pathItems.*", "paths.*")


KINDS: dict[str, list[Leaf]] = {}
for _name, _document in DOCUMENTS.items():
    for _keys in leaves(_document):
        _kind = kind(_keys)
        KINDS.setdefault("prose" if PROSE & {*_kind.split(".")} else _kind, []).append((_name, _keys))


def other(value: Any, keys: Keys) -> Any:
    """Another value, of the kind that stands there where that is a matter of a few words."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if keys[-1] == "type" or (keys[-2:-1] == ("type",) and value in OTHERS):
        return OTHERS.get(value, f"{value}x")
    return FORMATS.get(value, "int32") if keys[-1] == "format" else f"{value or ''}x"


@pytest.fixture(scope="module", autouse=True)
def _read_once() -> Iterator[None]:
    """To read the documents and hold them to OpenAPI takes longer than all else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "read", lambda _, name: (DOCUMENTS[Path(name).name], {}))
        patch.setattr(merge, "check_document", lambda _: None)
        yield


@pytest.fixture(scope="module")
def known() -> Interface:
    return interface(ROOT / "openapi")


def changed(found: list[Leaf]) -> Interface:
    """
    What a package would be made of, were these leaves others.

    Raises:
        DocumentError: the change is refused, and so it is told.
    """
    before: list[tuple[Any, Any]] = []
    try:
        for name, (*path, last) in found:
            node = DOCUMENTS[name]
            for key in path:
                node = node[key]
            before.append((node, node.copy()))
            node[last] = other(node[last], (*path, last))
            if node[last] is None:
                del node[last]
        return interface(ROOT / "openapi")
    finally:
        for node, held in reversed(before):
            node.clear()
            node.extend(held) if isinstance(node, list) else node.update(held)


@pytest.mark.parametrize("word", KINDS)
def test_a_change_is_not_silent(known: Interface, word: str) -> None:
    """It is told of, or refused; what readers alone see is told of as that."""
    all_of_it = KINDS[word]
    for found in [all_of_it, all_of_it[:1]][: len(all_of_it)]:
        try:
            changes = compare_interfaces(known, changed(found))
        except DocumentError:
            continue
        told = {change.name for change in changes.changes}
        assert [leaf for leaf in found if not is_told(leaf, told, {*told, *changes.described})] == []
        break


def is_told(leaf: Leaf, told: Collection[str], all_told: Collection[str]) -> bool:
    name, keys = leaf
    words = set(kind(keys).split("."))
    where = all_told if words & PROSE else told
    match keys:
        case ("components", "schemas", str(owner), *_):
            pass
        case ("components", "parameters", *_):
            return bool(where)  # told of where it is used
        case ("components", "securitySchemes", *_):
            owner = name
        case ("components", "pathItems", str(item), str(method), *_):
            owner = called(DOCUMENTS[name]["components"]["pathItems"][item][method], name, words)
        case ("components", section, str(part), *_):
            owner = f"{section[:-1]} {part} of {name}"
        case ("paths", str(path), "$ref"):
            return bool(where)
        case ("paths", str(path), str(method), *_):
            owner = called(DOCUMENTS[name]["paths"][path][method], name, words)
        case _:
            owner = name
    return any(re.match(rf"{re.escape(owner)}(?![\w-])", line) for line in where)


def called(operation: Any, document: str, words: Collection[str]) -> str:
    facts, kind = operation["x-tensormesh"], "control_plane" if document == "control_plane.yaml" else "inference"
    return f"tm {facts['cli']['command']}" if "cli" in words else f"{kind}.{facts['call']}"
