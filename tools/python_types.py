"""
Turns the schemas of a merged document into what the model templates print: names, types, decoders.

The generator's own picture of a schema forgets what our models need (discriminators, formats of strings, open
enums, free-form maps), so the types come from here; files, class names and imports still come from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from tools.annotations import or_none, union
from tools.descriptions import deprecation, described, sentence
from tools.documents import JsonObject
from tools.names import enum_prefix, field_name
from tools.shapes import Alias, Field, Shape, cost_of, listed_of

CONVERTED = {
    ("string", "date-time"): ("datetime.datetime", "TIMESTAMP"),
    ("string", "int64"): ("int", "INTEGER"),
    ("string", "uint64"): ("int", "INTEGER"),
    ("string", "decimal"): ("decimal.Decimal", "DECIMAL"),
}
"""Text that is kept as it came and read as something better: (type, format) -> (Python type, converter)."""

SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
KINDS = {"string": "STRING", "integer": "INT", "number": "FLOAT", "boolean": "BOOL", "null": "NULL"}
TYPES_OF_CONSTANTS = {bool: "boolean", int: "integer", str: "string", type(None): "null"}

INTERNAL = frozenset({"ServerSentEvent"})
"""Schemas that describe the protocol to other tools and need no model."""


def values_of(schema: JsonObject) -> list[str]:
    """The values that a schema lists, be the list complete or not; null is none of them."""
    return [value for value in schema.get("enum") or schema.get("x-known-values") or () if value is not None]


def lies_ahead(key: str) -> bool:
    """Whether a span of time that stands for a time, such as `30d`, is one from now on: until something expires."""
    return key.startswith("expires")


def is_secret(schema: JsonObject, resolve: Callable[[JsonObject], JsonObject]) -> bool:
    """Whether a value is secret, or what a list, a map or a union of it holds; what is in an object is its own."""
    whole = resolve(schema) | schema
    inner = [*whole.get("oneOf", ()), *whole.get("anyOf", ()), whole.get("items"), whole.get("additionalProperties")]
    held = (is_secret(item, resolve) for item in inner if isinstance(item, dict))
    return bool(whole.get("x-secret")) or any(held)


def types_of(schema: JsonObject) -> list[str]:
    """The JSON types that a schema names; none where it names no type, or refers to another."""
    kinds = schema.get("type", [])
    return kinds if isinstance(kinds, list) else [kinds]


class Types:
    """The schemas of one document, and the Python types they become."""

    def __init__(self, schemas: dict[str, JsonObject], bodies: Iterable[str] = ()) -> None:
        self.schemas = schemas
        self.given = self.reach({use for body in bodies for use in self.uses(schemas[body])})
        """What stands in the bodies of requests, and so is given as a mapping as well as a model."""

    @cached_property
    def modules(self) -> dict[str, str]:
        """The first schema of each spelling in small letters: two of one spelling would have one module."""
        found: dict[str, str] = {}
        for name in self.schemas:
            found.setdefault(name.lower(), name)
        return found

    def is_object(self, name: str) -> bool:
        schema = self.schemas[name]
        return schema.get("type") == "object" and "properties" in schema

    def has_param(self, name: str) -> bool:
        """Whether a typed dictionary says what a mapping in place of it holds, or several for a tagged union do."""
        return name in self.given and (self.is_object(name) or "discriminator" in self.schemas[name])

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        return {name: self._shape(name) for name in self.schemas if name not in INTERNAL and self.has_class(name)}

    def has_class(self, name: str) -> bool:
        schema = self.schemas[name]
        return schema.get("type") == "object" and "additionalProperties" not in (
            {} if "properties" in schema else schema
        )

    def is_named_object(self, schema: JsonObject) -> bool:
        """Whether a schema is a reference to a component that has a class."""
        return "$ref" in schema and self.has_class(schema["$ref"].rpartition("/")[2])

    def aliases(self) -> dict[str, Alias]:
        return {
            name: Alias(name, sentence(schema), self.annotation(schema), sorted(self.uses(schema)))
            for name, schema in self.schemas.items()
            if not self.has_class(name)
        }

    def _shape(self, name: str) -> Shape:
        schema = self.schemas[name]
        required = schema.get("required", [])
        fields = [self._field(key, found, key in required) for key, found in schema.get("properties", {}).items()]
        types = " ".join(f"{item.annotation} {item.argument}" for item in fields)
        uses = sorted({word for word in re.findall(r"\w+", types) if word in self.schemas} - {name})
        amount = [field_name(key, schema["properties"][key]) for key in schema.get("x-amount", ())]
        return Shape(
            name=name,
            description=sentence(schema),
            fields=fields,
            uses=uses,
            imports=[module for module in ("datetime", "decimal") if f"{module}." in types],
            amount=amount,
            unit=field_name(schema["x-unit"], schema["properties"][schema["x-unit"]]) if "x-unit" in schema else "",
            text=(text := schema.get("x-text")) and {**text, "parts": self.along(schema, text["parts"])},
            deprecated=deprecation(schema),
            closed=schema.get("additionalProperties") is False,
            listed=listed_of(schema, fields),
            cost=cost_of(schema, fields),
            likes=[f"{other}Like" for other in sorted(self.given) if re.search(rf"\b{other}Like\b", types)],
        )

    def _field(self, key: str, schema: JsonObject, required: bool) -> Field:
        annotation = self.annotation(schema)
        argument = self.annotation(schema, given=True)
        if not required:
            annotation = or_none(annotation)
        const = repr(schema["const"]) if "const" in schema and required else None
        kind = self.kind(schema, nullable=required)
        text = re.fullmatch(r"TextOf\((\w+)\)", self.kind(schema, nullable=False) or "")
        if kind and lies_ahead(key):
            kind = kind.replace("TextOf(TIMESTAMP)", "TextOf(TIMESTAMP, ahead=True)")
        return Field(
            key=key,
            name=field_name(key, schema),
            annotation=annotation,
            argument=argument,
            required=required,
            description=self.described(schema),
            kind=kind,
            models=self.holds_models(schema),
            convert=text[1] if text else None,
            const=const,
            secret=is_secret(schema, self.resolve),
            deprecated=bool((self.resolve(schema) | schema).get("deprecated")),
        )

    def along(self, schema: JsonObject, keys: list[str]) -> list[str]:
        """The attributes that lead along keys, through the items of lists too."""
        names = []
        for key in keys:
            found = self.resolve(schema).get("properties", {}).get(key, {})
            names.append(field_name(key, found))
            schema = self.resolve(found).get("items", found)
        return names

    def resolve(self, schema: JsonObject) -> JsonObject:
        """`schema`, or the component it refers to."""
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def within(self, schema: JsonObject, key: str) -> JsonObject:
        """The schema of what an object has at a key; empty where it has nothing there."""
        return self.resolve(self.resolve(schema).get("properties", {}).get(key, {}))

    def items(self, schema: JsonObject, key: str) -> JsonObject:
        """The schema of the items of a list that an object has at a key; empty where it has none there."""
        return self.resolve(self.within(schema, key).get("items", {}))

    def described(self, schema: JsonObject) -> str:
        """What is said of a property, where it stands and in the component that it refers to."""
        whole = self.resolve(schema) | schema
        return described(whole, whole)

    def kinds(self, schema: JsonObject) -> list[str]:
        """The JSON types that a value may have, those of all variants together."""
        schema = self.resolve(schema)
        variants = schema.get("oneOf") or schema.get("anyOf")
        if variants:
            return [kind for item in variants for kind in self.kinds(item)]
        return types_of(schema)

    def tags(self, schema: JsonObject, key: str) -> list[Any]:
        """The values by which an object says in `key` what it is."""
        tag = self.resolve(schema).get("properties", {}).get(key, {})
        return [tag["const"]] if "const" in tag else tag.get("enum") or tag.get("x-known-values") or []

    def uses(self, schema: Any) -> set[str]:
        """The named schemas that `schema` mentions, one step deep."""
        if isinstance(schema, list):
            return {use for item in schema for use in self.uses(item)}
        if not isinstance(schema, dict):
            return set()
        if isinstance(schema.get("$ref"), str):
            return {schema["$ref"].rpartition("/")[2]}
        return {use for key, item in schema.items() if key not in ("example", "examples") for use in self.uses(item)}

    def reach(self, names: set[str]) -> set[str]:
        """The named schemas that lie within some of them, and those themselves."""
        found, new = set(names), set(names)
        while new:
            new = {use for name in new for use in self.uses(self.schemas[name])} - found
            found |= new
        return found

    def annotation(self, schema: JsonObject, *, given: bool = False, known: bool = False) -> str:
        """
        The Python type of a schema.

        Args:
            given: the type a caller may hand in, which is wider: mappings and models that are accepted, too, for
                models, any sequence for lists.
            known: of values that are listed, those alone, but where short words for them are taken.
        """
        if "$ref" in schema:
            name: str = schema["$ref"].rpartition("/")[2]
            if not given:
                return name
            target = self.schemas[name]
            if self.has_param(name):
                return f"{name}Like"
            if self.has_class(name):
                return " | ".join([name, *target.get("x-accepts", ()), "Mapping[str, Any]"])
            values = values_of(target)
            if values and not (known and not all(value.startswith(enum_prefix(name)) for value in values)):
                return name
            return self.annotation(target, given=True, known=known)
        if "const" in schema:
            return f"Literal[{schema['const']!r}]"
        variants = schema.get("oneOf") or schema.get("anyOf")
        if variants:
            types = [self.annotation(item, given=given, known=known) for item in variants]
            if "discriminator" in schema:
                types.append("OpenObject")
            return union(types)
        if "type" not in schema:
            return "Any"
        return union([self._kind(kind, schema, given, known) for kind in types_of(schema)])

    def _kind(self, kind: str, schema: JsonObject, given: bool, known: bool) -> str:
        if kind == "null":
            return "None"
        if kind == "array":
            inner = self.annotation(schema["items"], given=given, known=known)
            return f"{'Sequence' if given else 'list'}[{inner}]"
        if kind == "object":
            values = schema.get("additionalProperties", True)
            inner = "Any" if isinstance(values, bool) else self.annotation(values, given=given, known=known)
            return f"{'Mapping' if given else 'dict'}[str, {inner}]"
        if kind == "string" and (values := values_of(schema)):
            return f"Literal[{', '.join(map(repr, values))}]" + ("" if known else " | str")
        converted = CONVERTED.get((kind, schema.get("format", "")))
        if converted:
            # A time may be given as a span from now, too.
            span = "datetime.timedelta | " if converted[1] == "TIMESTAMP" else ""
            return f"{converted[0]} | {span}str" if given else converted[0]
        return SCALARS[kind]

    def kind(self, schema: JsonObject, *, nullable: bool = True) -> str | None:
        """
        The expression that says what JSON a value is (see `tensormesh_runtime.kinds`); None where it may be any.

        Args:
            nullable: whether to say that it may be null, where it may.
        """
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return (
                f"InstanceOf(models.{name})"
                if self.has_class(name)
                else self.kind(self.schemas[name], nullable=nullable)
            )
        if "discriminator" in schema:
            return self._tagged(schema, nullable)
        kinds = [self.kind(item) for item in self.variants(schema)]
        if not kinds:
            kinds = [self._one_kind(name, schema) for name in types_of(schema) or [""]]
        if None in kinds:
            return None
        different = [kind for kind in dict.fromkeys(map(str, kinds)) if nullable or kind != "NULL"] or ["NULL"]
        return f"EitherOf({', '.join(different)})" if len(different) > 1 else different[0]

    def variants(self, schema: JsonObject) -> list[JsonObject]:
        """The variants of a union, and those of the unions among them."""
        found = []
        for item in schema.get("oneOf") or schema.get("anyOf") or []:
            target = self.resolve(item)
            inner = [] if "discriminator" in target else self.variants(target)
            found += inner or [item]
        return found

    def _one_kind(self, name: str, schema: JsonObject) -> str | None:
        if name == "array":
            return f"ArrayOf({self.kind(schema['items']) or 'ANY'})"
        if name == "object":
            values = schema.get("additionalProperties")
            return f"MapOf({(self.kind(values) or '') if isinstance(values, dict) else ''})"
        if not name and "const" in schema:
            name = TYPES_OF_CONSTANTS[type(schema["const"])]
        if converted := CONVERTED.get((name, schema.get("format", ""))):
            return f"TextOf({converted[1]})"
        return KINDS[name] if name else None

    def _tagged(self, schema: JsonObject, nullable: bool) -> str:
        key = schema["discriminator"]["propertyName"]
        names: dict[Any, str] = {}
        for item in schema.get("oneOf") or schema.get("anyOf") or []:
            if "$ref" in item:
                names |= dict.fromkeys(self.tags(item, key), item["$ref"].rpartition("/")[2])
        found = f"TaggedBy({key!r}, models, {names!r})"
        return f"EitherOf({found}, NULL)" if nullable and "null" in self.kinds(schema) else found

    def holds_models(self, schema: JsonObject) -> bool:
        """Whether models are made of a value, or of what is in it."""
        kind = self.kind(schema) or ""
        return "InstanceOf(" in kind or "TaggedBy(" in kind

    def holds_text(self, schema: JsonObject) -> bool:
        """Whether a value is, or has in it, text that reads as something better; what is in an object is its own."""
        return "TextOf(" in (self.kind(schema) or "")
