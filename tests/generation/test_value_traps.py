"""What the generator is known to mistype or stumble over in single values, and what becomes of it here."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any, Literal, get_args

import pytest

from tests.generation.conftest import CATS_AND_DOGS, TinyTree, argument, survives

Thing = Callable[..., Any]


def test_an_enum_takes_values_from_the_future(thing: Thing) -> None:
    """The generator's own would raise ValueError."""
    model = thing("colour: {type: string, enum: [red, green]}")

    assert model.from_dict({"colour": "mauve"}).colour == "mauve"
    assert argument(model, "colour") == "Literal['red', 'green'] | str | Unset"


def test_known_values_become_an_open_enum(thing: Thing) -> None:
    """`x-known-values` lists what was seen so far."""
    model = thing("colour: {type: string, x-known-values: [red, green]}")

    assert argument(model, "colour") == "Literal['red', 'green'] | str | Unset"
    assert survives(model, {"colour": "mauve"})


def test_a_nullable_enum_is_one_type(package: Callable[..., Any], tiny: TinyTree) -> None:
    """The generator would make three classes of it."""
    made = package(properties="colour: {type: [string, 'null'], enum: [red, green, null]}")

    assert argument(made.models.Thing, "colour") == "Literal['red', 'green'] | str | None | Unset"
    assert sorted(file.stem for file in (tiny.package / "models").glob("*.py")) == [
        "__init__", "text", "text_event", "text_request", "thing",
    ]  # fmt: skip


def test_enum_values_may_differ_by_case_only(thing: Thing) -> None:
    """The generator would stop with a traceback."""
    assert argument(thing("size: {type: string, enum: [M, m]}"), "size") == "Literal['M', 'm'] | str | Unset"


def test_enum_values_may_look_like_python(thing: Thing) -> None:
    """Bars, brackets and quotes in a value are no syntax of types."""
    model = thing("""mark: {type: [string, "null"], enum: ["a|b", "[DONE]", "it's", '"', null]}""")

    values = model.__annotations__["mark"].partition("] | str")[0].removeprefix("Literal[")
    assert eval(f"({values})") == ("a|b", "[DONE]", "it's", '"')  # noqa: S307 - our own literals


def test_an_enum_of_a_component_is_a_name(package: Callable[..., Any]) -> None:
    """Whoever annotates with it finds it among the models."""
    made = package(schemas="Colour: {type: string, enum: [red]}", properties="colour: <Colour>")

    assert get_args(made.models.Colour) == (Literal["red"], str)
    assert argument(made.models.Thing, "colour") == "Colour | Unset"
    assert survives(made.models.Thing, {"colour": "mauve"})


def test_an_inline_enum_may_have_the_name_of_a_component(thing: Thing) -> None:
    """The generator would make one class of `Thing.colour` and of `ThingColour`."""
    model = thing(
        "{colour: {type: string, enum: [red]}, other: <ThingColour>}",
        schemas="ThingColour: {type: string, enum: [green]}",
    )

    assert argument(model, "colour") == "Literal['red'] | str | Unset"
    assert survives(model, {"colour": "red", "other": "green"})


def test_a_constant_that_is_not_required_is_sent_when_it_is_given(thing: Thing) -> None:
    """Only what the caller set is sent."""
    model = thing("kind: {const: cat}")

    assert model().to_dict() == {}
    assert model(kind="cat").to_dict() == {"kind": "cat"}


def test_a_required_constant_is_sent_by_itself(package: Callable[..., Any]) -> None:
    """A tag is part of its class."""
    made = package(schemas=CATS_AND_DOGS, properties="pet: <Pet>")

    assert made.models.Cat().to_dict() == {"kind": "cat"}


def test_another_value_than_the_constant_parses(thing: Thing) -> None:
    """`chat.completion.v2` must not break an answer."""
    model = thing("kind: {const: cat}")

    assert model.from_dict({"kind": "lion"}).kind == "lion"
    assert survives(model, {"kind": "lion"})


@pytest.mark.parametrize("value", ["true", "null", "7", "it's"])
def test_a_constant_of_any_kind(thing: Thing, value: str) -> None:
    """The generator forgets booleans and null."""
    model = thing(f"a: {{const: {value}}}")

    assert survives(model, {"a": {"true": True, "null": None, "7": 7}.get(value, value)})


def test_a_default_is_not_sent(thing: Thing) -> None:
    """The host knows its defaults; the generator would send them."""
    model = thing("{n: {type: integer, default: 1}, tags: {type: array, items: {type: string}, default: [a]}}")

    assert model().to_dict() == {}
    assert model().n is None


def test_a_default_of_the_wrong_type_does_no_harm(thing: Thing) -> None:
    """The generator would drop the model and what needs it."""
    assert thing("n: {type: integer, default: many}")(n=1).to_dict() == {"n": 1}


@pytest.mark.parametrize(
    "schema",
    ["<Thing>", "{type: string, enum: [a]}", "{type: array, items: <Thing>}", "{type: string, format: date-time}"],
)
def test_null_is_taken_where_the_document_has_none(thing: Thing, schema: str) -> None:
    """Hosts send null for much; the generator's models would raise."""
    model = thing(f"a: {schema}")

    assert model.from_dict({"a": None}).a is None
    assert survives(model, {"a": None})


@pytest.mark.parametrize(
    "kinds", ["{type: [integer, string, 'null']}", "{oneOf: [{type: integer}, {type: string}, {type: 'null'}]}"]
)
def test_types_in_a_list_are_a_union(thing: Thing, kinds: str) -> None:
    """OpenAPI 3.1 says null in the list of types, or as a variant."""
    model = thing(f"a: {kinds}")

    assert argument(model, "a") == "int | str | None | Unset"
    assert all(survives(model, {"a": value}) for value in (1, "b", None))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T08:00:00Z",
        "2026-11-21T08:00:00+00:00",
        "2026-11-21T08:00:00.123456789Z",
        "2026-11-21t08:00:00z",
        "2026-11-21T08:00:00.100+05:45",
    ],
)
def test_a_time_keeps_its_text(thing: Thing, text: str) -> None:
    """The generator would rewrite `Z` and cut off nanoseconds."""
    model = thing("at: {type: string, format: date-time}")

    assert survives(model, {"at": text})
    assert model.from_dict({"at": text}).at.tzinfo is not None


def test_a_time_is_read_as_one(thing: Thing) -> None:
    """And one of Python's is taken."""
    model = thing("at: {type: string, format: date-time}")
    moment = datetime.datetime(2026, 11, 21, 8, tzinfo=datetime.UTC)

    assert model.from_dict({"at": "2026-11-21T08:00:00Z"}).at == moment
    assert model(at=moment).to_dict() == {"at": "2026-11-21T08:00:00Z"}


@pytest.mark.parametrize("kind", ["int64", "uint64"])
def test_a_large_integer_keeps_its_text(thing: Thing, kind: str) -> None:
    """JSON carries it as text, because numbers lose digits in other languages."""
    model = thing(f"count: {{type: string, format: {kind}}}")

    assert model.from_dict({"count": "9223372036854775807"}).count == 2**63 - 1
    assert survives(model, {"count": "9223372036854775807"})
    assert model(count=2**63 - 1).to_dict() == {"count": "9223372036854775807"}


def test_a_decimal_keeps_its_zeros(thing: Thing) -> None:
    model = thing("price: {type: string, format: decimal}")

    assert str(model.from_dict({"price": "0.10"}).price) == "0.10"
    assert survives(model, {"price": "0.10"})
