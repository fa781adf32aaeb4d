"""What a package was made of, as data beside it: what the documents say of models, operations, commands and hosts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from tensormesh_documents.pointers import resolve
from tensormesh_runtime.commands import Command
from tools.documents import JsonObject
from tools.merge import Merged
from tools.operations import Operation
from tools.plurals import singular
from tools.shapes import Shape

INTERFACE = "INTERFACE.json"

PROSE = {
    "contact", "description", "example", "examples", "externalDocs", "license", "summary", "termsOfService", "title",
    "x-displayName",
}  # fmt: skip
"""Words that are written for readers."""
NAMES = {
    "content", "headers", "links", "mapping", "parameters", "properties", "rename", "responses", "securitySchemes",
    "tags", "variables",
}  # fmt: skip
"""What holds things by names, any of which may be called as a word is."""
VALUES = {"const", "default", "enum", "x-known-values"}
OWN = {"schemas", "parameters"}
"""Components that are told of where they are used, or in a way of their own."""


class Item(BaseModel):
    """
    One model, type, operation, command, shared part or document.

    Attributes:
        facts: what its document says of it.
        members: what it says of its fields, parameters or options, and under `prose` what `prose` is of itself.
        prose: a hash of the words that describe it.
    """

    model_config = ConfigDict(extra="forbid")  # of another form, it says nothing

    kind: str
    facts: dict[str, Any] = {}
    members: dict[str, dict[str, Any]] = {}
    prose: str = ""


Interface = dict[str, Item]
"""What a package offers, by name: that of the class, the function or, for a command, what is typed."""

_ADAPTER = TypeAdapter(Interface)


def read_interface(package: Path) -> Interface | None:
    """The interface that stands beside a package; None where there is none, or it cannot be read: half merged, say."""
    try:
        return _ADAPTER.validate_json((package / INTERFACE).read_bytes())
    except (OSError, ValidationError):
        return None


def write_interface(package: Path, interface: Interface) -> None:
    # A line for each, so that two branches seldom meet in one.
    lines = [f"{json.dumps(name)}: {item.model_dump_json(exclude_defaults=True)}" for name, item in interface.items()]
    (package / INTERFACE).write_text("{{\n{}\n}}\n".format(",\n".join(lines)), encoding="utf-8")


def interface_of(
    merged: Merged, shapes: dict[str, Shape], operations: dict[str, Operation], commands: list[Command]
) -> Interface:
    """The interface of the package that the templates make of these."""
    document = merged.document
    components = document["components"]
    found = {name: _type(schema, shapes.get(name)) for name, schema in components["schemas"].items()}
    for section in (name for name in components if name not in OWN):
        found |= {
            f"{singular(section)} {name}": _part(singular(section), node) for name, node in components[section].items()
        }
    made = {f"tm {command.words}": command for command in commands}
    for item in document["paths"].values():
        for raw in item.values():
            operation = operations[raw["operationId"]]
            cli = raw["x-tensormesh"]["cli"]
            found[operation.id] = _operation(operation, raw, document)
            found.setdefault(f"tm {cli['command']}", _command(made.get(f"tm {cli['command']}"), cli))
    return found | {name: _part("document", root) for name, root in merged.roots.items()}


def _part(kind: str, node: JsonObject) -> Item:
    facts, prose = _parted(node)
    return Item(kind=kind, facts={} if kind == "example" else facts, prose=prose)


def _type(schema: JsonObject, shape: Shape | None) -> Item:
    if shape is None:
        return Item(kind="type", members={"": _schema(schema)})
    own = ("properties", "required", "x-amount", "x-cost", "x-text")
    item = _part("model", {key: value for key, value in schema.items() if key not in own})
    for field in shape.fields:
        node, required = schema["properties"][field.key], field.key in schema.get("required", ())
        item.members[field.name] = {"key": field.key, **_schema(node), "required": required}
    # What a model reads out of several of its fields.
    parts: dict[str, tuple[JsonObject, Any]] = {}
    if shape.amount:
        parts["amount"] = {"type": "string", "format": "decimal"}, schema["x-amount"]
    if shape.text:
        parts[shape.text["name"]] = {"type": "string"}, {key: schema["x-text"][key] for key in ("parts", "type")}
    if shape.cost:
        parts["cost"] = {"$ref": shape.cost.amount}, schema["x-cost"]
    for name, (made, of) in parts.items():
        item.members[name] = {"schema": made, "required": True, "of": of}
    return item


def _operation(operation: Operation, raw: JsonObject, document: JsonObject) -> Item:
    ours = {key: item for key, item in raw["x-tensormesh"].items() if key not in ("cli", "rename")}
    nodes = [resolve(item, document) for item in raw["parameters"]]
    keys = [node["name"] for node in nodes]
    rename = {key: name for key, name in raw["x-tensormesh"].get("rename", {}).items() if key not in keys}
    ours |= {"positional": operation.positional, "rename": rename}
    ours |= {"call": f"client.{operation.kind}.{operation.call}", "module": f"api.{operation.tag}.{operation.id}"}
    if operation.caller:
        ours["caller"] = {**ours["caller"], "field": operation.caller.name}
    rest = {key: item for key, item in raw.items() if key not in ("operationId", "parameters", "tags", "x-tensormesh")}
    members = {}
    for parameter, node in zip(operation.parameters, nodes, strict=True):
        facts, prose = _parted(node)
        members[parameter.name] = {**facts, "prose": prose}
    facts, prose = _parted(rest)
    facts = {"method": operation.method, "path": operation.path, **ours, **facts}
    return Item(kind="operation", facts=facts, members=members, prose=prose)


def _command(made: Command | None, cli: JsonObject) -> Item:
    if made is None:
        return Item(kind="command by hand", facts={key: item for key, item in cli.items() if key != "command"})
    whole = json.loads(json.dumps(made._asdict()))
    members = {}
    del whole["parameters"]
    for item in json.loads(json.dumps([parameter._asdict() for parameter in made.parameters])):
        name = item.pop("name") if item["place"] == "argument" else f"--{item.pop('name')}"
        words = item.pop("help")
        members[name] = {key: it for key, it in item.items() if it} | _deprecation(words) | {"prose": _hash([words])}
    # The keys of its body and the secrets of its answer are told of where they stand.
    told = ("words", "calls", "body", "secrets", "summary", "help")
    facts = {key: item for key, item in whole.items() if item and key not in told} | _deprecation(made.summary)
    facts["methods"] = [method for method, _ in made.calls]
    return Item(kind="command", facts=facts, members=members, prose=_hash([made.summary, made.help]))


def _deprecation(words: str) -> JsonObject:
    """The words of a command, or of an option, begin with it."""
    return {"deprecated": True} if words.startswith("Deprecated") else {}


def _parted(node: Any) -> tuple[Any, str]:
    """What a part of a document says but for its prose, where references are names; and a hash of the prose."""
    prose: list[Any] = []

    def facts(value: Any, *, names: bool = False) -> Any:
        if isinstance(value, list | tuple):
            return [facts(item) for item in value]
        if not isinstance(value, dict):
            return value
        found = {}
        for key, item in value.items():
            if key in PROSE and not names:
                prose.append(item)
            else:
                found[key] = item if key in VALUES and not names else facts(item, names=not names and key in NAMES)
        if isinstance(found.get("$ref"), str):
            section, _, name = found["$ref"].removeprefix("#/components/").partition("/")
            found["$ref"] = name if section == "schemas" else f"{singular(section)} {name}"
        return found

    return facts(node), _hash(prose)


def _schema(node: JsonObject) -> JsonObject:
    facts, prose = _parted(node)
    return {"schema": facts, "prose": prose}


def _hash(words: list[Any]) -> str:
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:12] if words else ""
