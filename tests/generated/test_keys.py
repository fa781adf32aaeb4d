"""By key, a model reads like the JSON object it is."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from tensormesh_generated import models
from tensormesh_generated.models import ChatCompletionResponse, ChatMessage, TextContentPart, User
from tensormesh_runtime.types import UNSET

USER = {
    "id": "1",
    "firstName": "Ada",
    "company": None,
    "tosAcceptedAt": "2026-04-02T09:15:00Z",
    "novelty": {"deep": [1]},
}


def test_every_key_that_came_is_there() -> None:
    """Under the JSON keys, known or not, null or not; what did not come is not there."""
    user = User.from_dict(USER)

    assert list(user) == user.keys() == list(USER)
    assert all(key in user for key in USER)
    assert dict(user) == {**user} == {key: user[key] for key in USER} == USER
    assert [key for key in ("lastName", "first_name", "additional_properties", "other") if key in user] == []


@pytest.mark.parametrize("key", ["lastName", "first_name", "additional_properties", "other"])
def test_a_key_that_did_not_come_says_so(key: str) -> None:
    """As a dictionary does, be it known or not; nothing is changed by asking."""
    user = User.from_dict(USER)

    with pytest.raises(KeyError, match=f"^'{key}'$"):
        user[key]
    with pytest.raises(KeyError, match=f"^'{key}'$"):
        del user[key]
    assert user == User.from_dict(USER)


def test_inner_objects_read_by_key_too() -> None:
    """All the way down."""
    answer: Any = ChatCompletionResponse.from_dict({"choices": [{"message": {"role": "assistant", "content": "hi"}}]})

    assert answer["choices"][0]["message"]["content"] == "hi"
    assert "content" in answer.choices[0].message
    assert "refusal" not in answer.choices[0].message


def test_a_key_is_set_as_an_attribute_is() -> None:
    """Mappings become models, times become text, and `UNSET` takes away."""
    message = ChatMessage(role="user")
    message["content"] = [{"type": "text", "text": "a"}]
    user = User.from_dict(USER)
    user["tosAcceptedAt"] = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
    user["firstName"] = UNSET

    assert isinstance(message.content, list)
    assert isinstance(message.content[0], TextContentPart)
    assert user["tosAcceptedAt"] == "2026-06-01T00:00:00Z"
    assert user.tos_accepted_at == datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
    assert "firstName" not in user
    assert message.to_dict() == {"role": "user", "content": [{"type": "text", "text": "a"}]}


def test_a_key_is_taken_away() -> None:
    """Known or not."""
    user = User.from_dict(USER)

    del user["firstName"], user["novelty"]

    assert user.first_name is None
    assert user.to_dict() == {key: value for key, value in USER.items() if key not in ("firstName", "novelty")}


def test_keys_are_those_of_to_dict() -> None:
    """For every model, with all its fields and one more."""
    for name in models.__all__:
        kind = getattr(models, name)
        if isinstance(kind, type):
            keys = [item.metadata["key"] for item in kind.__attrs_attrs__] if hasattr(kind, "__attrs_attrs__") else []
            model = kind.from_dict({**dict.fromkeys(keys), "novelty": 1})

            assert set(model.keys()) == set(dict(model)) == set(model.to_dict()) == {*keys, "novelty"}


def test_a_model_without_keys_is_still_something() -> None:
    """`if answer.usage:` asks whether it is there."""
    assert User.from_dict({})
