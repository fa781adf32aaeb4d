"""A deployment answers to its name, its id and its deployment id in every command, and an unknown one is found out."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh_cli.account.named_deployment import chosen
from tensormesh_cli.errors import CliError
from tensormesh_generated.commands import COMMANDS
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import Tm

FIELDS = ["modelName", "modelId", "deploymentId"]
COMMANDS_OF_ONE = [
    ["models", "get", "{}"],
    ["models", "chat", "{}", "--message", "Hello"],
    ["models", "delete", "{}", "--yes"],
    ["metrics", "deployment", "{}"],
    ["logs", "{}", "--limit", "3"],
]
UNKNOWN = ["no-such", "3f1c2b9e-5d1a-4c57-9d0e-0a6d1f0c7b11", "dep-00000000", "..", "a/b", "\u00e9"]


def deployment(tm: Tm) -> dict[str, Any]:
    found: dict[str, Any] = tm.ok("models", "list")["models"][0]
    return found


def test_every_mirrored_command_of_one_deployment_is_here() -> None:
    arguments = ("MODEL_ID", "DEPLOYMENT_ID")
    mirrored = {row.words for row in COMMANDS if any(item.name in arguments for item in row.parameters)}

    assert mirrored - {" ".join(command[:2]) for command in COMMANDS_OF_ONE} == {"admin models delete"}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("command", COMMANDS_OF_ONE, ids=lambda command: " ".join(command[:2]))
def test_a_deployment_answers_to_all_its_names(tm: Tm, field: str, command: list[str]) -> None:
    one = deployment(tm)

    assert tm.ok(*(word.format(one[field]) for word in command)) is not None


@pytest.mark.parametrize("field", FIELDS)
def test_an_administrator_names_a_deployment_of_anybody(admin: Tm, tm: Tm, field: str) -> None:
    one = deployment(tm)

    assert admin("admin", "models", "delete", one[field], "--yes").code == 0
    assert tm.ok("models", "list")["models"] == []


@cases("field", FIELDS)
def test_on_demand_inference_takes_the_ids_too(tm: Tm, host: LocalHost, field: str) -> None:
    one = deployment(tm)

    outcome = tm("infer", "chat", "Say hello", "--surface", "on-demand", "--model", one[field])

    assert outcome.stdout == "hello\n"
    sent: Any = host.requests[-1].body
    assert sent["model"] == one["modelName"]


def test_a_served_name_costs_no_call_more(tm: Tm, host: LocalHost) -> None:
    name = deployment(tm)["modelName"]
    count = len(host.requests)

    tm("infer", "chat", "Say hello", "--surface", "on-demand", "--model", name)

    assert [record.path for record in host.requests][count:] == ["/on-demand/v1/chat/completions"]


@cases("name", UNKNOWN)
def test_an_unknown_one_is_found_out_before_the_question(tm: Tm, name: str) -> None:
    outcome = tm("models", "delete", name, input="y\n")

    assert outcome.code == 4
    assert "Go on?" not in outcome.stderr
    assert f"There is no deployment {name!r}." in outcome.stderr
    assert "`tm models list` shows your deployments" in outcome.stderr


@cases("command", COMMANDS_OF_ONE, ids=lambda command: " ".join(command[:2]))
@cases("name", UNKNOWN[:3])
def test_an_unknown_one_is_not_found(tm: Tm, name: str, command: list[str]) -> None:
    assert tm(*(word.format(name) for word in command)).code == 4


def test_an_administrator_hears_of_an_unknown_one_before_the_question(admin: Tm) -> None:
    outcome = admin("admin", "models", "delete", "no-such", input="y\n")

    assert (outcome.code, "Go on?" in outcome.stderr) == (4, False)


@pytest.mark.parametrize(("command", "field"), [("get", "modelId"), ("logs", "deploymentId")])
def test_the_list_is_asked_where_it_is_needed(tm: Tm, host: LocalHost, command: str, field: str) -> None:
    one = deployment(tm)
    count = len(host.requests)
    words = ["models", "get"] if command == "get" else ["logs"]

    tm.ok(*words, one[field])
    assert len(host.requests) == count + 1
    tm.ok(*words, one["modelName"])
    assert len(host.requests) == count + 3


def test_a_list_that_fails_does_not_keep_a_log_from_whoever_knows_the_id(tm: Tm, host: LocalHost) -> None:
    one = deployment(tm)
    host.faults.add({"status": 500, "match": {"path": "/control-plane/v1/models"}})

    assert tm("logs", one["modelName"]).code == 4  # the host takes ids only
    host.faults.add({"status": 500, "match": {"path": "/control-plane/v1/models"}})
    assert tm("models", "delete", one["modelName"], "--yes").code == 6


def test_a_misspelt_one_is_guessed(tm: Tm) -> None:
    name = deployment(tm)["modelName"]

    assert f"did you mean {name!r}?" in tm("models", "get", name[:-1]).stderr


def test_the_question_names_what_is_deleted(tm: Tm) -> None:
    one = deployment(tm)

    outcome = tm("models", "delete", one["deploymentId"], input="n\n")

    assert f"Delete a deployment ({one['modelName']}, {one['modelId']})." in outcome.stderr


def test_somebody_may_see_what_is_in_no_list_of_theirs(admin: Tm, tm: Tm) -> None:
    assert admin.ok("models", "get", deployment(tm)["modelId"])["model"]["modelName"]


def test_a_ticket_that_is_not_there_is_found_out_before_the_question(tm: Tm) -> None:
    outcome = tm("tickets", "close", "no-such", input="y\n")

    assert (outcome.code, "Go on?" in outcome.stderr) == (4, False)


def test_an_id_goes_before_a_name_that_reads_like_it() -> None:
    one, other = {"modelId": "a", "modelName": "b"}, {"modelId": "b", "modelName": "a"}

    assert chosen([one, other], "a", "modelId") is one
    assert chosen([one, other], "a", "deploymentId") is one


def test_several_of_one_name_are_told_apart_by_their_ids() -> None:
    several = [{"modelId": "1", "modelName": "a"}, {"modelId": "2", "modelName": "a"}]

    with pytest.raises(CliError, match="Several deployments are called 'a'") as caught:
        chosen(several, "a", "modelId")

    assert "1, 2" in str(caught.value.hint)


@cases("command", ["logs", "metrics deployment", "models get", "models delete"])
def test_where_no_deployment_has_the_name_it_says_where_they_are_listed(tm: Tm, command: str) -> None:
    outcome = tm(*command.split(), "no-such", *(["--yes"] if "delete" in command else []))

    assert outcome.code == 4
    assert "`tm models list` shows your deployments" in outcome.stderr
