"""The table that commands are made of, out of the document."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import click
import pytest

from tensormesh_cli.commands.mirror import command
from tensormesh_documents.library import openapi_folder
from tensormesh_documents.places import DocumentError
from tensormesh_generated.commands import Command, Parameter
from tools.commands import code, commands
from tools.merge import Merged, merge
from tools.operations import operations
from tools.python_types import Types


@pytest.fixture(scope="module")
def document() -> Merged:
    return merge(openapi_folder())


@pytest.fixture
def changed(document: Merged) -> Merged:
    """A copy to change."""
    return replace(document, document=copy.deepcopy(document.document))


def made(merged: Merged) -> dict[str, Any]:
    return {
        row.words: row
        for row in commands(merged, operations(merged.document, Types(merged.document["components"]["schemas"])))
    }


def tickets(merged: Merged) -> dict[str, Any]:
    found: dict[str, Any] = merged.document["paths"]["/control_plane/v1/support/tickets"]
    return found


def test_an_operation_more_is_a_command_more(changed: Merged) -> None:
    """Nothing else has to be touched: the row is enough to make the command."""
    copied = copy.deepcopy(tickets(changed)["post"])
    copied["operationId"] = "escalate_ticket"
    copied["x-tensormesh"] |= {
        "call": "support.tickets.escalate",
        "cli": {"command": "tickets escalate", "confirm": True},
    }
    changed.document["paths"]["/control_plane/v1/support/escalations"] = {"post": copied}

    row = eval(code(made(changed)["tickets escalate"]), {"Command": Command, "Parameter": Parameter})  # noqa: S307
    built = command(row)

    names = {option for item in built.params if isinstance(item, click.Option) for option in item.opts}
    assert {"--subject", "--message", "--user-id", "--type", "--json", "--file", "--yes"} <= names


def test_an_option_cannot_take_a_name_that_means_something_else(changed: Merged) -> None:
    tickets(changed)["get"]["x-tensormesh"]["cli"]["options"] = {"output": "status"}

    with pytest.raises(DocumentError, match="--output means something else already"):
        made(changed)


@pytest.mark.parametrize("target", ["nothing", "message.nothing"])
def test_an_option_must_set_something(changed: Merged, target: str) -> None:
    tickets(changed)["post"]["x-tensormesh"]["cli"]["options"] = {"x": target}

    with pytest.raises(DocumentError, match="there is no field"):
        made(changed)


def test_a_column_must_be_a_field(changed: Merged) -> None:
    tickets(changed)["get"]["x-tensormesh"]["cli"]["columns"] = ["ticketId", "mood"]

    with pytest.raises(DocumentError, match="what is listed has no field 'mood'"):
        made(changed)


def test_two_operations_share_a_command_only_if_they_are_alike(changed: Merged) -> None:
    tickets(changed)["post"]["x-tensormesh"]["cli"]["command"] = "tickets list"

    with pytest.raises(DocumentError, match="has another operation, which differs in more than its method"):
        made(changed)


@pytest.mark.parametrize("words", ["billing", "billing stripe", "auth", "infer"])
def test_a_command_cannot_stand_where_a_group_is(changed: Merged, words: str) -> None:
    """Its arguments would be taken for the commands of the group. Commands by hand have groups, too."""
    tickets(changed)["get"]["x-tensormesh"]["cli"]["command"] = words

    with pytest.raises(DocumentError, match=f"{words!r} is a group already, with '{words} "):
        made(changed)


def test_secrets_of_a_body_are_no_options(document: Merged) -> None:
    """Other users of the machine can read what stands on a command line."""
    names = {item.name for item in made(document)["models deploy"].parameters}

    assert "gpu-count" in names
    assert not names & {"api-key", "hf-token"}


def test_where_a_fact_comes_from_is_no_help(document: Merged) -> None:
    for row in made(document).values():
        texts = [row.summary, row.help, *(item.help for item in row.parameters)]
        assert not [text for text in texts if "Unverified" in text or "published SDK" in text]
