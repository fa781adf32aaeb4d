"""
The step that an exchange makes possible: a link of the documents with its values.

Knows runtime expressions such as `$response.body#/model/modelId`; does not
send anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import parse_qs

from tensormesh_contract.documents.links import Link
from tensormesh_contract.documents.operations import Operation
from tensormesh_contract.exchanges.exchange import Exchange
from tensormesh_contract.json_values import nodes
from tensormesh_documents.json_types import Json
from tensormesh_documents.pointers import parse, walk
from tensormesh_documents.routes import path_values


class Missing(LookupError):  # noqa: N818 - not an error: an empty list has no first element
    """An expression finds nothing in an exchange."""


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


def leads(link: Link, earlier: Exchange, later: Exchange) -> bool:
    """Tell whether a request has all that a link takes from an exchange before it, for whom that was made."""
    try:
        step = follow(link, earlier)
    except Missing:
        return False
    path = path_values(link.target.path, later.request.path) or {}
    query = {name: values[0] for name, values in parse_qs(later.request.query).items()}
    if any(value not in (path.get(name), query.get(name)) for name, value in step.parameters.items()):
        return False
    sent, made = later.request.json, earlier.request.json
    if isinstance(sent, dict):
        # In the name of somebody else, or beside another id, there may be no such thing.
        led = step.body if isinstance(link.body, dict) and isinstance(step.body, dict) else {}
        known = {**(made if isinstance(made, dict) else {}), **led}
        if any(name.endswith("Id") and value != known.get(name) for name, value in sent.items()):
            return False
    if not isinstance(link.body, dict) or not isinstance(step.body, dict):
        return True
    return isinstance(sent, dict) and all(sent.get(name) == value for name, value in step.body.items())


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
        found = (path_values(operation.path, exchange.request.path) or {}).get(name)
    elif kind == "query":
        found = next(iter(parse_qs(exchange.request.query).get(name, [])), None)
    if found is None:
        raise Missing(value)
    return found


def holds(value: Json, gone: Json) -> bool:
    """Tell whether a value is another one, or has it anywhere in it."""
    return any(node == gone for node in nodes(value))


def _at(value: Json, pointer: str, expression: str) -> Json:
    found: Json
    try:
        _, found = walk(value, parse(pointer))
    except (LookupError, ValueError):
        raise Missing(expression) from None
    if found is None or found == "":
        raise Missing(expression)
    return found


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)
