"""What users of a generated package see, as data beside it: models, types, operations, commands."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from tools.commands import Command
from tools.operations import Operation
from tools.shapes import Alias, Shape

INTERFACE = "INTERFACE.json"


class Member(BaseModel):
    """
    A field of a model, a parameter of an operation, or an argument of a command.

    Attributes:
        read: the type it is read as.
        given: the type it is given as.
        needed: whether it has to be given.
        facts: what else the package says of it.
    """

    read: str = ""
    given: str = ""
    needed: bool = False
    facts: dict[str, str] = {}


class Item(BaseModel):
    """
    One model, type, operation or command.

    Attributes:
        words: a hash of all that describes it and its members.
    """

    kind: str
    members: dict[str, Member] = {}
    facts: dict[str, str] = {}
    words: str = ""


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
    (package / INTERFACE).write_bytes(_ADAPTER.dump_json(interface, indent=1, exclude_defaults=True) + b"\n")


def interface_of(
    shapes: dict[str, Shape], aliases: dict[str, Alias], operations: dict[str, Operation], commands: list[Command]
) -> Interface:
    """The interface of the package that the templates make of these."""
    return {
        **{name: _model(shape) for name, shape in shapes.items()},
        **{name: _type(alias) for name, alias in aliases.items()},
        **{name: _operation(operation) for name, operation in operations.items()},
        **{f"tm {command.words}": _command(command) for command in commands},
    }


def _model(shape: Shape) -> Item:
    members = {}
    for item in shape.fields:
        facts = {"JSON key": item.key, **_facts(item, "secret")}
        needed = item.required and item.const is None
        members[item.name] = Member(read=item.annotation, given=item.argument, needed=needed, facts=facts)
    if shape.text:
        members[shape.text["name"]] = Member(read="str")
    if shape.amount:
        members["amount"] = Member(read="decimal.Decimal")
    if shape.cost:
        members["cost"] = Member(read=shape.cost.amount)
    facts = {"iterates over": f"{shape.listed.name} ({shape.listed.item})"} if shape.listed else {}
    words = _hash(shape.description, *(item.description for item in shape.fields))
    return Item(kind="model", members=members, facts=facts, words=words)


def _type(alias: Alias) -> Item:
    whole = Member(read=alias.annotation, given=alias.annotation)
    return Item(kind="type", members={"": whole}, words=_hash(alias.description))


def _operation(operation: Operation) -> Item:
    members = {}
    for item in operation.parameters:
        facts = {"query parameter": item.key} if item.where == "query" else {}
        members[item.name] = Member(given=item.annotation, needed=item.required, facts=facts)
    call = {"call": f"client.{operation.kind}.{operation.call}", "answer": operation.response}
    if operation.caller:
        call["found out"] = operation.caller.key
    facts = call | _facts(
        operation,
        *("method", "path", "surfaces", "positional", "body", "stream", "paging", "returns", "retry", "empty_ok"),
        "generates",
    )
    return Item(kind="operation", members=members, facts=facts, words=_hash(operation.document()))


def _command(command: Command) -> Item:
    members = {}
    for item in command.parameters:
        name = item.name if item.place == "argument" else f"--{item.name}"
        members[name] = Member(given=item.kind, needed=item.required, facts=_facts(item, "repeat", "opposite"))
    words = _hash(command.summary, command.help, *(item.help for item in command.parameters))
    return Item(kind="command", members=members, facts=_facts(command, "confirm", "columns", "items"), words=words)


def _facts(source: object, *names: str) -> dict[str, str]:
    """What of it is there, in the words of a report."""
    return {name: _text(value) for name in names if (value := getattr(source, name))}


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)


def _hash(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]
