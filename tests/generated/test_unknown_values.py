"""Models keep what they do not know: keys, values and kinds from the future come through."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tensormesh_generated.api.responses import create_response
from tensormesh_generated.models import (
    ChatCompletionRequest,
    ChatCompletionResponse,
    ChatMessage,
    ResponseFormat,
    TextContentPart,
    ThinkingConfigDisabled,
    User,
)
from tensormesh_runtime.open_object import OpenObject


def completion(**changes: Any) -> dict[str, Any]:
    return {"id": "c", "created": 1, "model": "m", "choices": [], **changes}


def test_an_unknown_key_survives() -> None:
    """A key that the documents do not know can be read, and goes back out."""
    answer = ChatCompletionResponse.from_dict(completion(novelty={"deep": [1]}))

    assert answer.additional_properties == {"novelty": {"deep": [1]}}
    assert answer["novelty"] == {"deep": [1]}
    assert completion(novelty={"deep": [1]}) == answer.to_dict()


def test_an_unknown_key_of_a_nested_object_survives() -> None:
    """Depth makes no difference."""
    data = completion(choices=[{"index": 0, "message": {"role": "assistant", "mood": "calm"}, "finish_reason": "stop"}])

    answer = ChatCompletionResponse.from_dict(data)

    assert answer.choices[0].message["mood"] == "calm"
    assert data == answer.to_dict()


def test_unknown_keys_can_be_added_and_removed() -> None:
    """A request can carry a field that the documents learn of tomorrow."""
    request = ChatCompletionRequest(model="m", messages=[])
    request["novelty"] = 1
    assert "novelty" in request
    assert request.to_dict() == {"model": "m", "messages": [], "novelty": 1}

    del request["novelty"]

    assert "novelty" not in request
    assert request.to_dict() == {"model": "m", "messages": []}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_lacks_survives(number: float) -> None:
    """A host may send it all the same: the model can be read, copied and given back."""
    answer = ChatCompletionResponse.from_dict(completion(novelty={"deep": [number]}))

    assert repr(answer.to_dict()["novelty"]) == repr({"deep": [number]})
    assert repr(answer.replace(id="d")["novelty"]) == repr({"deep": [number]})


def test_a_closed_object_keeps_unknown_keys_too() -> None:
    """`additionalProperties: false` binds who sends; what was received is not thrown away."""
    data = {"type": "json_schema", "json_schema": {"name": "n"}}

    assert data == ResponseFormat.from_dict(data).to_dict()


def test_a_value_from_the_future_survives_an_open_enum() -> None:
    """Known values are a help, not a fence."""
    user = User.from_dict({"userRole": "USER_ROLE_EMPEROR"})

    assert user.user_role == "USER_ROLE_EMPEROR"
    assert user.to_dict() == {"userRole": "USER_ROLE_EMPEROR"}


def test_a_value_from_the_future_survives_a_closed_enum() -> None:
    """Even where all values are said to be known."""
    assert ResponseFormat.from_dict({"type": "yaml"}).to_dict() == {"type": "yaml"}


def test_another_constant_survives() -> None:
    """`object: chat.completion.v2` must not cost the answer."""
    answer = ChatCompletionResponse.from_dict(completion(object="chat.completion.v2"))

    assert answer.object == "chat.completion.v2"
    assert ThinkingConfigDisabled.from_dict({"type": "off"}).to_dict() == {"type": "off"}


def test_a_union_goes_by_its_tag() -> None:
    """Each part has the class its `type` names, whatever its neighbours are."""
    message = ChatMessage.from_dict(
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look:"},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
            ],
        }
    )
    assert isinstance(message.content, list)

    assert [type(part).__name__ for part in message.content] == ["TextContentPart", "ImageUrlContentPart"]


@pytest.mark.parametrize("tag", [{"type": "hologram"}, {"type": None}, {"type": 7}, {"type": ["text"]}, {}])
def test_an_unknown_tag_costs_only_itself(tag: dict[str, Any]) -> None:
    """A part of an unknown kind is an open object; its neighbours keep their classes, and all go back out."""
    data = {"role": "user", "content": [{"type": "text", "text": "a"}, {**tag, "url": "u"}]}

    message = ChatMessage.from_dict(data)
    assert isinstance(message.content, list)

    assert isinstance(message.content[0], TextContentPart)
    assert isinstance(message.content[1], OpenObject)
    assert message.content[1].url == "u"
    assert data == message.to_dict()


def test_an_unknown_event_is_an_open_object() -> None:
    """A kind of event that came later reads by attribute, and says what it has when asked for something else."""
    event: Any = create_response.parse_event({"type": "response.sang", "note": "a"})

    assert event.note == "a"
    with pytest.raises(AttributeError, match="it has note, type"):
        _ = event.melody


@pytest.mark.parametrize("value", [None, 7, "text", [1], [{"index": 0}, None, 3]])
def test_a_field_of_another_type_is_kept(value: Any) -> None:
    """One odd field must not cost the rest of the answer."""
    data = completion(choices=value, usage=value)

    answer = ChatCompletionResponse.from_dict(data)

    assert data == answer.to_dict()
    assert answer.id == "c"


@pytest.mark.parametrize(
    ("value", "what"), [(None, "null"), ([], "an array"), ("x", "a string"), (True, "a boolean"), (1, "a number")]
)
def test_only_an_object_is_a_model(value: Any, what: str) -> None:
    """What is no JSON object says so, and what it is."""
    with pytest.raises(ValueError, match=f"made of a JSON object, not of {what}"):
        User.from_dict(value)
