"""Models are fields of pydantic models: taken as JSON or as they are, written as JSON, described by their fields."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pydantic
import pytest

from tensormesh import tool
from tensormesh_generated.models import (
    ChatCompletionRequest,
    ChatCompletionResponse,
    ChatCompletionToolLike,
    ChatMessage,
    UsageInfo,
)


class Talk(pydantic.BaseModel):
    messages: list[ChatMessage]
    usage: UsageInfo | None = None


HELLO = {"role": "user", "content": "Hello", "novelty": {"deep": [1]}}


def test_a_model_comes_in_as_json_and_goes_out_as_it_came() -> None:
    talk = Talk.model_validate({"messages": [HELLO]})

    assert talk.messages[0].content == "Hello"
    assert talk.model_dump() == {"messages": [HELLO], "usage": None}
    assert Talk.model_validate_json(talk.model_dump_json()) == talk


def test_a_model_comes_in_as_it_is() -> None:
    message = ChatMessage(role="user", content="Hello")

    assert Talk(messages=[message]).messages == [message]


def test_an_answer_that_lacks_what_it_should_have_is_still_one() -> None:
    answer = ChatCompletionResponse.from_dict({"choices": []})

    assert pydantic.TypeAdapter(ChatCompletionResponse).validate_python(answer) is answer


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("Hello", "ChatMessage is made of a JSON object, not of a string"),
        ({"content": "Hello"}, "ChatMessage needs role"),
        ({"role": [], "content": "Hello"}, "role is not of the type that it has in ChatMessage"),
    ],
)
def test_what_is_no_such_model_is_refused(message: Any, problem: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=problem) as caught:
        Talk.model_validate({"messages": [message]})

    assert caught.value.errors()[0]["loc"] == ("messages", 0)


def test_the_schema_is_that_of_the_fields() -> None:
    schema = Talk.model_json_schema()["properties"]["messages"]["items"]

    assert schema["required"] == ["role"]
    assert schema["properties"]["role"] == {"type": "string"}
    assert schema["properties"]["content"]["anyOf"][0] == {"type": "string"}


class Toolbox(pydantic.BaseModel):
    tools: list[ChatCompletionToolLike]


def weather(city: str) -> str:
    """Tell the weather."""
    return city


def test_what_gives_its_dictionary_stands_beside_models_and_mappings() -> None:
    """`tool(function)` does, which no JSON becomes."""
    named = {"type": "function", "function": {"name": "f"}}
    box = Toolbox.model_validate({"tools": [tool(weather), named]})

    assert [one["function"]["name"] for one in box.model_dump()["tools"]] == ["weather", "f"]
    assert len(box.model_json_schema()["$defs"]["ChatCompletionToolLike"]["anyOf"]) == 2
    with pytest.raises(pydantic.ValidationError, match=r"it has no to_dict\(\)"):
        Toolbox.model_validate({"tools": [weather]})


def test_every_model_has_a_schema() -> None:
    assert ChatCompletionResponse.json_schema()["properties"]["choices"]["type"] == "array"
    assert ChatCompletionRequest.json_schema()["type"] == "object"


def test_nobody_pays_for_pydantic_who_does_not_use_it() -> None:
    program = "import sys, tensormesh_generated.models as m; m.ChatMessage; sys.exit('pydantic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
