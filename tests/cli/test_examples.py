"""The examples of every `--help`, typed."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tensormesh_cli.command_line.examples import EXAMPLES, MODEL, examples_of
from tensormesh_cli.commands.tree import GROUPS, words
from tensormesh_generated.commands import COMMANDS
from tensormesh_local import LocalHost
from tests.cli.conftest import Tm

ELSEWHERE = {
    "chat": "stays on a terminal; tests/cli/chat holds conversations",
    "auth login": "opens a browser",
    "auth refresh": "needs a login in a browser",
    "contract": "asks for minutes; tests/cli/test_contract.py runs it",
    "local": "runs until Ctrl-C; tests/cli/test_local.py starts it",
    "tm logs DEPLOYMENT_ID --follow": "runs until Ctrl-C; tests/cli/test_logs.py ends it",
}
"""What is not typed here, and why."""

TYPED = [
    pytest.param(words, line, id=line)
    for words, lines in EXAMPLES.items()
    for line in lines
    if words not in ELSEWHERE and line not in ELSEWHERE
]


@pytest.fixture
def placeholders(host: LocalHost, beginning: dict[str, Any]) -> dict[str, str]:
    """What the words in capitals stand for."""
    return {
        "USER_ID": host.on_demand_user_id,
        "MODEL_ID": beginning["model"]["modelId"],
        "DEPLOYMENT_ID": beginning["model"]["deploymentId"],
        "TICKET_ID": beginning["ticket"]["ticketId"],
        "ACTIVITY_ID": beginning["activity"]["activityId"],
        "PRODUCT_ID": beginning["product"]["id"],
        "PRICE_ID": beginning["price"]["id"],
        "KEY": beginning["key"]["id"],
        "PAYMENT_METHOD_ID": beginning["card"]["stripePaymentMethodId"],
    }


@pytest.mark.parametrize(("words", "line"), TYPED)
def test_an_example_works(
    tm: Tm,
    admin: Tm,
    placeholders: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    line: str,
) -> None:
    monkeypatch.setattr("tensormesh_cli.commands.deploy.LOOK_SECONDS", 0.1)
    if "PAYMENT_INTENT_ID" in line:
        intent = tm.ok(
            *["billing", "stripe", "payment-intents", "create", "--amount", "5", "--stripe-payment-method-id"],
            placeholders["PAYMENT_METHOD_ID"],
        )
        placeholders["PAYMENT_INTENT_ID"] = intent["stripePaymentIntentId"]
    program, *typed = shlex.split(line.partition(" && ")[0])
    run = admin if words.startswith("admin ") else tm

    asks = words == "auth logout" or any(row.words == words and row.confirm for row in COMMANDS)

    (tmp_path / "notes.txt").write_text("1. begin")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "reviews.csv").write_text("text\nWonderful!\n")
    request = {"custom_id": "a", "body": {"model": MODEL, "prompt": "Once", "max_tokens": 5}}
    (tmp_path / "requests.jsonl").write_text(json.dumps(request))
    monkeypatch.chdir(tmp_path)
    if words in ("batch merge", "batch status"):
        assert tm("batch", "run", "requests.jsonl", "answers").code == 0

    outcome = run(
        *(placeholders.get(word, word) for word in typed),
        input="y\n" if asks else None,
        HOME=str(tmp_path),
        SHELL="/bin/bash",
    )

    assert program == "tm"
    assert outcome.code == 0, outcome.stderr
    assert "The query found nothing" not in outcome.stderr


def test_every_command_has_an_example_that_is_one_of_it() -> None:
    assert {*EXAMPLES} - {""} <= {*words()}
    for name in ["", *words()]:
        assert examples_of(name)
        for line in examples_of(name):
            assert f"tm {name}".strip() in line
            assert len(line) <= 120


def test_every_group_has_examples_of_its_commands() -> None:
    for group in GROUPS:
        assert 1 <= len(examples_of(group)) <= 3
        assert all(line.startswith(f"tm {group} ") for line in examples_of(group))


def test_an_example_that_nobody_wrote_has_what_must_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the commands of a new operation have one."""
    for name in ("models get", "users api-keys delete", "products list"):
        monkeypatch.delitem(EXAMPLES, name)

    assert examples_of("models get") == ("tm models get MODEL_ID",)
    assert examples_of("users api-keys delete") == ("tm users api-keys delete --api-key API_KEY",)
    assert examples_of("products") == ("tm products list",)


def test_help_shows_examples_as_they_are_typed(offline: Tm) -> None:
    for command in [*words(), *GROUPS, ""]:
        shown = offline(*command.split(), "--help").stdout.partition("\nExamples:\n")[2]

        for line in examples_of(command):
            assert f"\n  {line}\n" in f"\n{shown}"


def test_a_short_form_shows_the_examples_of_the_whole(offline: Tm) -> None:
    assert "  tm auth whoami --query user.id\n" in offline("whoami", "--help").stdout
