"""
Under which name a class is known: that of the package that people import it from, wherever it is written.

A traceback, a `repr` and a pickle then say what can be imported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ForwardRef, TypeVar

C = TypeVar("C", bound=type[Any])

PACKAGE = "tensormesh"
TYPES = f"{PACKAGE}.types"


def public(cls: C) -> C:
    """Say that a class lives in the package that lends it."""
    origin = cls.__module__
    for name, annotation in vars(cls).get("__annotations__", {}).items():
        # `get_type_hints` looks names up where a class says that it lives; these mean something where it is written.
        if isinstance(annotation, ForwardRef):
            annotation.__forward_module__ = origin
        elif isinstance(annotation, str):
            cls.__annotations__[name] = ForwardRef(annotation, module=origin, is_class=True)
    return living_in(PACKAGE, cls)


def public_as(name: str) -> Callable[[C], C]:
    """Like `public`, of a class that goes by another name there."""

    def named(cls: C) -> C:
        cls.__name__ = cls.__qualname__ = name
        return public(cls)

    return named


def living_in(home: str, cls: C) -> C:
    """Say that a class lives in a module."""
    cls.__module__ = home
    return cls
