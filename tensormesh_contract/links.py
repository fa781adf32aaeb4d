"""
The links of the documents: what an answer leads to.

Knows runtime expressions such as `$response.body#/model/modelId`, and the
`x-gone` of ours, by which a link from a deletion says what its target no longer
knows; refuses to send anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from tensormesh_contract.documents import Node
from tensormesh_contract.exchange import Exchange
from tensormesh_contract.json_types import Json, JsonObject, nodes
from tensormesh_contract.operations import Operation, Surface


class Missing(LookupError):  # noqa: N818 - not an error: an empty list has no first element
    """An expression finds nothing in an exchange."""


@dataclass(frozen=True, slots=True)
class Link:
    """
    One link.

    Args:
        name: what it is called.
        node: where it stands.
        source: from where it leads.
        target: to where.
        parameters: expressions by the target's parameter.
        body: the target's body, expressions in it not evaluated; None for none.
        gone: an expression for what the target no longer knows; empty when it is no such link.
    """

    name: str
    node: Node
    source: Operation
    target: Operation
    parameters: JsonObject
    body: Json
    gone: str

    @property
    def key(self) -> str:
        """A name for it that no other link of its surface has."""
        return f"{self.source.id} {self.name}"


@dataclass(frozen=True, slots=True)
class Step:
    """
    A link with its values.

    Args:
        target: what to call.
        parameters: values by parameter.
        body: the body; None for none.
        gone: what the answer must not know any more; None when nothing is asked of it.
    """

    target: Operation
    parameters: dict[str, str]
    body: Json
    gone: Json = None


def links_of(operation: Operation, surface: Surface, status: int = 200) -> Iterator[Link]:
    """Give the links of an operation's answer."""
    response, _ = operation.response(status)
    node = response.get("links") if response is not None else None
    for name, link in node.items() if node is not None else ():
        target = surface.by_id(link.text("operationId"))
        parameters = link.get("parameters")
        body = link.get("requestBody")
        given = parameters.value if parameters is not None and isinstance(parameters.value, dict) else {}
        yield Link(name, link, operation, target, given, body.value if body is not None else None, link.text("x-gone"))


def follow(link: Link, exchange: Exchange) -> Step:
    """
    Evaluate a link on an exchange. A body that the target needs and the link does not give is the target's example.

    Raises:
        Missing: the exchange does not have a value that the link needs.
    """
    parameters = {name: _plain(evaluate(value, link.source, exchange)) for name, value in link.parameters.items()}
    example = next(iter(link.target.examples), None)
    body = evaluate(link.body, link.source, exchange) if link.body is not None else example
    gone = evaluate(link.gone, link.source, exchange) if link.gone else None
    return Step(link.target, parameters, body, gone)


def evaluate(value: Json, operation: Operation, exchange: Exchange) -> Json:
    """
    Put values where expressions stand, at any depth.

    Raises:
        Missing: one of them finds nothing.
    """
    if isinstance(value, list):
        return [evaluate(item, operation, exchange) for item in value]
    if isinstance(value, dict):
        return {key: evaluate(item, operation, exchange) for key, item in value.items()}
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    source, _, pointer = value.partition("#")
    if source == "$response.body":
        return _at(exchange.answer.json if exchange.answer is not None else None, pointer, value)
    if source == "$request.body":
        return _at(exchange.request.json, pointer, value)
    kind, _, name = value.removeprefix("$request.").partition(".")
    found: Json = None
    if kind == "path":
        found = path_values(operation, exchange.request.path).get(name)
    elif kind == "query":
        found = next(iter(parse_qs(exchange.request.query).get(name, [])), None)
    if found is None:
        raise Missing(value)
    return found


def path_values(operation: Operation, path: str) -> dict[str, str]:
    """Read the parameters of a path."""
    names = re.findall(r"\{(\w+)\}", operation.path)
    pattern = "([^/]+)".join(re.escape(text) for text in re.split(r"\{\w+\}", operation.path))
    found = re.fullmatch(pattern, path)
    return dict(zip(names, map(unquote, found.groups()), strict=True)) if found else {}


def holds(value: Json, gone: Json) -> bool:
    """Tell whether a value is another one, or has it anywhere in it."""
    return any(node == gone for node in nodes(value))


def _at(value: Json, pointer: str, expression: str) -> Json:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            raise Missing(expression)
    if value is None or value == "":
        raise Missing(expression)
    return value


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)
