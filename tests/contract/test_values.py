"""A JSON value checked against a schema."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_contract.documents.shapes import Shape, Shapes
from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.evaluation.formats import fits
from tensormesh_contract.evaluation.values import Sightings, deviations
from tensormesh_documents.library import Document
from tests.contract.conftest import Surfaces

MESSAGE = {
    "type": "object",
    "required": ["role"],
    "properties": {
        "role": {"type": "string", "enum": ["user", "tool"]},
        "content": {"type": ["string", "null"]},
        "count": {"type": "integer"},
        "share": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "weights": {"type": "object", "additionalProperties": {"type": "number"}},
        "free": {"type": "object", "additionalProperties": True},
        "anything": {"description": "No type: anything."},
    },
}
PART = {
    "oneOf": [
        {"type": "object", "required": ["type", "text"], "properties": {"type": {"const": "text"}, "text": {}}},
        {"type": "object", "required": ["type", "url"], "properties": {"type": {"const": "image"}, "url": {}}},
    ],
    "discriminator": {"propertyName": "type"},
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def shape_of(schema: Any) -> Shape:
    return Shapes().of(Document("schema", {"schema": schema}).root["schema"])


def found(value: Any, schema: Any) -> list[tuple[Kind, str, str]]:
    return [(one.kind, one.where, one.name) for one in deviations(value, shape_of(schema), "", Sightings())]


@pytest.mark.parametrize(
    "value",
    [
        {"role": "user"},
        {"role": "user", "content": None, "count": 2.0, "share": 1, "tags": [], "weights": {"a": 1.5}},
        {"role": "tool", "free": {"a": [1]}, "anything": [None, {"b": 1}]},
    ],
)
def test_what_fits_is_not_mentioned(value: Any) -> None:
    assert found(value, MESSAGE) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, (Kind.MISSING_FIELD, "", "role")),
        ({"role": "user", "name": "a"}, (Kind.UNDOCUMENTED_FIELD, "", "name")),
        ({"role": "critic"}, (Kind.UNKNOWN_VALUE, "role", "")),
        ({"role": None}, (Kind.TYPE, "role", "null")),
        ({"role": "user", "content": ["a"]}, (Kind.TYPE, "content", "array")),
        ({"role": "user", "count": 1.5}, (Kind.TYPE, "count", "number")),
        ({"role": "user", "count": True}, (Kind.TYPE, "count", "boolean")),
        ({"role": "user", "tags": ["a", 1]}, (Kind.TYPE, "tags[]", "integer")),
        ({"role": "user", "weights": {"a": "1"}}, (Kind.TYPE, "weights.*", "string")),
        ([], (Kind.TYPE, "", "array")),
    ],
)
def test_what_deviates_is_named_with_the_way_to_it(value: Any, expected: tuple[Kind, str, str]) -> None:
    assert found(value, MESSAGE) == [expected]


def test_a_variant_is_chosen_by_its_tag() -> None:
    assert found({"type": "image", "text": "a"}, PART) == [
        (Kind.MISSING_FIELD, "", "url"),
        (Kind.UNDOCUMENTED_FIELD, "", "text"),
    ]


def test_an_unknown_tag_is_an_unknown_value() -> None:
    assert found({"type": "sound"}, PART) == [(Kind.UNKNOWN_VALUE, "", "type")]


def test_a_missing_tag_is_a_missing_field() -> None:
    assert found({"text": "a"}, PART) == [(Kind.MISSING_FIELD, "", "type")]


def test_without_a_tag_the_nearest_variant_is_meant() -> None:
    union = {"anyOf": [{"type": "object", "required": ["error"], "properties": {"error": {}}}, MESSAGE]}

    assert found({"role": "user", "extra": 1}, union) == [(Kind.UNDOCUMENTED_FIELD, "", "extra")]
    assert found({"error": 1, "extra": 1}, union) == [(Kind.UNDOCUMENTED_FIELD, "", "extra")]


def test_a_type_that_no_variant_has_is_named_with_all_of_theirs() -> None:
    (one,) = deviations(1, shape_of({"oneOf": [{"type": "string"}, {"type": "null"}]}), "", None)

    assert one.detail == "is an integer, documented as null or string"


@pytest.mark.parametrize(
    ("text", "name", "fitting"),
    [
        ("12", "int64", True),
        ("-9223372036854775808", "int64", True),
        ("9223372036854775808", "int64", False),
        ("1.5", "int64", False),
        ("18446744073709551615", "uint64", True),
        ("-1", "uint64", False),
        ("1.0725", "decimal", True),
        ("NaN", "decimal", False),
        ("2026-06-01T00:00:05Z", "date-time", True),
        ("2026-06-01T00:00:05.123456789+02:00", "date-time", True),
        ("2026-06-01", "date-time", False),
        ("2026-13-01T00:00:05Z", "date-time", False),
        ("2026-06-01", "date", True),
        ("3f0d9c1e-7a64-4b52-9d7e-2c58f1a6b0e4", "uuid", True),
        ("3f0d", "uuid", False),
        ("anything", "hostname-of-ours", True),
    ],
)
def test_a_string_has_its_format_or_not(text: str, name: str, *, fitting: bool) -> None:
    assert fits(text, name) is fitting
    assert (found(text, {"type": "string", "format": name}) == []) is fitting


def test_a_secret_is_marked_and_so_is_what_sounds_like_one() -> None:
    schema = {"type": "object", "properties": {"id": {"type": "integer", "x-secret": True}}}
    value = {"id": "ak-1", "refreshToken": "rt-1", "total_tokens": 3}

    assert {one.name: one.secret for one in deviations(value, shape_of(schema), "", None)} == {
        "string": True,
        "refreshToken": True,
        "total_tokens": False,
    }


def test_what_was_there_is_noted_per_object() -> None:
    sightings, shape = Sightings(), shape_of({"type": "array", "items": MESSAGE})
    list(deviations([{"role": "user"}, {"role": "tool", "count": 1}], shape, "", sightings))

    ((key, count),) = sightings.objects.items()
    assert (key[1], count) == ("[]", 2)
    assert sightings.fields[key] == {"role", "count"}


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        *[("total", -1, True), ("token_count", -1, True), ("cachedTokens", -1, True), ("subtotal", -1, False)],
        *[("created", 10**12, True), ("paid_at", 10**12, True), ("start_time", 10**12, True), ("born", 10**12, False)],
        *[("uncreated", 10**12, False), ("total", 0, False), ("paid_at", 10**9, False), ("total", True, False)],
    ],
)
def test_by_its_name_a_number_is_a_count_or_a_time_and_implausible(name: str, value: Any, wrong: bool) -> None:
    inner = {"type": "object", "properties": {name: {}}}
    outer = {"type": "object", "properties": {"a": inner}}

    assert found({name: value}, inner) == ([(Kind.IMPLAUSIBLE, name, "")] if wrong else [])
    assert found({"a": {name: value}}, outer) == ([(Kind.IMPLAUSIBLE, f"a.{name}", "")] if wrong else [])


@given(value=json_values)
def test_any_value_can_be_checked_against_any_schema_of_the_documents(surfaces: Surfaces, value: Any) -> None:
    for surface in surfaces.values():
        for operation in surface.operations:
            response, _ = operation.response(200)
            assert response is not None
            for shape in operation.content(response).values():
                if shape is not None:
                    for one in deviations(value, shape, "", None):
                        assert one.detail
