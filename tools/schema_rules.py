"""
What a schema must say so that nothing of it is lost on the way to a model.

OpenAPI allows more than the next steps take. The rest they would drop without a word, or turn into Python that fails
when it is called; here its place in the document is still known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from keyword import iskeyword
from typing import Any, TypedDict

from openapi_python_client.strings import ClassName
from pydantic import TypeAdapter, ValidationError

from tensormesh_documents.pointers import Keys
from tools.descriptions import SPOKEN
from tools.documents import JsonObject
from tools.merge import Merged
from tools.names import FIELDS_TAKEN, field_name, pascal
from tools.python_types import CONVERTED, INTERNAL, TYPES_OF_CONSTANTS, Types, types_of

REFERENCE_WORDS = {"$ref", "default", "deprecated", "description", "example", "examples", "x-name", "x-secret"}
WORDS = {
    *REFERENCE_WORDS, "additionalProperties", "anyOf", "const", "discriminator", "enum", "exclusiveMaximum",
    "exclusiveMinimum", "format", "items", "maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum",
    "oneOf", "pattern", "properties", "required", "type", "x-accepts", "x-amount", "x-cost", "x-expects",
    "x-items", "x-known-values", "x-may-accept", "x-name", "x-text", "x-unit",
}  # fmt: skip

UNION_WORDS = REFERENCE_WORDS - {"$ref"} | {"discriminator"}


class _Text(TypedDict, total=False):
    name: str
    parts: list[str]
    type: str


class _Cost(TypedDict, total=False):
    input: str
    output: str
    cached: str


_HELD: tuple[tuple[tuple[str, ...], Any, str], ...] = (
    (("x-accepts", "x-amount", "x-expects"), list[str], "list of texts"),
    (("x-known-values", "x-may-accept"), list[Any], "list"),
    (("x-cost",), _Cost, "mapping of texts"),
    (("x-text",), _Text, "mapping of texts, and `parts` a list of them"),
    (("x-items", "x-name", "x-unit"), str, "text"),
    (("deprecated", "x-secret"), bool, "boolean"),
    (("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum"), float, "number"),
    (("maxItems", "maxLength", "minItems", "minLength"), int, "whole number"),
)
HELD = {word: (TypeAdapter[Any](kind), told) for words, kind, told in _HELD for word in words}
"""What words hold that nobody else looks at, or that are taken for others: `"5"` for 5."""
RANGES = (("minimum", "maximum"), ("minItems", "maxItems"), ("minLength", "maxLength"))
SCHEMA = "#/components/schemas/"

NEEDS = {
    "additionalProperties": "object",
    "enum": "string",
    **dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum"), "integer or number"),
    **dict.fromkeys(("items", "maxItems", "minItems"), "array"),
    **dict.fromkeys(("maxLength", "minLength", "pattern"), "string"),
    "properties": "object",
    "required": "object",
    "x-accepts": "object",
    "x-amount": "object",
    "x-cost": "object",
    "x-expects": "object",
    "x-items": "object",
    "x-known-values": "string",
    "x-may-accept": "object",
    "x-text": "object",
    "x-unit": "object",
}
"""Words that say something about some types, and nothing without it."""

FORMATS = {
    *CONVERTED,
    *(("string", name) for name in SPOKEN),
    *(("integer", name) for name in ("int32", "int64")),
    *(("number", name) for name in ("double", "float")),
}
INSTEAD = {
    "allOf": "write the properties of all of them into one component",
    "allowEmptyValue": "leave a parameter out instead",
    "allowReserved": "what is reserved is percent-encoded",
    "callbacks": "no client is called back",
    "content": "give it a `schema`",
    "explode": "a list repeats its name in a query, and is one line of a header",
    "maxProperties": "take it out: a map holds any number of things",
    "minProperties": "take it out: a map holds any number of things",
    "nullable": "write `type: [..., 'null']`",
    "not": "say what it may be",
    "prefixItems": "write an object, whose properties have names",
    "propertyNames": "take it out: a map has any keys",
    "patternProperties": "write `additionalProperties`",
    "servers": "a document has one host: name it at the top",
    "style": "a list repeats its name in a query, and is one line of a header",
    "readOnly": "give answers and requests a component each",
    "title": "the name of the component is the name of the class",
    "writeOnly": "give answers and requests a component each",
    "x-enum": "write `enum`, or `x-known-values` where others may come",
}
"""What to write in place of a word that nothing obeys."""

CLASSES_TAKEN = {
    "ANY", "Amount", "Any", "ArrayOf", "AsyncClient", "AsyncEventStream", "AsyncIterator", "AsyncNode", "BOOL",
    "Client", "DECIMAL", "DeprecatedField", "EitherOf", "EventStream", "FLOAT", "Field", "INT",
    "INTEGER", "InferenceOptions", "InstanceOf", "Iterator", "JsonModel", "Listing", "Literal", "MapOf", "Mapping",
    "NULL", "Node", "OPTIONS", "OpenObject", "Operation", "Options", "Paging", "Params", "Priced",
    "Request", "Required", "Response", "STRING", "Sequence", "StreamRequest", "Streaming", "TIMESTAMP",
    "TaggedBy", "TextOf", "TypeAlias", "UNSET", "Unpack", "Unset", "ValidationError",
}  # fmt: skip
"""What the modules import in which models are named."""

Problems = Iterator[tuple[Keys, str]]
"""Where below the thing that was looked at, and what is wrong there."""


def check_schemas(merged: Merged, types: Types) -> None:
    """
    Hold the component schemas of a merged document to the rules.

    Raises:
        DocumentError: one breaks a rule; it names the first place.
    """
    # In this order: each rule relies on those before it.
    for rule in (_class_name, _words, _recursion, _unions, _fields):
        for name, schema in types.schemas.items():
            for place, problem in rule(name, schema, types):
                raise merged.error(("components", "schemas", name, *place), problem)


def _class_name(name: str, _: JsonObject, types: Types) -> Problems:
    if ClassName(name, "") != name or name in CLASSES_TAKEN:
        yield (), "a component needs a name that Python can give to a class, and that the package does not use itself"
    model = re.sub(r"(Param|Like)$", "", name)
    if model != name and model in types.schemas:
        yield (), f"what may be given for {model} is called so"
    same = types.modules[name.lower()]
    if same != name:
        yield (), f"its module would be that of {same}"


def _words(_: str, schema: JsonObject, __: Types) -> Problems:
    yield from schema_problems(schema, top=True)


def schema_problems(schema: Any, *, top: bool = False) -> Problems:
    """
    What is wrong with the words of a schema and of those in it, but for what they refer to.

    Args:
        top: whether it is a component, which has a name.
    """
    if not isinstance(schema, dict):
        yield (), f"a schema must be a mapping, not {schema!r}"
    if top and "x-name" in schema:
        yield ("x-name",), "it names a property, and this is none: take it out"
    for word in schema:
        if word not in (REFERENCE_WORDS if "$ref" in schema else WORDS):
            yield (word,), unknown(word, REFERENCE_WORDS if "$ref" in schema else WORDS, "$ref" in schema)
    kinds = types_of(schema)
    if kinds == [] and "type" in schema:
        yield ("type",), "it has to name a type"
    if not isinstance(schema.get("$ref", SCHEMA), str) or not schema.get("$ref", SCHEMA).startswith(SCHEMA):
        # The names of what is no schema begin with that of their document.
        section, _, name = str(schema["$ref"]).removeprefix("#/components/").partition("/")
        problem = f"{name.partition('.')[2] or name!r} of {section} is no schema"
        yield ("$ref",), f"{problem}: refer to one of components.schemas"
    if str(schema.get("$ref")).removeprefix(SCHEMA) in INTERNAL:
        yield ("$ref",), "it is the frame of an event, of which no model is made: name what is in it"
    for word in (word for word in schema if word in HELD):
        adapter, kind = HELD[word]
        try:
            adapter.validate_python(schema[word], strict=True)
        except ValidationError:
            yield (word,), f"it is a {kind}, not {schema[word]!r}"
    unions = [word for word in ("oneOf", "anyOf") if word in schema]
    if unions and (not schema[unions[0]] or schema.keys() - UNION_WORDS - {unions[0]}):
        yield (unions[0],), "a union has variants, and no word beside them that says what one of them is"
    if "discriminator" in schema and not unions:
        yield ("discriminator",), "it says nothing without oneOf or anyOf"
    for word, wanted in NEEDS.items():
        if word in schema and not {*wanted.split(" or ")} & {*kinds}:
            yield (word,), f"it says nothing without the type {wanted}"
    for low, high in RANGES:
        if low in schema and high in schema and schema[low] > schema[high]:
            yield (high,), f"no value is at least {schema[low]} and at most {schema[high]}"
    if "format" in schema and not any((kind, schema["format"]) in FORMATS for kind in kinds):
        known = sorted({name for kind, name in FORMATS if kind in kinds})
        yield ("format",), f"nothing here obeys {schema['format']!r}: write {' or '.join(known) or 'none'}"
    others = schema.get("additionalProperties", True)
    if "properties" not in schema and others is False and "object" in kinds:
        yield ("additionalProperties",), "nothing could be in such an object: write its properties, or take it out"
    if "properties" in schema and isinstance(others, dict) and others:
        advice = "give the others a property of their own that holds a map"
        yield ("additionalProperties",), f"a model has no type for keys that it does not know: {advice}"
    if "array" in kinds and "items" not in schema:
        yield (), "an array needs items"
    if "properties" in schema and not (top and kinds == ["object"]):
        yield (), "an object with properties must be a named component"
    for value in (*schema.get("enum", ()), *schema.get("x-known-values", ())):
        if not isinstance(value, str | None):
            yield (), f"the value {value!r} is not text: quote it"
    lists = [schema[word] for word in ("enum", "x-known-values") if word in schema]
    if len(lists) > 1 or any(len(set(values)) != len(values) or not {*values} - {None} for values in lists):
        yield (), "values stand in `enum` or in `x-known-values`: one at least, and each once"
    if not isinstance(schema.get("const"), str | int | None):
        yield ("const",), "only text, a whole number, a boolean or null can be a constant"
    elif "const" in schema and kinds and TYPES_OF_CONSTANTS[type(schema["const"])] not in kinds:
        yield ("const",), f"{schema['const']!r} is not of the type {' or '.join(kinds)}"
    if any((kind, schema.get("format")) in CONVERTED for kind in kinds) and (lists or "const" in schema):
        yield ("format",), "values that are listed are text and stay it: take it out"
    for place, nested in _nested(schema):
        if isinstance(nested, dict) and "x-name" in nested and place[0] != "properties":
            yield (*place, "x-name"), "it names a property, and this is none: take it out"
        for below, problem in schema_problems(nested):
            yield (*place, *below), problem


def unknown(word: str, known: Iterable[str], beside_reference: bool = False) -> str:
    """What is said of a word that nothing obeys: with the word that was meant, where that is clear."""
    if word in INSTEAD:
        advice = INSTEAD[word]
    elif beside_reference and word in WORDS:
        advice = "write it in the component"
    elif close := get_close_matches(word, known, 1, cutoff=0.75):
        advice = f"write {close[0]!r}"
    else:
        advice = "take it out"
    return f"nothing here obeys {word!r}: {advice}"


def _nested(schema: JsonObject) -> Iterator[tuple[Keys, Any]]:
    """The schemas in a schema, and where."""
    for word in ("oneOf", "anyOf", "x-may-accept"):
        for index, item in enumerate(schema.get(word, ())):
            yield (word, index), item
    for name, item in schema.get("properties", {}).items():
        yield ("properties", name), item
    if "items" in schema:
        yield ("items",), schema["items"]
    if not isinstance(schema.get("additionalProperties", True), bool):
        yield ("additionalProperties",), schema["additionalProperties"]


def _recursion(name: str, schema: JsonObject, types: Types) -> Problems:
    if not types.has_class(name) and name in _contents(schema, types, set()):
        yield (), "only an object can contain itself"


def _contents(schema: Any, types: Types, seen: set[str]) -> set[str]:
    """The components that a value consists of, down to the first objects."""
    for name in types.uses(schema) - seen:
        seen.add(name)
        if not types.has_class(name):
            _contents(types.schemas[name], types, seen)
    return seen


def _unions(_: str, schema: JsonObject, types: Types) -> Problems:
    variants = schema.get("oneOf") or schema.get("anyOf") or []
    if "discriminator" in schema:
        key = schema["discriminator"]["propertyName"]
        owners: dict[str, str] = {}
        for index, item in enumerate(variants):
            tags = types.tags(item, key)
            if not tags and types.kinds(item) != ["null"]:
                yield (), f"variant {index + 1} does not say its {key!r} by a constant"
            for tag in tags:
                name = item["$ref"].rpartition("/")[2]
                if owners.setdefault(tag, name) != name:
                    yield (), f"variant {index + 1} says its {key!r} is {tag!r}, as another does"
        mapping = schema["discriminator"].get("mapping", {})
        for tag, target in mapping.items():
            if owners.get(tag) != target.rpartition("/")[2]:
                yield ("discriminator", "mapping", tag), f"{target!r} does not say by a constant that it is {tag!r}"
        # Where the mapping is silent, other tools take the name of the component for its tag.
        if left := [tag for tag in owners if tag not in mapping]:
            yield ("discriminator",), f"its mapping leaves out {left[0]!r}"
    else:
        for kind in ("object", "array"):
            alike = [item for item in variants if kind in types.kinds(item)]
            if len([item for item in alike if types.holds_models(item)]) > 1:
                yield (), f"nothing tells the {kind}s apart: it needs a discriminator"
            if len(alike) > 1 and any(types.holds_text(item) for item in alike):
                yield (), f"nothing tells the {kind}s apart, one of which holds text to be read: leave out its format"
    for place, nested in _nested(schema):
        for below, problem in _unions("", nested, types):
            yield (*place, *below), problem


def _is_name(name: str) -> bool:
    """Whether a field can be called so: in small letters, which are no name of a class."""
    usable = name.isidentifier() and not iskeyword(name) and not name.startswith("_")
    return usable and name not in FIELDS_TAKEN and name == name.lower()


def _fields(model: str, schema: JsonObject, types: Types) -> Problems:
    # A model of an amount reads and makes it as one number.
    keys = {"amount": "x-amount", "of": "x-amount"} if "x-amount" in schema else {}
    keys |= dict.fromkeys(("cost", "priced_tokens", "token_prices"), "x-cost") if "x-cost" in schema else {}
    text = schema.get("x-text", {})
    keys |= {text["name"]: "x-text"} if "name" in text else {}
    for key, property_schema in schema.get("properties", {}).items():
        place: Keys = ("properties", key)
        name = field_name(key, property_schema)
        advice = "give it one by `x-name`"
        if "x-name" in property_schema:
            place, advice = (*place, "x-name"), "write another"
        if not _is_name(name):
            yield place, f"no field can be called {name!r} in Python: {advice}"
        if keys.setdefault(name, key) != key:
            yield place, f"{keys[name]!r} has the same Python name, {name!r}: {advice}"
    for key in schema.get("required", ()):
        if key not in schema.get("properties", {}):
            yield ("required",), f"{key!r} is required but has no property"
    for component in schema.get("x-accepts", ()):
        if component not in types.schemas or not types.is_object(component):
            yield ("x-accepts",), f"{component!r} is no component with properties"
    for index, item in enumerate(schema.get("x-may-accept", ())):
        name = item.get("$ref", "").removeprefix(SCHEMA)
        if not name or not types.is_object(name) or "x-may-accept" in types.schemas[name]:
            advice = "write the $ref of one with properties, that has no such list itself"
            yield ("x-may-accept", index), f"it is a list of components: {advice}"
    for key in schema.get("x-expects", ()):
        if key not in schema.get("properties", {}) or key in schema.get("required", ()):
            yield ("x-expects",), f"it names properties that are not required, one of which is given; not {key!r}"
        elif (other := f"{model}{pascal(field_name(key, schema['properties'][key]))}") in types.schemas:
            yield ("x-expects",), f"{other}Param says what may be given for {other}, and would for {model} with {key!r}"
    for key in schema.get("x-amount", ()):
        if key not in schema.get("properties", {}) or len(schema["x-amount"]) != 2:
            yield ("x-amount",), "an amount consists of two properties"
    if "x-unit" in schema and ("x-amount" not in schema or schema["x-unit"] not in schema["properties"]):
        yield ("x-unit",), "it names the property that says what an amount (x-amount) is of"
    if "x-items" in schema and not is_list(schema.get("properties", {}).get(schema["x-items"], {}), types):
        yield ("x-items",), "it names the property that is the list which the object is about"
    yield from _prices(schema, types)
    if text and text.keys() != {"name", "parts", "type"}:
        yield ("x-text",), "a text has a `name`, the `parts` it is made of, and their `type`"
    elif text and not _is_name(text["name"]):
        yield ("x-text", "name"), f"no field can be called {text['name']!r} in Python: write another"
    elif text and not _leads_to_text(schema, text["parts"], types):
        yield ("x-text",), "its parts are lists of objects, the last of them with a `type` and a `text`"


def is_list(schema: JsonObject, types: Types) -> bool:
    """Whether a value is a list, and nothing else but null."""
    return [kind for kind in types.kinds(schema) if kind != "null"] == ["array"] and "items" in types.resolve(schema)


def _prices(schema: JsonObject, types: Types) -> Problems:
    if "x-cost" not in schema:
        return
    cost = schema["x-cost"]
    if cost.keys() != {"input", "output", "cached", "per"}:
        yield ("x-cost",), "a cost has the prices of `input`, `output` and `cached` tokens, and `per` how many they are"
        return
    if type(cost["per"]) is not int or cost["per"] < 1:
        yield ("x-cost", "per"), f"a price is of a number of tokens, not of {cost['per']!r}"
    for part in ("input", "output", "cached"):
        if "x-amount" not in types.within(schema, cost[part]):
            yield ("x-cost", part), f"{cost[part]!r} is no property that is an amount (x-amount)"


def _leads_to_text(schema: JsonObject, parts: list[str], types: Types) -> bool:
    for key in parts:
        schema = types.items(schema, key)
    return bool(parts) and all(key in schema.get("properties", {}) for key in ("text", "type"))
