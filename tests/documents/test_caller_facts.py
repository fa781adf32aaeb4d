"""The `x-tensormesh` block of every operation: what a caller needs beyond OpenAPI."""

from __future__ import annotations

import re
from typing import Any

FACTS = {"call", "retry", "stream", "positional", "rename", "returns", "paging", "cli", "empty_ok"}


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
