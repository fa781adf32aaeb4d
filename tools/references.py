"""Follows all that leads from one place of the documents to another, used or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tensormesh_documents.library import Library, Node
from tensormesh_documents.operations import Operation, operations
from tensormesh_documents.places import DocumentError
from tensormesh_documents.pointers import parse
from tools.documents import MAPS, VALUE_LISTS, VALUES

EXPRESSION = re.compile(r"\$(request|response)\.(?:(path|query|header)\.(.+)|body(?:#(.*))?)")


def check_references(library: Library, surfaces: tuple[str, ...]) -> None:
    """
    Follow the references and links of all documents.

    Raises:
        DocumentError: one leads nowhere, or in a circle.
    """
    there = [operation for surface in surfaces for operation in operations(library.document(surface))]
    known = {operation.node.text("operationId"): operation for operation in there}
    followed = 0
    while followed < len(documents := library.documents()):  # to follow a reference may read another
        for node in _nodes(documents[followed].root):
            node.followed()
            _check_mapping(node)
        followed += 1
    for operation in there:
        for _, response in operation.node["responses"].items():
            for _, link in response["links"].items() if "links" in response else ():
                _check_link(link, known, (operation, response))
    for document in library.documents():
        components = document.root.get("components")
        for _, link in components["links"].items() if components and "links" in components else ():
            _check_link(link, known, None)


def _nodes(root: Node) -> Iterator[Node]:
    """All objects and lists that are no value of the API: what stands there refers to nothing."""
    waiting = [(root, False)]
    while waiting:
        node, names = waiting.pop()
        if not names:
            yield node
        inner = []
        for child in node.inner():
            key, value = child.name, child.value
            if not names and (key.startswith("x-") or key in VALUE_LISTS):
                continue
            if not names and key in VALUES and not (key == "examples" and isinstance(value, dict)):
                continue
            inner.append((child, not names and key in MAPS and isinstance(value, dict)))
        waiting += reversed(inner)


def _check_mapping(node: Node) -> None:
    discriminator = node.get("discriminator")
    mapping = discriminator.get("mapping") if discriminator else None
    for tag in mapping.children() if mapping else ():
        target = str(tag.value)
        tag.document.find(target if "#" in target else f"#/components/schemas/{target}", tag)


def _check_link(link: Node, known: dict[str, Operation], source: tuple[Operation, Node] | None) -> None:
    name, reference = link.text("operationId"), link.text("operationRef")
    if not name and not reference:
        raise DocumentError(link.place, "it leads to no operation: name one by operationId")
    if reference:
        target = link.document.find(reference, link)
        name = target.text("operationId")
    if name not in known:
        step = link.step("operationRef" if reference else "operationId")
        raise DocumentError(step.place, f"it leads to {name or reference!r}, which is no operation: name one that is")
    _check_parameters(link, known[name])
    if source is not None:
        for expression in _expressions(link):
            _check_expression(expression, *source)


def _check_parameters(link: Node, target: Operation) -> None:
    names = {item.followed().text("name") for item in target.parameters}
    for given in link["parameters"].children() if "parameters" in link else ():
        if given.name not in names and re.sub(r"^(path|query|header)\.", "", given.name) not in names:
            problem = f"{target.node.text('operationId')} has no parameter {given.name!r}"
            raise DocumentError(given.place, f"{problem}: write {' or '.join(sorted(names)) or 'none'}")


def _expressions(link: Node) -> Iterator[Node]:
    waiting = [link[key] for key in ("parameters", "requestBody", "x-gone") if key in link]
    while waiting:
        node = waiting.pop()
        waiting += node.children()
        if isinstance(node.value, str) and node.value.startswith("$re"):
            yield node


def _check_expression(node: Node, operation: Operation, response: Node) -> None:
    found = EXPRESSION.fullmatch(str(node.value))
    if found is None:
        advice = "write $response.body#/... or $request.path..."
        raise DocumentError(node.place, f"{node.value!r} is no expression: {advice}")
    where, kind, name, pointer = found.groups()
    if kind:
        holder = [item.followed().text("name") for item in operation.parameters] if where == "request" else None
        there = name in holder if holder is not None else kind == "header" and _has(response, "headers", name)
    else:
        body = operation.node.get("requestBody") if where == "request" else response
        content = body.get("content") if body else None
        media = content.get("application/json") if content else None
        schema = media.get("schema") if media else None
        there = schema is not None and _leads(schema, parse(pointer or ""))
    if not there:
        raise DocumentError(node.place, f"{node.value!r} leads to nothing in {operation.node.text('operationId')}")


def _has(node: Node, section: str, name: str) -> bool:
    return section in node and name.lower() in (key.lower() for key, _ in node[section].items())


def _leads(schema: Node, keys: tuple[str | int, ...]) -> bool:
    """Whether a value may have something at some keys."""
    if not keys:
        return True
    key, *rest = keys
    steps = []
    if "properties" in schema and str(key) in schema["properties"]:
        steps.append(schema["properties"][str(key)])
    elif "items" in schema and str(key).isdigit():
        steps.append(schema["items"])
    elif "properties" not in schema and not {"items", "oneOf", "anyOf"} & {name for name, _ in schema.items()}:
        return schema.text("type") in ("", "object")
    for word in ("oneOf", "anyOf"):
        for variant in schema[word].elements() if word in schema else ():
            if _leads(variant, keys):
                return True
    return any(_leads(step, tuple(rest)) for step in steps)
