"""The project's Python files and what they import, read and never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ROOT / "tensormesh_generated"
HANDWRITTEN = (
    "tools",
    "tensormesh_documents",
    "tensormesh_transport",
    "tensormesh_runtime",
    "tensormesh_overlay",
    "tensormesh_batch",
    "tensormesh",
    "tensormesh_cli",
    "tensormesh_local",
    "tensormesh_contract",
    "tensormesh_pytest",
    "tensormesh_langchain",
    "tensormesh_pydantic_ai",
)
PACKAGES = (*HANDWRITTEN, GENERATED.name)
ABOVE = ("benchmarks", "documentation", "examples", "tests")
"""By hand as well, and above all packages."""


@dataclass(frozen=True)
class Import:
    """
    One name that a file imports.

    Attributes:
        module: absolute; for `from a import b` it is `a.b` where that is a module of the project, else `a`.
        name: what is taken from it, empty for `import a`.
        at: where it stands: at the `top` and run on import, in a `function`, or for type checkers only (`types`).
    """

    file: Path
    line: int
    module: str
    name: str
    at: str

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT).as_posix()}:{self.line}: {self.module}"


@cache
def files(*packages: str) -> tuple[Path, ...]:
    """The Python files of packages; a package that does not exist has none."""
    return tuple(sorted(file for package in packages for file in (ROOT / package).rglob("*.py")))


@cache
def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def found(*packages: str) -> list[Import]:
    """Every import of packages."""
    return [item for file in files(*packages) for item in imports(file)]


def circle(graph: Mapping[str, Set[str]]) -> str:
    """Name one circle in what imports what, each before that which it imports; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " -> ".join(reversed(error.args[1]))
    return ""


@cache
def imports(file: Path) -> tuple[Import, ...]:
    """Every import of a file, wherever it stands."""
    return tuple(_imports(ast.parse(file.read_text(encoding="utf-8")), file, "top"))


def _imports(node: ast.AST, file: Path, at: str) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(file, node.lineno, alias.name, "", at)
    elif isinstance(node, ast.ImportFrom):
        package = module_name(file) if file.stem == "__init__" else module_name(file).rpartition(".")[0]
        base = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module or ""
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield Import(file, node.lineno, inner if _is_module(inner) else base, alias.name, at)
    elif isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        for statement in node.body:
            yield from _imports(statement, file, "types")
        for statement in node.orelse:
            yield from _imports(statement, file, at)
    else:
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        # An expression imports nothing.
        for child in (child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)):
            yield from _imports(child, file, "function" if inside and at == "top" else at)


@cache
def _is_module(name: str) -> bool:
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
