"""
From a method and a path to what answers it.

Paths are matched as they came, still percent-encoded, so that a value may hold a slash; a fixed path wins over one
with a parameter, and a custom verb (`/v1/models/{modelId}:chat`) is part of the path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

_PARAMETER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Match[Target]:
    """What answers a request, and the values in its path, decoded."""

    target: Target
    values: dict[str, str]


class Routes[Target]:
    """
    What answers which requests.

    Args:
        routes: a method, the template of a path, and what answers there.
    """

    def __init__(self, routes: Iterable[tuple[str, str, Target]]) -> None:
        templates: dict[str, dict[str, Target]] = {}
        for method, path, target in routes:
            templates.setdefault(path, {})[method.upper()] = target
        ordered = sorted(templates, key=lambda path: (len(_PARAMETER.findall(path)), path))
        self._templates = [(path, templates[path]) for path in ordered]

    def find(self, method: str, path: str) -> Match[Target] | None:
        """Find what answers a request, by its path below the base URL, without the query."""
        for template, targets in self._templates:
            values = path_values(template, path) if method.upper() in targets else None
            if values is not None:
                return Match(targets[method.upper()], values)
        return None

    def methods(self, path: str) -> list[str]:
        """Name the methods that a path can be asked with; none when there is no such path."""
        fitting = (targets for template, targets in self._templates if path_values(template, path) is not None)
        return sorted({method for targets in fitting for method in targets})


def path_values(template: str, path: str) -> dict[str, str] | None:
    """Give the values that a path has for the parameters of a template, decoded; None when it is another path."""
    names, pattern = _compiled(template)
    found = pattern.fullmatch(path)
    return None if found is None else dict(zip(names, map(unquote, found.groups()), strict=True))


@cache
def _compiled(template: str) -> tuple[list[str], re.Pattern[str]]:
    texts = _PARAMETER.split(template)
    # A colon begins a custom verb, so it is not part of a value unless encoded.
    pattern = "".join("([^/:]+)" if index % 2 else re.escape(text) for index, text in enumerate(texts))
    return texts[1::2], re.compile(pattern)
