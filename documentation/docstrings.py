"""What docstrings say of arguments and attributes, read by griffe as the reference reads them."""

from __future__ import annotations

import ast
import inspect
from typing import Any

from griffe import Docstring, DocstringSectionKind


def described(thing: Any) -> dict[str, str]:
    """The words for each argument or attribute of something, in one line, in their order."""
    text = Docstring(inspect.getdoc(thing) or "")
    kinds = (DocstringSectionKind.parameters, DocstringSectionKind.attributes)
    options = {"warn_unknown_params": False, "warn_missing_types": False, "warnings": False}
    return {
        name.strip(): " ".join(item.description.split())
        for section in text.parse("google", **options)
        if section.kind in kinds
        for item in section.value
        for name in item.name.split(",")
    }


def attribute_docstrings(kind: type) -> dict[str, str]:
    """The text below each attribute of a class, or below the last of several, in one line, in their order."""
    (tree,) = ast.parse(inspect.getsource(kind)).body
    found: dict[str, str] = {}
    waiting: list[str] = []
    for node in tree.body if isinstance(tree, ast.ClassDef) else []:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            waiting.append(node.target.id)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found |= dict.fromkeys(waiting, " ".join(str(node.value.value).split()))
            waiting = []
    return found
