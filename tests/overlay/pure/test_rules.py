"""What the service is known to refuse is refused before it is sent, and the culprit has a name."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tensormesh_overlay.calls.rules import check_chat, check_response
from tensormesh_overlay.errors import ValidationError
from tests.cases import cases

Json = dict[str, Any]


SCHEMA = {"name": "river", "schema": {"type": "object"}}


def check(allow: bool = False, allow_json_schema: bool = False, **body: Any) -> None:
    body = {"model": "m", "messages": [], **body}
    check_chat(body, allow_undescribed_tools=allow, allow_json_schema=allow_json_schema)


def tool(name: str | None = "find", **function: Any) -> Json:
    return {"type": "function", "function": {**({} if name is None else {"name": name}), **function}}


def refused(sentence: str) -> Any:
    return pytest.raises(ValidationError, match=re.escape(sentence))


@pytest.mark.parametrize("value", [None, {"type": "json_object"}, {"type": "text"}])
def test_a_documented_response_format_passes(value: Any) -> None:
    check(response_format=value)


@cases(
    ("value", "sentence"),
    [
        ({"type": "json_schema"}, "response_format type must be 'json_object' or 'text', not 'json_schema'"),
        ({"type": "JSON_OBJECT"}, "response_format type must be 'json_object' or 'text', not 'JSON_OBJECT'"),
        ({"type": None}, "response_format type must be 'json_object' or 'text', not None"),
        ({"type": ["text"]}, "response_format type must be 'json_object' or 'text', not ['text']"),
        ({}, "response_format type must be 'json_object' or 'text', not None"),
        ("json_object", "response_format must be an object such as {'type': 'json_object'}, not 'json_object'"),
        ([], "response_format must be an object such as {'type': 'json_object'}, not []"),
        ({"type": "json_schema", "json_schema": {}}, "response_format takes only 'type', and got 'json_schema' too"),
        ({"type": "text", "b": 1, "a": 2}, "response_format takes only 'type', and got 'a', 'b' too"),
    ],
)
def test_any_other_response_format_is_refused_in_words(value: Any, sentence: str) -> None:
    with refused(sentence):
        check(response_format=value)


def test_who_is_refused_learns_how_to_send_it_anyway() -> None:
    with refused("extra_body={'response_format': ...} sends it anyway"):
        check(response_format={"type": "json_schema", "json_schema": {}})


def test_who_is_refused_a_schema_learns_what_allows_it() -> None:
    with refused("allow_json_schema=True sends it, and extra_body="):
        check(response_format={"type": "json_schema", "json_schema": SCHEMA})
    with refused("not 'json_schema'; allow_json_schema=True sends it with its schema"):
        check(response_format={"type": "json_schema"})


def test_what_a_setting_does_not_allow_is_not_said_to_be_allowed_by_it() -> None:
    with pytest.raises(ValidationError) as raised:
        check(response_format={"type": "json_object", "strict": True})

    assert "allow_json_schema" not in str(raised.value)


@pytest.mark.parametrize("value", [None, {"type": "text"}, {"type": "json_schema", "json_schema": SCHEMA}])
def test_a_schema_may_be_allowed(value: Any) -> None:
    check(allow_json_schema=True, response_format=value)


@cases(
    ("value", "sentence"),
    [
        ({"type": "json_schema"}, "needs a 'json_schema' such as {'name': ..., 'schema': {...}}, not None"),
        ({"type": "json_schema", "json_schema": "x"}, "needs a 'json_schema' such as"),
        ({"type": "json_schema", "json_schema": SCHEMA, "strict": True}, "and got 'strict' too"),
        (
            {"type": "json_object", "json_schema": SCHEMA},
            "response_format takes only 'type', and got 'json_schema' too",
        ),
        ({"type": "grammar"}, "response_format type must be 'json_object' or 'text', not 'grammar'"),
        ({"type": "grammar", "grammar": "x"}, "response_format takes only 'type', and got 'grammar' too"),
        ("json_schema", "response_format must be an object"),
    ],
)
def test_where_a_schema_is_allowed_nothing_else_is(value: Any, sentence: str) -> None:
    with refused(sentence):
        check(allow_json_schema=True, response_format=value)


def test_a_schema_for_a_response_is_refused_unless_allowed() -> None:
    body = {"model": "m", "input": "i", "text": {"format": {"type": "json_schema", **SCHEMA}}}

    with refused("text.format must not be of type 'json_schema'"):
        check_response(body, allow_json_schema=False)
    check_response(body, allow_json_schema=True)


@cases(
    "text",
    [None, {}, {"format": None}, {"format": {"type": "text"}}, {"format": {"type": "json_object"}}, 7, {"format": "x"}],
)
def test_any_other_text_of_a_response_is_left_to_the_host(text: Any) -> None:
    check_response({"model": "m", "input": "i", "text": text}, allow_json_schema=False)


@cases("tools", [None, [], [tool(description="Finds.")], [tool(None, description="Finds.")]])
def test_described_tools_pass(tools: Any) -> None:
    check(tools=tools)


@cases("description", [{}, {"description": None}, {"description": ""}, {"description": " \n"}, {"description": 7}])
def test_a_tool_without_a_description_is_refused_by_name(description: Json) -> None:
    with refused("the tool 'find' has no description"):
        check(tools=[tool("other", description="Does."), tool(**description)])


def test_a_tool_without_a_name_is_named_by_its_position() -> None:
    with refused("the tool at position 1 has no description"):
        check(tools=[tool(description="Finds."), tool(None)])


def test_undescribed_tools_may_be_allowed() -> None:
    check(allow=True, tools=[tool()])


@cases("tools", [[{"type": "novelty"}], [7], [{"function": "find"}], "tools", {"a": 1}, 7])
def test_what_is_no_function_is_left_to_the_host(tools: Any) -> None:
    check(tools=tools)
