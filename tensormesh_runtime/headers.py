"""Headers of an answer."""

from __future__ import annotations

from typing import Any


class Headers(dict[str, str]):
    """Headers by lower-case name, which are found by name in any case. Made of what has its names in lower case."""

    __slots__ = ()

    def __missing__(self, name: str) -> str:
        if name not in self:
            raise KeyError(name)
        return self[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None, /) -> Any:
        """The header `name`, or `default` where there is none."""
        return super().get(name.lower(), default)
