"""
Which operations to ask where not all may be asked: those whose answers say most that no other has said.

Knows documents only, so that two runs choose alike; does not send anything.
"""

from __future__ import annotations

from tensormesh_contract.documents.links import links_of
from tensormesh_contract.documents.operations import Operation, Surface
from tensormesh_contract.documents.shapes import Shape
from tensormesh_documents.places import Place

type _Fields = frozenset[tuple[Place, str]]


def telling(surface: Surface) -> list[Operation]:
    """
    Put the operations that leave a host as it was in the order of what each adds to those before it.

    Those that only an administrator may call come last: for all others they say nothing.
    """
    may = [one for one in surface.operations if one.harmless]
    fields = {one.id: _fields(one) for one in may}
    sources = sources_of(surface)
    found: list[Operation] = []
    known: set[tuple[Place, str]] = set()
    while may:
        there = {one.id for one in found}
        # Where none is within reach, a link is missing, and any will do.
        reach = [one for one in may if starts(one) or sources.get(one.id, set()) & there] or may
        best = max(reach, key=lambda one: (not one.for_administrators, len(fields[one.id] - known)))
        may.remove(best)
        found.append(best)
        known |= fields[best.id]
    return found


def starts(operation: Operation) -> bool:
    """Tell whether an operation can be called without a value from elsewhere."""
    return operation.body is None and not needs_values(operation)


def needs_values(operation: Operation) -> bool:
    """Tell whether an operation has a parameter that it is not called without."""
    return any(node.get("required") is not None for node in operation.parameters)


def sources_of(surface: Surface) -> dict[str, set[str]]:
    """Give for each operation those whose answers lead to it, by their ids."""
    found: dict[str, set[str]] = {}
    for operation in surface.operations:
        for link in links_of(operation, surface):
            found.setdefault(link.target.id, set()).add(operation.id)
    return found


def _fields(operation: Operation) -> _Fields:
    """Give the fields that a success may have, at any depth."""
    response, _ = operation.response(200)
    waiting: list[Shape | None] = [*operation.content(response).values()] if response is not None else []
    if operation.stream is not None:
        waiting.append(operation.stream.event)
    seen: set[Place] = set()
    found: set[tuple[Place, str]] = set()
    while waiting:
        shape = waiting.pop()
        if shape is None or shape.node.place in seen:
            continue
        seen.add(shape.node.place)
        found |= {(shape.node.place, name) for name in shape.properties}
        waiting += [*shape.properties.values(), *shape.variants, shape.items, shape.rest]
    return frozenset(found)
