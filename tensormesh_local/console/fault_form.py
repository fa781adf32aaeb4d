"""
The keys of a fault script as the fields of a form.

Knows them from the grammar itself, so that the form has every key, with the
words of its documentation.
"""

import inspect
import re
from functools import cache

from pydantic import BaseModel

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.faults.script import Fault, Match

_ARGUMENT = re.compile(r"^ {4}(\w+): (.+)$", re.MULTILINE)


@cache
def fields() -> list[JsonObject]:
    """Give every key: its name, what kind of value it takes, and what it does."""
    matched = [{**field, "name": f"match.{field['name']}"} for field in _fields(Match)]
    return [*matched, *(field for field in _fields(Fault) if field["name"] != "match")]


def _fields(model: type[BaseModel]) -> list[JsonObject]:
    helps = dict(_ARGUMENT.findall(inspect.getdoc(model) or ""))
    found: list[JsonObject] = []
    for name, schema in model.model_json_schema()["properties"].items():
        field: JsonObject = {"name": name, "kind": _kind(schema), "help": helps.get(name, "")}
        if (words := _words(model, schema)) is not None:
            field["words"] = words
        found.append(field)
    return found


def _alternatives(schema: JsonObject) -> list[JsonObject]:
    found = schema.get("anyOf", [schema])
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _kind(schema: JsonObject) -> str:
    kinds = [one.get("type") for one in _alternatives(schema)]
    known = ("integer", "number", "boolean", "array", "object", "string")
    return next((kind for kind in known if kind in kinds), "string" if "$ref" in str(schema) else "json")


def _words(model: type[BaseModel], schema: JsonObject) -> Json:
    """The words of which a text has to be one."""
    named = [str(one["$ref"]).rpartition("/")[2] for one in _alternatives(schema) if "$ref" in one]
    known = model.model_json_schema().get("$defs", {})
    return next((known[name]["enum"] for name in named if "enum" in known[name]), None)
