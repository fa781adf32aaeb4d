"""Names and values as others write them: what is meant is read, and what is something else is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from tensormesh_contract.evaluation import changes
from tensormesh_contract.evaluation.spelling import respelt, style
from tests.contract.test_values import MESSAGE, PART, json_values, shape_of

USER = {
    "type": "object",
    "required": ["userId"],
    "properties": {
        "userId": {"type": "string"},
        "createdAt": {"type": "string", "format": "date-time"},
        "parts": {"type": "array", "items": PART},
        "home": {"oneOf": [{"type": "object", "properties": {"zipCode": {"type": "string"}}}, {"type": "null"}]},
    },
}


def read(value: Any, schema: Any = USER) -> tuple[Any, dict[str, str]]:
    found, spelt = respelt(value, shape_of(schema), "")
    return found, {one.sent: one.documented for one in spelt}


@given(json_values)
def test_what_is_spelt_as_documented_or_not_meant_at_all_is_the_same_value(value: Any) -> None:
    found, spelt = respelt(value, shape_of(MESSAGE), "")

    assert found is value or spelt


def test_names_are_read_at_every_depth_and_what_they_hold_is_kept() -> None:
    sent = {"user_id": "1", "parts": [{"TYPE": "text", "text": "a"}], "home": {"zip_code": "7"}, "more_of_it": 1}

    assert read(sent) == (
        {"userId": "1", "parts": [{"type": "text", "text": "a"}], "home": {"zipCode": "7"}, "more_of_it": 1},
        {"user_id": "userId", "TYPE": "type", "zip_code": "zipCode"},
    )


@pytest.mark.parametrize(
    "sent",
    [
        {"userId": "1", "user_id": "1"},  # both are sent, and one is new
        {"user_id": "1", "USERID": "1"},  # two that cannot both be meant
        {"owner_user_id": "1", "createdAt": "", "x": 1},  # one name that ends alike is no rule
        {"id": "1"},
    ],
)
def test_what_may_be_another_field_is_left_alone(sent: Any) -> None:
    assert read(sent) == (sent, {})


def test_what_stands_before_every_name_is_found() -> None:
    assert read({"tm_userId": "1", "tm_createdAt": ""})[1] == {"tm_userId": "userId", "tm_createdAt": "createdAt"}
    assert read({"tm.userId": "1"})[1] == {"tm.userId": "userId"}
    assert read({"userId_": "1"})[1] == {"userId_": "userId"}


def test_a_map_has_names_of_its_own() -> None:
    weights = {"type": "object", "properties": {"aB": {}}, "additionalProperties": {"type": "number"}}

    assert read({"a_b": 1}, weights) == ({"a_b": 1}, {})


def test_of_two_documented_spellings_either_will_do() -> None:
    both = {"type": "object", "required": ["user_id"], "properties": {"userId": {}, "user_id": {}}}

    assert read({"userId": "1"}, both) == ({"userId": "1", "user_id": "1"}, {})


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("promptTokens", "camelCase"), ("prompt_tokens", "snake_case"), ("prompt-tokens", "kebab-case"),
        ("PromptTokens", "PascalCase"), ("PROMPT_TOKENS", "UPPER_CASE"), ("prompttokens", "lower case"), ("a b", ""),
    ],
)  # fmt: skip
def test_a_way_to_write_names_has_a_name(name: str, written: str) -> None:
    assert style(name) == written


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "string", "format": "int64"}, 5, "64-bit integers"),
        ({"type": "string", "format": "decimal"}, 0.5, "decimals are sent as JSON numbers"),
        ({"type": "string", "format": "date-time"}, 1_796_062_171, "Unix seconds"),
        ({"type": "string", "format": "date-time"}, 1_796_062_171.25, "Unix seconds"),
        ({"type": "string", "format": "date-time"}, 1_796_062_171_000, "Unix milliseconds"),
        ({"type": "string", "format": "date-time"}, 1_796_062_171_000_000, "Unix microseconds"),
        ({"oneOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}, 1_796_062_171, "Unix seconds"),
        ({"type": "string", "enum": ["A", "B"]}, 1, "words of a list are sent as their numbers"),
        ({"type": "integer"}, "5", "numbers are sent as text"),
        ({"type": "integer"}, "2026-11-30T20:00:00Z", "times are sent as date-time text"),
        ({"type": "boolean"}, "True", "booleans are sent as text"),
        ({"type": "boolean"}, 1, "the numbers 0 and 1"),
        ({"type": "object", "properties": {"a": {}}}, '{"a": 1}', "JSON within text"),
        ({"type": "array", "items": {"type": "string"}}, "a", "lists of one"),
        ({"type": "object"}, [], "an empty list"),
        ({"type": "integer"}, 0.5, "whole numbers are sent with fractions"),
        # Nothing that all would do alike: each is a thing of its own.
        ({"type": "string"}, 5, ""),
        ({"type": "integer"}, "five", ""),
        ({"type": "boolean"}, 7, ""),
        ({"type": "object"}, "{", ""),
        ({}, 5, ""),
    ],
)
def test_a_value_of_another_type_is_another_way_to_write_it_or_not(schema: Any, value: Any, said: str) -> None:
    found = changes.of_type(value, shape_of(schema))

    assert (said in found) if said else not found


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("model_status_up", "in lower case, documented in upper case"),
        ("Model-Status-Up", "other marks"),
        ("UP", "without their common beginning"),
        ("up", "without their common beginning, in lower case"),
        ("model_status_new", "in lower case"),
        ("MODEL_STATUS_NEW", ""),
        ("weird", ""),
        ("", ""),
        (5, ""),
    ],
)
def test_a_word_is_a_known_one_written_otherwise_or_not(value: Any, said: str) -> None:
    found = changes.of_value(value, ("MODEL_STATUS_UNSPECIFIED", "MODEL_STATUS_UP", None))

    assert (said in found) if said else not found


def test_times_that_differ_in_their_digits_only_are_written_alike() -> None:
    texts = ["2026-11-30 20:00:00", "1999-01-01 01:02:03.123456"]

    assert len({changes.of_format(text, "date-time") for text in texts}) == 1
    assert changes.of_format("Mon, 30 Nov 2026 20:00:00 GMT", "date-time") == (
        "times are written as `a, 00 a 0000 00:00:00 a`"
    )
