"""What may import what inside the local host, read off the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.cases import cases

ROOT = Path(__file__).resolve().parents[2] / "tensormesh_local"
FILES = sorted(ROOT.rglob("*.py"))
CLIENT = ("tensormesh", "tensormesh_overlay", "tensormesh_generated", "tensormesh_cli", "tools")


def _imports(file: Path) -> Iterator[str]:
    """Every module that a file imports anywhere in it, written out."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield str(node.module)
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_no_file_imports_the_client() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {name}"
        for file in FILES
        for name in _imports(file)
        if any(_within(name, package) for package in CLIENT)
    ]

    assert len(FILES) > 100
    assert found == []


@cases(
    ("part", "others"),
    [
        ("engine", ("starlette", "uvicorn", "httpx", "tensormesh_local.inference", "tensormesh_local.faults",
                    "tensormesh_local.control_plane", "tensormesh_local.errors", "tensormesh_local.server")),
        ("inference", ("uvicorn", "tensormesh_local.faults", "tensormesh_local.control_plane",
                       "tensormesh_local.server", "tensormesh_local.app", "tensormesh_local.envelope")),
        ("faults", ("tensormesh_local.engine", "tensormesh_local.inference", "tensormesh_local.control_plane",
                    "tensormesh_local.server", "tensormesh_local.app", "tensormesh_local.envelope")),
        ("control_plane", ("tensormesh_local.engine", "tensormesh_local.inference", "tensormesh_local.faults",
                           "tensormesh_local.server", "tensormesh_local.app", "tensormesh_local.envelope")),
    ],
)  # fmt: skip
def test_a_part_does_not_know_its_neighbours(part: str, others: tuple[str, ...]) -> None:
    found = {
        (file.name, name)
        for file in (ROOT / part).rglob("*.py")
        for name in _imports(file)
        if any(_within(name, other) for other in others)
    }

    assert found == set()
