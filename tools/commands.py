"""Turns the control plane's operations into the table that the command line is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tensormesh_documents.pointers import Keys, resolve
from tensormesh_runtime.commands import Command, Content, Kind, Login, Parameter, Place
from tools.answers import body_schema_of, is_json, schema_of
from tools.descriptions import sentence
from tools.documents import JsonObject
from tools.facts import Cli
from tools.merge import Merged
from tools.names import enum_prefix
from tools.operations import Operation
from tools.plurals import singular
from tools.python_types import is_secret, types_of, values_of

CONTROL_PLANE = "control_plane"
SCOPE = "userId"
"""For whom a call is made: stands beside what a body is about and is no content of its own."""

TAKEN = {
    "all", "ca-bundle", "color", "columns", "config", "controlplane-base", "debug", "error-format", "file",
    "gateway-provider", "help", "json", "max-retries", "max-wait-seconds", "method", "output", "query", "quiet",
    "show-secrets", "timeout", "version", "wait", "yes",
}  # fmt: skip
"""Options of every command, or of every command of a kind; no field may claim one."""

_OPPOSITES = {"active": "inactive"}
_KINDS: dict[str, Kind] = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "object": "json",
}
_PROVENANCE = re.compile(r"^Unverified:|published (SDK|command line)|provider docs", re.IGNORECASE)


def commands(merged: Merged, operations: dict[str, Operation]) -> list[Command]:
    """
    The commands that mirror one call, or one of two that differ in their method only.

    Raises:
        DocumentError: the block `x-tensormesh.cli` of an operation cannot be obeyed.
    """
    table: dict[str, Command] = {}
    groups: dict[str, str] = {}
    for item in merged.document["paths"].values():
        for words in (raw["x-tensormesh"]["cli"]["command"] for raw in item.values()):
            groups |= {words[: match.start()]: words for match in re.finditer(" ", words)}
    for path, item in merged.document["paths"].items():
        for method, raw in item.items():
            operation = operations[raw["operationId"]]
            reader = _Reader(merged, ("paths", path, method), raw, operation)
            reader.check_words(groups)
            found = reader.command() if operation.kind == CONTROL_PLANE else None
            if found:
                known = table.get(found.words)
                table[found.words] = reader.joined(known, found) if known else found
    return list(table.values())


def code(value: Any) -> str:
    """The Python that makes a named tuple, or a tuple of such; what is as by default is left out."""
    if hasattr(value, "_field_defaults"):
        defaults = value._field_defaults
        pairs = [
            f"{key}={code(item)}"
            for key, item in value._asdict().items()
            if key not in defaults or item != defaults[key]
        ]
        return f"{type(value).__name__}({', '.join(pairs)})"
    if isinstance(value, tuple):
        return f"({', '.join(map(code, value))}{',' * (len(value) == 1)})"
    return repr(value)


class _Reader:
    """What one operation says of its command."""

    def __init__(self, merged: Merged, keys: Keys, raw: JsonObject, operation: Operation) -> None:
        self.merged = merged
        self.keys = keys
        self.raw = raw
        self.operation = operation
        self.facts = Cli(**raw["x-tensormesh"]["cli"])
        self.names = {target: name for name, target in self.facts.options.items()}

    def check_words(self, groups: dict[str, str]) -> None:
        """A command is no group: what is typed after it would be an argument."""
        if below := groups.get(self.facts.command):
            raise self._error(("command",), f"{self.facts.command!r} is a group already, with {below!r} in it")

    def command(self) -> Command | None:
        if self.facts.by_hand:
            return None
        body = self._resolve(self.raw.get("requestBody", {}))
        schema = self._resolve(body_schema_of(self.raw, self.merged.document))
        keys = tuple(schema.get("properties", {}))
        wrap = self._wrap(schema)
        parameters = [*self._outer(), *self._inner(schema, wrap)]
        self._check(parameters)
        return Command(
            words=self.facts.command,
            summary=self._summary(),
            help=_plain(self.operation.description),
            calls=((self.operation.method.lower(), self.operation.call),),
            parameters=tuple(parameters),
            confirm=self.facts.confirm,
            reveals=self.facts.reveals,
            login=self._login(),
            answer=self._content(),
            body=keys,
            body_needed=bool(body.get("required"))
            and any(key != SCOPE for key in keys)
            and self.operation.caller is None,
            wrap=wrap,
            items=self.raw["x-tensormesh"].get("paging", {}).get("items", ""),
            columns=self._columns(),
            secrets=tuple(dict.fromkeys(self._secrets(self._answer(), ()))),
        )

    def joined(self, first: Command, second: Command) -> Command:
        """The command of two operations, of which this is the second."""
        methods = [method for method, _ in (*first.calls, *second.calls)]
        same = first.parameters == second.parameters and first.wrap == second.wrap
        if len(set(methods)) != len(methods) or not same:
            problem = f"the command {first.words!r} has another operation, which differs in more than its method"
            raise self._error(("command",), problem)
        # To create comes before to replace: POST before PUT.
        first, second = sorted((first, second), key=lambda command: command.calls[0][0])
        verb, _, rest = first.summary.partition(" ")
        other, _, same_rest = second.summary.partition(" ")
        summary = f"{verb} or {other.lower()} {rest}" if rest == same_rest else first.summary
        return first._replace(summary=summary, calls=(*first.calls, *second.calls))

    def _outer(self) -> Iterator[Parameter]:
        """Path and query."""
        python = {item.key: item.name for item in self.operation.parameters}
        for node in self.raw.get("parameters", []):
            item = self._resolve(node)
            key = item["name"]
            positional = item["in"] == "path" and key not in self.names
            yield self._parameter(
                python[key].upper() if positional else self._option(key, key),
                python[key],
                "argument" if positional else "option",
                item["schema"],
                text=sentence(item),
                required=bool(item.get("required")),
            )

    def _inner(self, schema: JsonObject, wrap: str) -> Iterator[Parameter]:
        """The body's fields. Secrets are not among them: what stands on a command line, other users can read."""
        required = schema.get("required", [])
        if self.operation.caller:  # the call finds it out
            required = [key for key in required if key != self.operation.caller.key]
        for key, node in schema.get("properties", {}).items():
            below = [target for target in self.names if target.startswith(f"{key}.")]
            if below:
                for target in below:
                    leaf = self._below(node, target.split(".")[1:])
                    yield self._field(target, target, leaf, required=key in required)
            elif key == wrap:
                inner = self._resolve(node)
                for name, leaf in inner["properties"].items():
                    yield self._field(name, f"{key}.{name}", leaf, required=name in inner.get("required", []))
            elif key != self.raw["x-tensormesh"].get("stream", {}).get("field") and not is_secret(node, self._resolve):
                yield self._field(key, key, node, required=key in required)

    def _field(self, key: str, target: str, node: JsonObject, *, required: bool) -> Parameter:
        name = self._option(node.get("x-name", key), target)
        text = sentence(self._resolve(node) | node)
        return self._parameter(name, target, "body", node, text=text, required=required)

    def _parameter(
        self, name: str, target: str, place: Place, node: JsonObject, *, text: str, required: bool
    ) -> Parameter:
        schema = self._resolve(node)
        items = self._resolve(schema["items"]) if schema.get("type") == "array" else None
        repeat = items is not None and self._kind({}, items) != "json"
        leaf = items if repeat and items else schema
        kind = "json" if items is not None and not repeat else self._kind(node, leaf)
        choices = tuple(filter(None, values_of(leaf)))
        prefix = enum_prefix((schema.get("items", {}) if repeat else node).get("$ref", "").rpartition("/")[2])
        opposite = ""
        if kind == "boolean":
            kind, name, opposite = _switch(place, name)
        elif kind == "json":
            name = f"{name}-json"
        return Parameter(
            name=singular(name) if repeat else name,
            target=target,
            place=place,
            kind=kind,
            help=_plain(text),
            required=required,
            repeat=repeat,
            secret=is_secret(node, self._resolve),
            opposite=opposite,
            choices=choices,
            prefix=prefix if choices and all(value.startswith(prefix) for value in choices) else "",
        )

    def _kind(self, node: JsonObject, schema: JsonObject) -> Kind:
        if node.get("$ref", "").endswith("/Money"):
            return "money"
        if schema.get("format") == "date-time":
            return "time"
        known: list[Kind] = [_KINDS.get(kind, "json") for kind in types_of(schema) if kind != "null"]
        return known[0] if len(known) == 1 else "json"

    def _summary(self) -> str:
        return "Deprecated. " * bool(self.operation.deprecated) + self.operation.summary.rstrip(".")

    def _content(self) -> Content:
        if not self.operation.content:
            return "none"
        return "json" if is_json(self.operation.content) else "text"

    def _login(self) -> Login:
        security = dict(self.operation.security).get(CONTROL_PLANE, self.merged.hosts[CONTROL_PLANE].security)
        if not any(security):
            return "none"
        return "needed" if all(security) else "optional"

    def _wrap(self, schema: JsonObject) -> str:
        """The one object that the body is about, whose fields are the command's options."""
        content = [key for key in schema.get("properties", {}) if key != SCOPE]
        if len(content) != 1 or any(target.startswith(f"{content[0]}.") for target in self.names):
            return ""
        node = schema["properties"][content[0]]
        return content[0] if "properties" in self._resolve(node) and self._kind(node, {}) != "money" else ""

    def _option(self, key: str, target: str) -> str:
        return self.names.get(target) or re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", key).replace("_", "-").lower()

    def _below(self, node: JsonObject, keys: list[str]) -> JsonObject:
        for key in keys:
            properties = self._resolve(node).get("properties", {})
            if key not in properties:
                raise self._error(("options",), f"there is no field {key!r} to set")
            node = properties[key]
        return node

    def _answer(self) -> JsonObject:
        return schema_of(self.raw, self.merged.document)

    def _columns(self) -> tuple[str, ...]:
        if not self.facts.columns:
            return ()
        answer = self._resolve(self._answer())
        nodes = [answer, *map(self._resolve, answer.get("properties", {}).values())]
        lists = [node for node in nodes if node.get("type") == "array"]
        fields = [self._resolve(node["items"]).get("properties", {}) for node in lists]
        known: JsonObject = next(
            filter(None, fields), {}
        )  # where things stand beside a list of their names, the things are listed
        for name in self.facts.columns:
            if name not in known:
                raise self._error(("columns",), f"what is listed has no field {name!r}")
        return tuple(self.facts.columns)

    def _secrets(
        self, node: JsonObject, path: tuple[str, ...], seen: tuple[str, ...] = ()
    ) -> Iterator[tuple[str, ...]]:
        if (name := node.get("$ref", "")) in seen:
            return
        schema = self._resolve(node) | node
        if schema.get("x-secret"):
            yield path
        inner = (*seen, name) if name else seen
        for key, item in schema.get("properties", {}).items():
            yield from self._secrets(item, (*path, key), inner)
        for item in schema.get("oneOf") or schema.get("anyOf") or ():
            yield from self._secrets(item, path, inner)
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                yield from self._secrets(schema[key], (*path, "*"), inner)

    def _check(self, parameters: list[Parameter]) -> None:
        seen: set[str] = set()
        for item in parameters:
            if item.place == "argument":
                continue
            if item.name in TAKEN or item.name in seen:
                raise self._error(("options",), f"--{item.name} means something else already; name it under `options`")
            seen.add(item.name)
        targets = {item.target for item in parameters} | {item.key for item in self.operation.parameters}
        for target in self.names:
            if target not in targets:
                raise self._error(("options",), f"there is no field {target!r} to set")

    def _resolve(self, node: JsonObject) -> JsonObject:
        return resolve(node, self.merged.document)

    def _error(self, keys: Keys, problem: str) -> Exception:
        return self.merged.error((*self.keys, "x-tensormesh", "cli", *keys), problem)


def _switch(place: Place, name: str) -> tuple[Kind, str, str]:
    """A question in a query is a flag; a field of a body can be set both ways."""
    if place != "body":
        return "flag", name, ""
    name = name.removeprefix("is-")
    return "boolean", name, _OPPOSITES.get(name, f"no-{name}")


def _plain(text: str) -> str:
    """A description without the sentences about where a fact comes from."""
    sentences = re.split(r"(?<=[.?!])\s+(?=[A-Z`])", " ".join(text.split()))
    kept = (sentence.removeprefix("Inferred: ") for sentence in sentences if not _PROVENANCE.search(sentence))
    return " ".join(sentence[:1].upper() + sentence[1:] for sentence in kept)
