"""Operations that would be lost on the way are refused."""

from __future__ import annotations

import pytest

from tests.generation.conftest import TinyTree
from tests.generation.refusals import OPERATION, TAG

IT = "{description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}"

OPERATIONS = {
    "callbacks are not obeyed": (
        "callbacks: {}",
        ".callbacks: nothing here obeys 'callbacks': no client is called back",
    ),
    "an id that is no function": (
        "operationId: makeThing",
        ".operationId: no module can be called 'makeThing'; 'make_thing' could",
    ),
    "an id of Python's own": ("operationId: list", ".operationId: no module can be called 'list'; 'list_' could"),
    "no id": ("operationId: ''", ": the operation has no operationId"),
    "facts without a call": ("x-tensormesh: {retry: never, cli: {}}", ".x-tensormesh: there is no 'call'"),
    "facts without a retry": ("x-tensormesh: {call: a.b, cli: {}}", ".x-tensormesh: there is no 'retry'"),
    "facts without a command": ("x-tensormesh: {call: a.b, retry: never}", ".x-tensormesh: there is no 'cli'"),
    "two tags": ("tags: [things, others]", f".tags: {TAG}"),
    "a tag nobody declared": ("tags: [others]", f".tags: {TAG}"),
    "no answer": (
        "responses: {'404': {description: No.}}",
        ".responses: there is no success: say what a 200, 201 or 204 holds",
    ),
    "an answer that is a picture": (
        "responses: {'200': {description: It., content: {image/png: {schema: {type: string}}}}}",
        ".responses.200.content: no client reads image/png: write application/json, or one kind of text",
    ),
    "an answer that is one of two": (
        "responses: {'200': {description: It., content: {text/plain: {}, text/csv: {}}}}",
        ".responses.200.content: no client reads text/plain or text/csv: write application/json, or one kind of text",
    ),
    "a stream that is no fact": (
        "responses: {'200': {description: It., content: {application/json: {}, text/event-stream: {}}}}",
        (
            ".responses.200.content.text/event-stream: "
            "x-tensormesh says nothing of a stream: add `stream`, or take this out"
        ),
    ),
    "an answer of any kind": (
        "responses: {'200': {description: It., content: {application/json: {}}}}",
        ".responses.200.content.application/json: it needs a schema",
    ),
    "an answer with a wrong schema": (
        "responses: {'200': {description: It., content: {application/json: {schema: {type: array}}}}}",
        ".responses.200.content.application/json.schema: an array needs items",
    ),
    "an answer that is there or not, and no object": (
        "responses: {'200': {description: It., content: {text/plain: {}}}, '204': {description: None.}}",
        (
            ".responses.200: where another success has no body, "
            "its JSON must be one named object: refer to a component with `type: object`"
        ),
    ),
    "an error with a misspelt word": (
        f"responses: {{'200': {IT}, '404': {{description: No., content: {{a/json: {{schema: {{tipe: a}}}}}}}}}}",
        ".responses.404.content.a/json.schema.tipe: nothing here obeys 'tipe': write 'type'",
    ),
    "a header with a misspelt word": (
        f"responses: {{'200': {IT}, '404': {{description: No., headers: {{A: {{schema: {{patern: a}}}}}}}}}}",
        ".responses.404.headers.A.schema.patern: nothing here obeys 'patern': write 'pattern'",
    ),
    "a body of two kinds": (
        "requestBody: {content: {application/json: {}, multipart/form-data: {}}}",
        (
            ".requestBody.content: no client sends application/json or multipart/form-data: "
            "send application/json alone, with a file as base64 text in it (`type: string, format: byte`), "
            "or leave the operation out"
        ),
    ),
    "a body without a name": (
        "requestBody: {content: {application/json: {schema: {type: object}}}}",
        (
            ".requestBody.content.application/json.schema: "
            "its JSON must be one named object: refer to a component with `type: object`"
        ),
    ),
    "a cookie": (
        "parameters: [{name: a, in: cookie, schema: {type: string}}]",
        ".parameters[0].in: no client sends cookies: write header, query or path",
    ),
    "a header of the client's own": (
        "parameters: [{name: Authorization, in: header, schema: {type: string}}]",
        ".parameters[0].name: a client sends 'Authorization' by itself, or cannot at all: take it out",
    ),
    "a header that is none": (
        "parameters: [{name: 'a b', in: header, schema: {type: string}}]",
        ".parameters[0].name: a client sends 'a b' by itself, or cannot at all: take it out",
    ),
    "a parameter with content": (
        "parameters: [{name: a, in: query, content: {application/json: {}}}]",
        ".parameters[0].content: nothing here obeys 'content': give it a `schema`",
    ),
    "a parameter with a style": (
        "parameters: [{name: a, in: query, explode: false, schema: {type: array, items: {type: string}}}]",
        (
            ".parameters[0].explode: nothing here obeys 'explode': "
            "a list repeats its name in a query, and is one line of a header"
        ),
    ),
    "a parameter with a wrong schema": (
        "parameters: [{name: a, in: query, schema: {type: array}}]",
        ".parameters[0].schema: an array needs items",
    ),
    "a parameter without a schema": (
        "parameters: [{name: a, in: query}]",
        ".parameters[0]: a parameter needs a schema",
    ),
    "a parameter in the path that may be missing": (
        "parameters: [{name: a, in: path, schema: {type: string}}]",
        ".parameters[0].required: a parameter in the path is required",
    ),
    "a parameter that is an object": (
        "parameters: [{name: a, in: query, schema: {type: object, properties: {b: {type: string}}}}]",
        ".parameters[0].schema: an object with properties must be a named component",
    ),
    "a parameter that may be an object": (
        "parameters: [{name: a, in: query, schema: {type: array, items: {type: object}}}]",
        ".parameters[0].schema: nothing in a query can be object",
    ),
    "a parameter in the path that is a list": (
        "parameters: [{name: a, in: path, required: true, schema: {type: array, items: {type: string}}}]",
        ".parameters[0].schema: nothing in a path can be array",
    ),
    "a parameter twice": (
        "parameters: [{name: a, in: query, schema: {type: string}}, {name: a, in: query, schema: {type: string}}]",
        ".parameters[1]: 'a' stands twice: take one out",
    ),
    "a parameter called as an option of every call": (
        "parameters: [{name: timeout, in: query, schema: {type: string}}]",
        ".parameters[0]: no argument can be called 'timeout', so 'timeout' needs another name in x-tensormesh.rename",
    ),
    "a parameter called as a function beside it": (
        "parameters: [{name: parse, in: query, schema: {type: string}}]",
        ".parameters[0]: no argument can be called 'parse', so 'parse' needs another name in x-tensormesh.rename",
    ),
    "an answer of two kinds": (
        f"responses: {{'200': {IT}, '201': {{description: New., content: {{text/plain: {{}}}}}}}}",
        ".responses.201.content: a success has the content of the others, or none: give them one component",
    ),
    "a parameter of no path": (
        "parameters: [{name: a, in: path, required: true, schema: {type: string}}]",
        (
            ".parameters: those in the path are not those of /v1/things: a; "
            "write one for each of its {names}, and no other"
        ),
    ),
    "a parameter called as the body": (
        "parameters: [{name: body, in: query, schema: {type: string}}]",
        ".parameters[0]: no argument can be called 'body', so 'body' needs another name in x-tensormesh.rename",
    ),
    "a parameter called as another": (
        "parameters: [{name: aB, in: query, schema: {type: string}}, {name: a_b, in: query, schema: {type: string}}]",
        ".parameters[1]: no argument can be called 'a_b', so 'a_b' needs another name in x-tensormesh.rename",
    ),
}
"""Keys of the operation, and what is said of it."""


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_that_would_be_lost(tiny: TinyTree, name: str) -> None:
    """The place is that of the operation or of the part of it."""
    text, problem = OPERATIONS[name]
    tiny.change(operation=text)

    assert tiny.refusal() == f"{OPERATION}{problem}"


@pytest.mark.parametrize("place", ["query", "header"])
@pytest.mark.parametrize("name", ["header_values", "paged", "query", "sealed", "self", "spelt", "warn"])
def test_a_parameter_called_as_something_that_its_function_uses(tiny: TinyTree, name: str, place: str) -> None:
    """It would be called, and is a text."""
    tiny.change(operation=f"parameters: [{{name: {name}, in: {place}, schema: {{type: string}}}}]")

    assert tiny.refusal() == (
        f"{OPERATION}.parameters[0]: no argument can be called {name!r}, "
        f"so {name!r} needs another name in x-tensormesh.rename"
    )
