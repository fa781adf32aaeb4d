"""The schemas say what a reader needs."""

from __future__ import annotations

from typing import Any


def test_a_schema_says_what_it_is(schemas: list[Any]) -> None:
    """A type, a constant, a reference or variants; free values are the exception."""
    assert len(schemas) > 1000

    free = [
        ".".join(place.keys[2:])
        for place in schemas
        if isinstance(place.value, dict) and not place.value.keys() & {"type", "const", "$ref", "oneOf", "anyOf"}
    ]
    assert [name for name in free if "properties" not in name and "additionalProperties" not in name] == []


def test_every_component_and_every_field_is_described(schemas: list[Any], components: dict[str, Any]) -> None:
    """They become the docstrings of classes and attributes."""
    silent = [name for name, place in components.items() if not place.value.get("description", "").strip()]
    for place in schemas:
        for name, field in place.value.get("properties", {}).items() if isinstance(place.value, dict) else ():
            # A reference without words of its own shows those of its target.
            if not (field.get("description") or place["properties"][name].value.get("description")):
                silent.append(f"{place}.{name}")

    assert silent == []
