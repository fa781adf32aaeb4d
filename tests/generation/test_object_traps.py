"""What the generator is known to mix up or drop in unions, maps and objects, and what becomes of it here."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.generation.conftest import CATS_AND_DOGS, argument, survives

Thing = Callable[..., Any]


def test_a_tagged_union_goes_by_its_tag(thing: Thing) -> None:
    """The generator would try one class after the other, and these look alike."""
    model = thing("pet: <Pet>", schemas=CATS_AND_DOGS)

    assert type(model.from_dict({"pet": {"kind": "dog"}}).pet).__name__ == "Dog"


def test_an_object_accepts_what_its_schema_says(thing: Thing) -> None:
    """Wherever it can be handed in; and it becomes what it is handed in for."""
    model = thing(
        "{cat: <Cat>, guest: <Dog>, guests: {type: array, items: <Dog>}, last: {oneOf: [<Dog>, {type: 'null'}]}}",
        schemas=CATS_AND_DOGS + "Dog: {type: object, x-accepts: [Cat], properties: {name: {type: string}}}",
    )
    cat = importlib.import_module(model.__module__.rpartition(".")[0]).Cat.from_dict({"name": "Tom", "paws": 4})

    assert argument(model, "guest") == "DogLike | Unset"
    assert argument(model, "guests") == "Sequence[DogLike] | Unset"
    assert argument(model, "last") == "DogLike | None | Unset"
    made = model(guest=cat, guests=[cat], last=cat)
    assert [type(dog).__name__ for dog in (made.guest, *made.guests, made.last)] == ["Dog"] * 3
    assert made.to_dict() == {"guest": cat.to_dict(), "guests": [cat.to_dict()], "last": cat.to_dict()}


def test_an_unknown_tag_costs_nothing_but_itself(thing: Thing) -> None:
    """In a list the generator would leave all of it as raw dictionaries."""
    model = thing("pets: {type: array, items: <Pet>}", schemas=CATS_AND_DOGS)
    data = {"pets": [{"kind": "cat"}, {"kind": "axolotl", "gills": 6}, {"name": "?"}, "text", None]}

    pets = model.from_dict(data).pets

    assert [type(pet).__name__ for pet in pets] == ["Cat", "OpenObject", "OpenObject"]
    assert pets[1].gills == 6
    assert survives(model, data)


@pytest.mark.parametrize(
    "schema",
    [
        "{oneOf: [{type: string}, {type: array, items: <Pet>}, {type: 'null'}]}",
        "{oneOf: [<Pet>, {type: array, items: <Pet>}, {type: string}]}",
        "{oneOf: [{oneOf: [{type: 'null'}, {type: array, items: <Pet>}]}, {type: string}]}",
    ],
)
def test_a_union_within_a_union(thing: Thing, schema: str) -> None:
    """`content: string | parts[] | null`: however deep, the objects become models."""
    model = thing(f"content: {schema}", schemas=CATS_AND_DOGS)

    assert [type(part).__name__ for part in model.from_dict({"content": [{"kind": "cat"}]}).content] == ["Cat"]
    assert survives(model, {"content": "text"})


@pytest.mark.parametrize(
    "schema",
    [
        "{oneOf: [<Pet>, {type: 'null'}]}",
        "{anyOf: [{type: string}, <Pet>]}",
        "{oneOf: [<Cat>, <Dog>, {type: 'null'}], discriminator: {propertyName: kind, mapping: {cat: Cat, dog: Dog}}}",
    ],
)
def test_a_tagged_union_that_may_be_something_else(thing: Thing, schema: str) -> None:
    model = thing(f"pet: {schema}", schemas=CATS_AND_DOGS)

    assert type(model.from_dict({"pet": {"kind": "dog"}}).pet).__name__ == "Dog"
    assert model.from_dict({"pet": None}).pet is None


def test_a_tag_may_have_several_values(thing: Thing) -> None:
    """One class for two kinds."""
    model = thing(
        "pet: {oneOf: [<Cat>, <Bird>],"
        " discriminator: {propertyName: kind, mapping: {cat: Cat, crow: Bird, owl: Bird}}}",
        schemas=CATS_AND_DOGS + "Bird: {type: object, properties: {kind: {type: string, enum: [crow, owl]}}}",
    )

    assert type(model.from_dict({"pet": {"kind": "owl"}}).pet).__name__ == "Bird"


def test_a_union_of_text_and_one_object(thing: Thing) -> None:
    """No tag is needed to tell text from an object."""
    model = thing("choice: {oneOf: [{type: string}, <Cat>]}", schemas=CATS_AND_DOGS)

    assert model.from_dict({"choice": "auto"}).choice == "auto"
    assert model.from_dict({"choice": {"kind": "cat"}}).choice.kind == "cat"


@pytest.mark.parametrize("schema", ["{type: object}", "{type: object, additionalProperties: true}"])
def test_a_free_map_stays_a_dictionary(thing: Thing, schema: str) -> None:
    """The generator would make a class of each."""
    model = thing(f"extra: {schema}")
    data = {"extra": {"a": [1, {"b": None}], "self": 1}}

    assert model.from_dict(data).extra == data["extra"]
    assert survives(model, data)


def test_a_map_of_numbers_is_a_dictionary(thing: Thing) -> None:
    model = thing("bias: {type: object, additionalProperties: {type: number}}")

    assert argument(model, "bias") == "Mapping[str, float] | Unset"
    assert model(bias={"50256": -100}).to_dict() == {"bias": {"50256": -100}}


def test_a_map_of_models(thing: Thing) -> None:
    """Values become models, keys stay what they are."""
    model = thing("pets: {type: object, additionalProperties: <Cat>}", schemas=CATS_AND_DOGS)

    assert model.from_dict({"pets": {"from_dict": {"name": "Tom"}}}).pets["from_dict"].name == "Tom"


def test_a_map_may_be_a_component(package: Callable[..., Any]) -> None:
    """It is a name for a type, and takes plain dictionaries."""
    made = package(schemas="Bias: {type: object, additionalProperties: {type: number}}", properties="bias: <Bias>")

    assert made.models.Bias == dict[str, float]
    assert survives(made.models.Thing, {"bias": {"a": 1.5}})


def test_a_list_may_be_a_component(package: Callable[..., Any]) -> None:
    made = package(schemas=CATS_AND_DOGS + "Pets: {type: array, items: <Pet>}", properties="pets: <Pets>")

    assert type(made.models.Thing.from_dict({"pets": [{"kind": "cat"}]}).pets[0]) is made.models.Cat


def test_an_object_without_properties_is_a_class(package: Callable[..., Any]) -> None:
    """`{"empty": {}}` answers a call that has no result."""
    made = package(schemas="Nothing: {type: object}", properties="empty: <Nothing>")

    assert made.models.Thing.from_dict({"empty": {}}).empty == made.models.Nothing()
    assert survives(made.models.Thing, {"empty": {"new": 1}})


def test_a_closed_object_keeps_what_it_does_not_know(package: Callable[..., Any]) -> None:
    """`additionalProperties: false` is a promise of today."""
    made = package(
        schemas="Closed: {type: object, additionalProperties: false, properties: {a: {type: string}}}",
        properties="closed: <Closed>",
    )

    assert survives(made.models.Thing, {"closed": {"a": "b", "new": [1]}})


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ("<Thing>", {"a": {}}),
        ("{oneOf: [<Thing>, {type: 'null'}]}", {"a": None}),
        ("{type: array, items: <Thing>}", [{}, {"a": []}]),
        ("{type: object, additionalProperties: <Thing>}", {"x": {"a": {}}}),
    ],
)
def test_an_object_may_contain_itself(thing: Thing, schema: str, data: Any) -> None:
    """By a property, an array or a map."""
    model = thing(f"a: {schema}")

    assert survives(model, {"a": data})


def test_two_objects_may_contain_each_other(package: Callable[..., Any]) -> None:
    """Their modules import each other."""
    made = package(
        schemas="""
            Hen: {type: object, properties: {egg: <Egg>}}
            Egg: {type: object, properties: {hen: <Hen>}}
        """,
        properties="hen: <Hen>",
    )

    hen = made.models.Thing.from_dict({"hen": {"egg": {"hen": {"egg": {}}}}}).hen
    assert type(hen.egg.hen.egg) is made.models.Egg


def test_a_field_may_be_called_as_its_type(thing: Thing) -> None:
    """`user: User`, and `thing: Thing` in a Thing."""
    model = thing("thing: <Thing>")

    assert model(thing=model(thing={})).to_dict() == {"thing": {"thing": {}}}


def test_words_beside_a_reference_survive(thing: Thing) -> None:
    """They are about this use of the component."""
    model = thing("pet: {$ref: '#/components/schemas/Cat', description: The best one.}", schemas=CATS_AND_DOGS)

    assert "The best one." in inspect.getsource(model)
    assert type(model.from_dict({"pet": {}}).pet).__name__ == "Cat"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["colour", "kind", "pet", "pets", "content", "extra", "at", "count", "class", "fooBar"]


@pytest.fixture
def everything(thing: Thing) -> Any:
    """A model with a field of each kind above."""
    return thing(
        """
        colour: {type: [string, "null"], enum: [red, null]}
        kind: {const: cat}
        pet: <Pet>
        pets: {type: array, items: <Pet>}
        content: {oneOf: [{type: string}, {type: array, items: <Pet>}, {type: "null"}]}
        extra: {type: object, additionalProperties: <Thing>}
        at: {type: string, format: date-time}
        count: {type: string, format: int64}
        class: <Thing>
        fooBar: {type: number}
        """,
        schemas=CATS_AND_DOGS,
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), JSON, max_size=6))
def test_any_object_survives(everything: Any, data: dict[str, Any]) -> None:
    """Whatever a host sends under whatever name, it comes out as it went in."""
    assert everything.from_dict(data).to_dict() == data
