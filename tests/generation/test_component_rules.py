"""Components that would be lost on the way are refused."""

from __future__ import annotations

import pytest

from tests.generation.conftest import TinyTree

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
    "an object that may accept a name": (
        "Other: {type: object, x-may-accept: [Thing], properties: {a: {type: string}}}",
        "Other",
        ".x-may-accept[0]: a schema must be a mapping, not 'Thing'",
    ),
    "an object that may accept text": (
        "Other: {type: object, x-may-accept: [{type: string}], properties: {a: {type: string}}}",
        "Other",
        ".x-may-accept[0]: it is a list of components: write the $ref of one with properties",
    ),
    "objects that may accept each other": (
        "Other: {type: object, x-may-accept: [<Other>], properties: {a: {type: string}}}",
        "Other",
        ".x-may-accept[0]: it is a list of components: write the $ref of one with properties, that has no such list",
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
        ".x-text: it is a mapping of texts, and `parts` a list of them, not ['a']",
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
    "other keys of some type beside properties": (
        "Other: {type: object, additionalProperties: {type: string}, properties: {a: {type: string}}}",
        "Other",
        (
            ".additionalProperties: a model has no type for keys that it does not know: "
            "give the others a property of their own that holds a map"
        ),
    ),
    "a reference to what is no component": (
        "Other: {type: object, properties: {a: {$ref: '#/info'}}}",
        "Other",
        ".properties.a: $ref '#/info' must name a component",
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
