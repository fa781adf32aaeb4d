"""
What the published command line gets wrong, and this one does not.

What its client gets wrong is tested with ours: flags in the queries of awaited calls in
tests/control_plane/test_every_method.py, blank credentials in tests/promises/test_auth_and_config.py, answers without
what they are about in tests/generated/test_absent_and_null.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import tensormesh_cli
from tensormesh_cli.commands.tree import GROUPS, words
from tensormesh_cli.output.rendering import Screen, render
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import Tm

SOURCES = sorted(Path(tensormesh_cli.__file__).parent.rglob("*.py"))


def test_advice_names_commands_and_options_that_are_there(offline: Tm) -> None:
    """Published: `tm init` advises `tm init --sync`, which then is no option."""
    lines = {line for source in SOURCES for line in re.findall(r"`tm ([a-z][^`{]*)`", source.read_text())}

    assert len(lines) > 20
    for line in lines:
        found = [command for command in words() if f"{line} ".startswith(f"{command} ")]
        assert found or line in GROUPS, line
        for option in re.findall(r"--[a-z-]+", line):
            assert option in offline(*found[0].split(), "--help").stdout, line


def test_prices_of_gpus_need_no_switch(tm: Tm, admin: Tm) -> None:
    """Published: these die with a traceback unless on-demand is switched on."""
    gpu = ["--gpu-type", "b200", "--cloud-provider", "lambda"]

    assert tm.ok("billing", "pricing", "list")["pricing"]
    assert admin.ok("admin", "billing", "pricing", "upsert", *gpu, "--hourly-rate", "4", "--yes")["pricing"]
    assert admin.ok("admin", "billing", "pricing", "delete", *gpu, "--yes") in ({}, {"empty": {}})


def test_a_total_is_a_number_however_it_is_written(tm: Tm, admin: Tm) -> None:
    """Published: text for tickets, a number for users, and typed as a number for both."""
    text, number = tm.ok("tickets", "list", "--size", "1"), admin.ok("admin", "users", "list", "--size", "1")

    assert (type(text["total"]), type(number["total"])) == (str, int)
    for found in (text, number):
        assert f"--all lists all {found['total']}." in str(render(found, Screen(terminal=True, width=80)).remark)


def test_a_user_id_that_can_be_looked_up_is_not_called_invalid(logged_in: Tm) -> None:
    """Published: `doctor` says both."""
    report = logged_in.ok("doctor")

    assert report["gateway"]["user_id_state"] == "derived"
    assert "gateway_user_id" not in report["missing"]
    assert not [text for text in report["warnings"] if "user" in text]


def test_quiet_quiets_the_status(tm: Tm, offline: Tm) -> None:
    """Published: it does not."""
    outcome = offline("--quiet", "auth", "status", "--exit-status")

    assert (outcome.code, outcome.stdout, outcome.stderr) == (1, "", "")
    assert tm("auth", "status", "--quiet", "-o", "json").json["ready"] is True


def test_a_success_that_is_none_shows_no_traceback(tm: Tm, host: LocalHost) -> None:
    """Published: an undocumented answer ends in a traceback."""
    host.faults.add({"status": 200, "body": {"unexpected": True}})

    outcome = tm("billing", "balance")

    assert outcome.code == 8
    assert outcome.stderr.startswith("Error: The answer has no 'balance'")


def test_flags_in_queries_are_written_in_small_letters(tm: Tm, host: LocalHost) -> None:
    """Published: `True`."""
    tm("users", "api-keys", "list", "--include-deleted")

    assert host.requests[-1].query == "includeDeleted=true"


def test_a_credit_is_sent_as_money(admin: Tm, host: LocalHost) -> None:
    """Published: a bare number, where the service documents an object."""
    admin(
        "admin", "billing", "balances", "add", "--target-user-id", host.on_demand_user_id, "--amount", "5.25", "--yes"
    )

    sent: Any = host.requests[-1].body
    assert sent["amount"] == {"currencyCode": "USD", "units": "5", "nanos": 250_000_000}


def test_a_key_for_inference_may_come_from_the_environment(offline: Tm) -> None:
    """Published: there is no variable for it, though the guide says that variables win."""
    shown = offline.ok("config", "show", "--sources", TENSORMESH_INFERENCE_API_KEY="k" * 30)

    assert shown["sources"]["gateway_api_key"] == "TENSORMESH_INFERENCE_API_KEY"


def test_a_token_may_come_from_the_environment(anonymous: Tm, host: LocalHost) -> None:
    """Published: the command line ignores it, though the guide names it for automation."""
    assert anonymous("auth", "whoami", TENSORMESH_CONTROL_PLANE_TOKEN=host.control_plane_token).code == 0


def test_users_can_be_looked_up(tm: Tm, host: LocalHost) -> None:
    """Published: the guide names `tm users get`, which is gone."""
    assert tm.ok("users", "get", host.on_demand_user_id)["user"]["id"] == host.on_demand_user_id


def test_a_key_alone_is_ready_for_serverless(anonymous: Tm) -> None:
    """Published: `auth status` is not ready without on-demand credentials, even for those who never need them."""
    status = anonymous.ok("auth", "status", "--exit-status", TENSORMESH_INFERENCE_API_KEY="k" * 30)

    assert status["ready"] is True
    assert (status["serverless"]["ready"], status["gateway"]["ready"]) == (True, False)


def test_the_key_of_a_deployment_is_masked(tm: Tm) -> None:
    """Published: `tm models list` prints it in clear."""
    key = tm.ok("models", "list", "--show-secrets")["models"][0]["apiKey"]

    assert len(key) > 20
    assert key not in tm("models", "list").stdout
    assert key not in tm("models", "list", "--output", "raw").stdout


def test_a_refresh_without_a_new_refresh_token_keeps_the_old_one(logged_in: Tm, host: LocalHost) -> None:
    """Published: the reply replaces the whole file, so that the login cannot be refreshed again."""
    import json

    path = logged_in.home / "auth.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"mine": 1}))
    before = json.loads(path.read_text())
    host.faults.add({"status": 200, "body": {"access_token": "fresh"}})

    logged_in.ok("auth", "refresh")

    after = json.loads(path.read_text())
    assert (after["access_token"], after["refresh_token"], after["mine"]) == ("fresh", before["refresh_token"], 1)


@cases("command", [["doctor"], ["auth", "status"], ["init"], ["cost"], ["version"], ["config", "show"]])
@cases("form", ["json", "yaml", "raw", "table"])
def test_every_form_is_there_for_every_command(tm: Tm, command: list[str], form: str) -> None:
    """Published: `doctor` has no table."""
    outcome = tm("--output", form, *command)

    assert outcome.code == 0
    assert outcome.stdout
