"""Every operation says what a caller and a reader need."""

from __future__ import annotations

import re
from typing import Any

SHARED_ERRORS = {"400", "429", "500", "default"}
LOGIN = {"cli_login_start", "cli_login_exchange", "cli_token_refresh"}


def test_every_declared_tag_is_used(operations: list[Any]) -> None:
    """A tag without operations would head an empty chapter."""
    for surface in ("serverless", "on_demand", "control_plane"):
        ours = [one for one in operations if one.surface == surface]
        used = {tag for one in ours for tag in one.raw["tags"]}

        assert used == {tag["name"] for tag in ours[0].document["tags"]}


def test_an_operation_is_described(operations: list[Any]) -> None:
    """It has a summary of one line without a full stop, and a description of a sentence or more."""
    words = {str(one): (one.raw["summary"].strip(), one.raw["description"].strip()) for one in operations}

    assert [
        name
        for name, (summary, description) in words.items()
        if not re.fullmatch(r".*[^.]", summary)
        or not description.endswith((".", "?"))
        or description.rstrip(".") == summary
    ] == []


def test_every_parameter_is_described(operations: list[Any]) -> None:
    """Parameters are documented arguments of a function."""
    parameters = [place for one in operations for place in one.parameters]

    assert [str(place) for place in parameters if not place.value.get("description", "").strip()] == []


def test_an_operation_declares_its_errors(operations: list[Any]) -> None:
    """The errors any call can meet are declared, with 401 wherever a credential is taken."""
    missing = {
        str(one): (SHARED_ERRORS | {"401"} if one.raw["operationId"] not in LOGIN else SHARED_ERRORS)
        - set(one.raw["responses"])
        for one in operations
    }

    assert {name: statuses for name, statuses in missing.items() if statuses} == {}


def test_an_answer_has_a_description_and_a_json_body(operations: list[Any]) -> None:
    """Each says when it comes and what shape it has; only a login that nobody has approved yet has none."""
    answers = {
        (one.raw["operationId"], status): one.place["responses"][status].value
        for one in operations
        for status in one.raw["responses"]
    }
    without = {
        name
        for name, answer in answers.items()
        if not answer.get("content", {}).get("application/json", {}).get("schema")
    }

    assert [name for name, answer in answers.items() if not answer["description"].strip()] == []
    assert without == {("cli_login_exchange", "202")}
    assert {name for name in answers if name[1].startswith("2") and name[1] != "200"} == without
