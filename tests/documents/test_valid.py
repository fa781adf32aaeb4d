"""The documents are OpenAPI to a tool that has never heard of us."""

from __future__ import annotations

import pytest
from openapi_spec_validator import validate

from tensormesh_documents.library import openapi_folder
from tests.documents.conftest import FILES, LIBRARY


@pytest.mark.parametrize("name", FILES)
def test_a_document_is_valid_openapi(name: str) -> None:
    """Each document passes the validator, with its relative references resolved."""
    validate(LIBRARY.document(name).value, base_uri=(openapi_folder() / f"{name}.yaml").as_uri())


def test_the_documents_are_the_four_we_know() -> None:
    """A document that nobody merges would describe nothing."""
    assert sorted(FILES) == sorted(file.stem for file in openapi_folder().iterdir())


def test_on_demand_wants_a_key_and_a_user() -> None:
    """On-demand calls carry the bearer key and `X-User-Id` together, no operation excepted."""
    document = LIBRARY.document("on_demand").value
    schemes = document["components"]["securitySchemes"]

    assert document["security"] == [{"inferenceKey": [], "userId": []}]
    assert (schemes["inferenceKey"]["type"], schemes["inferenceKey"]["scheme"]) == ("http", "bearer")
    assert tuple(schemes["userId"][key] for key in ("type", "in", "name")) == ("apiKey", "header", "X-User-Id")
    assert not [
        path for path, item in document["paths"].items() for operation in item.values() if "security" in operation
    ]


def test_three_serverless_reads_work_without_a_key() -> None:
    """The models, the health and the version of the public host are open to all; nothing else is."""
    document = LIBRARY.document("serverless").value
    without = {
        path
        for path, item in document["paths"].items()
        if "get" in item and {} in item["get"].get("security", document["security"])
    }

    assert document["security"] == [{"inferenceKey": []}]
    assert {"/v1/models", "/health", "/version"} == without


def test_the_control_plane_takes_its_token_but_for_the_login() -> None:
    """Only the three login routes work without a control-plane token."""
    document = LIBRARY.document("control_plane").value
    without = {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if operation.get("security", document["security"]) in ([], [{}])
    }

    assert {"cli_login_start", "cli_login_exchange", "cli_token_refresh"} == without
