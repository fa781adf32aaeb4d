"""A file imports from lower layers only."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.architecture.conftest import (
    ABOVE,
    GENERATED,
    HANDWRITTEN,
    PACKAGES,
    ROOT,
    Import,
    circle,
    files,
    found,
    imports,
    module_name,
)

BELOW = {
    "tensormesh_documents": set(),
    "tensormesh_transport": set(),
    "tensormesh_runtime": {"tensormesh_transport"},  # what a secret is, and nothing else: see below
    "tensormesh_generated": {"tensormesh_runtime"},
    "tensormesh_overlay": {"tensormesh_generated", "tensormesh_runtime", "tensormesh_transport"},
    "tensormesh_batch": {"tensormesh_generated", "tensormesh_overlay", "tensormesh_runtime"},
    "tensormesh": {"tensormesh_batch", "tensormesh_generated", "tensormesh_overlay", "tensormesh_runtime"},
    "tensormesh_cli": {"tensormesh"},
    "tensormesh_local": {"tensormesh_documents"},
    "tensormesh_contract": {"tensormesh_documents", "tensormesh_local"},
    "tensormesh_pytest": {"tensormesh", "tensormesh_contract", "tensormesh_local", "tensormesh_overlay"},
    "tensormesh_langchain": {"tensormesh"},
    "tensormesh_pydantic_ai": {"tensormesh"},
    "tools": {"tensormesh_documents", "tensormesh_runtime"},  # whose values it prints
}
"""What of the project a package may import beside itself."""

ENTRY_POINTS = {
    "tensormesh_generated.commands",  # made for it: what the documents say of each command, as data
    "tensormesh_generated.surfaces",  # and of each host
    "tensormesh_local.command_line",
    "tensormesh_local.prompt_report",
    "tensormesh_contract.command_line",
    "tensormesh_contract.session",
}
"""What `tm` takes beside the public names; of the packages beside the layers, their commands only."""

HTTP: dict[str, set[str]] = {
    "aiohttp": set(),
    "http.client": set(),
    "httpcore": set(),
    "httptools": {"tensormesh_transport.core.exchange"},
    "httpx": {"tensormesh_transport.httpx_fallback"},
    "requests": set(),
    "urllib3": set(),
}
"""The libraries that speak HTTP, and who of the client knows them."""

CLIENT_LAYERS = (
    "tensormesh_runtime",
    "tensormesh_generated",
    "tensormesh_transport",
    "tensormesh_overlay",
    "tensormesh_batch",
    "tensormesh",
    "tensormesh_cli",
)
UNSAFE = {"dill", "marshal", "pickle", "shelve"}
"""They run what they read."""


def library(item: Import) -> str:
    """The HTTP library that an import is of, or nothing."""
    names = {f"{item.module}.{item.name}", item.module, *_parents(item.module)}
    return next(iter(sorted(HTTP.keys() & names)), "")


def _parents(module: str) -> Iterator[str]:
    while module := module.rpartition(".")[0]:
        yield module


def test_there_is_something_to_look_at() -> None:
    """The claims below are about hundreds of imports, not about none."""
    assert {item.package for item in found(*PACKAGES)} > {"tensormesh_generated", "tensormesh_overlay", "httpx"}
    assert {item.at for item in found(*PACKAGES)} == {"top", "function", "types"}
    assert {item.module for item in found("tensormesh_cli")} > ENTRY_POINTS


@pytest.mark.parametrize("package", BELOW)
def test_a_package_imports_lower_layers_only(package: str) -> None:
    """Type checkers' imports and those in functions are no exception."""
    forbidden = {*BELOW, "tests"} - {package, *BELOW[package]}
    ours = [item for item in found(package) if not (package == "tensormesh_cli" and item.module in ENTRY_POINTS)]

    assert [str(item) for item in ours if item.package in forbidden] == []


def test_of_the_transport_the_runtime_knows_what_a_secret_is_and_no_more() -> None:
    below = {item.module for item in found("tensormesh_runtime") if item.package == "tensormesh_transport"}

    assert below == {"tensormesh_transport.secret"}


def test_the_layers_have_no_cycle() -> None:
    """The table above is an order."""
    assert circle(BELOW) == ""


