"""--query, --columns, csv and jsonl; and when it is said that keys are masked."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from typing import Any

import pytest

from tensormesh_cli.app import App
from tensormesh_cli.errors import CliError
from tensormesh_cli.output.records import MOST_COLUMNS, to_csv, to_jsonl
from tensormesh_cli.output.rendering import Screen
from tensormesh_cli.output.selection import Selection, compiled, searched
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import Tm

MASKED = "Keys are masked; --show-secrets shows them."
MODEL = "openai/gpt-oss-20b"


def test_a_query_prints_a_text_bare(tm: Tm, host: LocalHost) -> None:
    outcome = tm("auth", "whoami", "--query", "user.id")

    assert (outcome.stdout, outcome.stderr) == (f"{host.on_demand_user_id}\n", "")
    assert tm("auth", "whoami", "--query", "user.id", "-o", "raw").stdout == outcome.stdout
    assert tm("auth", "whoami", "--query", "user.id", "-o", "json").stdout == f'"{host.on_demand_user_id}"\n'


def test_texts_of_a_query_are_a_line_each(tm: Tm) -> None:
    lines = tm("infer", "models", "--query", "data[?max_model_len > `200000`].id").stdout.splitlines()

    assert lines
    assert MODEL not in lines
    assert all("/" in line for line in lines)


def test_a_query_is_checked_before_anything_is_sent(tm: Tm, host: LocalHost) -> None:
    outcome = tm("users", "api-keys", "create", "--user-id", host.on_demand_user_id, "--yes", "--query", "a[")

    assert outcome.code == 2
    assert "is no JMESPath" in outcome.stderr
    assert not host.requests


@cases(
    ("query", "found"),
    [
        ("n", Decimal("12345678901234567890.123456789")),
        ("list[?@ > `1`]", [Decimal("1.10"), Decimal("2.50")]),
        ("max(list)", Decimal("2.50")),
        ("list[::-1]", [Decimal("2.50"), Decimal("1.10")]),
        ("sum(list)", 3.6),
        ("{a: n}", {"a": Decimal("12345678901234567890.123456789")}),
    ],
)
def test_a_query_keeps_every_digit(query: str, found: Any) -> None:
    value = {"n": Decimal("12345678901234567890.123456789"), "list": [Decimal("1.10"), Decimal("2.50")]}

    assert searched(Selection(compiled(query)), value) == found


def test_a_query_that_does_not_fit_the_answer_is_told(tm: Tm) -> None:
    outcome = tm("--error-format", "json", "infer", "models", "--query", "length(`1`)")

    assert (outcome.code, outcome.error["kind"]) == (1, "input")
    assert tm("infer", "models", "--query", "nothing").stderr == "The query found nothing.\n"


def test_a_query_stands_in_place_of_words_and_of_a_stream(tm: Tm) -> None:
    arguments = ["infer", "chat", "Hello", "--model", MODEL, "--query"]

    assert tm(*arguments, "usage.completion_tokens").stdout.strip().isdigit()
    pieces = tm(*arguments, "choices[0].delta.content", "-o", "jsonl", "--stream").stdout.splitlines()
    whole = tm("infer", "chat", "Hello", "--model", MODEL).stdout
    assert "".join(map(json.loads, pieces)).strip() == whole.strip()
    assert tm(*arguments, "x", "--stream").code == 2
    assert tm("doctor", "--quiet", "--query", "ok").stdout == "true\n"


def test_columns_make_a_table_of_what_was_asked_for(tm: Tm) -> None:
    outcome = tm("models", "list", "--columns", "status,modelname,infra.cloudProvider")

    heading, first = outcome.stdout.splitlines()
    assert heading.split() == ["status", "modelName", "infra.cloudProvider"]
    assert first.split()[0] == "up"
    assert first.split()[2] == "nebius"
    assert outcome.stderr == ""


@cases("form", ["json", "jsonl", "yaml", "csv", "raw"])
def test_columns_are_those_of_every_form(tm: Tm, form: str) -> None:
    text = tm("models", "list", "--columns", "status,modelName", "-o", form).stdout

    assert re.search(r"status.*modelName", text, re.DOTALL)
    assert "deploymentId" not in text


def test_columns_that_were_asked_for_are_never_left_out(tm: Tm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(App, "screen", property(lambda app: Screen(terminal=True, width=60)))

    outcome = tm("models", "list", "--columns", "modelName,modelId,deploymentId,status")

    assert [line.split()[0] for line in outcome.stdout.splitlines()] == [
        "modelName",
        "modelId",
        "deploymentId",
        "status",
    ]


def test_a_column_that_is_not_there_is_told_with_those_that_are(tm: Tm) -> None:
    outcome = tm("--error-format", "json", "products", "list", "--columns", "name,price")

    assert outcome.code == 1
    assert outcome.error["message"] == "There is no column 'price'."
    assert "requiredGpuNum" in outcome.error["hint"]


def test_an_answer_about_one_thing_is_printed_although_a_column_is_not_there(tm: Tm, host: LocalHost) -> None:
    """Whoever made a key sees it once."""
    create = ["users", "api-keys", "create", "--user-id", host.on_demand_user_id, "--name", "k", "--yes"]
    outcome = tm(*create, "--columns", "id,kye")

    assert outcome.code == 0
    assert "id" in outcome.stdout
    assert "There is no column 'kye'" in outcome.stderr


def test_csv_is_read_by_spreadsheets_and_exact(tm: Tm) -> None:
    rows = list(csv.DictReader(io.StringIO(tm("billing", "transactions", "list", "--all", "-o", "csv").stdout)))
    known = tm.ok("billing", "transactions", "list", "--all")["transactions"]

    assert list(rows[0])[:4] == ["createdAt", "amount", "amount.currencyCode", "type"]
    assert len(rows) == len(known)
    for row, item in zip(rows, known, strict=True):
        exact = Decimal(item["amount"]["units"]) + Decimal(item["amount"].get("nanos") or 0) / 10**9
        assert (Decimal(row["amount"]), row["amount.currencyCode"]) == (exact, "USD")
        assert row["createdAt"] == item["createdAt"]


def test_lines_of_json_are_the_items(tm: Tm) -> None:
    lines = tm("models", "list", "-o", "jsonl").stdout.splitlines()

    assert [json.loads(line) for line in lines] == tm.ok("models", "list")["models"]
    assert tm("tickets", "get", "none", "-o", "jsonl").error["kind"] == "not_found"


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_page_that_is_not_all_says_so_where_the_output_cannot(tm: Tm, form: str) -> None:
    assert "--all lists them" in tm("billing", "transactions", "list", "--page-size", "2", "-o", form).stderr


def test_more_keys_than_columns_are_no_table() -> None:
    """What is left out of data would be lost without a word."""
    value = [{f"k{number}": number} for number in range(MOST_COLUMNS + 1)]

    assert to_csv(value[1:]).count(",") == MOST_COLUMNS**2 - 1
    with pytest.raises(CliError, match="2,001 different keys, and CSV has at most 2,000 columns"):
        to_csv(value)
    assert to_jsonl(value).count("\n") == len(value)


def test_odd_values_have_a_place_in_csv_and_lines() -> None:
    value = {"items": [{"a": 'x "y",\nz', "b": [1, {"c": None}]}, 7, {"b": None, "d": True}]}

    rows = list(csv.reader(io.StringIO(to_csv(value))))
    assert rows == [
        ["a", "b", "value", "d"],
        ['x "y",\nz', '[1, {"c": null}]', "", ""],
        ["", "", "7", ""],
        ["", "", "", "true"],
    ]
    assert [json.loads(line) for line in to_jsonl(value).splitlines()] == value["items"]
    assert to_csv([]) == to_jsonl([]) == ""
    assert to_csv({"user": {"id": "u"}}) == "id\nu\n"


@cases(
    ("options", "said"),
    [
        ([], True),
        (["-o", "table"], True),
        (["-o", "json"], False),
        (["-o", "csv"], False),
        (["--columns", "modelName"], False),
        (["--columns", "apiKey", "-o", "json"], True),
        (["--query", "models[0].apiKey"], True),
        (["--query", "models[0].apiKey", "-o", "json"], True),
        (["--query", "models[0].modelId", "-o", "json"], False),
        (["-o", "json", "--show-secrets"], False),
    ],
)
def test_that_keys_are_masked_is_said_to_whom_it_helps(tm: Tm, options: list[str], said: bool) -> None:
    assert (MASKED in tm("models", "list", *options).stderr) is said


@pytest.mark.parametrize(("options", "said"), [(["-o", "json"], True), (["-o", "csv", "--columns", "name"], False)])
def test_a_list_of_keys_says_that_they_are_masked_where_it_shows_them(tm: Tm, options: list[str], said: bool) -> None:
    assert (MASKED in tm("users", "api-keys", "list", *options).stderr) is said
