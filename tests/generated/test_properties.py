"""For all JSON there is: into a model and out again changes nothing."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensormesh_generated import models
from tensormesh_runtime.decode import encode
from tensormesh_runtime.json_model import JsonModel

NAMES = (
    "ActivityLog",
    "BillingTransaction",
    "ChatCompletionChunk",
    "ChatCompletionRequest",
    "ChatCompletionResponse",
    "ChatMessage",
    "CliTokens",
    "ErrorResponse",
    "Model",
    "OpenObject",
    "ResponseCreateRequest",
    "ResponseOutputItem",
    "TokenizeResponse",
    "User",
)
KINDS = [getattr(models, name) for name in NAMES if name in models.__all__]

NASTY = (
    "to_dict",
    "from_dict",
    "additional_properties",
    "self",
    "cls",
    "d",
    "replace",
    "is_set",
    "UNSET",
    "__class__",
    "__dict__",
    "__init__",
    "_codec",
    "_decode",
    "_load",
    "_assign",
    "field",
    "models",
    "createdAt",
    "created_at",
    "firstName",
    "first_name",
    "type",
    "",
    " ",
    "a b",
    "é",
    "\u2028",
)


def fields(kind: type[JsonModel]) -> list[str]:
    """JSON keys and Python names: a name of one kind is an unknown key of the other."""
    return [name for item in kind.__attrs_attrs__ for name in (item.metadata["key"], item.name)]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


def keys(kind: type[JsonModel]) -> st.SearchStrategy[str]:
    return st.sampled_from([*NASTY, *fields(kind)]) | st.text(max_size=5)


def values(kind: type[JsonModel]) -> st.SearchStrategy[Any]:
    return st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys(kind), inner, max_size=4),
        max_leaves=8,
    )


def objects(kind: type[JsonModel]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(keys(kind), values(kind), max_size=8)


KIND_AND_OBJECT = st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), objects(kind)))


def same(one: Any, other: Any) -> bool:
    """Equal as JSON, where 1, 1.0 and true are three values."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def test_the_models_are_there() -> None:
    """The properties below hold for a dozen models of both kinds of surface."""
    assert len(KINDS) >= 12


@given(KIND_AND_OBJECT)
def test_any_object_comes_out_as_it_went_in(case: tuple[type[JsonModel], dict[str, Any]]) -> None:
    """Whatever its keys are called and whatever they hold."""
    kind, data = case
    before = copy.deepcopy(data)

    assert same(before, kind.from_dict(data).to_dict())
    assert same(before, data)


@given(KIND_AND_OBJECT)
def test_any_object_survives_copying_and_pickling(case: tuple[type[JsonModel], dict[str, Any]]) -> None:
    """Copies are equal and send the same."""
    kind, data = case
    model = kind.from_dict(data)

    for copied in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model)), model.replace()):
        assert model == copied
        assert same(data, copied.to_dict())


@given(KIND_AND_OBJECT)
def test_any_object_can_be_shown(case: tuple[type[JsonModel], dict[str, Any]]) -> None:
    """`repr` never fails, and tells which model it is."""
    kind, data = case

    assert repr(kind.from_dict(data)).startswith(f"{kind.__name__}(")


@pytest.mark.parametrize("key", NASTY)
def test_a_nasty_key_is_only_a_key(key: str) -> None:
    """No key of an answer can break the model that holds it, alone or beside others."""
    for kind in KINDS:
        for data in ({key: 1}, {key: {"a": [1]}, "novelty": 2}, {key: None, **dict.fromkeys(fields(kind))}):
            model = kind.from_dict(data)

            assert data == model.to_dict(), kind
            assert model == kind.from_dict(model.to_dict()), kind


JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)


@given(JSON)
def test_encode_leaves_json_as_it_is(value: Any) -> None:
    """What is JSON already is not changed, and not shared."""
    encoded = encode(value)

    assert same(value, encoded)
    assert encoded is not value or not isinstance(value, list | dict)


@given(JSON)
def test_encode_loses_nothing_of_models_in_containers(value: Any) -> None:
    """Models in lists in mappings in models all come out."""
    inner = models.ChatMessage.from_dict({"role": "user", "content": value, "novelty": value})
    outer = models.ChatCompletionRequest.from_dict({"model": "m", "messages": [inner], "novelty": {"deep": (inner,)}})
    plain = {"role": "user", "content": value, "novelty": value}

    assert same({"model": "m", "messages": [plain], "novelty": {"deep": [plain]}}, outer.to_dict())
    assert same([outer.to_dict()], encode((outer,)))


@settings(max_examples=25)
@given(st.sampled_from(sorted(set(models.__all__))))
def test_every_model_keeps_every_field(name: str) -> None:
    """A marker in each field of each model comes back under its own name."""
    kind = getattr(models, name)
    if isinstance(kind, type) and issubclass(kind, JsonModel):
        data = {item.metadata["key"]: f"marker {index}" for index, item in enumerate(kind.__attrs_attrs__)}

        assert data == kind.from_dict(data).to_dict()
