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
        if "requestBody" in operation.raw:
            owners.append(operation.place["requestBody"])
        found += [owner["content"]["application/json"] for owner in owners if "content" in owner]
    return found


def test_a_body_has_an_example(operation: Any) -> None:
    """A reader sees what to send."""
    if "requestBody" in operation.raw:
        assert list(examples(operation.place["requestBody"]["content"]["application/json"]))


def test_success_has_an_example(operation: Any) -> None:
    """A reader sees what comes back."""
    assert list(examples(operation.place["responses"]["200"]["content"]["application/json"]))


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


def test_parameters_have_examples_that_fit(operation: Any) -> None:
    """What is shown for a parameter is allowed, and a parameter that must be given shows something."""
    for place in operation.parameters:
        shown = list(examples(place))

        assert shown or not place.value.get("required"), str(place)
        assert [problem for _, value in shown for problem in problems(value, place["schema"])] == []


def test_stream_examples_hold_events(operation: Any) -> None:
    """The data of an event is the event's JSON, an error, or the end; each stream shows an event."""
    if "stream" not in operation.facts:
        return
    event = operation.facts["stream"]["event"]
    content = operation.place["responses"]["200"]["content"]
    schemas = operation.place["responses"]["200"]["content"]["text/event-stream"]["schema"]
    seen = []
    for place, value in examples(content["text/event-stream"]):
        assert problems(value, schemas) == [], str(place)
        if value["data"] == "[DONE]":
            seen.append("end")
            continue
        data = json.loads(value["data"])
        kind = "ErrorResponse" if "error" in data else event
        seen.append("event" if kind == event else "error")
        target = schemas.document.at(("components", "schemas", kind))
        assert problems(data, target) == [], str(place)

    assert "event" in seen


def test_a_wrong_example_would_be_seen(components: dict[str, Any]) -> None:
    """The check above can fail: a chat request without messages does not pass."""
    assert problems({"model": "m"}, components["ChatCompletionRequest"]) == ["$: 'messages' is a required property"]
