"""Names and words that could be taken for syntax, and what becomes of them here: many in one package."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.generation.conftest import TinyTree, survives
from tests.generation.made_packages import forget, load_package

NAMES = {
    "class": "class_",
    "from": "from_",
    "None": "none",
    "id": "id",
    "type": "type",
    "object": "object",
    "format": "format",
    "property": "property",
    "fooBar": "foo_bar",
    "stripeCusID": "stripe_cus_id",
    "@type": "type",
    "$id": "id",
    "_hidden": "hidden",
    "x-y.z w": "x_y_z_w",
    "model": "model",
    "models": "models",
    "mapping": "mapping",
    "array": "array",
    "tagged": "tagged",
    "unset": "unset",
    "values": "values",
    "items": "items",
    "copy": "copy",
    "codec": "codec",
    "data": "data",
    "key": "key",
    "convert": "convert",
    "required": "required",
}
"""What a property is called in JSON, and in Python."""

CLASSES = ["Type", "Datetime", "Self", "Format"]
"""Components whose modules would be called as something of Python's own."""

KEYS = ["it's", 'say "a"', "back\\slash", "naïve", "a{b}c", "{{ a }}", "a\nb"]
"""Names that could be taken for syntax."""

TEXTS = [
    'Ends in "quotes"',
    'Has """three""" of them.',
    "Ends in a backslash \\",
    "A path C:\\Users\\new, and \\N{DASH}.",
    "{{ jinja }} {% if %} {# no #}",
    "One line.\n\n    Indented.\n* A list.\n",
    "Ünïcode «text» 𝄞.",
    "A very long line " + "of many words " * 30 + "ends.",
    "https://example.com/" + "a" * 200,
]
"""Descriptions that could be."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The models `Named0`, `Keyed0`, `Described0` and so on, with the names and words above."""
    tree = TinyTree(tmp_path_factory.mktemp("names"))
    schemas: dict[str, Any] = {}
    for number, key in enumerate(NAMES):
        name = f"Named{number}"
        nested = {"oneOf": [{"$ref": f"#/components/schemas/{name}"}, {"type": "string"}]}
        schemas[name] = {"type": "object", "properties": {key: nested}}
    for number, key in enumerate(KEYS):
        schemas[f"Keyed{number}"] = {"type": "object", "properties": {key: {"type": "string"}}}
    for number, text in enumerate(TEXTS):
        schemas[f"Described{number}"] = {"type": "object", "description": text}
    schemas |= {name: {"type": "object", "properties": {"a": {"type": "string"}}} for name in CLASSES}
    schemas["License"] = {"type": "string", "enum": ["a"]}
    properties = {f"p{number}": {"$ref": f"#/components/schemas/{name}"} for number, name in enumerate(schemas)}
    tree.change(schemas=yaml.safe_dump(schemas), properties=yaml.safe_dump(properties))
    ran = tree.generate()
    assert ran.status == 0, ran.errors
    package = load_package(tree.package)
    yield package.models
    forget(package)


@pytest.mark.parametrize("key", NAMES)
def test_a_property_has_a_python_name(models: Any, key: str) -> None:
    """Keywords get an underscore, and the JSON key stays as it is; the models work, whatever a field is called."""
    model, name = getattr(models, f"Named{list(NAMES).index(key)}"), NAMES[key]

    made = model(**{name: model(**{name: "a"})})

    assert made.to_dict() == {key: {key: "a"}}
    assert getattr(getattr(model.from_dict(made.to_dict()), name), name) == "a"
    assert pickle.loads(pickle.dumps(made)) == made == copy.deepcopy(made)


@pytest.mark.parametrize("name", [*CLASSES, "License"])
def test_a_component_has_a_module(models: Any, name: str) -> None:
    """The generator gives `Type` the file `type_.py`, and all that import it have to know."""
    assert getattr(models, name)
    assert models._MODULES[name] == f".{name.lower()}_"


@pytest.mark.parametrize("key", KEYS)
def test_a_key_may_be_any_text(models: Any, key: str) -> None:
    """Quotes, braces and line ends are no syntax of anything."""
    model = getattr(models, f"Keyed{KEYS.index(key)}")

    assert model.from_dict({key: "a"}).additional_properties == {}
    assert survives(model, {key: "a"})


@pytest.mark.parametrize("text", TEXTS)
def test_a_description_may_be_any_text(models: Any, text: str) -> None:
    """It becomes a docstring, word by word."""
    words = getattr(models, f"Described{TEXTS.index(text)}").__doc__

    assert words.split() == text.split()
