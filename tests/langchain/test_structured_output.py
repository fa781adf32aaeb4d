"""Tools, and output after a schema."""

from __future__ import annotations

import asyncio
from typing import Any, TypedDict

import pytest
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage
from pydantic import BaseModel

import tensormesh
from tensormesh_langchain.structured_output import call_parser, response_format
from tensormesh_local import LocalHost, Options
from tests.langchain.models import Ask, chats, get_weather, model

BROKEN: Any = "invalid_tool_call"


class River(BaseModel):
    """A river."""

    name: str


class RiverDict(TypedDict):
    """A river."""

    name: str


class Forecast(BaseModel):
    city: str


def test_a_tool_without_a_description_gets_one(ask: Ask, host: LocalHost) -> None:
    assert ask(model().bind_tools([Forecast], tool_choice="any"), "Paris").tool_calls[0]["args"] == {"city": "Paris"}

    assert chats(host)[0]["tools"][0]["function"]["description"] == "Call Forecast."


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("any", "required"),
        (True, "required"),
        ("required", "required"),
        ("auto", "auto"),
        ("none", "none"),
        ("get_weather", {"type": "function", "function": {"name": "get_weather"}}),
        (None, None),
        (False, None),
    ],
)
def test_a_choice_of_tools_has_the_words_of_the_service(ask: Ask, host: LocalHost, choice: Any, sent: Any) -> None:
    ask(model().bind_tools([get_weather], tool_choice=choice), "How warm is it in Paris?")

    assert chats(host)[0].get("tool_choice") == sent


@pytest.mark.parametrize("schema", [River, RiverDict], ids=["class", "typed"])
def test_a_class_that_is_bound_as_response_format_is_its_schema(ask: Ask, host: LocalHost, schema: Any) -> None:
    answer = ask(model().bind(response_format=schema), "Which river is it, the Rhine?")

    assert River.model_validate_json(answer.text).name
    assert chats(host)[0]["response_format"] == response_format(schema, None)


@pytest.mark.parametrize("schema", [River, RiverDict, River.model_json_schema()], ids=["class", "typed", "schema"])
@pytest.mark.parametrize("method", ["function_calling", "json_schema", "json_mode"])
def test_output_fits_a_schema_in_three_ways(host: LocalHost, method: Any, schema: Any) -> None:
    prompt = "Which river flows through Cologne? Answer as JSON with the key name."
    asking = model().with_structured_output(schema, method=method)
    wanted = type(River(name="x")) if schema is River else dict

    async def awaited() -> Any:
        return await asking.ainvoke(prompt)

    streamed = [*asking.stream(prompt)][-1]
    for answer in (asking.invoke(prompt), asyncio.run(awaited()), streamed):
        assert isinstance(answer, wanted)
        assert set(dict(answer)) == {"name"}
    body = chats(host)[0]
    assert ("tools" in body) == (method == "function_calling")
    assert body.get("response_format", {}).get("type") == {
        "json_schema": "json_schema",
        "json_mode": "json_object",
    }.get(method)


def test_a_service_without_schemas_says_so_where_one_was_asked_for() -> None:
    with LocalHost(Options()) as strict:
        asking = model(base_url=strict.serverless_base_url, api_key=strict.inference_api_key)

        with pytest.raises(tensormesh.BadRequestError, match="response_format"):
            asking.with_structured_output(River, method="json_schema").invoke("A river.")
        assert isinstance(asking.with_structured_output(River).invoke("Which river is it, the Rhine?"), River)


@pytest.mark.parametrize("method", ["json_schema", "json_mode", "function_calling"])
def test_the_message_can_be_had_beside_what_was_read_of_it(host: LocalHost, method: Any) -> None:
    asking = model().with_structured_output(River, method=method, include_raw=True)
    found = asking.invoke("Which river is it, the Rhine? JSON with the key name.")

    assert found["raw"].usage_metadata
    assert isinstance(found["parsed"], River)
    assert found["parsing_error"] is None


def test_what_cannot_be_read_is_an_error_or_is_told(host: LocalHost) -> None:
    prompt = "Answer as JSON with the key unit."

    with pytest.raises(OutputParserException):
        model().with_structured_output(River, method="json_mode").invoke(prompt)
    found = model().with_structured_output(River, method="json_mode", include_raw=True).invoke(prompt)
    assert (found["parsed"], type(found["parsing_error"])) == (None, OutputParserException)


@pytest.mark.parametrize("schema", [River, River.model_json_schema()], ids=["class", "schema"])
def test_an_answer_that_was_cut_off_before_its_call_is_an_error_and_not_nothing(host: LocalHost, schema: Any) -> None:
    prompt = "Which river is it, the Rhine?"

    with pytest.raises(OutputParserException, match="cut off before its call was whole: give it more max_tokens"):
        model(max_tokens=3).with_structured_output(schema).invoke(prompt)
    found = model(max_tokens=3).with_structured_output(schema, include_raw=True).invoke(prompt)
    assert (found["parsed"], type(found["parsing_error"])) == (None, OutputParserException)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (AIMessage("The Rhine."), "answered without the call"),
        (
            AIMessage(
                "", invalid_tool_calls=[{"name": "River", "args": '{"na', "id": "1", "error": "", "type": BROKEN}]
            ),
            "no JSON: '{\"na'",
        ),
    ],
    ids=["no call", "no JSON"],
)
def test_an_answer_without_a_call_that_can_be_read_says_why(message: AIMessage, why: str) -> None:
    with pytest.raises(OutputParserException, match=why):
        call_parser(River).invoke(message)


def test_a_schema_that_is_bound_by_hand_was_asked_for(host: LocalHost) -> None:
    """As LangChain's agents do, whose `ProviderStrategy` gives one."""
    asking = model().bind(response_format=response_format(River, None))

    assert River.model_validate_json(asking.invoke("Which river is it, the Rhine?").text)
    assert "allow_json_schema" not in chats(host)[0]


def test_no_tools_are_as_if_none_were_bound(ask: Ask, host: LocalHost) -> None:
    ask(model().bind_tools([], tool_choice="auto"), "Hello")

    assert {"tools", "tool_choice"} & chats(host)[0].keys() == set()


def test_a_way_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="method must be function_calling, json_mode or json_schema"):
        model().with_structured_output(River, method="magic")
    with pytest.raises(ValueError, match="needs a schema"):
        model().with_structured_output(method="json_schema")
