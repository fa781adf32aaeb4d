"""Every operation of the documents is in the package, with its facts and its friendly name, and nothing else is."""

from __future__ import annotations

import inspect
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import tensormesh_generated
from tensormesh_generated import api
from tensormesh_generated.namespaces import control_plane, inference
from tests.documents.conftest import SURFACES, Operation, read_operations
from tests.local_control_plane.documented import python_name

ROOTS = {
    "inference": (inference.Inference, inference.AsyncInference),
    "control_plane": (control_plane.ControlPlane, control_plane.AsyncControlPlane),
}
BESIDE = {"auto_paging_iter", "with_raw_response", "with_streaming_response"}
"""What namespaces offer beside the calls."""

DOCUMENTED = read_operations()


def identity(one: Operation) -> tuple[str, str]:
    """Tag and id: the module."""
    return one.raw["tags"][0], one.raw["operationId"]


SERVED = {(one.surface, *identity(one)) for one in DOCUMENTED}


def kind(one: Operation) -> str:
    return "control_plane" if one.surface == "control_plane" else "inference"


def calls(node: type[Any], place: tuple[str, ...] = ()) -> set[str]:
    """The friendly calls of a namespace class, by their dotted names."""
    found = set()
    for name, member in vars(node).items():
        if isinstance(member, cached_property):
            (child,) = (item for item in vars(inspect.getmodule(node)).values() if _is_named(item, member))
            found |= calls(child, (*place, name))
        elif inspect.isfunction(member) and not name.startswith("_"):
            found.add(".".join((*place, name)))
    return found


def _is_named(item: Any, member: cached_property[Any]) -> bool:
    return inspect.isclass(item) and item.__name__ == member.func.__annotations__["return"]


@pytest.mark.parametrize("one", DOCUMENTED, ids=str)
def test_an_operation_has_the_facts_of_its_document(one: Operation) -> None:
    """`OPERATION` repeats method, path, surfaces and the facts of `x-tensormesh`."""
    tag, name = identity(one)
    module = getattr(getattr(api, tag), name)
    facts = one.facts
    returns = facts.get("returns")

    assert module.OPERATION.id == name
    assert module.OPERATION.method == one.method.upper()
    assert module.OPERATION.path == one.path
    assert module.OPERATION.call == facts["call"]
    assert module.OPERATION.retry == facts["retry"]
    assert module.OPERATION.idempotent == (facts["retry"] == "idempotent")
    assert module.OPERATION.empty_ok == facts.get("empty_ok", False)
    for key in ("stream", "paging"):
        block = getattr(module.OPERATION, key)
        assert (block and {name: getattr(block, name) for name in facts[key]}) == facts.get(key)
    assert module.OPERATION.returns == (returns and python_name(returns))
    assert module.OPERATION.surfaces == tuple(surface for surface in SURFACES if (surface, *identity(one)) in SERVED)


@pytest.mark.parametrize("one", DOCUMENTED, ids=str)
def test_an_operation_has_its_functions(one: Operation) -> None:
    """Four to call it, one that only builds, and three more where it streams."""
    tag, name = identity(one)
    module = import_module(f"tensormesh_generated.api.{tag}.{name}")
    functions = {
        name for name, item in vars(module).items() if inspect.isfunction(item) and item.__module__ == module.__name__
    }
    streaming = {"stream", "astream", "build_stream_request", "parse_event"} if "stream" in one.facts else set()

    assert functions == {"build_request", "parse", "sync", "sync_detailed", "asyncio", "asyncio_detailed"} | streaming


@pytest.mark.parametrize("mode", [0, 1], ids=["sync", "async"])
@pytest.mark.parametrize("root", ROOTS)
def test_the_friendly_calls_are_those_of_the_documents(root: str, mode: int) -> None:
    """Each operation is at its `call`, sync and async, and there is no other method."""
    found = {call for call in calls(ROOTS[root][mode]) if call.rpartition(".")[2] not in BESIDE}

    documented = [one.facts for one in DOCUMENTED if kind(one) == root]
    both = {f"{facts['call'].rpartition('.')[0]}.upsert" for facts in documented if "upsert" in facts}
    assert found == {facts["call"] for facts in documented} | both


@pytest.mark.parametrize("one", DOCUMENTED, ids=str)
def test_a_friendly_call_is_there_sync_and_async(one: Operation) -> None:
    """As a client reaches it, and awaited in one of them."""
    plain, awaited = ROOTS[kind(one)][0](None), ROOTS[kind(one)][1](None)  # type: ignore[arg-type]
    for part in one.facts["call"].split("."):
        plain, awaited = getattr(plain, part), getattr(awaited, part)

    assert not inspect.iscoroutinefunction(plain)
    assert inspect.iscoroutinefunction(awaited)


def test_no_module_is_without_an_operation() -> None:
    """`api` holds the operations of the documents, and their tags, and nothing else."""
    folder = Path(tensormesh_generated.__file__).parent / "api"
    files = {file.relative_to(folder).as_posix() for file in folder.rglob("*.py")}
    tags = {identity(one)[0] for one in DOCUMENTED}

    assert files == {"__init__.py"} | {f"{tag}/__init__.py" for tag in tags} | {
        f"{tag}/{name}.py" for tag, name in map(identity, DOCUMENTED)
    }
    assert set(api.__all__) == tags
