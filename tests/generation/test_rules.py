"""What the chain cannot carry to the package is refused, and not dropped: each rule, broken in a tiny document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.generation.conftest import TinyTree
from tests.generation.test_changes import READ
from tools.names import python_name

THING = "control_plane.yaml, at components.schemas.Thing"
OPERATION = "control_plane.yaml, at paths./v1/things.post"
TAG = "an operation has one tag, and its document declares and describes it"

PROPERTIES = {
    "a title would rename a class": ("a: {type: string, title: B}", ".a.title: nothing here obeys 'title'"),
    "allOf is not followed": (
        "a: {allOf: [<Thing>]}",
        ".a.allOf: nothing here obeys 'allOf'",
    ),
    "nullable is of another version": (
        "a: {type: string, nullable: true}",
        ".a.nullable: nothing here obeys 'nullable'",
    ),
    "a misspelt word": ("a: {type: array, itmes: {}}", ".a.itmes: nothing here obeys 'itmes'"),
    "words beside a reference": (
        "a: {$ref: '#/components/schemas/Thing', type: object}",
        ".a.type: nothing here obeys 'type'",
    ),
    "a boolean for a schema": (
        "a: true",
        ".a: True cannot stand here: Input should be a valid dictionary or instance of Schema",
    ),
    "a misspelt type": (
        "a: {type: text}",
        ".a.type: 'text' cannot stand here: Input should be 'string', 'number', 'integer', 'boolean'",
    ),
    "a misspelt format": ("a: {type: string, format: datetime}", ".a.format: nothing here obeys 'datetime'"),
    "a format of another type": (
        "a: {type: integer, format: date}",
        ".a.format: nothing here obeys 'date': write int32 or int64",
    ),
    "an array of who knows what": ("a: {type: array}", ".a: an array needs items"),
    "items without an array": ("a: {items: {type: string}}", ".a.items: it says nothing without the type array"),
    "values without a type": ("a: {enum: [b]}", ".a.enum: it says nothing without the type string"),
    "an enum of numbers": ("a: {type: integer, enum: [1]}", ".a.enum: it says nothing without the type string"),
    "an enum of text and numbers": (
        "a: {type: string, enum: [b, 1]}",
        ".a: the value 1 is not text: quote it",
    ),
    "an enum of YAML's own booleans": (
        "a: {type: string, x-known-values: [on, off]}",
        ".a: the value True is not text: quote it",
    ),
    "values that are all known and may grow": (
        "a: {type: string, enum: [b], x-known-values: [c]}",
        ".a: values stand in `enum` or in `x-known-values`: one at least, and each once",
    ),
    "a value that stands twice": ("a: {type: string, enum: [b, b]}", ".a: values stand in `enum` or in"),
    "no values": ("a: {type: string, x-known-values: []}", ".a: values stand in `enum` or in"),
    "a constant that is no literal": (
        "a: {const: 1.5}",
        ".a.const: only text, a whole number, a boolean or null can be a constant",
    ),
    "an object without a name": (
        "a: {type: object, properties: {b: {type: string}}}",
        ".a: an object with properties must be a named component",
    ),
    "an object without a name in a list": (
        "a: {type: array, items: {type: object, properties: {b: {type: string}}}}",
        ".a.items: an object with properties must be a named component",
    ),
    "two objects without a tag": (
        "a: {oneOf: [<One>, <Two>]}",
        ".a: nothing tells the objects apart: it needs a discriminator",
    ),
    "two lists of objects": (
        "a: {oneOf: [{type: array, items: <One>}, <Twos>]}",
        ".a: nothing tells the arrays apart: it needs a discriminator",
    ),
    "a tag that is not said": (
        "a: {oneOf: [<One>, <Two>], discriminator: {propertyName: kind}}",
        ".a: variant 2 does not say its 'kind' by a constant",
    ),
    "a tag that two variants say": (
        "a: {oneOf: [<One>, <Uno>], discriminator: {propertyName: kind}}",
        ".a: variant 2 says its 'kind' is 'one', as another does",
    ),
    "a mapping that says something else": (
        "a: {oneOf: [<One>], discriminator: {propertyName: kind, mapping: {two: '#/components/schemas/One'}}}",
        ".a.discriminator.mapping.two: '#/components/schemas/One' does not say by a constant that it is 'two'",
    ),
    "a mapping that is silent": (
        "a: {oneOf: [<One>], discriminator: {propertyName: kind}}",
        ".a.discriminator: its mapping leaves out 'one'",
    ),
    "a discriminator of no union": (
        "a: {type: object, discriminator: {propertyName: kind}}",
        ".a.discriminator: it says nothing without oneOf or anyOf",
    ),
    "a union of nothing": ("a: {oneOf: []}", ".a.oneOf: a union has variants"),
    "a union beside a type": ("a: {type: string, oneOf: [<One>]}", ".a.oneOf: a union has variants"),
    "two unions": ("a: {oneOf: [<One>], anyOf: [{type: string}]}", ".a.oneOf: a union has variants"),
    "no type among types": ("a: {type: []}", ".a.type: it has to name a type"),
    "a reference to what is no schema": (
        "a: {$ref: '#/components/responses/It'}",
        ".a.$ref: 'It' of responses is no schema: refer to one of components.schemas",
    ),
    "a secret that is maybe one": ("a: {type: string, x-secret: 'no'}", ".a.x-secret: it is a boolean, not 'no'"),
    "values that are letters": (
        "a: {type: string, x-known-values: bc}",
        ".a.x-known-values: it is a list, not 'bc'",
    ),
    "two names that are one in Python": (
        "{fooBar: {type: string}, foo_bar: {type: string}}",
        ".foo_bar: 'fooBar' has the same Python name",
    ),
}
"""Properties of Thing, and what is said of them."""

SCHEMAS = """
One: {type: object, properties: {kind: {const: one}}}
Uno: {type: object, properties: {kind: {const: one}}}
Two: {type: object, properties: {kind: {type: string}}}
Twos: {type: array, items: <Two>}
"""


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_that_would_be_lost(tiny: TinyTree, name: str) -> None:
    """The place is that of the property."""
    text, problem = PROPERTIES[name]
    with tiny.document("control_plane") as document:
        document["components"]["responses"] = {"It": {"description": "It."}}
    tiny.change(schemas=SCHEMAS, properties=text)

    assert tiny.refusal().startswith(f"{THING}.properties{problem}")


COMPONENTS = {
    "a class that is none": (
        "thing_two: {type: object}",
        "thing_two",
        ": a component needs a name that Python can give",
    ),
    "a class that is changed": (
        "Ssl2key: {type: object}",
        "Ssl2key",
        ": a component needs a name that Python can give",
    ),
    "a class of Python's own": (
        "Warning: {type: object}",
        "Warning",
        ": a component needs a name that Python can give",
    ),
    "a class of the package's own": (
        "Unset: {type: object}",
        "Unset",
        ": a component needs a name that Python can give",
    ),
    "a value of the package's own": ("UNSET: {type: object}", "UNSET", ": a component needs a name that Python"),
    "a class of the friendly calls": ("Iterator: {type: object}", "Iterator", ": a component needs a name that Python"),
    "a file of another": (
        "{Ab: {type: object, properties: {b: <AB>}}, AB: {type: object}}",
        "Ab",
        ": its module would be that of AB",
    ),
    "a list of itself": (
        "Loop: {type: array, items: <Loop>}",
        "Loop",
        ": only an object can contain itself",
    ),
    "a value of itself": (
        "Loop: {oneOf: [{type: string}, {type: object, additionalProperties: <Loop>}]}",
        "Loop",
        ": only an object can contain itself",
    ),
    "an object that may be null": (
        "Other: {type: [object, 'null'], properties: {a: {type: string}}}",
        "Other",
        ": an object with properties must be a named component",
    ),
    "an object that accepts nobody knows what": (
        "Other: {type: object, x-accepts: [Nothing], properties: {a: {type: string}}}",
        "Other",
        ".x-accepts: 'Nothing' is no component with properties",
    ),
    "an amount of one part": (
        "Other: {type: object, x-amount: [a], properties: {a: {type: string, format: int64}}}",
        "Other",
        ".x-amount: an amount consists of two properties",
    ),
    "an amount of parts that are none": (
        "Other: {type: object, x-amount: [a, b], properties: {a: {type: string, format: int64}}}",
        "Other",
        ".x-amount: an amount consists of two properties",
    ),
    "an amount with an amount": (
        "Other: {type: object, x-amount: [amount, b], properties: {amount: {type: integer}, b: {type: integer}}}",
        "Other",
        ".properties.amount: 'x-amount' has the same Python name",
    ),
    "an amount of what is not there": (
        "Other: {type: object, x-amount: [a, b], x-unit: c, properties: {a: {type: integer}, b: {type: integer}}}",
        "Other",
        ".x-unit: it names the property that says what an amount (x-amount) is of",
    ),
    "a unit of no amount": (
        "Other: {type: object, x-unit: a, properties: {a: {type: string}}}",
        "Other",
        ".x-unit: it names the property that says what an amount (x-amount) is of",
    ),
    "items that are no list": (
        "Other: {type: object, x-items: a, properties: {a: {type: string}}}",
        "Other",
        ".x-items: it names the property that is the list which the object is about",
    ),
    "items that are not there": (
        "Other: {type: object, x-items: b, properties: {a: {type: string}}}",
        "Other",
        ".x-items: it names the property that is the list which the object is about",
    ),
    "a cost without a price": (
        "Other: {type: object, x-cost: {input: a, per: 1}, properties: {a: {type: string}}}",
        "Other",
        ".x-cost: a cost has the prices of `input`, `output` and `cached` tokens, and `per` how many they are",
    ),
    "a price of nothing": (
        "Other: {type: object, x-cost: {input: a, output: a, cached: a, per: 0}, properties: {a: {type: string}}}",
        "Other",
        ".x-cost.per: a price is of a number of tokens, not of 0",
    ),
    "a price that is no amount": (
        "Other: {type: object, x-cost: {input: a, output: a, cached: a, per: 1}, properties: {a: {type: string}}}",
        "Other",
        ".x-cost.input: 'a' is no property that is an amount (x-amount)",
    ),
    "a text that is a list": (
        "Other: {type: object, x-text: [a], properties: {a: {type: string}}}",
        "Other",
        ".x-text: it is a mapping, not ['a']",
    ),
    "a text without its parts": (
        "Other: {type: object, x-text: {name: t}, properties: {a: {type: string}}}",
        "Other",
        ".x-text: a text has a `name`, the `parts` it is made of, and their `type`",
    ),
    "a text that no list leads to": (
        "Other: {type: object, x-text: {name: t, parts: [a], type: b}, properties: {a: {type: string}}}",
        "Other",
        ".x-text: its parts are lists of objects, the last of them with a `type` and a `text`",
    ),
    "a text that is not there": (
        "Other: {type: object, x-text: {name: t, parts: [], type: b}, properties: {type: {type: string}}}",
        "Other",
        ".x-text: its parts are lists of objects, the last of them with a `type` and a `text`",
    ),
    "a text with the name of a field": (
        "Other: {type: object, x-text: {name: a, parts: [a], type: b}, properties: {a: {type: string}}}",
        "Other",
        ".properties.a: 'x-text' has the same Python name",
    ),
    "a required field that is none": (
        "Other: {type: object, required: [b], properties: {a: {type: string}}}",
        "Other",
        ".required: 'b' is required but has no property",
    ),
}
"""Components, the name of the wrong one, and what is said of it."""


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_that_would_be_lost(tiny: TinyTree, name: str) -> None:
    """Its file and its class would be another's, or nobody's."""
    text, component, problem = COMPONENTS[name]
    tiny.change(schemas=text, properties=f"other: <{component}>")

    assert tiny.refusal().startswith(f"control_plane.yaml, at components.schemas.{component}{problem}")


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


FACTS = {
    "a misspelt fact": ("retires: 3", ".retires: no such key is known here"),
    "a call that is no method": ("call: things", ".call: 'things' cannot stand here: String should match pattern"),
    "a call that Python cannot make": ("call: things.import", ".call: Python or the package needs a name in"),
    "a call that is taken": ("call: things.with_raw_response", ".call: Python or the package needs a name in"),
    "a namespace that is taken": (
        "call: things.with_raw_response.make",
        ".call: Python or the package needs a name in",
    ),
    "a namespace called like a client's request": (
        "call: request.make",
        ".call: Python or the package needs a name in",
    ),
    "a namespace called like a client's send": ("call: send.make", ".call: Python or the package needs a name in"),
    "a namespace called like a client's stream": ("call: stream.make", ".call: Python or the package needs a name in"),
    "a call that is written by hand": (
        "call: models.wait_until_up",
        ".call: 'models.wait_until_up' is already written by hand",
    ),
    "a namespace called like a call that is": (
        "call: observability.deployments.logs.follow.make",
        ".call: 'observability.deployments.logs.follow' is already written by hand",
    ),
    "a misspelt retry": (
        "retry: sometimes",
        ".retry: 'sometimes' cannot stand here: Input should be 'idempotent' or 'never'",
    ),
    "a misspelt truth": ("empty_ok: 'no'", ".empty_ok: 'no' cannot stand here: Input should be a valid boolean"),
    "a POST that is sent twice": ("retry: idempotent", ".retry: a POST may have happened although no answer came"),
    "a command that cannot be typed": ("cli: {command: Make_it}", ".cli.command: 'Make_it' cannot stand here"),
    "a misspelt fact about a command": (
        "cli: {command: things make, confrim: true}",
        ".cli.confrim: no such key is known here",
    ),
    "a stream that does not end": (
        "stream: {field: stream, event: Thing, end: '', whole: thing}",
        ".stream.end: '' cannot stand here",
    ),
    "a stream of parts of what": (
        "stream: {field: stream, event: Thing, end: x, whole: A thing}",
        ".stream.whole: 'A thing' cannot stand here",
    ),
    "half a stream": ("stream: {field: stream, event: Thing, whole: thing}", ".stream: there is no 'end'"),
    "a stream of nothing": (
        "stream: {field: stream, event: Other, end: x, whole: thing}",
        ".stream: $ref '#/components/schemas/Other' points at nothing",
    ),
    "a position of no parameter": ("positional: [id]", ".positional: no parameter is called 'id'"),
    "a name for nothing": ("rename: {id: thing_id}", ".rename: no parameter or field of the body is called 'id'"),
    "a name that is none": ("rename: {id: 'thing id'}", ".rename.id: 'thing id' cannot stand here"),
    "a result that is not there": ("returns: thing", ".returns: no key of the answer is called 'thing'"),
    "a caller that nothing is told": (
        "caller: {field: owner, profile: get_thing, id: user.id}",
        ".caller.field: no field of the body is called 'owner'",
    ),
    "a caller without a place": (
        "caller: {field: owner, profile: get_thing, id: 'user..id'}",
        ".caller.id: 'user..id' cannot stand here",
    ),
    "pages of another kind": (
        "paging: {style: cursor, items: a}",
        ".paging.style: 'cursor' cannot stand here: Input should be 'page' or 'token'",
    ),
    "pages of nothing": ("paging: {style: page, items: a}", ".paging.items: no key of the answer is called 'a'"),
}
"""Facts about the operation, and what is said of them."""


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_that_nobody_could_obey(tiny: TinyTree, name: str) -> None:
    """The block `x-tensormesh` holds known keys, and speaks of what there is."""
    text, problem = FACTS[name]
    tiny.change(facts=text)

    assert tiny.refusal().startswith(f"{OPERATION}.x-tensormesh{problem}")


def test_a_stream_that_nothing_asks_for(tiny: TinyTree) -> None:
    tiny.edit("openapi/serverless.yaml", "{field: stream,", "{field: flow,")

    assert tiny.refusal() == (
        "serverless.yaml, at paths./v1/texts.post.x-tensormesh.stream.field: no field of the body is called 'flow'"
    )


def test_a_stream_that_no_answer_is(tiny: TinyTree) -> None:
    tiny.change(facts="stream: {field: stream, event: Thing, end: x, whole: thing}")

    assert tiny.refusal() == (
        f"{OPERATION}.responses.200: an answer that streams is application/json and text/event-stream"
    )


def test_a_fact_about_a_command_of_inference(tiny: TinyTree) -> None:
    """No table is made of those."""
    tiny.edit("openapi/serverless.yaml", "{command: texts create}", "{command: texts create, confirm: true}")

    assert tiny.refusal() == (
        "serverless.yaml, at paths./v1/texts.post.x-tensormesh.cli: "
        "a command of inference is written by hand: only what to type is told here"
    )


def test_a_parameter_in_the_path_that_needs_its_name(tiny: TinyTree) -> None:
    """`things.read(thing_id)`: what names the resource needs no keyword."""
    tiny.change(paths=READ.replace("positional: [thingId]", "positional: []"))

    assert tiny.refusal() == (
        "control_plane.yaml, at paths./v1/things/{thingId}.get.x-tensormesh.positional: "
        "'thingId' is in the path, so it is passed by position"
    )


def test_an_operation_without_facts(tiny: TinyTree) -> None:
    """How to call it would be a guess."""
    tiny.change(operation="x-tensormesh: {}")

    assert tiny.refusal() == f"{OPERATION}: the operation has no x-tensormesh"


def test_pages_that_cannot_be_asked_for(tiny: TinyTree) -> None:
    """A list that is cut into pages takes the number of one, and tells how many there are."""
    tiny.change(properties="things: {type: array, items: {}}", facts="paging: {style: page, items: things}")
    assert tiny.refusal() == f"{OPERATION}.x-tensormesh.paging.style: no parameter is called 'page'"

    number = "in: query, schema: {type: integer}"
    tiny.change(
        facts="rename: {page: page_number, size: page_size}",
        operation=f"parameters: [{{name: page, {number}}}, {{name: size, {number}}}]",
        properties="{page: {type: integer}, size: {type: integer}}",
    )
    assert tiny.refusal() == f"{OPERATION}.x-tensormesh.paging.style: no key of the answer is called 'total'"


@pytest.mark.parametrize("name", ["ControlPlane", "ControlPlaneThings", "AsyncControlPlaneThingsWithRawResponse"])
def test_a_component_called_as_a_namespace(tiny: TinyTree, name: str) -> None:
    """Its class would be hidden where the friendly calls name it."""
    tiny.change(schemas=f"{name}: {{type: object}}", properties=f"a: <{name}>")

    assert tiny.refusal() == f"{OPERATION}.x-tensormesh.call: {name!r} is the name of a component already"


def test_a_word_at_the_top_that_nobody_obeys(tiny: TinyTree) -> None:
    with tiny.document("control_plane") as document:
        document["webhooks"] = {}

    assert tiny.refusal() == "control_plane.yaml, at webhooks: nothing here obeys 'webhooks'"


def test_a_tag_without_words(tiny: TinyTree) -> None:
    """They are the docstring of its folder."""
    tiny.edit("openapi/control_plane.yaml", "description: Things.", "description: ' '")

    assert tiny.refusal() == f"{OPERATION}.tags: {TAG}"


def test_a_tag_of_both_kinds_of_surface(tiny: TinyTree) -> None:
    """It is a folder, in which two kinds would mix."""
    tiny.change(operation="tags: [texts]")

    assert tiny.refusal() == (
        "serverless.yaml, at paths./v1/texts.post.tags: inference and the control plane have no tag in common"
    )


def test_a_tag_with_other_words_on_another_surface(tiny: TinyTree) -> None:
    """It is one module, and has one docstring."""
    with tiny.document("control_plane") as document:
        document["tags"].append({"name": "texts", "description": "Others."})

    assert tiny.refusal() == "control_plane.yaml, at tags[1]: the tag 'texts' has other words elsewhere"


@pytest.mark.parametrize(
    "path",
    ["v1/things", "/v1/it's", '/v1/"things', "/v1/th\\ings", "/v1/things}", "/v1/{thing", "/v1/things?a=b", "/ü"],
)
def test_a_path_that_would_be_sent_otherwise(tiny: TinyTree, path: str) -> None:
    """It is printed as Python, and sent as it stands."""
    with tiny.document("control_plane") as document:
        document["paths"][path] = document["paths"].pop("/v1/things")

    assert tiny.refusal() == (
        f"control_plane.yaml, at paths.{path}: a path begins with / and consists of plain characters and {{names}}"
    )


def test_an_unknown_method(tiny: TinyTree) -> None:
    """The generator knows eight, and forgets the rest."""
    tiny.change(paths="/v1/others: {query: {}}")

    assert tiny.refusal() == "control_plane.yaml, at paths./v1/others.query: nothing here obeys 'query'"


def test_a_path_without_its_parameter(tiny: TinyTree) -> None:
    """`{thing}` would be sent as it stands."""
    with tiny.document("control_plane") as document:
        document["paths"]["/v1/things/{thing}"] = document["paths"].pop("/v1/things")

    assert tiny.refusal() == (
        "control_plane.yaml, at paths./v1/things/{thing}.post.parameters: "
        "those in the path are not those of /v1/things/{thing}: none; write one for each of its {names}, and no other"
    )


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("things.make", "'things.make' is already make_thing"),
        ("things.make.twice", "'things.make' is already make_thing"),
        ("things", "'things' cannot stand here"),
    ],
)
def test_a_call_in_the_place_of_another(tiny: TinyTree, call: str, problem: str) -> None:
    """One of the two would hide the other."""
    with tiny.document("control_plane") as document:
        first = document["paths"]["/v1/things"]["post"]
        second = {**first, "operationId": "make_other", "x-tensormesh": {**first["x-tensormesh"], "call": call}}
        document["paths"]["/v1/others"] = {"post": second}

    assert tiny.refusal().startswith(f"control_plane.yaml, at paths./v1/others.post.x-tensormesh.call: {problem}")


def test_one_call_for_both_kinds_of_surface(tiny: TinyTree) -> None:
    """`client.inference` and `client.control_plane` are two trees."""
    tiny.change(facts="call: texts.create")

    assert tiny.generate().status == 0


@given(st.text())
def test_a_python_name_keeps_its_form(key: str) -> None:
    """To name it again changes nothing, so the rules speak of the names that the models have."""
    assert python_name(python_name(key)) == python_name(key)
