"""When tools are called, with which arguments, and in which shape."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh_local.engine.schema_values import Material, fill, proper_names
from tests.cases import cases

type Chat = Callable[..., dict[str, Any]]

CITIES = "What is the weather in Paris and Tokyo?"


def _calls(answer: dict[str, Any]) -> list[tuple[str, Any]]:
    calls = answer["choices"][0]["message"].get("tool_calls", [])
    return [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls]


def test_a_fitting_question_calls_the_tool(chat: Chat, weather: dict[str, Any]) -> None:
    choice = chat("What is the weather in Paris?", tools=[weather])["choices"][0]
    call = choice["message"]["tool_calls"][0]

    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert choice["message"]["reasoning"]
    assert list(call) == ["id", "type", "function"]
    assert call["id"].startswith("chatcmpl-tool-")
    assert call["function"] == {"name": "get_weather", "arguments": '{"city": "Paris"}'}


def test_several_names_are_several_calls(chat: Chat, weather: dict[str, Any]) -> None:
    expected = [("get_weather", {"city": "Paris"}), ("get_weather", {"city": "Tokyo"})]

    assert expected == _calls(chat(CITIES, tools=[weather]))
    assert expected[:1] == _calls(chat(CITIES, tools=[weather], parallel_tool_calls=False))


def test_another_question_is_answered_in_words(chat: Chat, weather: dict[str, Any]) -> None:
    assert _calls(chat("Tell me a joke", tools=[weather])) == []


def test_tool_choice_none_calls_nothing(chat: Chat, weather: dict[str, Any]) -> None:
    assert _calls(chat(CITIES, tools=[weather], tool_choice="none")) == []


@pytest.mark.parametrize(
    ("choice", "reason"),
    [("required", "tool_calls"), ({"type": "function", "function": {"name": "get_weather"}}, "stop")],
)
def test_a_demanded_call_is_made_whatever_the_question(
    chat: Chat, weather: dict[str, Any], choice: Any, reason: str
) -> None:
    found = chat("Hello", tools=[weather], tool_choice=choice)["choices"][0]

    assert len(found["message"]["tool_calls"]) == 1
    assert found["message"]["content"] == ""
    assert found["finish_reason"] == reason


@pytest.mark.parametrize(
    ("choice", "reason"),
    [("required", "tool_calls"), ({"type": "function", "function": {"name": "get_weather"}}, "stop")],
)
def test_a_demanded_call_is_streamed_like_any_other(
    streamed: Callable[..., list[Any]], weather: dict[str, Any], choice: Any, reason: str
) -> None:
    chunks = streamed("Hello", tools=[weather], tool_choice=choice)
    deltas = [d for chunk in chunks for c in chunk["choices"] for d in c["delta"].get("tool_calls", [])]

    assert [delta["function"]["name"] for delta in deltas if "id" in delta] == ["get_weather"]
    assert json.loads("".join(delta["function"].get("arguments", "") for delta in deltas))["city"]
    assert chunks[-1]["choices"][0]["finish_reason"] == reason


def test_a_result_is_answered_in_words_that_use_it(chat: Chat, weather: dict[str, Any]) -> None:
    asked = chat(CITIES, tools=[weather])["choices"][0]["message"]
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": f"{i + 20} degrees"}
        for i, call in enumerate(asked["tool_calls"])
    ]
    history = [{"role": "user", "content": CITIES}, asked, *results]
    choice = chat(messages=history, tools=[weather])["choices"][0]

    assert choice["finish_reason"] == "stop"
    assert "20 degrees; 21 degrees" in choice["message"]["content"]


def test_a_call_with_broken_arguments_in_the_history_is_accepted(chat: Chat, weather: dict[str, Any]) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "get_weather", "arguments": "{bad"}}
    history = [
        {"role": "user", "content": CITIES},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "x"},
    ]

    assert chat(messages=history, tools=[weather])["choices"][0]["message"]["content"]


def test_call_deltas_join_to_the_calls(chat: Chat, streamed: Callable[..., list[Any]], weather: dict[str, Any]) -> None:
    chunks = streamed(CITIES, tools=[weather])
    deltas = [d for chunk in chunks for c in chunk["choices"] for d in c["delta"].get("tool_calls", [])]
    heads = [delta for delta in deltas if "id" in delta]
    arguments = ["".join(d["function"].get("arguments", "") for d in deltas if d["index"] == i) for i in (0, 1)]

    assert [list(head) for head in heads] == [["id", "type", "index", "function"]] * 2
    assert [head["function"] for head in heads] == [{"name": "get_weather"}] * 2
    assert all(list(delta) == ["index", "function"] for delta in deltas if delta not in heads)
    assert [("get_weather", json.loads(text)) for text in arguments] == _calls(chat(CITIES, tools=[weather]))
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_the_fitting_tool_of_several_is_called(chat: Chat, weather: dict[str, Any]) -> None:
    parameters = {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]}
    parcel = {"name": "find_parcel", "description": "Look up a parcel by number.", "parameters": parameters}
    tools = [weather, {"type": "function", "function": parcel}]

    assert _calls(chat("Where is parcel 42?", tools=tools)) == [("find_parcel", {"number": 42})]


@cases(
    ("schema", "text", "expected"),
    [
        ({"type": "string", "enum": ["celsius", "fahrenheit"]}, "in Fahrenheit please", "fahrenheit"),
        ({"type": "string", "enum": ["a", "b"]}, "hm", "a"),
        ({"const": 5}, "hm", 5),
        ({"type": "integer", "minimum": 10}, "give me 3", 10),
        ({"type": "number"}, "give me 2.5", 2.5),
        ({"type": "boolean"}, "do it", True),
        ({"type": "array", "items": {"type": "string"}}, "compare Rome and Oslo", ["Rome", "Oslo"]),
        ({"type": "array", "items": {"type": "integer"}}, "add 3 and 4", [3, 4]),
        ({"type": "string", "format": "date"}, "on 2026-05-04", "2026-05-04"),
        ({"type": ["string", "null"]}, "to 'dear all'", "dear all"),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"const": 1}}}, "hm", 1),
        ({"$ref": "#"}, "hm", None),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, "hm", None),
    ],
)
def test_a_schema_is_filled_from_the_text(schema: dict[str, Any], text: str, expected: Any) -> None:
    assert expected == fill(schema, Material.of(text))


def test_names_are_found_in_their_order() -> None:
    assert proper_names("What's it like in San Francisco, or in Rome? And Rome again") == ["San Francisco", "Rome"]


@cases(
    ("question", "names"),
    [
        ("What is the weather in San Francisco, CA?", ["San Francisco, CA"]),
        ("Weather in Washington, D.C.?", ["Washington, D.C."]),
        ("What is it like in London, UK, please?", ["London, UK"]),
        ("Compare Washington, DC and Austin, TX.", ["Washington, DC", "Austin, TX"]),
        ("How warm is it in Paris, France?", ["Paris, France"]),
        ("How warm is it in Boston, Massachusetts right now?", ["Boston, Massachusetts"]),
        ("How warm is it in New York, New York?", ["New York, New York"]),
        ("How warm is it in Paris, Tokyo and Rome?", ["Paris", "Tokyo", "Rome"]),
        ("How warm is it in Paris, Tokyo, or Rome?", ["Paris", "Tokyo", "Rome"]),
        ("Compare IBM, SAP", ["IBM", "SAP"]),
        ("Tell Ada, Bob", ["Ada", "Bob"]),
    ],
)
def test_where_a_place_is_belongs_to_its_name(question: str, names: list[str]) -> None:
    assert proper_names(question) == names


def test_a_place_and_its_state_are_one_call(chat: Chat, weather: dict[str, Any]) -> None:
    assert _calls(chat("Weather in San Francisco, CA?", tools=[weather])) == [
        ("get_weather", {"city": "San Francisco, CA"})
    ]
