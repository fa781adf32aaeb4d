"""A bundle says all that its document says, and needs no other file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tensormesh_documents.library import Library
from tensormesh_documents.operations import operations as operations_of
from tensormesh_documents.pointers import resolve, split, walk
from tests.bundles.conftest import FOLDER, SURFACES, operations

VALUES = ("default", "example", "value")


def references(node: Any) -> Iterator[str]:
    for key, item in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if key == "$ref":
            yield item
        elif key == "mapping":
            yield from item.values()
        elif key not in VALUES or (isinstance(item, dict) and "$ref" in item):  # an answer may be called `default`
            yield from references(item)


def without_files(node: Any) -> Any:
    """A part of a document as it stands in a bundle, which says what is promised."""
    if isinstance(node, list):
        return [without_files(item) for item in node]
    if isinstance(node, dict):
        return {
            key: f"#{item.partition('#')[2]}" if key == "$ref" else without_files(item)
            for key, item in node.items()
            if key != "x-may-accept"
        }
    return node


def test_there_is_a_bundle_of_each_surface() -> None:
    assert sorted(file.name for file in FOLDER.iterdir()) == sorted(f"{surface}.json" for surface in SURFACES)


def test_every_reference_leads_somewhere_within_it(bundle: dict[str, Any]) -> None:
    found = set(references(bundle))

    assert len(found) > 50
    for reference in found:
        file, keys = split(reference)
        assert file == ""
        walk(bundle, keys)


def test_no_component_is_there_for_nothing(bundle: dict[str, Any]) -> None:
    """Each is referred to by another or by an operation; linters warn of those that are not."""
    wanted = {split(reference)[1] for reference in references(bundle)}
    there = {
        ("components", section, name)
        for section, names in bundle["components"].items()
        for name in names
        if section != "securitySchemes"
    }

    assert there == wanted


def test_it_has_the_operations_of_its_document(surface: str, bundle: dict[str, Any]) -> None:
    """Each with all its words."""
    document = Library().document(surface)
    ours = {(one.path, one.method): one.node.value for one in operations_of(document)}
    theirs = {(path, method): operation for path, method, operation in operations(bundle)}

    assert theirs.keys() == ours.keys()
    for key, operation in theirs.items():
        said = dict(operation) | {"responses": without_files(ours[key])["responses"]}
        assert said == without_files(ours[key])


def test_its_components_are_those_of_the_documents(surface: str, bundle: dict[str, Any]) -> None:
    """Word for word."""
    document, shared = Library().document(surface).value, Library().document("inference").value
    for section, names in bundle["components"].items():
        for name, component in names.items():
            owner = next(one for one in (document, shared) if name in one["components"].get(section, {}))
            assert component == without_files(owner["components"][section][name])


def test_its_head_is_that_of_its_document(surface: str, bundle: dict[str, Any]) -> None:
    """And it says what made it, first of all to whoever wants to change it."""
    document = Library().document(surface).value
    head = {key: value for key, value in bundle.items() if key not in ("components", "paths")}

    assert head.pop("x-generated") == f"by `make generate` from {surface}.yaml: change that instead"
    assert head == {key: value for key, value in document.items() if key not in ("components", "paths")}


def test_it_says_whose_it_is_and_what_may_be_done_with_it(bundle: dict[str, Any]) -> None:
    assert bundle["info"]["contact"] == {"name": "Tensormesh", "url": "https://tensormesh.ai"}
    assert bundle["info"]["license"] == {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def test_every_chapter_has_a_name_for_people(bundle: dict[str, Any]) -> None:
    """Pages that are made of it have headings, not names of modules."""
    names = [tag["x-displayName"] for tag in bundle["tags"]]

    assert len(set(names)) == len(names)
    assert [name for name in names if "_" in name or not name[0].isupper()] == []


def test_paragraphs_are_paragraphs_to_markdown(surface: str) -> None:
    """A single line break is none there; in the documents, an empty line alone is folded to one."""
    texts: list[str] = []

    def collect(node: Any) -> None:
        for key, item in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            if key in ("description", "summary") and isinstance(item, str):
                texts.append(item)
            collect(item)

    collect(json.loads((FOLDER / f"{surface}.json").read_text(encoding="utf-8")))

    assert len(texts) > 100
    assert [text for text in texts if "\n" in text.replace("\n\n", "")] == []


def test_the_introduction_of_the_control_plane_has_five_paragraphs() -> None:
    content = json.loads((FOLDER / "control_plane.json").read_text(encoding="utf-8"))

    assert len(content["info"]["description"].split("\n\n")) == 5


@pytest.mark.parametrize("inference", ["serverless", "on_demand"])
def test_a_stream_says_what_json_its_events_hold(inference: str) -> None:
    """Otherwise nothing would lead to the pieces of an answer."""
    content = json.loads((FOLDER / f"{inference}.json").read_text(encoding="utf-8"))
    events = {
        operation["operationId"]: media["schema"]["properties"]["data"]
        for _, _, operation in operations(content)
        for media in [operation["responses"]["200"].get("content", {}).get("text/event-stream")]
        if media
    }

    assert {name: data["contentMediaType"] for name, data in events.items()} == dict.fromkeys(
        events, "application/json"
    )
    assert {name: data["contentSchema"]["$ref"].rpartition("/")[2] for name, data in events.items()} == {
        "create_chat_completion": "ChatCompletionChunk",
        "create_completion": "TextCompletionResponse",
        "create_response": "ResponseStreamEvent",
    }


def test_no_link_carries_an_object(bundle: dict[str, Any]) -> None:
    """Many tools take nothing but text there. The others are there."""
    links = [
        resolve(link, bundle)
        for _, _, operation in operations(bundle)
        for answer in operation["responses"].values()
        for link in resolve(answer, bundle).get("links", {}).values()
    ]

    assert [link for link in links if not isinstance(link.get("requestBody", ""), str)] == []
    assert "links" not in {key for key, value in bundle["components"].items() if not value}


def test_links_between_calls_of_the_control_plane_are_there() -> None:
    content = json.loads(Path(FOLDER / "control_plane.json").read_text(encoding="utf-8"))
    created = content["paths"]["/v1/users/api-keys"]["post"]["responses"]["200"]

    assert created["links"]["deleteUserApiKey"]["operationId"] == "delete_user_api_key"
