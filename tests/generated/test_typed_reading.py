"""Whatever JSON comes, an attribute reads as its type, or as an error of ours; and all that came goes back out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_generated import models
from tensormesh_runtime.errors import MissingFieldError
from tensormesh_runtime.json_model import JsonModel
from tests.generated.test_properties import KIND_AND_OBJECT, SCALARS, same
from tests.generated.typed_reading import broken_promises

ALL = [
    kind
    for name in models.__all__
    if isinstance(kind := getattr(models, name), type) and issubclass(kind, JsonModel) and kind.__attrs_attrs__
]

ODD = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner))


@given(KIND_AND_OBJECT)
def test_any_object_reads_as_its_types(case: tuple[type[JsonModel], dict[str, Any]]) -> None:
    kind, data = case

    assert list(broken_promises(kind.from_dict(data))) == []


@given(st.sampled_from(ALL), st.data())
def test_a_model_reads_as_its_types_whatever_stands_in_its_fields(kind: type[JsonModel], data: st.DataObject) -> None:
    values = {item.metadata["key"]: data.draw(ODD) for item in kind.__attrs_attrs__}

    model = kind.from_dict(values)

    assert list(broken_promises(model)) == []
    assert same(values, model.to_dict())
    assert model == kind.from_dict(model.to_dict())


def completion(**fields: Any) -> models.ChatCompletionResponse:
    return models.ChatCompletionResponse.from_dict({"id": "c", "created": 1, "model": "m", "choices": [], **fields})


@pytest.mark.parametrize(
    ("field", "came", "reads"),
    [
        ("id", 7, "7"),
        ("created", "7", 7),
        ("created", 7.0, 7),
        ("choices", [None, {"index": 0}, 3], [models.ChatCompletionResponseChoice.from_dict({"index": 0})]),
        ("usage", [], None),
        ("system_fingerprint", {"a": 1}, None),
    ],
)
def test_what_can_be_read_is_and_what_came_stays(field: str, came: Any, reads: Any) -> None:
    answer = completion(**{field: came})

    assert getattr(answer, field) == reads
    assert answer.to_dict()[field] == came
    assert answer.additional_properties == {field: came}
    assert answer.replace().to_dict() == answer.to_dict()


@pytest.mark.parametrize("came", [None, True, [], {}, "soon", 7.5])
def test_what_cannot_be_read_says_so(came: Any) -> None:
    answer = completion(created=came)

    with pytest.raises(MissingFieldError, match="'created': what the answer has there is of another type"):
        _ = answer.created
    assert answer.is_odd("created")
    assert not answer.is_set("created")
    assert answer["created"] == came
    assert list(dict(answer)) == ["id", "model", "choices", "created"]


def test_what_is_set_takes_the_place_of_what_came() -> None:
    answer = completion(created="soon", model=5)
    answer.created = 8
    answer["model"] = "m"
    del answer["choices"]

    assert answer.to_dict() == {"id": "c", "created": 8, "model": "m"}
    assert not answer.is_odd("created")


def test_a_secret_that_is_odd_is_not_shown() -> None:
    tokens = models.CliTokens.from_dict({"access_token": ["tsk-secret"], "refresh_token": {"a": "tsk-secret"}})

    assert "tsk-secret" not in repr(tokens)


@pytest.mark.parametrize("odd", [{}, {"choices": None}, {"choices": 7}])
def test_a_chunk_without_choices_has_none(odd: dict[str, Any]) -> None:
    chunk = models.ChatCompletionChunk.from_dict(odd)

    assert chunk.choices == []
    assert chunk.to_dict() == odd


@pytest.mark.parametrize("odd", [{}, {"delta": None}, {"delta": []}])
def test_a_choice_without_a_piece_has_an_empty_one(odd: dict[str, Any]) -> None:
    choice = models.ChatCompletionStreamChoice.from_dict(odd)

    assert (choice.delta.content, choice.delta.to_dict()) == (None, {})
    assert choice.to_dict() == odd
