"""Types as they are written in Python."""

from __future__ import annotations

import ast
from functools import cache


def union(types: list[str]) -> str:
    """One of several types, each named once, and null last."""
    parts: list[str] = []
    for entry in types:
        parts += [part for part in split(entry) if part not in parts]
    if "Any" in parts:
        return "Any"
    if "None" in parts:
        parts.remove("None")
        parts.append("None")
    return " | ".join(parts)


@cache
def split(annotation: str) -> list[str]:
    """Cut `A | list[B | C]` at its outer bars, and `Literal['a|b']` nowhere."""
    node = ast.parse(annotation, mode="eval").body
    if isinstance(node, ast.BinOp):
        return [*split(ast.unparse(node.left)), ast.unparse(node.right)]
    return [annotation]


def or_none(annotation: str) -> str:
    """A type, or null."""
    return annotation if annotation == "Any" else union([annotation, "None"])
