"""What the report says of each kind of change that a document can have: changes.yaml has the table."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.generation.conftest import TinyTree, interface
from tools import facts
from tools.changes import compare_interfaces
from tools.interface import Interface
from tools.merge import TOP_WORDS
from tools.operation_rules import PARAMETER_WORDS
from tools.operation_rules import WORDS as OPERATION_WORDS
from tools.schema_rules import WORDS as SCHEMA_WORDS

TABLE = yaml.safe_load((Path(__file__).parent / "changes.yaml").read_text(encoding="utf-8"))
SCHEMAS = "#/components/schemas/"

ELSEWHERE = {"adds", "end", "event", "final", "paths", "stream", "whole", "x-security", "x-surfaces"}
"""What the tests below the table change, and `security` of an operation, as it stands there for each surface."""


def whole(value: Any) -> Any:
    """A value in which references are written in full."""
    if isinstance(value, list):
        return [whole(item) for item in value]
    if not isinstance(value, dict):
        return value
    name = value.get("$ref")
    found = {key: whole(item) for key, item in value.items()}
    return found | ({"$ref": name if "#" in name else f"{SCHEMAS}{name}"} if isinstance(name, str) else {})


def made(tree: TinyTree, changes: dict[str, Any], number: int) -> Interface:
    """What a package would be made of, with the values before or after a change."""
    document = copy.deepcopy(TABLE["document"])
    for place, values in changes.items():
        first, *keys = place.replace("/things.", "/things ").split(".")
        *path, last = [*TABLE["places"].get(first, [first]), *keys]
        node = document
        for key in path:
            node = node[int(key)] if isinstance(node, list) else node.setdefault(key, {})
        if isinstance(node, list):
            node[int(last)] = values[number]
        elif values[number] is None:
            node.pop(last, None)
        else:
            node[last] = values[number]
    (tree.root / "openapi" / "control_plane.yaml").write_text(json.dumps(whole(document)), encoding="utf-8")
    return interface(tree.root / "openapi")


def told(old: Interface, new: Interface) -> list[str]:
    """The report on a change, as the table writes it."""
    changes = compare_interfaces(old, new)
    found = [f"{'!' if change.breaking else ' '} {change.name}: {change.text}" for change in changes.changes]
    return [*found, *(f"~ {name}" for name in changes.described)]


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{number}-{next(iter(row))}") for number, row in enumerate(TABLE["changes"])]
)
def test_a_change_is_told(tiny: TinyTree, row: dict[str, Any]) -> None:
    values = {place: value for place, value in row.items() if place != "told"}

    assert told(made(tiny, values, 0), made(tiny, values, 1)) == row["told"]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (
            'end: "[DONE]"',
            "end: type:done",
            ["  inference.texts.create(): its stream ends with type:done now, not with [DONE]"],
        ),
        (
            "whole: text",
            "whole: answer",
            ["! inference.texts.create(): its stream has get_final_answer() now, not get_final_text()"],
        ),
        (
            "field: live",
            "field: pieces",
            ["! inference.texts.create(): pieces in the body asks for its stream now, not live"],
        ),
        (
            "event: TextEvent",
            "event: Text",
            ["! TextEvent: gone", "! inference.texts.create(): its events are Text now, not TextEvent"],
        ),
        (
            ", adds: {text: text}",
            ", final: all",
            [
                "! inference.texts.create(): its events no longer add up by pieces",
                "  inference.texts.create(): all of an event is its whole answer now",
            ],
        ),
        ("/v1/texts:", "/v1/words:", ["  inference.texts.create(): sent to /v1/words now, not to /v1/texts"]),
        ("    post:", "    put:", ["  inference.texts.create(): sent as PUT now, not as POST"]),
    ],
)
def test_a_change_of_a_stream_is_told(tiny: TinyTree, old: str, new: str, lines: list[str]) -> None:
    """And of where an operation is."""
    tiny.edit("openapi/serverless.yaml", "{stream: {type: boolean}", "{live: {type: boolean}, pieces: {type: boolean}")
    tiny.edit("openapi/serverless.yaml", "field: stream", "field: live")
    tiny.edit(
        "openapi/serverless.yaml", "{piece: {type: string}", '{all: {$ref: "#/components/schemas/Text"}, piece: {}'
    )
    before = interface(tiny.root / "openapi")
    tiny.edit("openapi/serverless.yaml", old, new)

    assert told(before, interface(tiny.root / "openapi")) == lines


def test_another_surface_is_told(tiny: TinyTree) -> None:
    """And one that an operation has left, which breaks who calls it there."""
    one = interface(tiny.root / "openapi")
    with tiny.document("on_demand") as document:
        document["tags"] = [{"name": "texts", "description": "Texts."}]
        document["paths"] = {"/v1/texts": {"$ref": "shared.yaml#/components/pathItems/Texts"}}
    with tiny.document("serverless") as document:
        shared = {**document, "tags": [], "paths": {}}
        shared["components"] = {**document.pop("components"), "pathItems": {"Texts": document["paths"]["/v1/texts"]}}
        document["paths"] = {"/v1/texts": {"$ref": "shared.yaml#/components/pathItems/Texts"}}
    (tiny.root / "openapi" / "shared.yaml").write_text(json.dumps(shared), encoding="utf-8")
    both = interface(tiny.root / "openapi")

    assert "  inference.texts.create(): also for on_demand" in told(one, both)
    assert "! inference.texts.create(): no longer for on_demand" in told(both, one)


def test_the_table_has_all_words_of_a_document() -> None:
    """Whoever lets documents say more has to say here what the report says of it."""
    changed = {word for row in TABLE["changes"] for word in changed_words(row)}

    blocks = (facts.Facts, facts.Caller, facts.Cli, facts.Paging, facts.Stream)
    words = SCHEMA_WORDS | PARAMETER_WORDS | OPERATION_WORDS | TOP_WORDS
    words |= {name for block in blocks for name in block.model_fields}
    assert words - changed == ELSEWHERE


def changed_words(row: dict[str, Any]) -> set[str]:
    """The words of a row whose values change, or that come or go."""
    found: set[str] = set()
    for place, values in row.items():
        if place == "told" or values[0] == values[1]:
            continue
        found |= {*place.split(".")}
        for value in values:
            found |= words_of(value)
    return found


def words_of(value: Any) -> set[str]:
    if isinstance(value, list):
        return {word for item in value for word in words_of(item)}
    if not isinstance(value, dict):
        return set()
    return {*value} | {word for item in value.values() for word in words_of(item)}
