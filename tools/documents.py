"""Reads OpenAPI documents and follows their references; knows nothing of what they describe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

JsonObject = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


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
    pairs = loader.construct_pairs(node, deep=True)
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise yaml.constructor.ConstructorError(None, None, f"the key {twice!r} stands twice", node.start_mark)
    return mapping


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_duplicates)


def load(file: Path) -> JsonObject:
    """
    Read one document.

    Raises:
        DocumentError: the file is missing, is not YAML, or is not a mapping.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise DocumentError(file, "", f"it cannot be read: {error.strerror}") from error
    try:
        # A subclass of CSafeLoader, so nothing in the document can run code.
        document = yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise DocumentError(file, line, f"this is not YAML: {error.problem}") from error
    if not isinstance(document, dict):
        raise DocumentError(file, "", "a document must be a mapping")
    return document


class Library:
    """The documents of one run, each read once."""

    def __init__(self) -> None:
        self._documents: dict[Path, JsonObject] = {}

    def document(self, file: Path) -> JsonObject:
        file = file.resolve()
        if file not in self._documents:
            self._documents[file] = load(file)
        return self._documents[file]

    def follow(self, ref: str, file: Path, place: str) -> tuple[Path, str, Any]:
        """
        Find what `ref`, written in `file` at `place`, points at.

        Returns:
            The file and the pointer of the target, and the target itself.

        Raises:
            DocumentError: the reference leads nowhere.
        """
        target_name, _, pointer = ref.partition("#")
        target_file = (file.parent / target_name).resolve() if target_name else file
        node: Any = self.document(target_file)
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or key not in node:
                raise DocumentError(file, place, f"$ref {ref!r} points at nothing")
            node = node[key]
        return target_file, pointer, node
