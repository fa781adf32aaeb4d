"""Faults by a form."""

from __future__ import annotations

import httpx

from tensormesh_local.faults.script import Fault
from tests.console.conftest import Ask


def test_the_form_has_every_key_of_a_script_with_its_words(page: httpx.Client) -> None:
    fields = {field["name"]: field for field in page.get("faults").json()["fields"]}

    assert {name for name in fields if not name.startswith("match.")} == set(Fault.model_fields) - {"match"}
    assert {name for name in fields if name.startswith("match.")} == {"match.method", "match.path", "match.model"}
    assert all(field["help"] for field in fields.values())
    assert (fields["status"]["kind"], fields["reset"]["kind"], fields["omit"]["kind"]) == (
        "integer",
        "boolean",
        "array",
    )
    assert fields["reasoning_field"]["words"] == ["reasoning", "reasoning_content"]


def test_faults_are_scripted_listed_and_removed(page: httpx.Client, ask: Ask) -> None:
    page.post("faults", json={"status": 429, "times": 2})
    page.post("faults", json={"status": 503, "match": {"path": "/v1/models"}, "times": None})
    assert ask().status_code == 429
    first, second = page.get("faults").json()["faults"]

    assert first == {"script": {"status": 429, "times": 2}, "struck": 1, "left": 1}
    assert (second["struck"], second["left"]) == (0, None)
    refused = page.post("faults", json={"stauts": 1})
    assert (refused.status_code, "unknown keys: stauts" in refused.json()["error"]) == (400, True)
    assert page.delete("faults").json()["faults"] == []
    assert ask().status_code == 200
