"""What a library, or another class, keeps to itself stays its own."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.conftest import ROOT, files

OWN = {"self", "cls", "copy"}
"""An object's own parts, those of its class, and those of a copy that is being made of it."""

PUBLIC = {"_make", "_replace"}
"""Of named tuples, whose methods begin so to leave the other names to their fields."""


def private_accesses(package: str) -> list[str]:
    """Every private attribute that is asked of anything else."""
    return [
        f"{file.relative_to(ROOT).as_posix()}:{node.lineno}: {ast.unparse(node)}"
        for file in files(package)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.endswith("__")
        and node.attr not in PUBLIC
        and not (isinstance(node.value, ast.Name) and node.value.id in OWN)
    ]


@pytest.mark.parametrize(
    "package",
    [
        "tensormesh_documents",
        "tensormesh_transport",
        "tensormesh_overlay",
        "tensormesh_batch",
        "tensormesh",
        "tensormesh_pytest",
    ],
)
def test_nobodys_private_parts_are_touched(package: str) -> None:
    assert private_accesses(package) == []
