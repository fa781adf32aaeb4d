"""What is given in the body of a request may be a mapping, and typed dictionaries say what it holds."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh_runtime.dictionaries import SupportsToDict
from tests.generation.conftest import CATS_AND_DOGS, TinyTree

Package = Callable[..., Any]


@pytest.fixture
def params(package: Package) -> Any:
    schemas = (
        CATS_AND_DOGS
        + """
Colour: {type: string, enum: [red, green]}
ThingSize: {type: string, enum: [THING_SIZE_S, THING_SIZE_L]}
Owner: {type: object, x-accepts: [Cat], x-expects: [name, id], required: [colour], properties: {
  colour: <Colour>, size: <ThingSize>, name: {type: string}, id: {type: [string, "null"]},
  pets: {type: array, items: <Pet>},
  async: {type: boolean}, x-mark: {type: array, items: {type: string, format: int64}}, owner: <Owner>}}
Giver: {type: object, x-may-accept: [<Loan>], properties: {name: {type: string}}}
Loan: {type: object, required: [until], properties: {until: {type: string}}}
Alone: {type: object, properties: {name: {type: string}}}
"""
    )
    return package(schemas=schemas, properties="{owner: <Owner>, pet: <Pet>, giver: <Giver>}").models


def hints(params: Any, name: str) -> dict[str, str]:
    """The keys of a typed dictionary and their types, as they are written."""
    found = getattr(params, name)
    assert typing.is_typeddict(found)
    return {key: getattr(hint, "__forward_arg__", hint) for key, hint in found.__annotations__.items()}


def test_a_typed_dictionary_has_the_keys_of_the_json(params: Any) -> None:
    assert hints(params, "OwnerParam") == {
        "async": "bool",
        "x-mark": "Sequence[int | str]",
        "colour": "Required[Literal['red', 'green']]",
        "size": "_models.ThingSize",
        "name": "Required[str]",
        "id": "str | None",
        "pets": "Sequence[PetLike]",
        "owner": "OwnerLike",
    }


def test_each_key_that_is_expected_has_a_dictionary_that_requires_it(params: Any) -> None:
    assert hints(params, "OwnerIdParam")["name"] == "str"
    assert hints(params, "OwnerIdParam")["id"] == "Required[str | None]"


def test_whatever_may_be_given_has_a_name(params: Any) -> None:
    *types, gives = typing.get_args(params.OwnerLike.__value__)

    assert types == [params.Owner, params.Cat, params.OwnerParam, params.OwnerIdParam]
    assert gives == SupportsToDict[params.OwnerParam | params.OwnerIdParam]
    assert typing.get_args(params.PetParam.__value__) == (params.CatParam, params.DogParam)
    assert params.OpenObject in typing.get_args(params.PetLike.__value__)


def test_what_the_documents_do_not_promise_may_be_given_too(params: Any) -> None:
    """As a model or a mapping; it goes out as it was given, and the field is of the documented type all the same."""
    assert params.LoanLike in typing.get_args(params.GiverLike.__value__)
    assert hints(params, "LoanParam") == {"until": "Required[str]"}

    given = params.Thing(giver=params.Loan(until="May"))

    assert given.to_dict() == {"giver": {"until": "May"}}
    assert type(given.giver) is params.Giver


def test_hints_can_be_looked_up_while_a_program_runs(params: Any) -> None:
    """As pydantic does."""
    for name in params.GIVEN:
        if typing.is_typeddict(found := getattr(params, name)):
            assert typing.get_type_hints(found).keys() == found.__annotations__.keys()


def test_what_no_request_contains_has_none(params: Any) -> None:
    assert "AloneParam" not in params.GIVEN
    assert "AloneLike" not in params.__all__
    assert "ThingParam" not in params.GIVEN


@pytest.mark.parametrize("name", ["DogParam", "DogLike"])
def test_the_name_of_one_is_taken(tiny: TinyTree, name: str) -> None:
    tiny.change(
        schemas=CATS_AND_DOGS + f"{name}: {{type: object, properties: {{}}}}",
        properties=f"{{pet: <Pet>, it: <{name}>}}",
    )

    assert tiny.refusal() == (
        f"control_plane.yaml, at components.schemas.{name}: what may be given for Dog is called so"
    )


@pytest.mark.parametrize("keys", ["[nothing]", "[name, nothing]", "[kind]"])
def test_what_is_expected_is_a_property_that_is_not_required(tiny: TinyTree, keys: str) -> None:
    tiny.change(schemas=CATS_AND_DOGS.replace("Cat: {", f"Cat: {{x-expects: {keys}, "), properties="pet: <Pet>")

    assert tiny.refusal().startswith(
        "control_plane.yaml, at components.schemas.Cat.x-expects: it names properties that are not required"
    )
