"""Tools: declared, called, whole and in pieces, and answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.live.test_chat import said
from tests.overlay.conftest import Runner

type Chat = Callable[..., Any]

PARIS, BOTH = "What is the weather in Paris?", "What is the weather in Rome and Oslo?"
NAMED = {"type": "function", "function": {"name": "get_weather"}}


@pytest.mark.parametrize(("choice", "reason"), [("auto", "tool_calls"), ("required", "tool_calls"), (NAMED, "stop")])
@pytest.mark.parametrize("streams", [False, True])
def test_a_tool_is_called(
    chat: Chat, runner: Runner, weather: dict[str, Any], choice: Any, reason: str, *, streams: bool
) -> None:
    answer = chat(PARIS, tools=[weather], tool_choice=choice, stream=streams)
    (given,) = (runner.run(answer.get_final_completion()) if streams else answer).choices
    (call,) = given.message.tool_calls

    assert (call.type, call.function.name) == ("function", "get_weather")
    assert list(json.loads(call.function.arguments)) == ["city"]
    assert call.id
    assert given.finish_reason == reason


def test_a_streamed_call_is_the_whole_call(chat: Chat, runner: Runner, weather: dict[str, Any]) -> None:
    """But for blank text before it, which an engine may send only in a stream."""
    whole = chat(PARIS, tools=[weather]).choices[0]
    streamed = runner.run(chat(PARIS, tools=[weather], stream=True).get_final_completion()).choices[0]

    assert not (streamed.message.content or "").strip()
    streamed.message.content = whole.message.content
    assert said(streamed) == said(whole)


def test_two_calls_are_kept_apart(chat: Chat, runner: Runner, weather: dict[str, Any]) -> None:
    whole = chat(BOTH, tools=[weather]).choices[0].message.tool_calls
    streamed = runner.run(chat(BOTH, tools=[weather], stream=True).get_final_completion())
    calls = streamed.choices[0].message.tool_calls

    assert len({call.id for call in calls}) == 2
    assert [call.function.arguments for call in calls] == [call.function.arguments for call in whole]
    assert {call.function.name for call in calls} == {"get_weather"}


def test_arguments_come_in_pieces(chat: Chat, runner: Runner, weather: dict[str, Any]) -> None:
    """The name once, and first."""
    pieces = [
        call.function
        for chunk in runner.read(chat(PARIS, tools=[weather], stream=True))
        for choice in chunk.choices
        for call in choice.delta.tool_calls or ()
    ]

    assert [piece.name for piece in pieces if piece.name] == ["get_weather"]
    assert pieces[0].name == "get_weather"
    assert json.loads("".join(piece.arguments or "" for piece in pieces)) == {"city": "Paris"}


def test_a_tool_that_may_not_be_called_is_not(chat: Chat, weather: dict[str, Any]) -> None:
    message = chat("Hello", tools=[weather], tool_choice="none").choices[0].message

    assert message.content.strip()
    assert not message.tool_calls


def test_the_answer_of_a_tool_is_taken_back(chat: Chat, weather: dict[str, Any]) -> None:
    """The message with the call goes back as it came."""
    asked = {"role": "user", "content": PARIS}
    message = chat(messages=[asked], tools=[weather]).choices[0].message
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "sunny"}
    answer = chat(messages=[asked, message.to_dict(), result], tools=[weather])

    assert answer.choices[0].finish_reason == "stop"
    assert "sunny" in answer.choices[0].message.content
