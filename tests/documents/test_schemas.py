"""The schemas keep to what the generator, the models and a reader can take."""

from __future__ import annotations

import keyword
import re
from typing import Any

from openapi_python_client.strings import ClassName, snake_case

from tests.documents.conftest import walk

FORBIDDEN = {
    "additional_properties",
    "cls",
    "d",
    "field",
    "field_dict",
    "from_dict",
    "is_set",
    "replace",
    "self",
    "to_dict",
}
"""Names the models or the generator use for themselves."""

FORBIDDEN_TYPES = {"Any", "Literal", "Mapping", "OpenObject", "Response", "Sequence", "Unset", "UNSET"}
"""Names that generated modules import."""

WORDS = {
    "$ref", "additionalProperties", "anyOf", "const", "default", "deprecated", "description", "discriminator", "enum",
    "example", "examples", "exclusiveMaximum", "exclusiveMinimum", "format", "items", "maxItems", "maxLength",
    "maximum", "minItems", "minLength", "minimum", "oneOf", "pattern", "properties", "required", "type", "x-accepts",
    "x-amount", "x-known-values", "x-secret", "x-text",
}  # fmt: skip
"""What the documents say schemas with; the chain knows these words."""


def python_name(wire: str) -> str:
    return re.sub(r"\W+", "_", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", wire)).strip("_").lower()


def properties(schemas: list[Any]) -> list[tuple[Any, str]]:
    objects = [place for place in schemas if isinstance(place.value, dict)]
    return [(place, name) for place in objects for name in place.value.get("properties", {})]


def test_there_are_schemas(schemas: list[Any]) -> None:
    """The claims below are about hundreds of schemas, not about none."""
    assert len(schemas) > 1000


def test_no_schema_is_a_boolean(schemas: list[Any]) -> None:
    """`items: true` stops the generator; only `additionalProperties` may be a boolean."""
    assert [
        str(place)
        for place in schemas
        if not isinstance(place.value, dict) and place.keys[-1] != "additionalProperties"
    ] == []


def test_schemas_use_known_words_only(schemas: list[Any]) -> None:
    """`title` would rename a class, `allOf` and `not` would be lost: none of them, nor a misspelt word, is here."""
    unknown = {word for place in schemas if isinstance(place.value, dict) for word in place.value if word not in WORDS}

    assert set() == unknown


def test_the_type_of_a_schema_is_known(schemas: list[Any]) -> None:
    """A schema says what it is: a type, a constant, a reference or variants; free values are the exception."""
    free = [
        ".".join(place.keys[2:])
        for place in schemas
        if isinstance(place.value, dict) and not place.value.keys() & {"type", "const", "$ref", "oneOf", "anyOf"}
    ]

    assert [name for name in free if "properties" not in name and "additionalProperties" not in name] == []


def test_arrays_have_items(schemas: list[Any]) -> None:
    """An array of anything says `items: {}`."""
    assert [
        str(place)
        for place in schemas
        if isinstance(place.value, dict) and "array" in _types(place.value) and "items" not in place.value
    ] == []


def test_objects_with_properties_are_components(schemas: list[Any]) -> None:
    """An object in an object would get an invented class name."""
    assert [
        str(place)
        for place in schemas
        if isinstance(place.value, dict) and "properties" in place.value and len(place.keys) != 3
    ] == []


def test_known_values_are_either_closed_or_open(schemas: list[Any]) -> None:
    """`enum` where all values are known, `x-known-values` where more may come; never both, and never empty or twice."""
    for place in schemas:
        if isinstance(place.value, dict):
            both = [place.value[key] for key in ("enum", "x-known-values") if key in place.value]

            assert len(both) <= 1, str(place)
            for values in both:
                assert values, str(place)
                assert len(values) == len(set(values)), str(place)


def test_enums_are_texts(schemas: list[Any]) -> None:
    """The generator takes no enum of mixed types; null may stand beside texts."""
    for place in schemas:
        if isinstance(place.value, dict):
            values = [*place.value.get("enum", []), *place.value.get("x-known-values", [])]

            assert all(isinstance(value, str) or value is None for value in values), str(place)


def test_required_fields_are_described_fields(schemas: list[Any]) -> None:
    """`required` names properties that exist, once each."""
    for place in schemas:
        if isinstance(place.value, dict):
            required = place.value.get("required", [])

            assert set(required) <= set(place.value.get("properties", {})), str(place)
            assert len(required) == len(set(required)), str(place)


def test_amounts_are_made_of_two_fields(schemas: list[Any]) -> None:
    """`x-amount` names the whole units and the billionths."""
    amounts = [place for place in schemas if isinstance(place.value, dict) and "x-amount" in place.value]
    assert amounts

    for place in amounts:
        assert len(place.value["x-amount"]) == 2, str(place)
        assert set(place.value["x-amount"]) <= set(place.value["properties"]), str(place)


def test_what_is_accepted_beside_an_object_is_an_object(schemas: list[Any], components: dict[str, Any]) -> None:
    """`x-accepts` names components whose values can be sent in place of one of this."""
    accepting = [place for place in schemas if isinstance(place.value, dict) and "x-accepts" in place.value]
    assert accepting

    for place in accepting:
        for name in place.value["x-accepts"]:
            assert "properties" in components[name].value, str(place)


def test_every_component_and_every_field_is_described(schemas: list[Any], components: dict[str, Any]) -> None:
    """They become the docstrings of classes and attributes."""
    silent = [name for name, place in components.items() if not place.value.get("description", "").strip()]
    for place, name in properties(schemas):
        field = place.value["properties"][name]
        # A reference without words of its own shows those of its target.
        if not (field.get("description") or place["properties"][name].value.get("description")):
            silent.append(f"{place}.{name}")

    assert silent == []


def test_no_field_has_a_forbidden_name(schemas: list[Any]) -> None:
    """A field may not be called what the models need for themselves."""
    assert [str(place) for place, name in properties(schemas) if python_name(name) in FORBIDDEN] == []


def test_field_names_become_different_identifiers(schemas: list[Any]) -> None:
    """Each field has a Python name, and no two of an object have the same."""
    for place in schemas:
        if isinstance(place.value, dict) and "properties" in place.value:
            names = [python_name(name) for name in place.value["properties"]]

            assert all(name.isidentifier() for name in names), str(place)
            assert sorted(set(names)) == sorted(names), str(place)


def test_component_names_are_class_names(components: dict[str, Any]) -> None:
    """The generator leaves each name as it is, so the documents and the package speak of the same types."""
    assert [name for name in components if str(ClassName(name, "")) != name or keyword.iskeyword(name)] == []
    assert set() == components.keys() & FORBIDDEN_TYPES


def test_components_have_modules_of_their_own(components: dict[str, Any]) -> None:
    """`FooBAR` and `FooBar` would write one file."""
    modules = [str(snake_case(name)) for name in components]

    assert sorted(set(modules)) == sorted(modules)


def test_a_name_is_written_in_one_document(operations: list[Any], documents: dict[str, Any]) -> None:
    """A schema of one name in two documents would be two classes of one name."""
    document = operations[0].document
    assert "schemas" not in document.get("components", {})

    shared, control_plane = (documents[name].root["components"]["schemas"] for name in ("inference", "control_plane"))
    assert set() == set(shared.value) & set(control_plane.value)


def test_every_component_is_used(operations: list[Any], components: dict[str, Any], documents: dict[str, Any]) -> None:
    """A schema that nothing refers to would be no class of the package, and nobody would miss it."""
    places = [place for document in documents.values() for place in walk(document.root)]
    references = [place.value for place in places if place.keys[-1:] == ("$ref",)]
    named = {str(reference).rpartition("/")[2] for reference in references}
    named |= {one.facts["stream"]["event"] for one in operations if "stream" in one.facts}

    assert sorted(components.keys() - named) == []


def test_tagged_unions_name_every_variant(schemas: list[Any]) -> None:
    """A discriminator's mapping and the variants' own constants agree, and leave no variant out."""
    tagged = [place for place in schemas if isinstance(place.value, dict) and "discriminator" in place.value]
    assert tagged

    for place in tagged:
        key = place.value["discriminator"]["propertyName"]
        mapping = {tag: ref.rpartition("/")[2] for tag, ref in place.value["discriminator"]["mapping"].items()}
        by_variant: dict[str, str] = {}
        for index, variant in enumerate(place.value.get("oneOf", place.value.get("anyOf"))):
            tag = place["oneOf" if "oneOf" in place.value else "anyOf"][index]["properties"][key].value
            values = [tag["const"]] if "const" in tag else tag.get("enum", tag.get("x-known-values"))
            by_variant |= dict.fromkeys(values, variant["$ref"].rpartition("/")[2])

        assert mapping == by_variant, str(place)


def _types(schema: dict[str, Any]) -> list[str]:
    kinds = schema.get("type", [])
    return kinds if isinstance(kinds, list) else [kinds]
