"""What is secret in a document is secret wherever it is used: behind a name, in a list, a map or a union."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from tests.generation.conftest import TinyTree
from tools.commands import commands
from tools.merge import merge
from tools.operations import operations
from tools.python_types import Types

Package = Callable[..., Any]

TOKEN = "Token: {type: string, x-secret: true}"
SECRETS = {
    "itself": "{type: string, x-secret: true}",
    "a component": "<Token>",
    "beside a reference": "{$ref: '#/components/schemas/Plain', x-secret: true}",
    "in a list": "{type: array, items: <Token>}",
    "in a map": "{type: object, additionalProperties: {type: string, x-secret: true}}",
    "or null": "{oneOf: [{type: string, x-secret: true}, {type: 'null'}]}",
    "in a list in a union": "{oneOf: [{type: array, items: <Token>}, {type: integer}]}",
}
VALUES = {"in a list": ["abc"], "in a map": {"a": "abc"}, "in a list in a union": ["abc"]}


@pytest.mark.parametrize("name", SECRETS)
def test_a_field_that_is_secret_is_not_shown(package: Package, name: str) -> None:
    made = package(properties=f"a: {SECRETS[name]}", schemas=f"{TOKEN}\nPlain: {{type: string}}")
    model = made.models.Thing.from_dict({"a": VALUES.get(name, "abc")})

    assert "abc" not in repr(model)
    assert "abc" in str(model.a)


@pytest.mark.parametrize("name", [name for name in SECRETS if name not in ("in a map", "in a list in a union")])
def test_a_parameter_that_is_secret_is_put_out_of_sight(package: Package, name: str) -> None:
    made = package(
        operation=f"parameters: [{{name: a, in: query, schema: {SECRETS[name]}}}]",
        schemas=f"{TOKEN}\nPlain: {{type: string}}",
    )

    assert "a = sealed(a)" in inspect.getsource(made.api.things.make_thing.sync)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_no_option_and_an_answer_says_where_it_is(tiny: TinyTree, name: str) -> None:
    """Other users of a machine can read what stands on a command line; a table hides what is secret."""
    tiny.change(
        properties=f"{{a: {SECRETS[name]}, b: {{type: string}}}}",
        schemas=f"{TOKEN}\nPlain: {{type: string}}",
        facts="cli: {command: things make}",
    )
    merged = merge(tiny.root / "openapi")
    types = Types(merged.document["components"]["schemas"])
    (command,) = commands(merged, operations(merged.document, types))

    assert [item.name for item in command.parameters] == ["b"]
    place = ("a", "*") if name in VALUES else ("a",)
    assert command.secrets == (place,)


def test_an_answer_that_holds_itself_says_once_where_its_secret_is(tiny: TinyTree) -> None:
    """Further down there is no end to places."""
    tiny.change(properties=f"{{a: {SECRETS['itself']}, next: <Thing>}}", facts="cli: {command: things make}")
    merged = merge(tiny.root / "openapi")
    types = Types(merged.document["components"]["schemas"])
    (command,) = commands(merged, operations(merged.document, types))

    assert command.secrets == (("a",),)
