"""The `x-tensormesh` block of every operation: what a caller needs beyond OpenAPI."""

from __future__ import annotations

import re
from typing import Any

FACTS = {"call", "retry", "stream", "positional", "rename", "returns", "paging", "cli", "empty_ok", "upsert"}

CREATING_READS = {"get_or_create_stripe_customer"}
"""GETs that may create something."""

ASKING = {
    "admin_add_balance",
    "admin_change_user_role",
    "admin_create_gpu_pricing",
    "admin_create_serverless_pricing",
    "admin_delete_gpu_pricing",
    "admin_delete_model",
    "admin_delete_serverless_pricing",
    "admin_update_gpu_pricing",
    "admin_update_serverless_pricing",
    "admin_upsert_product",
    "close_ticket",
    "create_user_api_key",
    "delete_model",
    "delete_product",
    "delete_user_api_key",
    "deploy_model",
}

SHARED_COMMANDS = {
    "admin billing pricing upsert": {"admin_create_gpu_pricing", "admin_update_gpu_pricing"},
    "admin billing pricing serverless upsert": {"admin_create_serverless_pricing", "admin_update_serverless_pricing"},
    "auth login": {"cli_login_start", "cli_login_exchange"},
}


def test_the_facts_block_has_known_keys(operation: Any) -> None:
    """A misspelt key of `x-tensormesh` would be obeyed by nobody."""
    assert set() == operation.facts.keys() - FACTS
    assert operation.facts.keys() >= {"call", "retry", "cli"}


def test_the_friendly_call_is_a_dotted_name(operation: Any) -> None:
    """`call` is namespaces and a method."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", operation.facts["call"])


def test_friendly_calls_are_unique(operations: list[Any]) -> None:
    """Two operations under one name would hide one of them, and so would a method named as a namespace."""
    for surface in ("serverless", "on_demand", "control_plane"):
        calls = [one.facts["call"] for one in operations if one.surface == surface]
        namespaces = {call[: dot.start()] for call in calls for dot in re.finditer(r"\.", call)}

        assert sorted(set(calls)) == sorted(calls)
        assert set() == namespaces & set(calls)


def test_retry_is_one_of_two_words(operation: Any) -> None:
    """An operation may be repeated, or not."""
    assert operation.facts["retry"] in ("idempotent", "never")


def test_a_post_is_never_repeated(operation: Any) -> None:
    """A POST may have happened although no answer came; reads, replacements and deletions may be sent again."""
    creates = operation.method == "post" or operation.raw["operationId"] in CREATING_READS

    assert ("never" if creates else "idempotent") == operation.facts["retry"]


def test_a_stream_says_how(operation: Any) -> None:
    """Where an answer can be an event stream, the document tells the field, the event and the end; elsewhere not."""
    content = operation.place["responses"]["200"].value["content"]

    assert ("text/event-stream" in content) == ("stream" in operation.facts)
    if "stream" in operation.facts:
        stream = operation.facts["stream"]
        schema = operation.place["requestBody"]["content"]["application/json"]["schema"]
        assert {"field", "event", "end", "whole"} == stream.keys()
        assert stream["field"] in schema["properties"]
        assert stream["end"]
        assert re.fullmatch(r"[a-z]+", stream["whole"])


def test_three_operations_stream_on_each_inference_surface(operations: list[Any]) -> None:
    """Chat, completions and responses; nothing of the control plane."""
    streams = {
        (one.surface, one.raw["operationId"], one.facts["stream"]["event"])
        for one in operations
        if "stream" in one.facts
    }

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
        fields = set(
            operation.place["requestBody"]["content"]["application/json"]["schema"].value.get("properties", {})
        )
    answer = operation.place["responses"]["200"]["content"]["application/json"]["schema"].value.get("properties", {})

    assert set(facts.get("positional", [])) <= parameters
    assert set(facts.get("rename", {})) <= parameters | fields
    if "returns" in facts:
        assert facts["returns"] in answer
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

    assert re.fullmatch(r"[a-z][a-z0-9-]*( [a-z][a-z0-9-]*)*", cli["command"])
    assert cli.keys() <= {"by_hand", "columns", "command", "confirm", "options", "reveals"}


def test_options_of_a_command_set_what_exists(operation: Any) -> None:
    """`options` lead to a parameter, a field of the body, or a field of an object in it."""
    names = {place.value["name"] for place in operation.parameters}
    for path in operation.facts["cli"].get("options", {}).values():
        if path not in names:
            node = operation.place["requestBody"]["content"]["application/json"]["schema"]
            for part in path.split("."):
                assert part in node["properties"], path
                node = node["properties"][part]


def test_commands_that_cost_or_destroy_ask_first(operations: list[Any]) -> None:
    """Exactly these ask before they act; detaching a payment method can be undone by attaching it again."""
    asking = {one.raw["operationId"] for one in operations if one.facts["cli"].get("confirm")}

    assert asking == ASKING


def test_a_command_belongs_to_one_operation(operations: list[Any]) -> None:
    """Few commands make two calls; those are known, and every other has an operation to itself."""
    owners: dict[str, set[str]] = {}
    for one in operations:
        owners.setdefault(one.facts["cli"]["command"], set()).add(one.raw["operationId"])

    assert {command: found for command, found in owners.items() if len(found) > 1} == SHARED_COMMANDS