@pytest.mark.parametrize(
    ("packages", "places"),
    [
        pytest.param((*HANDWRITTEN, *ABOVE), {"top", "function", "types"}, id="by hand"),
        # Objects of the documents may hold each other, so their models may name each other for type checkers.
        pytest.param((GENERATED.name,), {"top", "function"}, id="generated"),
    ],
)
def test_files_do_not_import_each_other_in_a_circle(packages: tuple[str, ...], places: set[str]) -> None:
    """Each can be read, and imported, when all that it needs was before it; in whichever packages they are."""
    graph = {
        module_name(file): {item.module for item in imports(file) if item.at in places} for file in files(*packages)
    }
    for name, needed in graph.items():
        # `from . import a` in a package names the package itself.
        needed.discard(name)

    assert len(graph) > 100
    assert circle(graph) == ""


@pytest.mark.parametrize("name", HTTP)
def test_an_http_library_is_known_to_one_file(name: str) -> None:
    """For type checkers the transport and the client may name what a caller hands in."""
    users = {module_name(item.file) for item in found(*CLIENT_LAYERS) if item.at != "types" and library(item) == name}

    assert users == HTTP[name]


def test_http_libraries_are_known_below_the_client_only() -> None:
    """Types included: the layers above speak of requests and answers."""
    others = found("tensormesh_runtime", "tensormesh_generated", "tensormesh_batch", "tensormesh", "tensormesh_cli")

    assert [str(item) for item in others if library(item)] == []


def test_the_generator_is_known_to_the_tools_only() -> None:
    """By its public names; its templates and its behaviour are pinned, its inner names are nobody's."""
    everywhere = found(*PACKAGES, "examples", "benchmarks")
    users = [item for item in everywhere if item.package == "openapi_python_client"]
    private = [
        str(item) for item in users if any(part.startswith("_") for part in (*item.module.split("."), item.name))
    ]

    assert {item.file.parent.name for item in users} == {"tools"}
    assert private == []


@pytest.mark.parametrize("name", sorted(UNSAFE))
def test_nothing_reads_what_could_run(name: str) -> None:
    """No file, cache or answer is read by a module that runs code in it."""
    assert [str(item) for item in found(*PACKAGES) if item.package == name] == []


@pytest.mark.parametrize(
    ("module", "foreign"),
    [
        (
            "tensormesh_local.app",
            ["tensormesh", "tensormesh_overlay", "tensormesh_generated", "tensormesh_cli", "tools"],
        ),
        ("tools.generate", ["tensormesh", "tensormesh_overlay", "tensormesh_generated", "tensormesh_cli"]),
        (
            "tensormesh",
            ["tensormesh_batch", "tensormesh_local", "tensormesh_cli", "tools", "openapi_python_client", "pydantic"],
        ),
        ("tensormesh", ["langchain_core", "tensormesh_langchain", "opentelemetry"]),
        ("tensormesh", ["openai", "pydantic_ai", "tensormesh_pydantic_ai"]),
        ("tensormesh_pydantic_ai", ["openai", "pydantic", "pydantic_ai", "tensormesh"]),
        ("tensormesh_overlay.surfaces.inference", ["opentelemetry"]),
        ("tensormesh_cli.main", ["langchain_core", "tensormesh_langchain"]),
        ("tensormesh_langchain", ["langchain_core", "pydantic", "tensormesh"]),
        ("tensormesh.batch", ["multiprocessing", "ray", "tensormesh_cli"]),
        ("tensormesh_batch.engines.ray_actors", ["ray"]),
        ("tensormesh_documents.operations", ["tools", "jsonschema", "openapi_python_client", "pydantic"]),
        ("tensormesh_transport.default", ["tensormesh", "tensormesh_overlay", "tensormesh_generated"]),
        ("tensormesh_local.command_line", ["starlette", "uvicorn", "yaml", "asyncio", "ssl", "sqlite3"]),
        ("tensormesh_contract.command_line", ["httpx", "schemathesis", "yaml", "asyncio", "ssl", "sqlite3"]),
    ],
)
def test_importing_one_loads_none_of_the_others(module: str, foreign: list[str]) -> None:
    """What the files say is what happens, imports by name included."""
    code = f"import {module}, sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}} & {set(foreign)}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)

    assert done.stdout.split() == []
