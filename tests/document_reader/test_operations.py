"""Which operations a document has, and which of them a request reaches."""

from __future__ import annotations

import ast
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensormesh_documents
from tensormesh_documents.library import Document, Library
from tensormesh_documents.operations import METHODS, operations
from tensormesh_documents.places import DocumentError
from tensormesh_documents.routes import Match, Routes, path_values

TEMPLATES = [
    ("get", "/v1/models"),
    ("post", "/v1/models"),
    ("get", "/v1/models/{modelId}"),
    ("delete", "/v1/models/{modelId}"),
    ("post", "/v1/models/{modelId}:chat"),
    ("post", "/v1/models/check"),
    ("post", "/v1/models:validate"),
    ("get", "/v1/prices/{gpu-type}/{provider}"),
]
ROUTES = Routes((method, path, f"{method} {path}") for method, path in TEMPLATES)

SCHEMA_WORDS = {"properties", "items", "oneOf", "anyOf", "allOf", "type", "required", "enum", "const", "format"}


def test_operations_come_in_order_and_through_references() -> None:
    found = [
        (one.method, one.path, one.node.text("operationId")) for one in operations(Library().document("on_demand"))
    ]

    assert ("post", "/v1/completions", "create_completion") in found
    assert [path for _, path, _ in found] == list(Library().document("on_demand").root["paths"].value or ())


def test_only_methods_are_operations() -> None:
    item = {"summary": "A path.", "parameters": [], "servers": [], "trace": {}, "get": {}, "query": {}}

    assert [one.method for one in operations(Document("x", {"paths": {"/a": item}}))] == ["get", "trace"]
    assert len(set(METHODS)) == 8


def test_the_parameters_of_a_path_come_before_those_of_the_operation() -> None:
    item = {"parameters": [{"name": "a"}], "get": {"parameters": [{"$ref": "#/b"}]}, "put": {}}
    document = Document("x", {"paths": {"/a": item}, "b": {"name": "b"}})

    assert [[node.followed().text("name") for node in one.parameters] for one in operations(document)] == [
        ["a", "b"],
        ["a"],
    ]


def test_a_document_without_paths_is_refused() -> None:
    with pytest.raises(DocumentError, match="there is no 'paths'"):
        list(operations(Document("x", {})))


@pytest.mark.parametrize(
    ("method", "path", "target", "values"),
    [
        ("GET", "/v1/models", "get /v1/models", {}),
        ("get", "/v1/models", "get /v1/models", {}),
        ("DELETE", "/v1/models/a%2Fb", "delete /v1/models/{modelId}", {"modelId": "a/b"}),
        ("POST", "/v1/models/a:chat", "post /v1/models/{modelId}:chat", {"modelId": "a"}),
        ("POST", "/v1/models/check", "post /v1/models/check", {}),
        ("GET", "/v1/models/check", "get /v1/models/{modelId}", {"modelId": "check"}),
        ("GET", "/v1/models/a%3Achat", "get /v1/models/{modelId}", {"modelId": "a:chat"}),
        ("GET", "/v1/prices/A/B%20C", "get /v1/prices/{gpu-type}/{provider}", {"gpu-type": "A", "provider": "B C"}),
    ],
)
def test_a_request_reaches_the_operation_that_is_meant(
    method: str, path: str, target: str, values: dict[str, str]
) -> None:
    assert ROUTES.find(method, path) == Match(target, values)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/v1/models"), ("GET", "/v1/models/a:chat"), ("GET", "/v1/models/"), ("GET", "/v1/models/a/b")],
)
def test_another_request_reaches_none(method: str, path: str) -> None:
    assert ROUTES.find(method, path) is None


def test_the_methods_of_a_path_are_those_of_every_template_that_it_fits() -> None:
    assert ROUTES.methods("/v1/models/check") == ["DELETE", "GET", "POST"]
    assert ROUTES.methods("/v1/nope") == []


values = st.text(st.characters(codec="utf-8"), min_size=1)


@given(values, values)
def test_a_value_in_a_path_is_what_was_put_there(one: str, other: str) -> None:
    path = f"/v1/{quote(one, safe='')}/{quote(other, safe='')}:chat"

    assert path_values("/v1/{a}/{b}:chat", path) == {"a": one, "b": other}


def test_the_package_does_not_know_what_a_schema_means() -> None:
    """The client's types, the contract's and the host's are three opinions, so that two must err to agree wrongly."""
    package = Path(tensormesh_documents.__file__).parent
    words = {
        node.value
        for file in package.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    }

    assert {"$ref", "paths", "parameters"} <= words
    assert words & SCHEMA_WORDS == set()
