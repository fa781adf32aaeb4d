"""What the `x-tensormesh` blocks say of our operations; what they may say, `make generate` sees to."""

from __future__ import annotations

from typing import Any

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


def test_a_read_a_replacement_or_a_deletion_may_be_repeated(operations: list[Any]) -> None:
    """But for reads that may create something."""
    once = {one.raw["operationId"] for one in operations if one.method != "post" and one.facts["retry"] == "never"}

    assert once == CREATING_READS


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
