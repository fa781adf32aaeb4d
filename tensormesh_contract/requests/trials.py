"""
Requests that differ in one thing from one that succeeds: what comes of them says what a host accepts.

Of several made-up fields nobody knows which was refused, and why. Here it is one: a documented parameter with a usual
value has to be accepted, a value of no type that it has must not be, nor a request without what is required. A
parameter of which the document itself says that it depends on the host, or is ignored, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tensormesh_contract.documents.openness import left_open
from tensormesh_contract.documents.operations import Operation, SurfaceName
from tensormesh_contract.documents.shapes import Shape, Shapes
from tensormesh_contract.exchanges.exchange import Promise
from tensormesh_contract.exchanges.steps import Step
from tensormesh_contract.json_values import type_name
from tensormesh_contract.requests.fixups import Surroundings, fixed_up
from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_documents.library import Node

UNKNOWN_MODEL = "no-such-model-5b1f"
ODD: JsonObject = {"no-such-field-5b1f": "no-such-value-5b1f"}
"""What is of no type but an object, and no reader takes for a number or a text."""


@dataclass(frozen=True, slots=True)
class Trial:
    """
    One such request.

    Args:
        operation: what to call.
        parameters: values by parameter.
        body: the body; None for none.
        promise: what the documents promise of it.
        about: which parameter it is about; empty for none.
    """

    operation: Operation
    parameters: Mapping[str, str]
    body: Json
    promise: Promise
    about: str = ""


def strangers(step: Step) -> Iterator[Trial]:
    """Give a request as somebody without a key would send it, and as somebody with one that there is not."""
    if step.target.needs_key:
        for promise in (Promise.WANTS_KEY, Promise.KNOWS_KEYS):
            yield Trial(step.target, step.parameters, step.body, promise)


def elsewhere(step: Step) -> Iterator[Trial]:
    """Give a request for a model that there is not."""
    operation, body = step.target, step.body
    if isinstance(body, dict) and isinstance(body.get("model"), str):
        yield Trial(operation, step.parameters, {**body, "model": UNKNOWN_MODEL}, Promise.KNOWS_MODELS, "model")


def variations(step: Step, shapes: Shapes) -> Iterator[Trial]:
    """Give every documented parameter in turn, right and wrong, beside a request that succeeded."""
    operation = step.target
    if operation.body is not None and isinstance(step.body, dict):
        yield from _of_body(operation, operation.body, step, step.body)
    if operation.reads_only:
        yield from _of_query(operation, step, shapes)


def _of_body(operation: Operation, shape: Shape, step: Step, body: JsonObject) -> Iterator[Trial]:
    for name in shape.required:
        if name in body:
            less = {key: value for key, value in body.items() if key != name}
            yield Trial(operation, step.parameters, less, Promise.REQUIRES, name)
    for name, known in shape.properties.items():
        if left_open(operation.parameter(name)):
            continue
        if known.types and not known.types & {"object"}:
            wrong = {**_beside(name, body, operation), name: ODD}
            yield Trial(operation, step.parameters, wrong, Promise.CHECKS, name)
        # Elsewhere than on inference a parameter more is another thing made, or another thing changed.
        if operation.surface is not SurfaceName.CONTROL_PLANE and name not in body:
            usual = usual_value(name, known, operation)
            right = fixed_up(operation.id, {**_beside(name, body, operation), name: usual}, Surroundings())
            if usual is not None and isinstance(right, dict) and right.get(name) == usual:
                yield Trial(operation, step.parameters, right, Promise.TAKES, name)


def _beside(name: str, body: JsonObject, operation: Operation) -> JsonObject:
    """Give the request with what a parameter does not go without, or with."""
    if name in ("tool_choice", "parallel_tool_calls"):
        tools = _documented("tools", operation)
        return {**body, "tools": tools} if tools is not None else body
    if name == "stream_options":
        return {**body, "stream": True}
    if name == "messages" and "prompt" in body:
        # Text or messages, not both: one of them is not looked at.
        return {key: value for key, value in body.items() if key != "prompt"}
    return {key: value for key, value in body.items() if (key, name) != ("max_tokens", "max_completion_tokens")}


def _of_query(operation: Operation, step: Step, shapes: Shapes) -> Iterator[Trial]:
    for node in operation.parameters:
        name, schema = node.text("name"), node.get("schema")
        if node.text("in") != "query" or schema is None or left_open(node):
            continue
        known = shapes.of(schema)
        if known.types & {"integer", "number"} and not known.types & {"string"}:
            wrong = {**step.parameters, name: "no-such-number-5b1f"}
            yield Trial(operation, wrong, step.body, Promise.CHECKS, name)
        if name not in step.parameters and (usual := _of_query_value(node, known)):
            yield Trial(operation, {**step.parameters, name: usual}, step.body, Promise.TAKES, name)


def _of_query_value(node: Node, known: Shape) -> str:
    """Give a value that a query takes: what anybody would count with. A text may be an id, which is not known here."""
    example = node.get("example")
    if example is not None and isinstance(example.value, str | int):
        return str(example.value)
    return "1" if "integer" in known.types else "true" if "boolean" in known.types else ""


def usual_value(name: str, shape: Shape, operation: Operation) -> Json:
    """Give a value that nobody would refuse: a documented one, else the plainest of its type; None where none is."""
    documented = _documented(name, operation)
    if documented is not None:
        return documented
    known = next((value for value in shape.values if value is not None), None)
    if known is not None:
        return known
    for variant in (shape, *shape.variants):
        if "boolean" in variant.types:
            return True
        if variant.types & {"integer", "number"}:
            return 1
        if "string" in variant.types:
            return "a"
        if "object" in variant.types and not variant.properties:
            return {}
    return None


def _documented(name: str, operation: Operation) -> Json:
    for example in operation.examples:
        value = example.get(name) if isinstance(example, dict) else None
        if value is not None and type_name(value) != "boolean":
            return value
    return None
