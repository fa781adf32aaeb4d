"""The examples are true: each validates against the schema it stands beside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.documents.conftest import FILES, LIBRARY


@cache
def _registry() -> Registry[Any]:
    documents = [LIBRARY.document(name) for name in FILES]
    return Registry().with_contents([(one.name, one.value) for one in documents], default_specification=DRAFT202012)


def problems(value: Any, schema: Any) -> list[str]:
    uri = f"{schema.place.file}#{quote(schema.place.pointer, safe='/~')}"
    validator = Draft202012Validator({"$ref": uri}, registry=_registry())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def examples(holder: Any) -> Iterator[tuple[Any, Any]]:
    """The places and values of the examples of a media type or a parameter."""
    if "example" in holder:
        yield holder, holder.value["example"]
    for name in holder.value.get("examples", {}):
        place = holder["examples"][name]
        yield place, place.value["value"]


@pytest.fixture(scope="module")
def media_types(operations: list[Any]) -> list[Any]:
    """The JSON media types of every body and every answer, errors included."""
    found = []
    for operation in operations:
        owners = [operation.place["responses"][status] for status in operation.raw["responses"]]
        if operation.sends:
            owners.append(operation.place["requestBody"])
        found += [owner["content"]["application/json"] for owner in owners if "content" in owner]
    return found


def test_what_is_sent_and_what_comes_back_has_an_example(operations: list[Any]) -> None:
    """A reader sees both."""
    places = [one.place["responses"]["200"]["content"]["application/json"] for one in operations]
    places += [one.place["requestBody"]["content"]["application/json"] for one in operations if one.sends]

    assert [str(place) for place in places if not list(examples(place))] == []


def test_examples_fit_their_schemas(media_types: list[Any]) -> None:
    """What is shown can be sent, or can come back."""
    wrong = [
        f"{place}: {problem}"
        for media_type in media_types
        for place, value in examples(media_type)
        for problem in problems(value, media_type["schema"])
    ]

    assert wrong == []


def test_examples_name_only_documented_keys(media_types: list[Any]) -> None:
    """Objects are open, so a misspelt key of an example would pass validation; no example has an unknown key."""
    unknown = [
        f"{place}: {key}"
        for media_type in media_types
        for place, value in examples(media_type)
        for key in _unknown(value, media_type["schema"])
    ]

    assert unknown == []


def _unknown(value: Any, schema: Any) -> Iterator[str]:
    facts = schema.value
    if isinstance(value, list) and "items" in facts:
        for item in value:
            yield from _unknown(item, schema["items"])
    variants: list[Any] = next((facts[key] for key in ("oneOf", "anyOf") if key in facts), [])
    for index in range(len(variants)):
        variant = schema["oneOf" if "oneOf" in facts else "anyOf"][index]
        if not problems(value, variant):
            yield from _unknown(value, variant)
            return
    if isinstance(value, dict) and "properties" in facts:
        for key, item in value.items():
            if key not in facts["properties"]:
                yield f"{key} in {schema}"
            else:
                yield from _unknown(item, schema["properties"][key])


def test_parameters_have_examples_that_fit(operations: list[Any]) -> None:
    """What is shown for a parameter is allowed, and a parameter that must be given shows something."""
    parameters = [place for one in operations for place in one.parameters]
    silent = [str(place) for place in parameters if place.value.get("required") and not list(examples(place))]
    wrong = [
        f"{place}: {problem}"
        for place in parameters
        for _, value in examples(place)
        for problem in problems(value, place["schema"])
    ]

    assert (silent, wrong) == ([], [])


def test_stream_examples_hold_events(operations: list[Any]) -> None:
    """The data of an event is the event's JSON, an error, or the end; each stream shows an event."""
    wrong = []
    for one in operations:
        if "stream" not in one.facts:
            continue
        event, seen = one.facts["stream"]["event"], set()
        content = one.place["responses"]["200"]["content"]["text/event-stream"]
        for place, value in examples(content):
            wrong += [f"{place}: {problem}" for problem in problems(value, content["schema"])]
            if value["data"] == "[DONE]":
                continue
            data = json.loads(value["data"])
            kind = "ErrorResponse" if "error" in data else event
            seen.add(kind)
            target = content["schema"].document.at(("components", "schemas", kind))
            wrong += [f"{place}: {problem}" for problem in problems(data, target)]
        wrong += [f"{one}: no event"] * (event not in seen)

    assert wrong == []


def test_a_wrong_example_would_be_seen(components: dict[str, Any]) -> None:
    """The check above can fail: a chat request without messages does not pass."""
    assert problems({"model": "m"}, components["ChatCompletionRequest"]) == ["$: 'messages' is a required property"]
