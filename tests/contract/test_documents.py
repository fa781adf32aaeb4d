"""The documents as data that knows where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tensormesh_contract.documents.bundle import bundle
from tensormesh_documents.library import DocumentError, Library
from tests.contract.conftest import Surfaces

FOLDER = Path(__file__).resolve().parents[2] / "openapi"


def test_a_value_knows_its_file_its_pointer_and_its_line() -> None:
    node = Library().document("serverless").root["paths"]["/v1/models"]["get"]["operationId"]

    lines = (FOLDER / "serverless.yaml").read_text(encoding="utf-8").splitlines()
    assert (node.value, node.place.file) == ("list_models", "openapi/serverless.yaml")
    assert node.place.pointer == "/paths/~1v1~1models/get/operationId"
    assert lines[node.place.line - 1].strip() == "operationId: list_models"


def test_a_reference_leads_into_the_other_file() -> None:
    operation = Library().document("on_demand").root["paths"]["/v1/completions"]["post"]

    assert operation.text("operationId") == "create_completion"
    assert operation.place.file == "openapi/inference.yaml"


def test_the_same_place_is_the_same_node_whichever_way_it_is_reached() -> None:
    library = Library()
    schemas = library.document("inference").root["components"]["schemas"]
    by_reference = schemas["ChatCompletionChunk"]["properties"]["usage"]["oneOf"][0]

    assert by_reference is schemas["UsageInfo"]


def test_times_stay_text() -> None:
    examples = Library().document("control_plane").root["paths"]["/auth/profile"]["get"]["responses"]["200"]
    user = examples["content"]["application/json"]["example"]["user"]

    assert user.text("tosAcceptedAt") == "2026-04-02T09:15:00Z"


@pytest.mark.parametrize(
    ("text", "words"), [("{", "not YAML"), ("- a\n", "not a YAML object"), ("a: *b\n", "not YAML")]
)
def test_a_file_that_is_no_document_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(DocumentError, match=words):
        Library(tmp_path).document("bad")


def test_a_document_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"none\.yaml"):
        Library(tmp_path).document("none")


def test_a_wrong_step_names_the_place_it_was_taken_from() -> None:
    with pytest.raises(DocumentError, match=r"serverless\.yaml:\d+ has no 'nope' at /paths"):
        Library().document("serverless").root["paths"]["nope"]


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_foreign_document_has_to_be_a_json_object(text: str) -> None:
    with pytest.raises(DocumentError, match="theirs"):
        Library().add("theirs", text)


def test_a_bundle_refers_to_nothing_outside_itself(surfaces: Surfaces) -> None:
    for surface in surfaces.values():
        whole = bundle(surface.document)
        references = set(_references(whole))

        assert references
        for reference in references:
            assert reference.startswith("#/")
            found = whole
            for part in reference.removeprefix("#/").split("/"):
                assert isinstance(found, dict)
                found = found[part.replace("~1", "/").replace("~0", "~")]  # type: ignore[assignment]


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for item in value.values() for found in _references(item)]
    return [found for item in value for found in _references(item)] if isinstance(value, list) else []
