"""Our document beside one that a host serves: an excerpt of what vLLM 0.32.0 says of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tensormesh_contract.documents.operations import SurfaceName, read_surfaces
from tensormesh_contract.evaluation.findings import Finding, Kind, Level
from tensormesh_contract.evaluation.host_document import compare
from tensormesh_documents.places import DocumentError

THEIRS = Path(__file__).with_name("vllm_openapi.json").read_text(encoding="utf-8")


def compared(text: str) -> list[Finding]:
    surface = read_surfaces()[SurfaceName.SERVERLESS]
    return compare(surface, json.loads(text))


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    return compared(THEIRS)


def about(findings: list[Finding], kind: Kind) -> list[tuple[str, str]]:
    return [(one.operation, one.subject) for one in findings if one.kind is kind]


def test_operations_of_one_document_only_are_named(findings: list[Finding]) -> None:
    ours = [operation for operation, _ in about(findings, Kind.OUR_OPERATION)]

    assert ours == ["POST /v1/chat/completions", "POST /v1/completions", "POST /v1/responses"]
    assert about(findings, Kind.THEIR_OPERATION) == [("GET /load", "")]


def test_fields_of_one_document_only_are_named(findings: list[Finding]) -> None:
    assert ("POST /tokenize", "request messages") in about(findings, Kind.OUR_FIELD)
    assert about(findings, Kind.THEIR_FIELD) == []


def test_other_types_are_named_with_both(findings: list[Finding]) -> None:
    (found,) = (one for one in findings if one.kind is Kind.OTHER_DOCUMENT_TYPE)

    assert (found.operation, found.subject) == ("POST /tokenize", "request prompt")
    assert found.detail == "is array or string, in the host's document string"


def test_what_is_required_is_compared(findings: list[Finding]) -> None:
    details = {one.operation: one.detail for one in findings if one.kind is Kind.OTHER_DOCUMENT_REQUIRED}

    assert details["POST /detokenize"] == "requires model and tokens, in the host's document tokens"


def test_none_of_it_fails_a_run(findings: list[Finding]) -> None:
    assert {one.level for one in findings} == {Level.APART}
    assert not any(one.fails for one in findings)


def document(schema: Any) -> str:
    body = {"content": {"application/json": {"schema": schema}}}
    return json.dumps({"openapi": "3.1.0", "paths": {"/detokenize": {"post": {"requestBody": body, "responses": {}}}}})


def test_a_field_of_theirs_comes_with_a_schema_in_our_words() -> None:
    more = {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": 3, "description": "How\n many."}
    schema = {
        "type": "object",
        "required": ["model", "tokens"],
        "properties": {"model": {}, "tokens": {}, "more": more},
    }
    (found,) = (one for one in compared(document(schema)) if one.kind is Kind.THEIR_FIELD)

    assert (found.operation, found.subject) == ("POST /detokenize", "request more")
    assert (
        found.snippet == "properties:\n  more:\n    type: [integer, 'null']\n    default: 3\n    description: How many."
    )
    assert found.place.pointer == "/components/schemas/DetokenizeRequest/properties"


def test_a_schema_that_refers_to_itself_comes_to_an_end() -> None:
    text = document({"$ref": "#/components/schemas/A"}).replace(
        '{"openapi"',
        '{"components": {"schemas": {"A": {"properties": {"model": {"$ref": "#/components/schemas/A"}}}}}, "openapi"',
    )

    assert compared(text)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"paths": {"/tokenize": {"$ref": "#/nope"}}}',
        '{"paths": {"/tokenize": {"$ref": "#/a/b"}}, "a": []}',
        '{"paths": {"/tokenize": {"$ref": "#/a"}}, "a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}',
        document({"$ref": "#/s"}).replace('{"openapi"', '{"s": {"anyOf": [{"$ref": "#/s"}]}, "openapi"'),
    ],
)
def test_a_document_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        compared(text)


def test_a_document_from_elsewhere_leads_to_no_file_of_this_machine() -> None:
    with pytest.raises(DocumentError, match=r"refers to another file, .*, and files are not read for it"):
        compared('{"paths": {"/tokenize": {"$ref": "inference.yaml#/components"}}}')
