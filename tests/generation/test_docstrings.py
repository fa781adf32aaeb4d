"""What the documents say of values stands in docstrings; that a thing is deprecated is said to type checkers, too."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

from tools.descriptions import deprecation, described

SAID = {
    "{type: integer, minimum: 1, maximum: 9}": "At least 1, at most 9.",
    "{type: number, exclusiveMinimum: 0, exclusiveMaximum: 1.5}": "More than 0, less than 1.5.",
    "{type: string, minLength: 1, maxLength: 64}": "At least 1 character, at most 64 characters.",
    "{type: array, minItems: 1, maxItems: 4, items: {type: string}}": "At least 1 item, at most 4 items.",
    "{type: string, pattern: '^a+$'}": "Like `^a+$`.",
    "{type: boolean, default: false}": "Default: `false`.",
    "{type: [string, 'null'], default: null}": "Default: `null`.",
    "{oneOf: [{type: integer, minimum: 2}, {type: 'null'}]}": "At least 2.",
    "{type: string, example: red}": 'Example: `"red"`.',
    "{type: string, examples: [red, blue]}": 'Example: `"red"`.',
    "{type: string, format: uuid}": "A UUID.",
    "{type: string, format: date}": "A date, such as 2026-01-31.",
    "{type: string, format: uri}": "A URI.",
    "{type: string, format: byte}": "Base64 text.",
    "{type: integer, format: int64}": "",
    "{type: string, format: email, minLength: 3, default: a@b}": "An e-mail address. At least 3 characters. "
    'Default: `"a@b"`.',
}


@pytest.mark.parametrize("schema", SAID)
def test_a_value_is_described(package: Callable[..., Any], schema: str) -> None:
    """As a field of a request, in the words of a friendly call, and as a parameter."""
    with_words = schema.replace("{", "{description: A value, ", 1)
    made = package(
        properties=f"a: {with_words}",
        operation=f"parameters: [{{name: b, in: query, description: A value, schema: {schema}}}]",
    )

    whole = f"A value. {SAID[schema]}" if SAID[schema] else "A value"
    words = " ".join((made.api.things.make_thing.sync.__doc__ or "").split())
    assert f"b: {whole} body:" in words
    friendly = " ".join((namespace(made).ControlPlaneThings.make.__doc__ or "").split())
    assert f"b: {whole} a: {whole} Raises:" in friendly


def namespace(made: Any) -> Any:
    from importlib import import_module

    return import_module(f"{made.__name__}.namespaces.control_plane")


def test_a_parameter_has_examples_of_its_own() -> None:
    assert described({"examples": {"a": {"value": 5}}}, {}) == "Example: `5`."
    assert described({"description": "One:", "example": "x" * 200}, {}) == f'One: Example: `"{"x" * 76}...`.'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Deprecated: use b instead. It goes soon.", "use b instead"),
        ("Deprecated. Use b instead.", "Use b instead"),
        ("Deprecated", "see its documentation"),
        ("A thing. Use b.", "see its documentation"),
        ("", "see its documentation"),
    ],
)
def test_why_a_thing_is_deprecated(text: str, why: str) -> None:
    assert deprecation({"deprecated": True, "description": text}) == why
    assert deprecation({"description": text}) == ""


def test_a_deprecated_operation_says_so_to_checkers_and_callers(package: Callable[..., Any]) -> None:
    made = package(operation="{deprecated: true, description: 'Deprecated: make another.'}")
    module, friendly = made.api.things.make_thing, namespace(made)

    marked = (module.sync, module.asyncio, module.sync_detailed, module.asyncio_detailed)
    marked += (friendly.ControlPlaneThings.make, friendly.AsyncControlPlaneThings.make)
    assert {thing.__deprecated__ for thing in marked} == {"make another"}
    assert (module.sync.__doc__ or "").strip().startswith("Deprecated. Make a thing.")
    with pytest.warns(DeprecationWarning, match=r"things\.make\(\) is deprecated: make another") as caught:
        module.build_request(body={})
    assert [item.filename for item in caught] == [__file__]


def test_a_deprecated_component_says_so_to_checkers(package: Callable[..., Any]) -> None:
    """To read one is no call, and warns nobody."""
    made = package(
        schemas="Old: {type: object, deprecated: true, properties: {a: {type: string}}}", properties="o: <Old>"
    )

    assert made.models.Old.__deprecated__ == "see its documentation"
    assert made.models.Old.__doc__ == "Deprecated."
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert made.models.Thing.from_dict({"o": {"a": "b"}}).o.a == "b"


def test_what_is_not_deprecated_does_not_say_so(package: Callable[..., Any]) -> None:
    made = package()

    assert not hasattr(made.api.things.make_thing.sync, "__deprecated__")
    assert not hasattr(made.models.Thing, "__deprecated__")


def test_an_object_that_takes_no_other_keys(package: Callable[..., Any]) -> None:
    """It binds who builds one. What comes is kept as it came."""
    made = package(
        schemas="Closed: {type: object, additionalProperties: false, properties: {a: {type: string}}}",
        properties="c: <Closed>",
    ).models.Closed

    one = made.from_dict({"a": "b", "new": 1})
    assert one.to_dict() == {"a": "b", "new": 1}
    assert made.__doc__.endswith("It takes no other keys.")
    assert made.json_schema()["additionalProperties"] is False
    with pytest.raises(ValueError, match="Closed takes no other keys than those of its fields, so no 'other'"):
        one["other"] = 1
