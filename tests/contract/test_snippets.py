"""What to change in a document, as YAML."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_contract import Kind
from tensormesh_contract.documents import Library
from tensormesh_contract.shapes import Shapes
from tensormesh_contract.snippets import inferred, snippet
from tensormesh_contract.values import deviations
from tests.contract.test_values import json_values


def suggested(kind: Kind, schema: Any, name: str = "", *samples: Any) -> Any:
    node = Library().add("schema", json.dumps({"schema": schema})).root["schema"]
    return yaml.safe_load(snippet(kind, node, name, samples))


@pytest.mark.parametrize(
    ("kind", "schema", "name", "samples", "expected"),
    [
        (Kind.MISSING_FIELD, {"required": ["a", "b"]}, "a", [], {"required": ["b"]}),
        (Kind.TYPE, {"type": "integer"}, "string", ["a"], {"type": ["string", "integer"]}),
        (Kind.TYPE, {"type": ["string", "null"]}, "array", [[]], {"type": ["string", "array", "null"]}),
        (Kind.TYPE, {"oneOf": [{"type": "string"}]}, "null", [None], {"oneOf": [{"type": "string"}, {"type": "null"}]}),
        (Kind.UNKNOWN_VALUE, {"enum": ["a"]}, "", ["b", "b", "c"], {"enum": ["a", "b", "c"]}),
        (Kind.UNKNOWN_VALUE, {"x-known-values": ["a"]}, "", ["b"], {"x-known-values": ["a", "b"]}),
        (Kind.CONSTANT, {"const": "a", "type": "string"}, "", ["b"], {"type": "string", "x-known-values": ["a", "b"]}),
        (Kind.FORMAT, {"type": "string", "format": "uuid"}, "uuid", ["b"], {"type": "string"}),
        (Kind.STATUS, {"400": {"$ref": "#/X"}}, "409", [409], {"409": {"$ref": "#/X"}}),
        (Kind.MEDIA_TYPE, {}, "text/plain", [], {"content": {"text/plain": {"schema": {"type": "string"}}}}),
    ],
)  # fmt: skip
def test_a_change_is_suggested(kind: Kind, schema: Any, name: str, samples: list[Any], expected: Any) -> None:
    assert suggested(kind, schema, name, *samples) == expected


@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.NO_ANSWER, Kind.STREAM_END, Kind.BEHAVIOUR])
def test_nothing_is_suggested_where_only_a_person_can_tell(kind: Kind) -> None:
    assert suggested(kind, {}) is None


def test_an_undocumented_field_gets_the_schema_of_all_its_values() -> None:
    found = suggested(Kind.UNDOCUMENTED_FIELD, {}, "more", {"a": 1, "b": None}, {"a": 1.5, "b": ["x"]}, None)

    field = found["properties"]["more"]
    assert field["type"] == ["object", "null"]
    assert field["properties"]["a"]["type"] == "number"
    assert field["properties"]["b"]["type"] == ["array", "null"]
    assert field["properties"]["b"]["items"] == {"type": "string"}
    assert field["description"].startswith("Unverified")


@given(st.lists(json_values, min_size=1, max_size=5))
def test_what_is_inferred_from_values_fits_them(values: list[Any]) -> None:
    schema = Library().add("schema", json.dumps({"schema": inferred(values)})).root["schema"]

    for value in values:
        kinds = {one.kind for one in deviations(value, Shapes().of(schema), "", None)}
        # Below a certain depth objects are left free, and an empty list says nothing of its elements.
        assert Kind.MISSING_FIELD not in kinds
        assert not any(one.where == "" for one in deviations(value, Shapes().of(schema), "", None))
