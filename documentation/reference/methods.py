"""The pages of the friendly calls: a method for each operation, on the surface that has it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib import import_module
from typing import Any

from documentation.reference.entries import FIELD_OPTIONS, Entry, page, summary_of
from tensormesh import Tensormesh
from tensormesh_generated import api
from tensormesh_generated.types import Operation

OF_OTHERS = {
    "auto_paging_iter": ("list", ", page by page"),
    "upsert": ("create", " or `PUT`"),
    "wait_until_up": ("get", ", again and again"),
    "follow": ("list", ", again and again"),
}
"""Methods without an operation of their own: whose they call, and how."""

INFERENCE = """
The calls of `client.inference.serverless`, and of `client.inference.on_demand`, which has the same. Those of
`AsyncTensormesh` are awaited and take the same arguments. Keyword arguments stand with their types below, under the
name that ends in `Fields`; every call takes those of `InferenceOptions` beside its own.
"""

CONTROL_PLANE = """
The calls of `client.control_plane.{name}`. Those of `AsyncTensormesh` are awaited and take the same arguments. Every
call takes the fields of [`Options`](../calls.md) beside its own; `with_raw_response` beside it gives status, headers
and bytes as well.
"""

GROUPS = {
    "users": "Users and API keys",
    "billing": "Billing",
    "models": "Deployments",
    "observability": "Logs and metrics",
    "support": "Support",
    "activities": "Activities",
    "products": "Products",
    "admin": "Administration",
    "cli_auth": "Login of a command line",
}
"""What stands directly below `client.control_plane`, and how a reader calls it."""


def operations() -> Iterator[Operation]:
    """All operations of the documents."""
    for tag in api.__all__:
        package = getattr(api, tag)
        for name in package.__all__:
            yield import_module(f"{package.__name__}.{name}").OPERATION


def facts_of(surface: str) -> dict[str, Operation]:
    """The operations of a surface, by the words of their calls."""
    return {item.call: item for item in operations() if surface in item.surfaces}


def methods(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The methods of a surface and all that is below it, by the words of a call."""
    for name, member in inspect.getmembers(type(node), inspect.isfunction):
        if path and not name.startswith("_"):
            yield f"{path}.{name}", member
    kinds = reversed(type(node).__mro__)
    children = {
        name: None
        for kind in kinds
        for name, member in vars(kind).items()
        if isinstance(member, cached_property) and not name.startswith("with_")
    }
    for name in children:
        yield from methods(getattr(node, name), f"{path}.{name}" if path else name)


def entry(name: str, method: Any, facts: dict[str, Operation]) -> Entry:
    """What the reference says of a method."""
    namespace, _, last = name.rpartition(".")
    other, how = (last, "") if name in facts else OF_OTHERS[last]
    operation = facts[f"{namespace}.{other}"]
    calls = f"`{operation.method} {operation.path}`{how}"
    return Entry(name, f"{method.__module__}.{method.__qualname__}", summary_of(method), calls)


def inference() -> Iterator[Entry]:
    """The calls of inference, and the options that they take."""
    facts = facts_of("serverless")
    with Tensormesh(env={}) as client:
        methods_of_inference = list(methods(client.inference.serverless))
    for name, method in methods_of_inference:
        yield entry(name, method, facts)
    surface = "tensormesh_overlay.surfaces.inference.InferenceSurface"
    yield Entry("run_tools", f"{surface}.run_tools", "Ask a model that may call Python functions, and call them.")
    yield from fields(methods_of_inference)
    for of, words in {
        "InferenceOptions": "What every call of inference takes.",
        "Options": "What every call takes.",
    }.items():
        yield Entry(of, f"tensormesh_runtime.types.{of}", words, options=FIELD_OPTIONS)


def fields(found: Iterable[tuple[str, Any]]) -> Iterator[Entry]:
    """The typed dictionaries of the keyword arguments of methods: every argument with its type."""
    named: set[str] = set()
    for name, method in found:
        owner = method.__qualname__.partition(".")[0]
        source = inspect.getsource(import_module(method.__module__))  # of a class it would be parsed for each
        (own,) = re.findall(rf"^class {owner}\b.*?(?=^\S|\Z)", source, re.DOTALL | re.MULTILINE)
        heads = re.findall(rf"def {method.__name__}\((.*?)\) ->", own, re.DOTALL)
        for of in sorted(set(re.findall(r"Unpack\[(\w+Fields)\]", " ".join(heads))) - named):
            named.add(of)
            path = f"tensormesh_generated.namespaces.fields.{of}"
            yield Entry(of, path, f"The keyword arguments of `{name}`.", options=FIELD_OPTIONS)


def control_plane(group: str) -> Iterator[Entry]:
    """The calls of one part of the control plane."""
    facts = facts_of("control_plane")
    for name, method in methods_of(group):
        yield entry(name, method, facts)


def methods_of(group: str) -> list[tuple[str, Any]]:
    """The methods of one part of the control plane, by the words of a call."""
    with Tensormesh(env={}) as client:
        return list(methods(getattr(client.control_plane, group), group))


def inference_page() -> str:
    """The text of the page of the calls of inference."""
    return page("Calls of inference", INFERENCE, inference())


def control_plane_page(group: str) -> str:
    """The text of the page of one part of the control plane."""
    entries = [*control_plane(group), *fields(methods_of(group))]
    return page(GROUPS[group], CONTROL_PLANE.format(name=group), entries)
