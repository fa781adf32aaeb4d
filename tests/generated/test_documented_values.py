"""What the documents allow and show reads as the types that the package promises, and goes back as it came."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tensormesh_documents.pointers import resolve
from tensormesh_generated import models
from tensormesh_runtime.json_model import JsonModel
from tests.generated.test_properties import same
from tests.generated.typed_reading import broken_promises, samples
from tools.merge import merge
from tools.python_types import INTERNAL

ROOT = Path(__file__).resolve().parents[2]


@cache
def document() -> Any:
    return merge(ROOT / "openapi").document


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = document()["components"]["schemas"]
    return found


def component_names() -> list[str]:
    return [
        name
        for name in schemas()
        if name not in INTERNAL and isinstance(kind := getattr(models, name), type) and issubclass(kind, JsonModel)
    ]


def shown(holder: Any) -> dict[str, Any]:
    """The examples of a body or an answer by name."""
    media_type = resolve(holder, document()).get("content", {}).get("application/json", {})
    found = {"example": media_type["example"]} if "example" in media_type else {}
    named = media_type.get("examples", {}).items()
    return found | {name: resolve(example, document())["value"] for name, example in named}


def examples() -> Iterator[Any]:
    """Of every body and every whole answer: what makes a model of it, and an example."""
    for item in document()["paths"].values():
        for operation in item.values():
            module = import_module(f"tensormesh_generated.api.{operation['tags'][0]}.{operation['operationId']}")
            for name, came in shown(operation["responses"]["200"]).items():
                yield pytest.param(module.parse, came, id=f"{operation['operationId']}-answer-{name}")
            for name, came in shown(operation.get("requestBody", {})).items():
                body = resolve(operation["requestBody"], document())["content"]["application/json"]["schema"]
                make = getattr(models, body["$ref"].rpartition("/")[2]).from_dict
                yield pytest.param(make, came, id=f"{operation['operationId']}-body-{name}")


def promises_kept(model: JsonModel, came: Any) -> None:
    assert list(broken_promises(model, allowed=())) == []
    assert same(came, model.to_dict())
    assert list(broken_promises(model, allowed=())) == []


@pytest.mark.parametrize(("make", "came"), list(examples()))
def test_every_example_reads_as_its_types(make: Any, came: Any) -> None:
    promises_kept(make(came), came)


@pytest.mark.parametrize("name", component_names())
def test_every_value_that_a_component_allows_reads_as_its_types(name: str) -> None:
    for came in samples({"$ref": f"#/{name}"}, schemas()):
        promises_kept(getattr(models, name).from_dict(came), came)


def test_there_are_values_of_every_component_and_operation() -> None:
    assert len(component_names()) > 120
    assert len(list(examples())) > 100
