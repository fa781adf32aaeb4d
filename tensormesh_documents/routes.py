"""
From method and path to operation.

Paths are matched as they came, still percent-encoded, so that a value may hold
a slash; a fixed path wins over one with a parameter, and a custom verb
(`/v1/models/{modelId}:chat`) is part of the path.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from tensormesh_local.control_plane.document import Operation

_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Match:
    """An operation, and the values of its path, decoded."""

    operation: Operation
    values: Mapping[str, str]


class Paths:
    """All paths of a document."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        templates: dict[str, dict[str, Operation]] = {}
        for operation in operations:
            templates.setdefault(operation.path, {})[operation.method] = operation
        ordered = sorted(templates, key=lambda path: (len(_PARAMETER.findall(path)), path))
        self._patterns = [(_pattern(path), templates[path]) for path in ordered]

    def match(self, method: str, path: str) -> Match | None:
        """Find the operation of a request."""
        for pattern, operations in self._patterns:
            found = pattern.fullmatch(path)
            if found is not None and method in operations:
                values = {name: unquote(value) for name, value in found.groupdict().items()}
                return Match(operations[method], values)
        return None

    def methods(self, path: str) -> tuple[str, ...]:
        """Name the methods a path can be asked with; none when there is no such path."""
        found = {method for pattern, operations in self._patterns if pattern.fullmatch(path) for method in operations}
        return tuple(sorted(found))


def _pattern(template: str) -> re.Pattern[str]:
    pieces = _PARAMETER.split(template)
    # A colon starts a custom verb, so it is not part of a value unless encoded.
    return re.compile("".join(f"(?P<{p}>[^/:]+)" if i % 2 else re.escape(p) for i, p in enumerate(pieces)))
