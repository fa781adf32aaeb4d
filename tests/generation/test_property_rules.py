"""Properties that would be lost on the way are refused, with file, line and what to write instead."""

from __future__ import annotations

import pytest

from tests.generation.conftest import TinyTree
from tests.generation.refusals import THING

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
