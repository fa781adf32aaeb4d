"""Options of every command, bodies, questions."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tensormesh_cli.command_line.bodies import merged
from tensormesh_cli.values.times import moment
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import NOW, Tm


@cases(
    "arguments",
    [
        ["--output", "json", "billing", "balance"],
        ["billing", "--output", "json", "balance"],
        ["billing", "balance", "--output", "json"],
        ["-o", "table", "billing", "balance", "-o", "JSON"],
    ],
)
def test_options_of_every_command_may_stand_anywhere(tm: Tm, arguments: list[str]) -> None:
    assert tm(*arguments).json["balance"]["currencyCode"] == "USD"


def test_quiet_leaves_remarks_away(tm: Tm) -> None:
    assert tm("infer", "chat", "Hello", "--quiet").stderr == ""
    assert "Model: openai/gpt-oss-20b" in tm("infer", "chat", "Hello").stderr


def last_body(host: LocalHost) -> Any:
    return host.requests[-1].body


def test_a_body_comes_from_an_option(tm: Tm, host: LocalHost) -> None:
    tm.ok("tickets", "create", "--json", '{"subject": "a", "message": "b", "extra": 1}')

    assert last_body(host) == {"subject": "a", "message": "b", "extra": 1}


def test_a_body_comes_from_a_file(tm: Tm, host: LocalHost, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text('{"subject": "a", "message": "b"}')

    for option in (["--file", str(tmp_path / "b.json")], ["--json", f"@{tmp_path / 'b.json'}"]):
        tm.ok("tickets", "create", *option)
        assert last_body(host) == {"subject": "a", "message": "b"}


def test_a_body_comes_from_a_pipe(tm: Tm, host: LocalHost) -> None:
    tm.ok("tickets", "create", input='{"subject": "a", "message": "b"}')

    assert last_body(host) == {"subject": "a", "message": "b"}


def test_options_change_single_fields_of_a_body(tm: Tm, host: LocalHost) -> None:
    tm.ok("tickets", "create", "--json", '{"subject": "a", "message": "b"}', "--subject", "c")

    assert last_body(host) == {"subject": "c", "message": "b"}


@pytest.mark.parametrize("body", ['{"pricing": {"model": "m"}}', '{"model": "m"}'])
def test_a_record_may_come_with_or_without_its_key(admin: Tm, host: LocalHost, body: str) -> None:
    admin("admin", "billing", "pricing", "serverless", "upsert", "--json", body, "--yes")

    assert last_body(host) == {"pricing": {"model": "m"}}


def test_a_record_is_made_or_replaced(admin: Tm, host: LocalHost) -> None:
    upsert = ["admin", "billing", "pricing", "serverless", "upsert", "--model", "m", "--yes"]

    admin(*upsert)
    assert host.requests[-1].method == "POST"
    admin(*upsert, "--method", "put")
    assert host.requests[-1].method == "PUT"


def test_fields_go_into_objects_that_are_there_and_into_new_ones() -> None:
    assert merged({"a": {"x": 1}}, {"a.y": 2, "b.z": 3}, ["a", "b"], "") == {"a": {"x": 1, "y": 2}, "b": {"z": 3}}


def test_fields_beside_a_record_stay_beside_it() -> None:
    assert merged({"line1": "x", "userId": "u"}, {}, ["userId", "address"], "address") == {
        "userId": "u",
        "address": {"line1": "x"},
    }


def test_lists_are_repeated_options(tm: Tm, host: LocalHost) -> None:
    tm.ok(
        "users",
        "api-keys",
        "create",
        "--user-id",
        host.on_demand_user_id,
        "--scope",
        "a",
        "--scope",
        "b",
        "--expires-at",
        "7d",
        "--yes",
    )

    body = last_body(host)
    assert body["scopes"] == ["a", "b"]
    assert body["expiresAt"] > "2026"


def test_a_body_of_nothing_but_what_is_required_is_enough(tm: Tm, host: LocalHost) -> None:
    tm.ok("users", "api-keys", "create", "--user-id", host.on_demand_user_id, "--yes")

    assert last_body(host) == {"userId": host.on_demand_user_id}


def test_short_words_become_those_of_the_protocol(tm: Tm, host: LocalHost) -> None:
    tm("billing", "pricing", "list", "--gpu-type", "h100", "--cloud-provider", "CLOUD_PROVIDER_FUTURE", "--active-only")

    assert dict(parse_qsl(host.requests[-1].query)) == {
        "gpuType": "GPU_TYPE_H100",
        "cloudProvider": "CLOUD_PROVIDER_FUTURE",
        "activeOnly": "true",
    }


@cases(
    ("text", "expected"),
    [
        ("now", "2026-06-01T12:00:00Z"),
        ("15m", "2026-06-01T11:45:00Z"),
        ("-1d", "2026-05-31T12:00:00Z"),
        ("+2h", "2026-06-01T14:00:00Z"),
        ("2026-05-01", "2026-05-01T00:00:00Z"),
        ("2026-05-01T10:00:00+02:00", "2026-05-01T10:00:00+02:00"),
        ("2026-05-01T10:00:00.123Z", "2026-05-01T10:00:00.123000Z"),
    ],
)
def test_times_are_written_in_many_ways(text: str, expected: str) -> None:
    assert moment(text, NOW) == expected


def test_a_span_ahead_lies_ahead() -> None:
    assert moment("30d", NOW, ahead=True) == "2026-07-01T12:00:00Z"


def test_all_pages_are_listed(tm: Tm) -> None:
    paged = tm.ok("billing", "transactions", "list", "--page-size", "2")
    everything = tm.ok("billing", "transactions", "list", "--all", "--page-size", "2")

    assert len(paged["transactions"]) == 2
    assert len(everything["transactions"]) > 4
    assert everything["transactions"][:2] == paged["transactions"]


DELETE = ["models", "delete", "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"]


def test_a_question_is_asked_before_an_act(tm: Tm, host: LocalHost) -> None:
    outcome = tm(*DELETE, input="n\n")

    assert outcome.code == 1
    assert f"Delete a deployment ({DELETE[-1]}, " in outcome.stderr
    assert "). Go on? [y/N]" in outcome.stderr
    assert "Nothing was done." in outcome.stderr
    assert {record.method for record in host.requests} == {"GET"}


def test_the_question_names_what_it_is_about(admin: Tm) -> None:
    add = ["admin", "billing", "balances", "add", "--target-user-id", "u", "--amount", "1000000 eur"]

    assert "(--target-user-id u --amount 1000000.00 EUR). Go on?" in admin(*add, input="n\n").stderr
    deploy = ["models", "deploy", "--gpu-count", "8", "--json", '{"hfToken": "secret"}']
    asked = admin(*deploy, input="n\n").stderr
    assert "Deploy a model (--gpu-count 8 and what the JSON says). Go on?" in asked
    assert "secret" not in asked


def test_no_answer_is_no(tm: Tm, host: LocalHost) -> None:
    outcome = tm("--error-format", "json", *DELETE, input="")

    assert outcome.code == 1
    assert '"kind": "declined"' in outcome.stderr
    assert "--yes goes on without asking" in outcome.stderr
    assert {record.method for record in host.requests} == {"GET"}


@pytest.mark.parametrize("yes", [["--yes"], []])
def test_yes_goes_on(tm: Tm, host: LocalHost, yes: list[str]) -> None:
    assert tm(*DELETE, *yes, input="" if yes else "y\n").code == 0
    assert host.requests[-1].method == "DELETE"


def test_the_question_does_not_show_a_key(tm: Tm) -> None:
    key = "ak-0123456789abcdefghij"

    outcome = tm("users", "api-keys", "delete", "--api-key", key, input="n\n")

    assert "--api-key ak-0...ghij" in outcome.stderr
    assert key not in outcome.stderr


def test_a_key_to_delete_can_stay_off_the_command_line(tm: Tm, host: LocalHost) -> None:
    key = tm.ok("users", "api-keys", "list", "--show-secrets")["apiKeys"][0]["id"]

    assert tm("users", "api-keys", "delete", "--yes").code == 2
    assert tm("users", "api-keys", "delete", "--yes", "--json", '{"key": "x"}').code == 2
    assert tm("users", "api-keys", "delete", "--yes", input=f'{{"apiKey": "{key}"}}').code == 0
    assert host.requests[-1].query == f"apiKey={key}"


def test_keys_are_masked_unless_wanted(tm: Tm) -> None:
    masked = tm("users", "api-keys", "list", "-o", "json")
    shown = tm("users", "api-keys", "list", "-o", "json", "--show-secrets")

    assert "..." in masked.json["apiKeys"][0]["id"]
    assert masked.stderr == "Keys are masked; --show-secrets shows them.\n"
    assert len(shown.json["apiKeys"][0]["id"]) > 20
    assert shown.stderr == ""
