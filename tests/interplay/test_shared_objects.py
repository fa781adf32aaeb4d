"""Objects of one library handed to the other: messages, answers, tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tensormesh import types
from tensormesh_local import LocalHost
from tests.interplay.conftest import HELLO, KEY, MODEL, WEATHER, WEATHER_QUESTION
from tests.interplay.installed import needs
from tests.overlay.conftest import Runner

openai, pydantic = needs("openai"), needs("pydantic")


@pytest.fixture
def theirs(host: LocalHost) -> Iterator[Any]:
    with openai.OpenAI(base_url=f"{host.serverless_base_url}/v1", api_key=KEY) as client:
        yield client


@pytest.fixture
def their_message(theirs: Any) -> Any:
    """A message with a thought and a tool call."""
    return theirs.chat.completions.create(model=MODEL, messages=WEATHER_QUESTION, tools=[WEATHER]).choices[0].message


@pytest.fixture
def our_message(ours: Any, runner: Runner) -> Any:
    asked = ours.chat.completions.create(model=MODEL, messages=WEATHER_QUESTION, tools=[WEATHER])
    return runner.run(asked).choices[0].message


def continued(message: Any, call_id: str) -> list[Any]:
    """The conversation after a tool was called and has said something."""
    return [*WEATHER_QUESTION, message, {"role": "tool", "tool_call_id": call_id, "content": "18 degrees"}]


@pytest.mark.parametrize(
    "handed_in",
    [
        lambda message: message,
        lambda message: message.to_dict(),
        lambda message: message.model_dump(),
        lambda message: message.model_dump(exclude_unset=True),
        lambda message: types.ChatMessage.from_dict(message.model_dump()),
    ],
    ids=["object", "to_dict", "model_dump", "model_dump without the unset", "ChatMessage of it"],
)
def test_a_message_of_openai_continues_a_chat_here(
    handed_in: Any, their_message: Any, ours: Any, runner: Runner, host: LocalHost
) -> None:
    """Thought and tool call go back out as they came."""
    messages = continued(handed_in(their_message), their_message.tool_calls[0].id)

    answer = runner.run(ours.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER]))

    sent = host.requests[-1].body["messages"][1]
    assert sent["tool_calls"] == [their_message.tool_calls[0].model_dump()]
    assert sent["reasoning"] == their_message.reasoning
    assert "18 degrees" in answer.choices[0].message.content


def test_an_object_of_openai_is_sent_as_it_came_and_no_null_is_added(
    their_message: Any, ours: Any, runner: Runner, host: LocalHost
) -> None:
    """`model_dump()` would add one for every field of its class."""
    messages = continued(their_message, their_message.tool_calls[0].id)

    runner.run(ours.chat.completions.create(model=MODEL, messages=messages))

    assert host.requests[-1].body["messages"][1] == their_message.model_dump(exclude_unset=True)


def test_items_of_an_openai_response_continue_a_response_here(theirs: Any, ours: Any, runner: Runner) -> None:
    question = {"role": "user", "content": "What is the weather in Paris?"}
    tools = [{"type": "function", **WEATHER["function"]}]
    items = theirs.responses.create(model=MODEL, input=[question], tools=tools).output
    result = {"type": "function_call_output", "call_id": items[-1].call_id, "output": "18 degrees"}

    response = runner.run(ours.responses.create(model=MODEL, input=[question, *items, result], tools=tools))

    assert "18 degrees" in "".join(part.text for part in response.output[-1].content)


def test_a_message_of_ours_continues_a_chat_of_openai_as_a_dictionary(
    our_message: Any, theirs: Any, host: LocalHost
) -> None:
    messages = continued(our_message.to_dict(), our_message.tool_calls[0].id)

    answer = theirs.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER])

    assert host.requests[-1].body["messages"][1] == our_message.to_dict()
    assert "18 degrees" in answer.choices[0].message.content


def test_a_message_of_ours_is_no_json_for_openai(our_message: Any, theirs: Any) -> None:
    """It takes dictionaries and objects of pydantic, and says so."""
    with pytest.raises(TypeError, match=r"ChatCompletionMessage .*is not JSON serializable"):
        theirs.chat.completions.create(model=MODEL, messages=[*HELLO, our_message])


def test_a_whole_answer_becomes_one_of_the_other_library_and_back(ours: Any, runner: Runner) -> None:
    answer = runner.run(ours.chat.completions.create(model=MODEL, messages=HELLO))

    there = openai.types.chat.ChatCompletion.model_validate(answer.to_dict())
    back = types.ChatCompletionResponse.from_dict(there.to_dict())

    assert there.choices[0].message.content == answer.choices[0].message.content
    assert back.to_dict() == answer.to_dict()


def test_one_definition_of_a_tool_serves_both(ours: Any, theirs: Any, runner: Runner, host: LocalHost) -> None:
    tool = types.ChatCompletionTool.from_dict(WEATHER)

    runner.run(ours.chat.completions.create(model=MODEL, messages=WEATHER_QUESTION, tools=[tool]))
    theirs.chat.completions.create(model=MODEL, messages=WEATHER_QUESTION, tools=[tool.to_dict()])

    assert [request.body["tools"] for request in host.requests] == [[WEATHER], [WEATHER]]


def test_a_tool_made_of_a_class_of_pydantic_serves_both(ours: Any, theirs: Any, runner: Runner) -> None:
    """Where it has a description, which Tensormesh asks for and `openai` does not."""

    city = pydantic.create_model("get_weather", city=(str, ...))
    tool = openai.pydantic_function_tool(city, description="Get the current weather of a city.")

    one = runner.run(ours.chat.completions.create(model=MODEL, messages=WEATHER_QUESTION, tools=[tool]))
    other = theirs.chat.completions.create(model=MODEL, messages=WEATHER_QUESTION, tools=[tool])

    calls = [answer.choices[0].message.tool_calls[0].function for answer in (one, other)]
    assert [(call.name, call.arguments) for call in calls] == [("get_weather", '{"city": "Paris"}')] * 2


def test_a_tool_of_pydantic_without_a_description_is_refused_before_it_is_sent(
    ours: Any, runner: Runner, host: LocalHost
) -> None:

    tool = openai.pydantic_function_tool(pydantic.create_model("get_weather", city=(str, ...)))

    with pytest.raises(ValueError, match="description"):
        runner.run(ours.chat.completions.create(model=MODEL, messages=WEATHER_QUESTION, tools=[tool]))

    assert list(host.requests) == []
