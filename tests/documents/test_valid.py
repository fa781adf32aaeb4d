"""The documents are OpenAPI to a tool that has never heard of us."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import validate

FOLDER = Path(__file__).resolve().parents[2] / "openapi"
FILES = ("serverless", "on_demand", "control_plane", "inference")


@pytest.mark.parametrize("name", FILES)
def test_a_document_is_valid_openapi(name: str) -> None:
    """Each document passes the validator, with its relative references resolved."""
    file = FOLDER / f"{name}.yaml"

    validate(yaml.safe_load(file.read_text(encoding="utf-8")), base_uri=file.as_uri())


def test_the_documents_are_the_four_we_know() -> None:
    """A document that nobody merges would describe nothing."""
    assert sorted(FILES) == sorted(file.stem for file in FOLDER.iterdir())


def test_on_demand_wants_a_key_and_a_user() -> None:
    """On-demand calls carry the bearer key and `X-User-Id` together, no operation excepted."""
    document = yaml.safe_load((FOLDER / "on_demand.yaml").read_text(encoding="utf-8"))
    schemes = document["components"]["securitySchemes"]

    assert document["security"] == [{"inferenceKey": [], "userId": []}]
    assert (schemes["inferenceKey"]["type"], schemes["inferenceKey"]["scheme"]) == ("http", "bearer")
    assert tuple(schemes["userId"][key] for key in ("type", "in", "name")) == ("apiKey", "header", "X-User-Id")
    assert not [
        path for path, item in document["paths"].items() for operation in item.values() if "security" in operation
    ]


def test_three_serverless_reads_work_without_a_key() -> None:
    """The models, the health and the version of the public host are open to all; nothing else is."""
    document = yaml.safe_load((FOLDER / "serverless.yaml").read_text(encoding="utf-8"))
    without = {
        path
        for path, item in document["paths"].items()
        if "get" in item and {} in item["get"].get("security", document["security"])
    }

    assert document["security"] == [{"inferenceKey": []}]
    assert {"/v1/models", "/health", "/version"} == without


def test_the_control_plane_takes_its_token_but_for_the_login() -> None:
    """Only the three login routes work without a control-plane token."""
    document = yaml.safe_load((FOLDER / "control_plane.yaml").read_text(encoding="utf-8"))
    without = {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if operation.get("security", document["security"]) in ([], [{}])
    }

    assert {"cli_login_start", "cli_login_exchange", "cli_token_refresh"} == without
