"""The reference has every public name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache, cached_property

import pytest

import tensormesh
import tensormesh_langchain
from documentation import files
from documentation.reference import functions, methods, public_names, types
from documentation.reference.entries import Entry
from tensormesh import Tensormesh, batch, errors
from tensormesh import types as objects
from tensormesh_generated import api, models
from tensormesh_generated.namespaces import fields
from tests.documentation.conftest import Site


@cache
def entries() -> tuple[Entry, ...]:
    """Everything that the made pages describe: dear to read, and some of it to import."""
    return tuple(read())


def read() -> Iterator[Entry]:
    for name in public_names.PAGES:
        yield from public_names.entries(name)
    for slug in types.PAGES:
        yield from types.entries(types.on_pages()[slug])
    yield from types.entries(types.on_no_page())
    yield from types.given()
    for slug in functions.TITLES:
        yield from functions.entries(slug)
    for group in methods.GROUPS:
        yield from methods.control_plane(group)
        yield from methods.fields(methods.methods_of(group))
    yield from methods.inference()


@pytest.fixture
def paths() -> set[str]:
    return {entry.path for entry in entries()}


def test_every_name_of_the_package_is_there(paths: set[str]) -> None:
    modules = set(public_names.MODULES)

    assert {f"tensormesh.{name}" for name in tensormesh.__all__ if not name[:1].islower() or name == "tool"} - {
        f"tensormesh.{name}" for name in errors.__all__
    } <= paths, "give the new name a page in documentation/reference/public_names.py"
    assert {name for name in tensormesh.__all__ if inspect.ismodule(getattr(tensormesh, name))} == modules
    assert {name for name in tensormesh.__all__ if name[:1].islower()} == {*modules, "tool"}


def test_every_name_of_its_modules_is_there(paths: set[str]) -> None:
    assert {f"tensormesh.errors.{name}" for name in errors.__all__} <= paths
    assert {f"tensormesh.batch.{name}" for name in batch.__all__} <= paths
    assert {f"tensormesh_langchain.{name}" for name in tensormesh_langchain.__all__} <= paths
    given = {f"tensormesh_generated.models.params.{name}" for name in set(models.GIVEN) - set(models.__all__)}
    assert {f"tensormesh_generated.models.{name}" for name in models.__all__} | given <= paths
    assert {*models.__all__, *models.GIVEN} == set(objects.__all__)


def test_no_name_is_there_twice() -> None:
    found = [entry.path for entry in entries()]

    assert len(found) == len(set(found))


def test_every_operation_is_there_as_a_function_and_as_a_method(paths: set[str]) -> None:
    modules = {f"tensormesh_generated.api.{tag}.{name}" for tag in api.__all__ for name in getattr(api, tag).__all__}
    named = {entry.name for entry in entries()}

    assert modules == {path for path in paths if path.startswith("tensormesh_generated.api.")}
    assert {operation.call for operation in methods.operations()} <= named


def test_every_keyword_argument_is_there_with_its_type(paths: set[str]) -> None:
    kinds = {name for name, kind in vars(fields).items() if name.endswith("Fields") and isinstance(kind, type)}

    assert {f"tensormesh_generated.namespaces.fields.{name}" for name in kinds} <= paths


def test_every_method_of_a_surface_is_there() -> None:
    """Looked for as a user's editor does: by what the objects have."""

    def below(node: object, path: str) -> Iterator[str]:
        for name in dir(type(node)):
            member = inspect.getattr_static(type(node), name)
            if name.startswith(("_", "with_")):
                continue
            if isinstance(member, cached_property):
                yield from below(getattr(node, name), f"{path}.{name}".lstrip("."))
            elif inspect.isfunction(member) and path:
                yield f"{path}.{name}"

    named = {entry.name for entry in entries()}
    with Tensormesh(env={}) as client:
        found = {*below(client.inference.serverless, ""), *below(client.control_plane, "")}

    assert len(found) > 70
    assert found <= named


def test_what_is_described_says_what_it_is() -> None:
    """A summary, for those who read the table in the repository."""
    assert [entry.path for entry in entries() if not entry.summary] == ["tensormesh.UNSET"]


def test_every_name_has_its_place_on_the_site(built: Site, paths: set[str]) -> None:
    """mkdocstrings found each, and gave it the anchor that links lead to."""
    anchors = set()
    for page in built.pages:
        anchors |= set(re.findall(r'<(?:h[1-6]|a|span) [^>]*\bid="([^"]+)"', page.read_text(encoding="utf-8")))

    assert sorted(paths - anchors) == []


@pytest.mark.parametrize("client", ["Tensormesh", "AsyncTensormesh"])
def test_the_arguments_of_a_client_are_shown_with_their_types(built: Site, client: str) -> None:
    """They stand in a private class that both share, where nobody would look for them."""
    page = (built.folder / "reference" / "client" / "index.html").read_text(encoding="utf-8")
    shown = re.sub(r"<[^>]+>", "", page.partition(f'id="tensormesh.{client}"')[2])

    assert re.search(r"max_response_bytes:\s+int\s+\|\s+None\s+=\s+None", shown.partition("Raises")[0])
    assert f'id="tensormesh.{client}.with_options"' in page


def test_pages_that_are_made_say_so() -> None:
    for name in files.PAGES:
        assert "Made by `python -m documentation`" in (files.DOCS / name).read_text(encoding="utf-8"), name
