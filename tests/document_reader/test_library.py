"""Documents as data that knows where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tensormesh_documents import library
from tensormesh_documents.library import Document, Library, openapi_folder
from tensormesh_documents.places import DocumentError, Place


def written(folder: Path, **documents: str) -> Library:
    """A library of small documents."""
    for name, text in documents.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Library(folder, "here")


def test_a_value_knows_its_file_its_pointer_and_its_line() -> None:
    node = Library().document("serverless").root["paths"]["/v1/models"]["get"]["operationId"]

    lines = (openapi_folder() / "serverless.yaml").read_text(encoding="utf-8").splitlines()
    assert (node.value, node.place.file) == ("list_models", "openapi/serverless.yaml")
    assert node.place.pointer == "/paths/~1v1~1models/get/operationId"
    assert lines[node.place.line - 1].strip() == "operationId: list_models"


def test_a_reference_leads_into_the_other_file() -> None:
    operation = Library().document("on_demand").root["paths"]["/v1/completions"]["post"]

    assert operation.text("operationId") == "create_completion"
    assert operation.place.file == "openapi/inference.yaml"


def test_the_same_place_is_the_same_node_whichever_way_it_is_reached() -> None:
    document = Library().document("inference")
    schemas = document.root["components"]["schemas"]
    by_reference = schemas["ChatCompletionChunk"]["properties"]["usage"]["oneOf"][0]

    assert by_reference is schemas["UsageInfo"]
    assert by_reference is document.at(("components", "schemas", "UsageInfo"))
    keys = ("components", "schemas", "ChatCompletionChunk", "properties", "usage", "oneOf")
    assert document.at((*keys, "0")) is document.at(keys).step(0)


def test_times_stay_text() -> None:
    examples = Library().document("control_plane").root["paths"]["/auth/profile"]["get"]["responses"]["200"]
    user = examples["content"]["application/json"]["example"]["user"]

    assert user.text("tosAcceptedAt") == "2026-04-02T09:15:00Z"


def test_a_reference_is_followed_when_it_is_stepped_on_and_seen_when_it_is_not(tmp_path: Path) -> None:
    root = written(tmp_path, a="x: {$ref: '#/y'}\ny: {$ref: 'b.yaml#/z'}\n", b="z:\n  w: 1\n").document("a").root

    assert str(root["x"]) == "here/b.yaml:1, at z"
    assert root.step("x").value == {"$ref": "#/y"}
    assert [child.value for child in root.children()] == [{"$ref": "#/y"}, {"$ref": "b.yaml#/z"}]
    assert [(name, node["w"].value) for name, node in root.items()] == [("x", 1), ("y", 1)]


def test_a_reference_is_read_from_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    library = written(tmp_path, a="x: {$ref: 'parts/b.yaml#/y'}\n", c="z: 1\n")
    (tmp_path / "parts" / "b.yaml").write_text("y: {$ref: 'c.yaml#'}\n")
    (tmp_path / "parts" / "c.yaml").write_text("z: {$ref: '../c.yaml#'}\n")

    found = library.document("a").root["x"]["z"]

    assert (found.value, found.place.file) == ({"z": 1}, "here/c.yaml")
    assert [one.name for one in library.documents()] == [
        "here/a.yaml",
        "here/parts/b.yaml",
        "here/parts/c.yaml",
        "here/c.yaml",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x:\n  y: {$ref: '#/no'}\n", "here/a.yaml:2, at x.y: $ref '#/no' points at nothing"),
        ("x:\n  y: {$ref: '#no'}\n", "here/a.yaml:2, at x.y: $ref '#no' points at nothing"),
        ("x:\n  y: {$ref: 'b.yaml#/no'}\n", "here/a.yaml:2, at x.y: $ref 'b.yaml#/no' points at nothing"),
        ("x:\n  y: {$ref: 'b.yaml#/z/1'}\n", "here/b.yaml:3, at z[1]: $ref '#/no' points at nothing"),
        ("x:\n  y: {$ref: 'c.yaml#/z'}\n", "here/a.yaml:2, at x.y: $ref 'c.yaml#/z' names a file that is not there"),
        ("x:\n  y: {$ref: '#/x/y'}\n", "here/a.yaml:2, at x.y: $ref '#/x/y' leads in a circle"),
        ("x:\n  y: {$ref: '#/z'}\nz: {$ref: '#/z'}\n", "here/a.yaml:2, at x.y: $ref '#/z' leads in a circle"),
        ("x:\n  y: {$ref: 'd.yaml#/z'}\n", "here/d.yaml:2: the key 'z' stands twice"),
        ("x:\n  y: {$ref: 'b.yaml#/w'}\n", "here/a.yaml:2, at x.y: $ref 'b.yaml#/w' leads in a circle"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_where_it_stands(tmp_path: Path, text: str, problem: str) -> None:
    other = "z:\n  - 1\n  - {$ref: '#/no'}\nw: {$ref: 'a.yaml#/x/y'}\n"
    root = written(tmp_path, a=text, b=other, d="z: 1\nz: 2\n").document("a").root

    with pytest.raises(DocumentError) as caught:
        root["x"]["y"]

    assert str(caught.value) == problem


@pytest.mark.parametrize(("text", "words"), [("{", "not YAML"), ("- a\n", "must be a mapping"), ("", "a mapping")])
def test_a_file_that_is_no_document_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        written(tmp_path, bad=text).document("bad")


def test_a_document_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"here/none\.yaml: it cannot be read: No such file or directory"):
        Library(tmp_path, "here").document("none")


def test_a_wrong_step_names_the_place_it_was_taken_from() -> None:
    with pytest.raises(DocumentError, match=r"openapi/serverless\.yaml:\d+, at paths: there is no 'nope'"):
        Library().document("serverless").root["paths"]["nope"]


def test_every_document_is_checked_once_when_it_is_read(tmp_path: Path) -> None:
    written(tmp_path, a="x: {$ref: 'b.yaml#/y'}\n", b="y: {$ref: 'a.yaml#/z'}\n")
    checked: list[str] = []
    library = Library(tmp_path, "here", lambda document: checked.append(document.name))

    with pytest.raises(DocumentError):
        library.document("a").root["x"]
    library.document("b")

    assert checked == ["here/a.yaml", "here/b.yaml"]


def test_a_document_without_a_file_has_no_lines_and_leads_to_no_file() -> None:
    root = Document("theirs", {"a": {"b": {"$ref": "inference.yaml#/components"}}}).root

    assert root["a"].place == Place("theirs", ("a",), 0)
    with pytest.raises(DocumentError, match=r"theirs, at a\.b: it refers to another file, .*, and files are not read"):
        root["a"]["b"]


def test_a_place_is_written_for_people_for_terminals_and_for_tools() -> None:
    place = Place("openapi/x.yaml", ("paths", "/v1/models", "get", "parameters", 0), 12)

    assert str(place) == "openapi/x.yaml:12"
    assert place.dotted == "paths./v1/models.get.parameters[0]"
    assert place.pointer == "/paths/~1v1~1models/get/parameters/0"
    assert place.in_words == "openapi/x.yaml:12, at paths./v1/models.get.parameters[0]"
    assert Place("openapi/x.yaml").in_words == "openapi/x.yaml"


def test_an_installation_without_its_documents_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(library, "_FOLDERS", (tmp_path / "a", tmp_path / "b"))

    with pytest.raises(DocumentError, match="the OpenAPI documents are not here; reinstall the package"):
        Library()
