"""Every command of `tm`, run once against the local host."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tensormesh_cli.commands.tree import words
from tensormesh_generated.commands import COMMANDS, Command
from tensormesh_local import LocalHost
from tests.cli.conftest import Tm
from tests.local_control_plane.documented import operations, python_name
from tests.local_control_plane.test_operations import CALLS

MODEL = "openai/gpt-oss-20b"


Check = Callable[[Any], bool]


@pytest.fixture
def things(host: LocalHost, beginning: dict[str, Any]) -> dict[str, str]:
    """Names of what the account has."""
    model = beginning["model"]
    return {
        "user": host.on_demand_user_id,
        "userId": host.on_demand_user_id,
        "model": model["modelId"],
        "modelId": model["modelId"],
        "deployment": model["deploymentId"],
        "served": model["modelName"],
        "ticket": beginning["ticket"]["ticketId"],
        "activity": beginning["activity"]["activityId"],
        "product": beginning["product"]["id"],
        "price": beginning["price"]["id"],
        "key": beginning["key"]["id"],
        "apiKey": host.inference_api_key,
        "card": beginning["card"]["stripePaymentMethodId"],
    }


def void(answer: Any) -> bool:
    return answer in ({}, {"empty": {}}, {"empty": None})


USER: dict[str, tuple[list[str], Check]] = {
    "activities get": (["{activity}"], lambda it: it["activity"]["activityId"]),
    "activities list": (["--size", "2"], lambda it: len(it["activities"]) == 2),
    "api": (["GET", "/v1/billing/balance"], lambda it: it["balance"]["units"]),
    "auth print-token": (["--yes-i-know"], lambda it: it["access_token"]),
    "auth status": ([], lambda it: it["control_plane"]["ready"]),
    "auth whoami": ([], lambda it: it["user"]["userEmail"] == "ada.moreau@example.com"),
    "billing address get": ([], lambda it: it["address"]["line1"]),
    "billing address update": (["--line1", "1 Pier Road", "--city", "Cork", "--country", "IE"], void),
    "billing balance": ([], lambda it: it["balance"]["currencyCode"] == "USD"),
    "billing pricing list": (["--gpu-type", "h100"], lambda it: len(it["pricing"]) == 2),
    "billing pricing serverless list": (["--model", MODEL], lambda it: it["pricing"][0]["model"] == MODEL),
    "billing spending history": ([], lambda it: it["buckets"]),
    "billing spending summary": ([], lambda it: it),
    "billing spending usage-history": (["--bucket", "week"], lambda it: it["rows"]),
    "billing stripe customer get": ([], lambda it: it["stripeCusId"].startswith("cus_")),
    "billing stripe payment-intents create": (["--amount", "5"], lambda it: len(it["clientSecret"]) > 20),
    "billing stripe payment-methods attach": (["--stripe-payment-method-id", "pm_1NewCard0000"], void),
    "billing stripe payment-methods detach": (["--stripe-payment-method-id", "{card}"], void),
    "billing stripe payment-methods list": ([], lambda it: it["stripePaymentMethodIds"]),
    "billing stripe setup-intents create": ([], lambda it: it["stripeSetupIntentId"]),
    "billing transactions list": (
        ["--page-size", "3"],
        lambda it: len(it["transactions"]) == 3 and it["nextPageToken"],
    ),
    "completion": (["bash"], lambda it: "_TM_COMPLETE=bash_complete" in it["script"]),
    "config get": (["max_retries"], lambda it: it["value"] == 0),
    "config init": ([], lambda it: Path(it["path"]).read_text().startswith("# Settings")),
    "config set": (["serverless_model", MODEL], lambda it: it["set"] and it["value"] == MODEL),
    "config show": (["--sources"], lambda it: it["sources"]["timeout_seconds"] == "built-in:timeout_seconds"),
    "config unset": (["serverless_model"], lambda it: not it["removed"]),
    "cost": (["--window", "7d"], lambda it: it["per_model"] and it["currency"] == "USD"),
    "doctor": ([], lambda it: it["ok"]),
    "infer chat": (["Hello", "--model", MODEL], lambda it: it["choices"][0]["message"]["content"]),
    "infer completions": (["Once upon a time", "--max-tokens", "4"], lambda it: it["usage"]["completion_tokens"] == 4),
    "infer detokenize": (["1828", "4629"], lambda it: it["prompt"]),
    "infer doctor": (["--surface", "on-demand", "--model", "{served}"], lambda it: it["ok"]),
    "infer health": ([], lambda it: it == {"status": "ok"}),
    "infer models": (["--surface", "on-demand"], lambda it: it["data"]),
    "infer responses": (["Hello"], lambda it: it["status"] == "completed"),
    "infer tokenize": (["Hello world"], lambda it: it["count"] == len(it["tokens"])),
    "infer version": ([], lambda it: it["version"]),
    "init": (["--sync"], lambda it: it["synced"] and it["gateway_provider"] == "nebius"),
    "logs": (["{deployment}", "--limit", "3"], lambda it: len(it["logs"]) == 3),
    "metrics deployment": (["{deployment}", "--start-time", "2h"], lambda it: it["metrics"]),
    "metrics user": (["--step-seconds", "3600"], lambda it: it["metrics"]),
    "models chat": (["{model}", "--message", "Hello"], lambda it: it["response"]),
    "models check": (["--model-id", MODEL], lambda it: it["requiredGpuMemoryGib"] > 0),
    "models delete": (["{model}", "--yes"], void),
    "models deploy": (
        ["--model-name", "mine", "--model-path", MODEL, "--gpu-count", "1", "--gpu-type", "h200", "--yes"],
        lambda it: it["model"]["modelName"] == "mine",
    ),
    "models get": (["{model}"], lambda it: "..." in it["model"]["apiKey"]),
    "models list": ([], lambda it: it["models"]),
    "models search-by-infra": (["--cloud-provider", "nebius"], lambda it: it["models"]),
    "models validate-name": (["--name", "a-new-name"], lambda it: it["isValid"] is True),
    "products list": ([], lambda it: it["products"]),
    "reserved-deployments submit": (["--full-name", "Ada", "--preferred-gpu", "b200"], lambda it: it["requestId"]),
    "tickets close": (["{ticket}", "--yes"], lambda it: it["ticket"]["status"] == "TICKET_STATUS_CLOSED"),
    "tickets create": (["--subject", "Top-up", "--message", "Where?"], lambda it: it["ticket"]["subject"] == "Top-up"),
    "tickets get": (["{ticket}"], lambda it: it["ticket"]["ticketId"]),
    "tickets list": (["--status", "open"], lambda it: it["tickets"]),
    "tickets message": (
        ["{ticket}", "--message", "Any news?"],
        lambda it: it["ticket"]["conversations"][-1]["content"] == "Any news?",
    ),
    "users accept-tos": ([], lambda it: it["user"]["tosAcceptedAt"]),
    "users api-keys create": (["--name", "k", "--yes"], lambda it: len(it["apiKey"]["id"]) > 20),
    "users api-keys delete": (["--api-key", "{key}", "--yes"], void),
    "users api-keys list": (["--include-deleted"], lambda it: it["apiKeys"]),
    "users get": (["{user}"], lambda it: it["user"]["firstName"] == "Ada"),
    "users get-by-email": (["ada.moreau@example.com"], lambda it: it["user"]["firstName"] == "Ada"),
    "users update": (["{user}", "--company", "Harbour"], void),
    "version": ([], lambda it: it["version"]),
}
"""What the owner of the account runs: arguments after the words, and what its answer must be."""

PRICE = ["--gpu-type", "b200", "--cloud-provider", "yotta"]

ADMIN: dict[str, tuple[list[str], Check]] = {
    "admin billing balances add": (
        ["--target-user-id", "{user}", "--amount", "5", "--yes"],
        lambda it: int(it["balance"]["units"]) >= 5,
    ),
    "admin billing balances get": (["--target-user-id", "{user}"], lambda it: it["balances"][0]["balance"]),
    "admin billing pricing delete": (["--gpu-type", "a100", "--cloud-provider", "lambda", "--yes"], void),
    "admin billing pricing serverless delete": (["--id", "{price}", "--yes"], void),
    "admin billing pricing serverless list": (["--active-only"], lambda it: it["pricing"]),
    "admin billing pricing serverless upsert": (
        ["--model", "new/model", "--name", "New", "--input-token-price", "0.1", "--output-token-price", "0.2", "--yes"],
        lambda it: it["pricing"]["inputTokenPrice"]["nanos"] == 100_000_000,
    ),
    "admin billing pricing upsert": (
        [*PRICE, "--hourly-rate", "4.25", "--active", "--yes"],
        lambda it: it["pricing"]["hourlyRate"] == {"currencyCode": "USD", "units": "4", "nanos": 250_000_000},
    ),
    "admin billing spending summary": (["--target-user-id", "{user}"], lambda it: it["summaries"]),
    "admin models delete": (["{model}", "--yes"], void),
    "admin models list": (["--all"], lambda it: it["models"]),
    "admin products delete": (["{product}", "--yes"], lambda it: it["deleted"] is True),
    "admin products list": ([], lambda it: it["products"]),
    "admin products upsert": (
        ["--name", "2 x B200", "--required-gpu-num", "2", "--inactive", "--spec-json", '{"memoryGib": 360}', "--yes"],
        lambda it: it["product"]["isActive"] is False and it["product"]["spec"] == {"memoryGib": 360},
    ),
    "admin users change-role": (
        ["--target-user-id", "{user}", "--target-user-role", "admin", "--yes"],
        lambda it: it["user"]["userRole"] == "USER_ROLE_ADMIN",
    ),
    "admin users list": (["--page", "1", "--size", "2"], lambda it: len(it["users"]) == 2),
}
"""What administrators run."""

ELSEWHERE = {
    "auth login": "tests/cli/test_login.py::test_a_login_is_approved_in_the_browser",
    "auth logout": "tests/cli/test_login.py::test_logging_out_forgets_the_login",
    "auth refresh": "tests/cli/test_login.py::test_a_refresh_gets_another_token",
    "billing stripe payment-intents confirm": "tests/cli/test_every_command.py::test_a_top_up_is_confirmed",
    "batch merge": "tests/cli/test_batch.py::test_answers_are_merged_in_the_order_of_the_input",
    "batch run": "tests/cli/test_batch.py::test_every_row_is_answered_and_the_same_command_sends_nothing_again",
    "batch status": "tests/cli/test_batch.py::test_another_window_tells_how_far_a_run_is",
    "chat": "tests/cli/chat/test_turns.py::test_a_conversation_is_held_with_its_history",
    "contract": "tests/cli/test_contract.py::test_the_configured_host_is_checked_against_the_documents",
    "local": "tests/cli/test_local.py::test_the_local_host_is_started",
    "prompts": "tests/cli/test_prompts.py::test_what_moves_is_found_with_its_place_and_its_price",
}
"""What takes more than one line to show."""


@pytest.mark.parametrize("command", sorted(USER))
def test_every_command(tm: Tm, things: dict[str, str], command: str) -> None:
    arguments, check = USER[command]

    answer = tm.ok(*command.split(), *(things.get(text.strip("{}"), text) for text in arguments))

    assert check(answer), answer


@pytest.mark.parametrize("command", sorted(ADMIN))
def test_every_administrative_command(admin: Tm, things: dict[str, str], command: str) -> None:
    arguments, check = ADMIN[command]

    answer = admin.ok(*command.split(), *(things.get(text.strip("{}"), text) for text in arguments))

    assert check(answer), answer


def test_a_top_up_is_confirmed(tm: Tm, things: dict[str, str]) -> None:
    stripe = ["billing", "stripe", "payment-intents"]
    intent = tm.ok(*stripe, "create", "--amount", "5", "--stripe-payment-method-id", things["card"])
    before = int(tm.ok("billing", "balance")["balance"]["units"])

    answer = tm.ok(*stripe, "confirm", "--stripe-payment-intent-id", intent["stripePaymentIntentId"])

    assert void(answer)
    assert int(tm.ok("billing", "balance")["balance"]["units"]) == before + 5


def typed(row: Command) -> list[str]:
    """What its operation is sent in the tests of the local host, as it is typed."""
    facts = {name: operation["x-tensormesh"] for name, (_, _, operation) in operations().items()}
    name = next(name for name, block in facts.items() if block["call"] == row.calls[0][1])
    given, rename = CALLS[name], facts[name].get("rename", {})
    sent = {**given.get("path", {}), **given.get("query", {})}
    values = {rename.get(key, python_name(key)): value for key, value in sent.items()}
    arguments = [values[item.target] for item in row.parameters if item.place == "argument"]
    for item in row.parameters:
        if item.place == "option" and item.target in values:
            arguments += [f"--{item.name}"] if item.kind == "flag" else [f"--{item.name}", values[item.target]]
    return [*arguments, *(["--json", json.dumps(given["body"])] if row.body else []), *["--yes"] * row.confirm]


@pytest.mark.parametrize("row", [row for row in COMMANDS if row.words not in ELSEWHERE], ids=lambda row: row.words)
def test_every_command_of_an_operation(tm: Tm, admin: Tm, things: dict[str, str], row: Command) -> None:
    """No command of a new operation has to be written down here."""
    who = admin if row.words.startswith("admin ") else tm
    arguments = typed(row)
    for name, value in things.items():
        arguments = [text.replace(f"{{{name}}}", value) for text in arguments]

    assert isinstance(who.ok(*row.words.split(), *arguments), dict)


def test_no_command_is_left_out() -> None:
    assert sorted({*USER, *ADMIN, *ELSEWHERE, *(row.words for row in COMMANDS)}) == words()
