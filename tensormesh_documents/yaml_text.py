"""
YAML as JSON values, with the line of each.

What JSON cannot say is refused with its line: keys that are not text, keys that stand twice, tags of other types than
JSON's, numbers that are none, values that hold themselves. Times stay the text that they are when they are sent.
"""

from __future__ import annotations

import math

import yaml

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_documents.places import DocumentError, Place

type Lines = dict[int, dict[str | int, int]]
"""By the `id` of an object or a list, the line of each thing in it."""

_TAG = "tag:yaml.org,2002:"
_TEXT, _MAPPING, _SEQUENCE, _MERGE = f"{_TAG}str", f"{_TAG}map", f"{_TAG}seq", f"{_TAG}merge"
_SCALARS = {f"{_TAG}{name}" for name in ("bool", "float", "int", "null")}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The loader in C is ten times as fast, and a wheel of PyYAML without it is rare."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML reads it from the class
        first: [(tag, pattern) for tag, pattern in resolvers if tag != f"{_TAG}timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read(content: bytes, file: str) -> tuple[Json, Lines]:
    """
    Read what stands in a file.

    Args:
        content: it.
        file: what an error calls the file.

    Raises:
        DocumentError: it is not YAML, or says what JSON cannot.
    """
    try:
        loader = _Loader(content.decode())
        try:
            root = loader.get_single_node()
            reading = _Reading(loader, file)
            return None if root is None else reading.value(root), reading.lines
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise DocumentError(Place(file, (), line), f"this is not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = content.count(b"\n", 0, error.position) + 1
        raise DocumentError(Place(file, (), line), f"this is not YAML: {error.reason}") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DocumentError(Place(file, (), line), "this is not UTF-8") from error
    except RecursionError as error:
        raise DocumentError(Place(file), "this is nested too deeply to be meant") from error


class _Reading:
    """The values of one text, as they are made."""

    def __init__(self, loader: _Loader, file: str) -> None:
        self._loader = loader
        self._file = file
        self._made: dict[int, Json] = {}
        self._begun: set[int] = set()
        self.lines: Lines = {}

    def value(self, node: yaml.Node) -> Json:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        # An alias is the node that it stands for, once more.
        if id(node) not in self._made:
            if id(node) in self._begun:
                raise self._error(node, "this holds itself")
            self._begun.add(id(node))
            self._made[id(node)] = self._collection(node)
        return self._made[id(node)]

    def _collection(self, node: yaml.Node) -> Json:
        lines: dict[str | int, int] = {}
        found: Json
        if isinstance(node, yaml.MappingNode) and node.tag == _MAPPING:
            found = self._mapping(node, lines)
        elif isinstance(node, yaml.SequenceNode) and node.tag == _SEQUENCE:
            lines |= {index: _line(item) for index, item in enumerate(node.value)}
            found = [self.value(item) for item in node.value]
        else:
            raise self._error(node, f"the tag {node.tag!r} is not of a JSON value")
        self.lines[id(found)] = lines
        return found

    def _mapping(self, node: yaml.MappingNode, lines: dict[str | int, int]) -> JsonObject:
        found: JsonObject = {}
        for key, item in node.value:
            if key.tag != _TEXT:
                # Trap: `200:` is a number to YAML and `no:` a boolean.
                name = key.value if isinstance(key, yaml.ScalarNode) else "that begins here"
                advice = "write out what it merges" if key.tag == _MERGE else "quote it"
                raise self._error(key, f"the key {name} is not text: {advice}")
            if key.value in found:
                raise self._error(key, f"the key {key.value!r} stands twice")
            found[key.value], lines[key.value] = self.value(item), _line(key)
        return found

    def _scalar(self, node: yaml.ScalarNode) -> Json:
        if node.tag == _TEXT:
            return str(node.value)
        found: Json = None
        try:
            if node.tag in _SCALARS:
                found = self._loader.construct_object(node)
        except (KeyError, ValueError) as error:
            raise self._error(node, f"{node.value!r} is not of its type") from error
        if node.tag not in _SCALARS or (isinstance(found, float) and not math.isfinite(found)):
            raise self._error(node, f"{node.value} is no JSON value: quote it")
        return found

    def _error(self, node: yaml.Node, problem: str) -> DocumentError:
        return DocumentError(Place(self._file, (), _line(node)), problem)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
