"""Every operation says what a caller, a generator and a reader need."""

from __future__ import annotations

import re
from typing import Any

SHARED_ERRORS = {"400", "429", "500", "default"}
WITHOUT_BODY = {"202"}
"""The login that nobody has approved yet."""

LOGIN = {"cli_login_start", "cli_login_exchange", "cli_token_refresh"}


def test_an_operation_id_reads_as_a_function_name(operation: Any) -> None:
    """It becomes a module: lower case, words joined by underscores."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*", operation.raw["operationId"])


def test_operation_ids_are_unique_per_kind(operations: list[Any]) -> None:
    """Two operations with one id would write one module, and the last would win."""
    for surface in ("serverless", "on_demand", "control_plane"):
        ids = [one.raw["operationId"] for one in operations if one.surface == surface]

        assert sorted(set(ids)) == sorted(ids)


def test_no_operation_id_means_two_things(operations: list[Any]) -> None:
    """Inference and control plane share one package, so they share one set of names."""
    inference = {one.raw["operationId"] for one in operations if one.surface != "control_plane"}
    control_plane = {one.raw["operationId"] for one in operations if one.surface == "control_plane"}

    assert set() == inference & control_plane


def test_tags_of_the_two_kinds_do_not_meet(operations: list[Any]) -> None:
    """A tag is a folder; two kinds in one folder would mix."""
    inference = {tag for one in operations if one.surface != "control_plane" for tag in one.raw["tags"]}
    control_plane = {tag for one in operations if one.surface == "control_plane" for tag in one.raw["tags"]}

    assert set() == inference & control_plane


def test_an_operation_has_one_declared_tag(operation: Any) -> None:
    """Its tag is one, a name Python can import, and described in its own document."""
    declared = {tag["name"] for tag in operation.document["tags"] if tag["description"].strip()}

    (tag,) = operation.raw["tags"]
    assert re.fullmatch(r"[a-z][a-z0-9_]*", tag)
    assert tag in declared


def test_every_declared_tag_is_used(operations: list[Any]) -> None:
    """A tag without operations would head an empty chapter."""
    for surface in ("serverless", "on_demand", "control_plane"):
        ours = [one for one in operations if one.surface == surface]
        used = {tag for one in ours for tag in one.raw["tags"]}

        assert used == {tag["name"] for tag in ours[0].document["tags"]}


def test_an_operation_is_described(operation: Any) -> None:
    """It has a summary of one line without a full stop, and a description of a sentence or more."""
    summary, description = operation.raw["summary"].strip(), operation.raw["description"].strip()

    assert summary
    assert not summary.endswith(".")
    assert "\n" not in summary
    assert description.endswith((".", "?"))
    assert description.rstrip(".") != summary


def test_every_parameter_is_described(operation: Any) -> None:
    """Parameters are documented arguments of a function."""
    assert [
        str(place)
        for place in operation.parameters
        if not place.value.get("description", "").strip() or "schema" not in place
    ] == []


def test_parameters_are_in_the_path_or_the_query(operation: Any) -> None:
    """The package sends no other kind; a header would be dropped without a word."""
    assert {place.value["in"] for place in operation.parameters} <= {"path", "query"}


def test_path_parameters_are_those_of_the_path(operation: Any) -> None:
    """Each `{name}` has a required parameter, and the other way round."""
    declared = [place.value["name"] for place in operation.parameters if place.value["in"] == "path"]

    assert sorted(re.findall(r"\{(\w+)\}", operation.path)) == sorted(declared)
    assert all(place.value["required"] is True for place in operation.parameters if place.value["in"] == "path")


def test_an_operation_declares_its_errors(operation: Any) -> None:
    """The errors any call can meet are declared, with 401 wherever a credential is taken."""
    wanted = SHARED_ERRORS if operation.raw["operationId"] in LOGIN else SHARED_ERRORS | {"401"}

    assert set() == wanted - set(operation.raw["responses"])


def test_an_error_has_a_description_and_a_json_body(operation: Any) -> None:
    """Each error says when it comes and what shape it has."""
    for status in operation.raw["responses"]:
        if status not in WITHOUT_BODY:
            response = operation.place["responses"][status]

            assert response.value["description"].strip()
            assert response["content"]["application/json"]["schema"].value, status


def test_success_is_200_with_a_named_object(operation: Any) -> None:
    """The answer of every operation is one named component: the type its function returns."""
    others = {"202"} if operation.raw["operationId"] == "cli_login_exchange" else set()
    assert {"200"} | others == {status for status in operation.raw["responses"] if status.startswith("2")}

    schema = operation.place["responses"]["200"]["content"]["application/json"].value["schema"]
    assert re.search(r"#/components/schemas/\w+$", schema["$ref"])


def test_a_body_is_a_named_object(operation: Any) -> None:
    """A body is JSON and one named component: the type its function takes."""
    if "requestBody" in operation.raw:
        body = operation.place["requestBody"].value

        assert list(body["content"]) == ["application/json"]
        assert re.search(r"#/components/schemas/\w+$", body["content"]["application/json"]["schema"]["$ref"])


def test_both_inference_documents_say_the_same(operations: list[Any]) -> None:
    """They share one client: same paths, same methods, same operations."""
    surfaces = {
        surface: {(one.method, one.path, one.raw["operationId"]) for one in operations if one.surface == surface}
        for surface in ("serverless", "on_demand")
    }

    assert surfaces["serverless"] == surfaces["on_demand"]
