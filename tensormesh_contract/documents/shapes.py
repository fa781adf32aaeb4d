"""
What a document says of a value: its types, fields and variants.

Knows JSON Schema as far as our documents and those of vLLM use it, and the
`x-known-values` and `x-secret` of ours; does not evaluate a value.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

from tensormesh_contract.json_values import type_name
from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_documents.library import Node

_KEYWORDS_OF = {
    "object": ("properties", "additionalProperties", "required"),
    "array": ("items", "prefixItems"),
}


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """Give what all spellings of a name have in common."""
    return "".join(one for one in name.lower() if one.isalnum())


class Shape:
    """
    One schema.

    Two shapes of the same place are the same object, so that a shape can be a
    key; make them with `Shapes`.
    """

    def __init__(self, shapes: Shapes, node: Node) -> None:
        self._shapes = shapes
        self.node = node
        self._schema: JsonObject = node.value if isinstance(node.value, dict) else {}

    def __repr__(self) -> str:
        return f"Shape({self.node.place})"

    @property
    def name(self) -> str:
        """The name of the component, or the last key of its place."""
        return self.node.name or self.node.document.name

    @cached_property
    def variants(self) -> tuple[Shape, ...]:
        """The alternatives of a union; none when it is no union."""
        for keyword in ("oneOf", "anyOf"):
            if keyword in self.node:
                return tuple(self._shapes.of(node) for node in self.node[keyword].elements())
        return ()

    @cached_property
    def _parts(self) -> tuple[Shape, ...]:
        return tuple(self._shapes.of(node) for node in self.node["allOf"].elements()) if "allOf" in self.node else ()

    @cached_property
    def types(self) -> frozenset[str]:
        """The JSON types it allows; none named means any."""
        given = self._schema.get("type")
        if isinstance(given, str):
            return frozenset({given})
        if isinstance(given, list):
            return frozenset(str(name) for name in given)
        if "const" in self._schema or "enum" in self._schema:
            return frozenset(type_name(value) for value in self.values)
        if self.variants:
            every = [variant.types for variant in self.variants]
            return frozenset().union(*every) if all(every) else frozenset()
        for part in self._parts:
            if part.types:
                return part.types
        return frozenset(name for name, words in _KEYWORDS_OF.items() if any(word in self._schema for word in words))

    def allows(self, value: Json) -> bool:
        """Tell whether it allows the type of a value."""
        name = type_name(value)
        return not self.types or name in self.types or (name == "integer" and "number" in self.types)

    @cached_property
    def values(self) -> tuple[Json, ...]:
        """All values it knows, by `const`, `enum` or `x-known-values`; none named means any."""
        if "const" in self._schema:
            return (self._schema["const"],)
        for keyword in ("enum", "x-known-values"):
            given = self._schema.get(keyword)
            if isinstance(given, list):
                return tuple(given)
        return ()

    @property
    def values_keyword(self) -> str:
        """The word under which those values stand."""
        return next((word for word in ("const", "enum", "x-known-values") if word in self._schema), "")

    @cached_property
    def properties(self) -> dict[str, Shape]:
        """The fields of an object that are named."""
        found: dict[str, Shape] = {}
        for part in self._parts:
            found |= part.properties
        if "properties" in self.node:
            found |= {name: self._shapes.of(node) for name, node in self.node["properties"].items()}
        return found

    @cached_property
    def respellings(self) -> dict[str, str]:
        """The fields that are documented in two spellings, each with the other."""
        found = {name: [one for one in self.properties if folded(one) == folded(name)] for name in self.properties}
        return {name: next(one for one in both if one != name) for name, both in found.items() if len(both) > 1}

    def reference(self, name: str) -> Node | None:
        """Give the place where a field refers to a schema that others may refer to as well; None where it does not."""
        if "properties" not in self.node or name not in self.node["properties"]:
            return None
        own = self.node["properties"].step(name)
        return own if own.target() is not None else None

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The fields that an object must have."""
        given = self._schema.get("required")
        own = tuple(str(name) for name in given) if isinstance(given, list) else ()
        return tuple(dict.fromkeys(name for names in (*(part.required for part in self._parts), own) for name in names))

    @cached_property
    def rest(self) -> Shape | None:
        """What the values of other fields are, where the document says so."""
        node = self.node.get("additionalProperties")
        return self._shapes.of(node) if node is not None and isinstance(node.value, dict) and node.value else None

    @cached_property
    def items(self) -> Shape | None:
        """What the elements of an array are, where the document says so."""
        node = self.node.get("items")
        return self._shapes.of(node) if node is not None and isinstance(node.value, dict) else None

    @cached_property
    def tag(self) -> str:
        """The field that tells the variants apart; empty where there is none."""
        node = self.node.get("discriminator")
        return node.text("propertyName") if node is not None else ""

    @cached_property
    def format(self) -> str:
        """The format of a string; empty where there is none."""
        return self.node.text("format")

    @cached_property
    def pattern(self) -> str:
        """The expression that a string matches; empty where there is none."""
        return self.node.text("pattern")

    @property
    def secret(self) -> bool:
        """Whether its value must not be shown."""
        return self._schema.get("x-secret") is True

    def tagged(self, value: JsonObject) -> Shape | None:
        """Find the variant with the tag of a value."""
        tag = value.get(self.tag)
        for variant in self.variants:
            known = variant.properties.get(self.tag)
            if known is not None and tag in known.values:
                return variant
        return None


class Shapes:
    """The shapes of a library of documents, each made once."""

    def __init__(self) -> None:
        self._made: dict[Node, Shape] = {}

    def of(self, node: Node) -> Shape:
        """Give the shape of a schema."""
        if node not in self._made:
            self._made[node] = Shape(self, node)
        return self._made[node]
