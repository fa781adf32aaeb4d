"""
A package has components, which import each other in one direction only.

A component is a sub-package with everything in it, or a single module beside
the sub-packages, for one of those may be below all others, as `errors`, and
another above them, as `__main__`.
"""

from __future__ import annotations

import pytest

from tests.architecture.conftest import ABOVE, HANDWRITTEN, PACKAGES, ROOT, Import, circle, files, imports, module_name

LAYERS = {
    "tensormesh_contract": (
        "__init__ json_values",
        "documents",
        "exchanges hosts",
        "evaluation requests",
        "options outcome",
        "comparison observed reports",
        "run",
        "session",
        "command_line",
        "__main__",
    ),
    "tensormesh_transport": (
        "__init__ errors exemptions messages secret sockets",
        "origin resources",
        "proxies tls",
        "core",
        "asynchronous blocking",
        "httpx_hooks",
        "httpx_errors",
        "httpx_transport",
        "httpx_fallback",
        "default",
    ),
    "tensormesh_overlay": (
        "__init__ error_bodies json_values retry_after",
        "errors",
        "costs deployments sent_secrets tools status_errors transport_errors",
        "configuration",
        "confinement",
        "think_blocks",
        "streaming",
        "telemetry",
        "calls",
        "surfaces",
        "readiness",
        "client",
    ),
    "tensormesh_batch": (
        "__init__ errors rate",
        "money rows",
        "plan tally",
        "folder",
        "progress running",
        "engines estimate status",
        "mapping session",
        "batch",
    ),
    "tensormesh_cli": (
        "__init__ exit_codes",
        "errors",
        "values",
        "conversation output",
        "failures settings",
        "client",
        "login",
        "app",
        "account",
        "command_line",
        "inference",
        "doctor terminal",
        "commands",
        "main",
        "__main__",
    ),
    "tensormesh_local": (
        "connection env_file hints json_output options",
        "authority engine errors inside lens",
        "catalogue",
        "accounts",
        "access request_log sse",
        "control_plane faults inference",
        "admin console deployed_chat envelope prompt_lines",
        "app prompt_report",
        "server",
        "__init__",
        "foreground",
        "command_line",
        "__main__",
    ),
}
"""
The layers of a package, the lowest first.

A component imports from lower layers only: not from higher ones, nor from others on its own.
"""


def component(module: str, folder: str) -> str:
    """In which component of a folder a module is; empty for none. The folder of all packages has the empty name."""
    prefix = f"{folder}." if folder else ""
    if module == folder:
        return "__init__"
    return module.removeprefix(prefix).partition(".")[0] if module.startswith(prefix) else ""


def components(folder: str) -> set[str]:
    """The components of a folder."""
    return {component(module_name(file), folder) for file in files(*PACKAGES, *ABOVE)} - {""}


def imports_between(folder: str) -> list[tuple[str, str, Import]]:
    """Every import that leads from one component of a folder to another: from which, to which, and the import."""
    known = components(folder)
    return [
        (origin, other, item)
        for file in files(*PACKAGES, *ABOVE)
        if (origin := component(module_name(file), folder))
        for item in imports(file)
        if (other := component(item.module, folder)) in known - {origin}
    ]


def parted(*packages: str) -> list[str]:
    """The folders that have sub-folders with Python files."""
    paths = [file.relative_to(ROOT).parts for file in files(*packages)]
    return sorted({".".join(path[:depth]) for path in paths for depth in range(len(path) - 1)})


def test_there_is_something_to_look_at() -> None:
    assert {item.at for _, _, item in imports_between("")} == {"top", "function", "types"}


@pytest.mark.parametrize("folder", [pytest.param(one, id=one or "all packages") for one in parted(*PACKAGES, *ABOVE)])
def test_components_do_not_import_each_other_in_a_circle(folder: str) -> None:
    """Imports for type checkers and those in functions are no exception, nor are generated components."""
    graph: dict[str, set[str]] = {name: set() for name in components(folder)}
    for origin, other, _ in imports_between(folder):
        graph[origin].add(other)

    assert circle(graph) == ""


@pytest.mark.parametrize("package", HANDWRITTEN)
def test_a_package_with_components_has_its_layers_in_the_table(package: str) -> None:
    """Without a table, a circle is all that would be noticed."""
    assert package not in parted(package) or package in LAYERS


@pytest.mark.parametrize("package", LAYERS)
def test_every_component_is_in_one_layer(package: str) -> None:
    """And the table names none that is not there."""
    assert sorted(" ".join(LAYERS[package]).split()) == sorted(components(package))


@pytest.mark.parametrize("package", LAYERS)
def test_a_component_imports_from_lower_layers_only(package: str) -> None:
    """No exception here either."""
    layer = {name: number for number, names in enumerate(LAYERS[package]) for name in names.split()}

    assert [str(item) for origin, other, item in imports_between(package) if layer[origin] <= layer[other]] == []
