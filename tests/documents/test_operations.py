"""Every operation says what a caller, a generator and a reader need."""

from __future__ import annotations

import re
from typing import Any

SHARED_ERRORS = {"400", "429", "500", "default"}
LOGIN = {"cli_login_start", "cli_login_exchange", "cli_token_refresh"}
FACTS = {"call", "retry", "stream", "positional", "rename", "returns", "paging", "cli", "empty_ok"}


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
    from_document = {
        tag["name"]: tag["description"] for tag in read_document(operation)["tags"] if tag["description"].strip()
    }

    (tag,) = operation.raw["tags"]
    assert re.fullmatch(r"[a-z][a-z0-9_]*", tag)
    assert tag in from_document


def test_every_declared_tag_is_used(operations: list[Any]) -> None:
    """A tag without operations would head an empty chapter."""
    for surface in ("serverless", "on_demand", "control_plane"):
        ours = [one for one in operations if one.surface == surface]
        used = {tag for one in ours for tag in one.raw["tags"]}

        assert used == {tag["name"] for tag in read_document(ours[0])["tags"]}


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
    assert [] == [
        str(place)
        for place in operation.parameters
        if not place.value.get("description", "").strip() or "schema" not in place
    ]


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
        response = operation.place["responses"][status]

        assert response.value["description"].strip()
        assert "application/json" in response.value["content"], status
        assert operation.place["responses"][status]["content"]["application/json"]["schema"].value


def test_success_is_200_with_a_named_object(operation: Any) -> None:
    """The answer of every operation is one named component: the type its function returns."""
    assert ["200"] == [status for status in operation.raw["responses"] if status.startswith("2")]

    schema = operation.place["responses"]["200"]["content"]["application/json"].value["schema"]
    assert re.search(r"#/components/schemas/\w+$", schema["$ref"])


def test_a_body_is_a_named_object(operation: Any) -> None:
    """A body is JSON and one named component: the type its function takes."""
    if "requestBody" in operation.raw:
        body = operation.place["requestBody"].value

        assert ["application/json"] == list(body["content"])
        assert re.search(r"#/components/schemas/\w+$", body["content"]["application/json"]["schema"]["$ref"])


def test_the_facts_block_has_known_keys(operation: Any) -> None:
    """A misspelt key of `x-tensormesh` would be obeyed by nobody."""
    assert set() == operation.facts.keys() - FACTS
    assert operation.facts.keys() >= {"call", "retry", "cli"}


def test_the_friendly_call_is_a_dotted_name(operation: Any) -> None:
    """`call` is namespaces and a method."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", operation.facts["call"])


def test_friendly_calls_are_unique(operations: list[Any]) -> None:
    """Two operations under one name would hide one of them, and so would a method named as a namespace."""
    for kind in ({"serverless"}, {"on_demand"}, {"control_plane"}):
        calls = [one.facts["call"] for one in operations if one.surface in kind]
        namespaces = {call.rpartition(".")[0] for call in calls}

        assert sorted(set(calls)) == sorted(calls)
        assert set() == namespaces & set(calls)


def test_retry_is_one_of_two_words(operation: Any) -> None:
    """An operation may be repeated, or not."""
    assert operation.facts["retry"] in ("idempotent", "never")


def test_a_post_is_never_repeated(operation: Any) -> None:
    """A POST may have happened although no answer came; GETs, PUTs and DELETEs may be sent again."""
    expected = "never" if operation.method in ("post", "patch") else "idempotent"

    assert expected == operation.facts["retry"]


def test_a_stream_says_how(operation: Any) -> None:
    """Where an answer can be an event stream, the document tells the field, the event and the end; elsewhere not."""
    content = operation.place["responses"]["200"].value["content"]

    assert ("text/event-stream" in content) == ("stream" in operation.facts)
    if "stream" in operation.facts:
        stream = operation.facts["stream"]
        schema = operation.place["requestBody"]["content"]["application/json"]["schema"]
        assert {"field", "event", "end"} == stream.keys()
        assert stream["field"] in schema["properties"]
        assert stream["end"]


def test_three_operations_stream_on_each_inference_surface(operations: list[Any]) -> None:
    """Chat, completions and responses; nothing of the control plane."""
    streams = {(one.surface, one.raw["operationId"], one.facts["stream"]["event"]) for one in operations if "stream" in one.facts}

    assert streams == {
        (surface, name, event)
        for surface in ("serverless", "on_demand")
        for name, event in {
            "create_chat_completion": "ChatCompletionChunk",
            "create_completion": "TextCompletionResponse",
            "create_response": "ResponseStreamEvent",
        }.items()
    }


def test_facts_name_what_exists(operation: Any) -> None:
    """`positional` and `rename` name parameters or body fields, `returns` and `paging` keys of the answer."""
    facts = operation.facts
    parameters = {place.value["name"] for place in operation.parameters}
    fields: set[str] = set()
    if "requestBody" in operation.raw:
        fields = set(operation.place["requestBody"]["content"]["application/json"]["schema"].value["properties"])
    answer = operation.place["responses"]["200"]["content"]["application/json"]["schema"].value.get("properties", {})

    assert set(facts.get("positional", [])) <= parameters
    assert set(facts.get("rename", {})) <= parameters | fields
    assert facts.get("returns", next(iter(answer), None)) in {*answer, None}
    if "paging" in facts:
        assert facts["paging"]["items"] in answer
        assert facts["paging"]["style"] in ("page", "token")
        assert {"page": {"page", "size"}, "token": {"pageToken"}}[facts["paging"]["style"]] <= parameters


def test_every_path_parameter_is_positional(operation: Any) -> None:
    """`users.get(user_id)`: what names the resource needs no keyword."""
    in_path = [place.value["name"] for place in operation.parameters if place.value["in"] == "path"]

    assert set(in_path) <= set(operation.facts.get("positional", []))


def test_an_operation_has_a_command(operation: Any) -> None:
    """The command line offers every operation under words of its own."""
    cli = operation.facts["cli"]

    assert re.fullmatch(r"[a-z][a-z0-9-]*( [a-z][a-z0-9-]*)+", cli["command"])
    assert cli.keys() <= {"command", "confirm"}


def test_a_command_that_deletes_asks_first(operation: Any) -> None:
    """Nothing is lost on a slip of the finger."""
    if operation.method == "delete":
        assert operation.facts["cli"].get("confirm") is True


def test_commands_are_unique(operations: list[Any]) -> None:
    """One command, one operation; the two inference surfaces share theirs."""
    owner: dict[str, str] = {}
    for one in operations:
        assert one.raw["operationId"] == owner.setdefault(one.facts["cli"]["command"], one.raw["operationId"])


def test_both_inference_documents_say_the_same(operations: list[Any]) -> None:
    """They share one client: same paths, same methods, same operations."""
    surfaces = {
        surface: {(one.method, one.path, one.raw["operationId"]) for one in operations if one.surface == surface}
        for surface in ("serverless", "on_demand")
    }

    assert surfaces["serverless"] == surfaces["on_demand"]


def read_document(operation: Any) -> Any:
    """The document of an operation, which may itself stand in a shared file."""
    from pathlib import Path

    import yaml

    file = Path(__file__).resolve().parents[2] / "openapi" / f"{operation.surface}.yaml"
    return _documents.setdefault(file.name, None) or _documents.update(
        {file.name: yaml.safe_load(file.read_text(encoding="utf-8"))}
    ) or _documents[file.name]


_documents: dict[str, Any] = {}
