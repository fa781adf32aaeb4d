"""
A folder holds rooms, and they know each other one way only.

A room is a sub-folder with everything in it, or a single file beside the
sub-folders, for one of those may be the ground of all others, as `errors`, and
another the roof, as `__main__`.
"""

from __future__ import annotations

import pytest

from tests.floors.conftest import ABOVE, HANDWRITTEN, PACKAGES, ROOT, Import, circle, files, imports, module_name

ROOMS = {
    "tensormesh_contract": (
        "__init__ json_types",
        "documents",
        "exchanges hosts",
        "asking judging",
        "options outcome",
        "reports run",
        "session",
        "command_line",
        "__main__",
    ),
    "tensormesh_transport": (
        "__init__ errors exemptions messages secret sockets",
        "origin tls",
        "proxies",
        "core",
        "asynchronous blocking httpx_transport",
        "default",
    ),
    "tensormesh_overlay": (
        "__init__ error_bodies json_values",
        "errors",
        "transport_errors",
        "configuration",
        "think_blocks",
        "streaming",
        "calls",
        "surfaces",
        "client",
    ),
    "tensormesh_cli": (
        "__init__ exit_codes",
        "errors",
        "values",
        "output",
        "settings",
        "client",
        "login",
        "app",
        "account",
        "command_line",
        "inference",
        "doctor",
        "commands",
        "main",
        "__main__",
    ),
    "tensormesh_local": (
        "connection env_file hints options wire",
        "authority engine errors ledger",
        "catalogue",
        "accounts",
        "access sse",
        "control_plane faults inference",
        "admin deployed_chat envelope",
        "app",
        "server",
        "__init__",
        "foreground",
        "command_line",
        "__main__",
    ),
}
"""
The floors of a package, the lowest first.

A room imports from lower floors only: not from higher ones, nor from others on its own.
"""


def room(module: str, folder: str) -> str:
    """In which room of a folder a module is; empty for none. The folder of all packages has the empty name."""
    prefix = f"{folder}." if folder else ""
    if module == folder:
        return "__init__"
    return module.removeprefix(prefix).partition(".")[0] if module.startswith(prefix) else ""


def rooms(folder: str) -> set[str]:
    """The rooms of a folder."""
    return {room(module_name(file), folder) for file in files(*PACKAGES, *ABOVE)} - {""}


def doors(folder: str) -> list[tuple[str, str, Import]]:
    """Every import that leads from one room of a folder to another: from which, to which, and the import."""
    known = rooms(folder)
    return [
        (origin, other, item)
        for file in files(*PACKAGES, *ABOVE)
        if (origin := room(module_name(file), folder))
        for item in imports(file)
        if (other := room(item.module, folder)) in known - {origin}
    ]


def parted(*packages: str) -> list[str]:
    """The folders that have sub-folders with Python files."""
    paths = [file.relative_to(ROOT).parts for file in files(*packages)]
    return sorted({".".join(path[:depth]) for path in paths for depth in range(len(path) - 1)})


def test_there_is_something_to_look_at() -> None:
    assert {item.at for _, _, item in doors("")} == {"top", "function", "types"}


@pytest.mark.parametrize("folder", [pytest.param(one, id=one or "the house") for one in parted(*PACKAGES, *ABOVE)])
def test_rooms_do_not_import_each_other_in_a_circle(folder: str) -> None:
    """Imports for type checkers and those in functions are no exception, nor are generated rooms."""
    graph: dict[str, set[str]] = {name: set() for name in rooms(folder)}
    for origin, other, _ in doors(folder):
        graph[origin].add(other)

    assert circle(graph) == ""


@pytest.mark.parametrize("package", HANDWRITTEN)
def test_a_package_with_rooms_has_its_floors_in_the_table(package: str) -> None:
    """Without a table, a circle is all that would be noticed."""
    assert package not in parted(package) or package in ROOMS


@pytest.mark.parametrize("package", ROOMS)
def test_every_room_is_on_one_floor(package: str) -> None:
    """And the table names none that is not there."""
    assert sorted(" ".join(ROOMS[package]).split()) == sorted(rooms(package))


@pytest.mark.parametrize("package", ROOMS)
def test_a_room_imports_from_lower_floors_only(package: str) -> None:
    """No exception here either."""
    floor = {name: number for number, names in enumerate(ROOMS[package]) for name in names.split()}

    assert [str(item) for origin, other, item in doors(package) if floor[origin] <= floor[other]] == []
