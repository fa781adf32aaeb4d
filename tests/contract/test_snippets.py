"""What to change in a document, as YAML."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_contract.documents.operations import read_surfaces
from tensormesh_contract.documents.shapes import Shapes
from tensormesh_contract.evaluation.evaluator import Evaluator
from tensormesh_contract.evaluation.findings import Finding, Kind
from tensormesh_contract.evaluation.snippets import inferred, snippet
from tensormesh_contract.evaluation.values import deviations
from tensormesh_documents.library import Document, Library, openapi_folder
from tests.contract.conftest import exchange
from tests.contract.test_values import json_values

TODO = {"description": "Unverified: what it means."}


def pasted(kind: Kind, schema: Any, name: str, *samples: Any) -> list[Any]:
    node = Document("schema", {"schema": schema}).root["schema"]
    return [*yaml.safe_load_all(snippet(kind, node, name, samples))]


def suggested(kind: Kind, schema: Any, name: str = "", *samples: Any) -> Any:
    return next(iter(pasted(kind, schema, name, *samples)), None)


@pytest.mark.parametrize(
    ("kind", "schema", "name", "samples", "expected"),
    [
        (Kind.MISSING_FIELD, {"required": ["a", "b"]}, "a", [], {"required": ["b"]}),
        (Kind.TYPE, {"type": "integer"}, "string", ["a"], {"type": ["string", "integer"]}),
        (Kind.TYPE, {"type": "string"}, "array", [[1]], {"type": ["string", "array"], "items": {"type": "integer"}}),
        (Kind.TYPE, {"type": "object", "properties": {}}, "array", [[1]], None),
        (Kind.TYPE, {"oneOf": [{"type": "string"}]}, "null", [None], {"oneOf": [{"type": "string"}, {"type": "null"}]}),
        (Kind.UNKNOWN_VALUE, {"enum": ["a"]}, "", ["b", "b", "c"], {"enum": ["a", "b", "c"]}),
        (Kind.UNKNOWN_VALUE, {"x-known-values": ["a"]}, "", ["b"], {"x-known-values": ["a", "b"]}),
        (Kind.CONSTANT, {"const": "a", "type": "string"}, "", ["b"], {"type": "string", "x-known-values": ["a", "b"]}),
        (Kind.FORMAT, {"type": "string", "format": "uuid"}, "uuid", ["b"], {"type": "string"}),
        (Kind.STATUS, {"400": {"$ref": "#/X"}}, "409", [409], {"responses": {"409": {"$ref": "#/X"}}}),
        (Kind.STATUS, {"default": {"$ref": "#/X"}}, "402", [402], {"responses": {"402": {"$ref": "#/X"}}}),
        (Kind.STATUS, {"200": {"headers": {}}}, "204", [204], {"responses": {"204": {"headers": {}, **TODO}}}),
        (Kind.UNDOCUMENTED_HEADER, {}, "x-a", ["1"], {"headers": {"x-a": {"schema": {"type": "string"}, **TODO}}}),
        (Kind.MISSING_FIELD, {"required": ["a", "b", "c"]}, "a", [["b"], ["b", "d"]], {"required": ["b"]}),
        (Kind.MISSING_FIELD, {"oneOf": []}, "type", [["a"]], None),
        (Kind.MEDIA_TYPE, {}, "text/plain", [], {"content": {"text/plain": {"schema": {"type": "string"}}}}),
        (Kind.MEDIA_TYPE, {}, "application/a+json", [], {"content": {"application/a+json": {"schema": {}}}}),
        (Kind.MEDIA_TYPE, {}, "text/html", [], None),
        (Kind.STATUS, {"200": {}}, "302", [302], None),
    ],
)  # fmt: skip
def test_a_change_is_suggested(kind: Kind, schema: Any, name: str, samples: list[Any], expected: Any) -> None:
    assert suggested(kind, schema, name, *samples) == expected


def test_what_a_suggestion_replaces_is_said_where_pasting_would_leave_it() -> None:
    node = Document("schema", {"a": {"const": "x"}, "b": {"type": "string", "format": "uuid"}}).root

    assert snippet(Kind.CONSTANT, node["a"], "", ["y"]).startswith("# in place of const\n")
    assert snippet(Kind.FORMAT, node["b"], "uuid", ["y"]) == "# without format\ntype: string"


@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.NO_ANSWER, Kind.STREAM_END, Kind.BEHAVIOUR])
def test_nothing_is_suggested_where_only_a_person_can_tell(kind: Kind) -> None:
    assert suggested(kind, {}) is None


def test_an_undocumented_field_gets_the_schema_of_all_its_values() -> None:
    (found,) = pasted(Kind.UNDOCUMENTED_FIELD, {}, "more", 1, None, 2.5)
    assert found == {"properties": {"more": {"type": ["number", "null"], **TODO}}}

    field, parts = pasted(Kind.UNDOCUMENTED_FIELD, {}, "more", {"a": 1, "b": None}, {"a": 1.5, "b": ["x"]}, None)

    # An object with fields is a component of its own in these documents; beside null it is one of two variants.
    assert field["properties"]["more"] == {
        "oneOf": [{"$ref": "#/components/schemas/SchemaMore"}, {"type": "null"}],
        **TODO,
    }
    assert parts["components"]["schemas"]["SchemaMore"]["properties"] == {
        "a": {"type": "number", **TODO},
        "b": {"type": ["array", "null"], "items": {"type": "string"}, **TODO},
    }


def test_a_list_of_objects_refers_to_a_component_for_each() -> None:
    field, parts = pasted(Kind.UNDOCUMENTED_FIELD, {}, "gpu-24h", [{"a": {"b": 1}}])

    assert field["properties"]["gpu-24h"]["items"] == {"$ref": "#/components/schemas/SchemaGpu24HItem"}
    assert parts["components"]["schemas"].keys() == {"SchemaGpu24HItem", "SchemaGpu24HItemA"}


DRIFTS = [
    ("/version", {"version": [1, "a"], "more": {"a": [{"b": None}]}, "x": None}, 200, {"x-new": "1"}),
    ("/version", {"version": None}, 200, {}),
    ("/version", {}, 207, {}),
    ("/health", b"fine", 200, {"content-type": "text/plain"}),
    ("/v1/models", {"data": [{"created": "soon"}], "object": "LIST"}, 200, {}),
    ("/v1/models", {"error": {"type": "novel", "code": 1}}, 418, {}),
]


def test_the_drift_is_gone_when_what_is_suggested_is_pasted(tmp_path: Path) -> None:
    """All of it, one after the other, into a copy of the documents."""
    folder = tmp_path / "openapi"
    shutil.copytree(openapi_folder(), folder)

    def found() -> list[Finding]:
        evaluator = Evaluator(read_surfaces(Library(folder)))
        for path, body, status, headers in DRIFTS:
            evaluator.add(exchange(path, body, status=status, headers=headers))
        return [one for one in evaluator.findings() if one.fails]

    def paste(new: Any, into: Any) -> None:
        for key, value in new.items():
            if isinstance(value, dict) and isinstance(into.get(key), dict):
                paste(value, into[key])
            else:
                into[key] = value

    before = found()
    assert len({one.kind for one in before}) >= 6
    for file in {one.place.file for one in before}:
        written = tmp_path / file
        document: Any = Library(folder).document(written.stem).value
        for one in (one for one in before if one.place.file == file):
            there, *rest = yaml.safe_load_all(one.snippet)
            keys = one.place.keys
            holder = document
            for key in keys[:-1] if keys[-1] in there else keys:
                holder = holder[key]
            paste(there, holder)
            for more in rest:
                paste(more, document)
        written.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper), encoding="utf-8")

    assert [(one.operation, one.kind, one.subject) for one in found()] == []


@given(st.lists(json_values, min_size=1, max_size=5))
def test_what_is_inferred_from_values_fits_them(values: list[Any]) -> None:
    schema = Document("schema", {"schema": inferred(values)}).root["schema"]

    for value in values:
        kinds = {one.kind for one in deviations(value, Shapes().of(schema), "", None)}
        # Below a certain depth objects are left free, and an empty list says nothing of its elements.
        assert Kind.MISSING_FIELD not in kinds
        assert not any(one.where == "" for one in deviations(value, Shapes().of(schema), "", None))
