"""Turns the operations of a merged document into what the endpoint and namespace templates print."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tensormesh_documents.pointers import resolve
from tensormesh_runtime import operation as runtime
from tensormesh_runtime.surface import Security
from tools.answers import body_schema_of, is_json, may_be_empty, media_type_of, schema_of
from tools.descriptions import deprecation, described, sentence
from tools.documents import JsonObject
from tools.merge import PREFIX
from tools.names import pascal, python_name
from tools.python_types import Types, is_secret
from tools.shapes import Field, Shape
from tools.streams import stream_of
from tools.words import words

_PATH_PARAMETER = re.compile(r"\{([\w-]+)\}")
_PREFIX = re.compile("^" + re.escape(PREFIX).replace(re.escape("{surface}"), r"(inference|control_plane)"))


@dataclass(frozen=True)
class Parameter:
    key: str
    name: str
    where: str
    annotation: str
    required: bool
    description: str
    secret: bool = False
    words: str = ""


@dataclass(frozen=True)
class Caller:
    """
    Who calls, where a friendly call finds that out for itself.

    Attributes:
        key: the field of the body.
        name: its argument.
        profile: the module of the operation that tells.
        id: the attributes of its answer that lead to it.
    """

    key: str
    name: str
    profile: str
    id: list[str]


@dataclass(frozen=True)
class Operation:
    """One operation, as the templates print it."""

    id: str
    tag: str
    kind: str
    method: str
    path: str
    summary: str
    description: str
    surfaces: tuple[str, ...]
    call: str
    retry: Literal["idempotent", "never"]
    parameters: list[Parameter]
    body: str | None
    body_fields: list[Field]
    response: str
    answer: str
    answer_kind: str
    content: str
    names: list[str]
    statuses: list[str]
    stream: runtime.Streaming | None = None
    event_kind: str | None = None
    paging: runtime.Paging | None = None
    item: str = ""
    returns: str | None = None
    returns_annotation: str = ""
    caller: Caller | None = None
    words: str = ""
    empty_ok: bool = False
    generates: bool = False
    upsert: str | None = None
    is_listing: bool = False
    deprecated: str = ""
    security: tuple[tuple[str, Security], ...] = ()
    positional: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    """Arguments, and the fields of the model that they set, which are called otherwise."""

    @property
    def known(self) -> runtime.Operation:
        """What may be known of it before it is called, as the package says it."""
        return runtime.Operation(**{name: getattr(self, name) for name in runtime.Operation._fields})

    @property
    def query(self) -> list[Parameter]:
        return [item for item in self.parameters if item.where == "query"]

    @property
    def is_json(self) -> bool:
        return is_json(self.content)

    @property
    def headers(self) -> list[Parameter]:
        return [item for item in self.parameters if item.where == "header"]

    @property
    def secret_arguments(self) -> list[str]:
        """The arguments of its plain functions that hold secrets."""
        return [*self.secret_parameters, *(["body"] if self.secret_fields else [])]

    @property
    def secret_parameters(self) -> list[str]:
        """The named arguments of its friendly call that do."""
        return [item.name for item in self.parameters if item.secret]

    @property
    def secret_fields(self) -> list[str]:
        """The fields of its friendly call that do."""
        return [item.name for item in self.body_fields if item.secret]

    @property
    def needed(self) -> bool:
        """Whether a friendly call needs some of the fields."""
        return any(item.required for item in self.body_fields)

    @property
    def fields_name(self) -> str:
        """The class of its keyword arguments: `create_chat_completion` -> `CreateChatCompletionFields`."""
        return f"{pascal(self.id)}Fields"

    @property
    def path_code(self) -> str:
        """The path as a Python expression."""
        names = {item.key: item.name for item in self.parameters}
        if not names.keys() & set(_PATH_PARAMETER.findall(self.path)):
            return repr(self.path)
        code = _PATH_PARAMETER.sub(
            lambda match: "{path_value('" + names[match[1]] + "', " + names[match[1]] + ")}", self.path
        )
        return f'f"{code}"'

    def document(self, *, body_fields: bool = False) -> str:
        """The docstring of a function that makes this call."""
        lines = ["Deprecated. " * bool(self.deprecated) + self.summary.rstrip(".") + ".", ""]
        if self.description:
            lines += [self.description, ""]
        arguments: list[tuple[str, str]] = [(item.name, item.description) for item in self.parameters]
        if body_fields:
            arguments += [(item.name, item.description) for item in self.body_fields]
        elif self.body:
            arguments.append(("body", f"a `{self.body}`, or a mapping of the same shape."))
        if arguments:
            lines.append("Args:")
            for name, text in arguments:
                lines.append(textwrap.indent(f"{name}: {' '.join(text.split()) or 'see the body.'}", "    "))
            lines.append("")
        statuses = ", ".join(self.statuses)
        answered = f"answered {statuses}, or " if statuses else ""
        lines += ["Raises:", f"    TensormeshError: the host {answered}could not be reached."]
        return "\n".join(lines)


def operations(document: JsonObject, types: Types) -> dict[str, Operation]:
    """The operations of a merged document by id."""
    found = {}
    for path, item in document["paths"].items():
        for method, raw in item.items():
            operation = _operation(path, method, raw, document, types)
            found[operation.id] = operation
    return found


def bodies(document: JsonObject) -> set[str]:
    """The named objects that are bodies of requests."""
    raws = [raw for item in document["paths"].values() for raw in item.values()]
    return {name for raw in raws if (name := _body(raw, document))}


def say_items(document: JsonObject) -> None:
    """Say of answers in which list their items are (`x-items`), where a fact of their operation says so already."""
    for item in document["paths"].values():
        for raw in item.values():
            facts = raw["x-tensormesh"]
            schema = resolve(schema_of(raw, document), document)
            key = facts["paging"]["items"] if facts.get("paging") else facts.get("returns")
            if key and resolve(schema["properties"][key], document).get("type") == "array":
                schema.setdefault("x-items", key)


def _operation(path: str, method: str, raw: JsonObject, document: JsonObject, types: Types) -> Operation:
    facts, shapes = raw["x-tensormesh"], types.shapes
    prefix = _PREFIX.match(path)
    assert prefix is not None, path
    rename = facts.get("rename", {})
    spelt = prefix[1] == "control_plane"  # the engine's values are words as they are
    parameters = [_parameter(resolve(item, document), types, rename, spelt) for item in raw.get("parameters", [])]
    body = _body(raw, document)
    content = media_type_of(raw, document)
    schema = schema_of(raw, document) if is_json(content) else {"type": "string" if content else "null"}
    response = types.annotation(schema)
    models = sorted(name for name in types.uses(schema) if types.has_class(name))
    stream = None
    if "stream" in facts:
        stream = stream_of(facts["stream"], types.schemas[response], types)
    names = {*types.uses(schema), *([body] if body else []), *([stream.event] if stream else [])}
    for item in parameters:
        names |= {word for word in re.findall(r"\w+", item.annotation) if word in types.schemas}
    event_kind = None
    if stream and not types.has_class(stream.event):
        event_kind = types.kind({"$ref": f"#/components/schemas/{stream.event}"})
    returns = facts.get("returns")
    # A name for a parameter leaves the field of the body that is called like it alone.
    keys = {item.key for item in parameters}
    body_fields: list[Any] = []
    renamed: dict[str, str] = {}
    if body:
        renamed = {rename[item.key]: item.name for item in shapes[body].fields if item.key in rename.keys() - keys}
        names_of = {name: given for given, name in renamed.items()}
        body_fields = [replace(item, name=names_of.get(item.name, item.name)) for item in shapes[body].fields]
    caller = _caller(facts.get("caller"), body_fields, document, types)
    if caller:
        body_fields = [replace(item, required=False) if item.key == caller.key else item for item in body_fields]
    annotation = _annotation(returns, shapes[response]) if returns else response
    paging = facts.get("paging")
    listed = _annotation(paging["items"], shapes[response]).partition("[")[2].partition("]")[0] if paging else ""
    return Operation(
        id=raw["operationId"],
        tag=raw["tags"][0],
        kind=prefix[1],
        method=method.upper(),
        path=path[prefix.end() :],
        summary=str(raw.get("summary", raw["operationId"])).strip(),
        description=sentence(raw),
        surfaces=tuple(raw["x-surfaces"]),
        call=facts["call"],
        retry=facts["retry"],
        parameters=parameters,
        body=body,
        body_fields=body_fields,
        response=response,
        answer=models[0] if len(models) == 1 else "",
        answer_kind="" if response == "None" or response in shapes else types.kind(schema) or "ANY",
        content=content,
        names=sorted(names),
        statuses=[status for status in raw["responses"] if not status.startswith("2") and status != "default"],
        stream=stream,
        event_kind=event_kind,
        paging=runtime.Paging(paging["style"], types.along(schema, [paging["items"]])[0]) if paging else None,
        item=listed,
        returns=types.along(schema, [returns])[0] if returns else None,
        returns_annotation=annotation,
        caller=caller,
        words=words(types, "", {"$ref": f"#/components/schemas/{body}"}, short=spelt) if body else "",
        empty_ok=bool(facts.get("empty_ok")) or may_be_empty(raw, document),
        generates=bool(facts.get("generates") or stream),
        upsert=facts.get("upsert"),
        deprecated=deprecation(raw),
        is_listing=response in shapes and shapes[response].listed is not None,
        security=tuple(raw["x-security"].items()),
        renamed=renamed,
        positional=[rename.get(name, python_name(name)) for name in facts.get("positional", [])],
    )


def _caller(fact: JsonObject | None, body_fields: list[Field], document: JsonObject, types: Types) -> Caller | None:
    if fact is None:
        return None
    operations = [other for item in document["paths"].values() for other in item.values()]
    profile = next(other for other in operations if other["operationId"] == fact["profile"])
    name = next(item.name for item in body_fields if item.key == fact["field"])
    way = types.along(schema_of(profile, document), fact["id"].split("."))
    return Caller(fact["field"], name, f"{profile['tags'][0]}.{fact['profile']}", way)


def _annotation(key: str, shape: Shape) -> str:
    return next(item.annotation for item in shape.fields if item.key == key)


def _body(raw: JsonObject, document: JsonObject) -> str | None:
    """The named object that is the body."""
    schema = body_schema_of(raw, document)
    return schema["$ref"].rpartition("/")[2] if "$ref" in schema else None


def _parameter(raw: JsonObject, types: Types, rename: JsonObject, spelt: bool) -> Parameter:
    annotation = types.annotation(raw["schema"], given=True)
    return Parameter(
        key=raw["name"],
        name=rename.get(raw["name"], python_name(raw["name"])),
        where=raw["in"],
        annotation=annotation,
        required=bool(raw.get("required")),
        description=described(raw, types.resolve(raw["schema"]) | raw["schema"]),
        words=words(types, raw["name"], raw["schema"], short=spelt),
        secret=is_secret(raw["schema"], types.resolve),
    )


@dataclass
class Namespace:
    """A node of the friendly tree: `billing` holds `balance`, which holds the method `get`."""

    path: tuple[str, ...]
    children: dict[str, Namespace] = field(default_factory=dict)
    methods: dict[str, Operation] = field(default_factory=dict)

    @property
    def class_name(self) -> str:
        return "".join(pascal(part) for part in self.path)

    def walk(self) -> list[Namespace]:
        """This node and those below it, leaves first, so that a class is defined before it is mentioned."""
        return [*(node for child in self.children.values() for node in child.walk()), self]


def namespaces(found: dict[str, Operation], kind: str) -> Namespace:
    """The tree of friendly calls of one kind of surface."""
    root = Namespace((kind,))
    for operation in found.values():
        if operation.kind != kind:
            continue
        node = root
        *path, method = operation.call.split(".")
        for part in path:
            node = node.children.setdefault(part, Namespace((*node.path, part)))
        node.methods[method] = operation
    return root
