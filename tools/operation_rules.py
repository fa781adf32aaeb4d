"""
What an operation must say so that nothing of it is lost on the way to its functions.

Rules yield where they are broken, below the operation, and how.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from keyword import iskeyword

from openapi_python_client.strings import PythonIdentifier

from tensormesh_documents.pointers import Keys, resolve
from tools.answers import (
    EVENTS,
    JSON,
    body_schema_of,
    is_json,
    is_text,
    may_be_empty,
    place_of,
    schema_of,
    successes,
)
from tools.documents import JsonObject
from tools.merge import OURS, PREFIX, Merged
from tools.names import field_name, pascal, python_name
from tools.python_types import CONVERTED, SCALARS, Types
from tools.schema_rules import Problems, is_list, schema_problems, unknown
from tools.streams import repeated_streams, stream_problems

WORDS = {
    "deprecated", "description", "operationId", "parameters", "requestBody", "responses", "summary", "tags",
    "x-tensormesh", *OURS,
}  # fmt: skip
PARAMETER_WORDS = {"deprecated", "description", "example", "examples", "in", "name", "required", "schema"}

ARGUMENTS_TAKEN = {
    "api", "extra_body", "extra_headers", "extra_query", "operation", "options", "request", "seal", "sealed", "self",
    "timeout",
}  # fmt: skip
"""What a friendly call uses beside its parameters and the fields of its body."""
INFERENCE_ARGUMENTS_TAKEN = {"allow_json_schema", "allow_undescribed_tools", "stream_idle_timeout", "user_id"}
PARAMETERS_TAKEN = {
    "answer", "body", "build_request", "built", "call", "client", "fields", "header_values", "json", "json_body",
    "models", "paged", "parse", "path_value", "query", "seal", "sealed", "spelt", "split_options", "warn",
}  # fmt: skip
UPSERT_TAKEN = {"call", "method"}
"""What the functions of an operation use beside its parameters."""
METHODS_TAKEN = {
    "auto_paging_iter", "with_raw_response", "with_streaming_response",
    # Decorators and annotations in its class name these.
    "bool", "builtins", "cached_property", "datetime", "decimal", "deprecated", "float", "int", "overload",
    "property", "str", "takes",
}  # fmt: skip
"""What a namespace offers, or uses, beside its calls."""
CLIENTS_TAKEN = {"pause", "request", "run_tools", "send", "stream", "stream_request"}
"""What a surface offers beside its namespaces, being a client."""
BY_HAND = {"control_plane.models.wait_until_up", "control_plane.observability.deployments.logs.follow"}
"""Calls that are written by hand, beside those that are made."""

FORMS = ("", "WithRawResponse", "WithStreamingResponse")
"""What the classes of a namespace are called, behind its own name."""

NAMED_OBJECT = "its JSON must be one named object: refer to a component with `type: object`"

PAGED = {"page": (["page", "size"], ["page", "size", "total"]), "token": (["pageToken"], ["nextPageToken"])}
"""The query parameters, and the keys of the answer, that a style of paging goes by."""

INFERENCE = PREFIX.format(surface="inference")

HEADERS_TAKEN = {
    "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "cookie", "expect",
    "host", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-user-id",
}  # fmt: skip
"""What a client sends by itself: what the documents say of credentials and contents decides it."""
STATUS = re.compile(r"[1-5](\d\d|XX)|default", re.ASCII)
READ = {name for _, name in CONVERTED}
HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def check_operations(merged: Merged, types: Types) -> None:
    """
    Hold the operations of a merged document to the rules.

    Raises:
        DocumentError: one breaks a rule; it names the first place.
    """
    calls = dict.fromkeys(BY_HAND, "written by hand")
    for path, item in merged.document["paths"].items():
        for method, raw in item.items():
            route = re.sub("{.*?}", "{}", path)
            if (other := calls.setdefault(f"{method} {route}", path)) != path:
                problem = f"nothing tells its requests from those of /{other.split('/', 2)[2]}: give it another path"
                raise merged.error(("paths", path, method), problem)
            for place, problem in _operation(path, method, raw, merged.document, types, calls):
                raise merged.error(("paths", path, method, *place), problem)
    for place, problem in repeated_streams(merged.document, types):
        raise merged.error(place, problem)


def _operation(
    path: str, method: str, raw: JsonObject, document: JsonObject, types: Types, calls: dict[str, str]
) -> Problems:
    facts = raw["x-tensormesh"]
    yield from _unknown(raw, WORDS, ())
    yield from _names(raw, document)
    yield from _call(path, raw, document, calls, types)
    if method == "post" and facts["retry"] != "never":
        yield ("x-tensormesh", "retry"), "a POST may have happened although no answer came, so it is never repeated"
    parameters = [resolve(item, document) for item in raw.get("parameters", [])]
    for index, parameter in enumerate(parameters):
        yield from _parameter(parameter, ("parameters", index), types)
    if any(step in (".", "..") for step in path.split("/")):
        yield (), "a step of its path is . or .., which leads elsewhere: write where that is"
    keys = [item["name"] for item in parameters]
    in_path = [item["name"] for item in parameters if item["in"] == "path"]
    if sorted(in_path) != sorted(re.findall(r"{(.*?)}", path)):
        problem = f"those in the path are not those of /{path.split('/', 2)[2]}: {', '.join(in_path) or 'none'}"
        yield ("parameters",), f"{problem}; write one for each of its {{names}}, and no other"
    if path.startswith(INFERENCE) and facts["cli"].keys() != {"command"}:
        yield ("x-tensormesh", "cli"), "a command of inference is written by hand: only what to type is told here"
    for key in in_path:
        if key not in facts.get("positional", ()):
            yield ("x-tensormesh", "positional"), f"{key!r} is in the path, so it is passed by position"
    yield from _answers(raw, document)
    yield from _success(raw, document, types)
    if "requestBody" in raw:
        yield from _body(resolve(raw["requestBody"], document).get("content", {}), types)
    body = resolve(body_schema_of(raw, document), document)
    fields = body.get("properties", {})
    answer = resolve(schema_of(raw, document), document)
    answered = answer.get("properties", {})
    items = answered.get(facts["paging"]["items"]) if "paging" in facts else None
    if items is not None and not is_list(items, types):
        yield ("x-tensormesh", "paging", "items"), "pages are cut from a list: write the key of one"
    for key in PAGED[facts["paging"]["style"]][1] if "paging" in facts else ():
        if "x-name" in answered.get(key, {}):
            yield ("x-tensormesh", "paging"), f"pages go by {key!r}, which keeps its name: take its `x-name` out"
    known = [other["operationId"] for item in document["paths"].values() for other in item.values()]
    yield from _facts(facts, keys, fields, answered, known)
    if "stream" in facts:
        yield from stream_problems(raw, body, answer, types)
    yield from _arguments(path, facts, keys, fields)


def _unknown(node: JsonObject, words: set[str], place: Keys) -> Problems:
    for word in node:
        if word not in words:
            yield (*place, word), unknown(word, words)


def _names(raw: JsonObject, document: JsonObject) -> Problems:
    described = {tag["name"] for tag in document["tags"] if tag["description"].strip()}
    if len(raw["tags"]) != 1 or raw["tags"][0] not in described:
        yield ("tags",), "an operation has one tag, and its document declares and describes it"
    paths = document["paths"].items()
    if len({path.split("/")[1] for path, item in paths for other in item.values() if other["tags"] == raw["tags"]}) > 1:
        yield ("tags",), "inference and the control plane have no tag in common"
    for word, name in (("tags", raw["tags"][0]), ("operationId", raw["operationId"])):
        if PythonIdentifier(name, "field_") != name:
            yield (word,), f"no module can be called {name!r}; {PythonIdentifier(name, 'field_')!r} could"


def _call(path: str, raw: JsonObject, document: JsonObject, calls: dict[str, str], types: Types) -> Problems:
    """A friendly call is a method at one place in the tree of its kind, and no place itself."""
    *places, _ = call = raw["x-tensormesh"]["call"].split(".")
    if any(map(iskeyword, call)) or not METHODS_TAKEN.isdisjoint(call) or call[0] in CLIENTS_TAKEN:
        yield ("x-tensormesh", "call"), f"Python or the package needs a name in {'.'.join(call)!r} for itself"
    kind = path.split("/")[1]
    beside = {
        other["x-tensormesh"]["call"]
        for name, item in document["paths"].items()
        for other in item.values()
        if name.split("/")[1] == kind
    }
    fields = f"{pascal(raw['operationId'])}Fields"
    if "requestBody" in raw and fields in types.schemas:
        yield ("operationId",), f"{fields!r} is the name of a component already, and would be that of its arguments"
    for depth in range(len(places) + 1):
        name = "".join(map(pascal, [kind, *places[:depth]]))
        for word in (f"{prefix}{name}{form}" for prefix in ("", "Async") for form in FORMS):
            if word in types.schemas:
                yield ("x-tensormesh", "call"), f"{word!r} is the name of a component already"
    owners = {".".join([kind, *places[: depth + 1]]): "a namespace" for depth in range(len(places))}
    owners[".".join([kind, *call])] = raw["operationId"]
    if "upsert" in raw["x-tensormesh"]:
        if ".".join([*places, raw["x-tensormesh"]["upsert"]]) not in beside:
            yield ("x-tensormesh", "upsert"), f"no call beside it is called {raw['x-tensormesh']['upsert']!r}: name one"
        owners[".".join([kind, *places, "upsert"])] = f"{'.'.join(call)} or what replaces it"
    for name, owner in owners.items():
        if calls.setdefault(name, owner) != owner:
            yield ("x-tensormesh", "call"), f"{name.partition('.')[2]!r} is already {calls[name]}"


def _parameter(raw: JsonObject, place: Keys, types: Types) -> Problems:
    yield from _unknown(raw, PARAMETER_WORDS, place)
    for word in ("deprecated", "required"):
        if not isinstance(raw.get(word, False), bool):
            yield (*place, word), f"it is true or false, not {raw[word]!r}"
    if raw["in"] == "cookie":
        yield (*place, "in"), "no client sends cookies: write header, query or path"
    if raw["in"] == "header" and (not HEADER.fullmatch(raw["name"]) or raw["name"].lower() in HEADERS_TAKEN):
        yield (*place, "name"), f"a client sends {raw['name']!r} by itself, or cannot at all: take it out"
    if raw["in"] == "path" and not raw.get("required"):
        yield (*place, "required"), "a parameter in the path is required"
    if "schema" not in raw:
        yield place, "a parameter needs a schema"
    for below, problem in schema_problems(raw["schema"]):
        yield (*place, "schema", *below), problem
    schema, wanted = types.resolve(raw["schema"]), set(SCALARS)
    values = [types.resolve(item) for item in schema.get("oneOf") or schema.get("anyOf") or [schema]]
    if raw["in"] != "path":
        # A list repeats the name in a query, and is one line of a header; null is left out.
        values, wanted = [item.get("items", item) for item in values], wanted | {"null"}
    if others := sorted({kind for item in values for kind in types.kinds(item)} - wanted):
        yield (*place, "schema"), f"nothing in a {raw['in']} can be {others[0]}"


def _body(content: JsonObject, types: Types) -> Problems:
    if content.keys() != {JSON}:
        advice = f"send {JSON} alone"
        if any(name.startswith("multipart/") for name in content):
            advice += ", with a file as base64 text in it (`type: string, format: byte`), or leave the operation out"
        yield ("requestBody", "content"), f"no client sends {' or '.join(content) or 'nothing'}: {advice}"
    elif not types.is_named_object(content[JSON].get("schema", {})):
        yield ("requestBody", "content", JSON, "schema"), NAMED_OBJECT


def _success(raw: JsonObject, document: JsonObject, types: Types) -> Problems:
    found = successes(raw, document)
    if not found:
        yield ("responses",), "there is no success: say what a 200, 201 or 204 holds"
    contents = [content for content in found.values() if content]
    streams = {EVENTS} if "stream" in raw["x-tensormesh"] else set()
    for status, content in found.items():
        place: Keys = ("responses", status, "content")
        if not content:
            continue
        if content != contents[0]:
            yield place, "a success has the content of the others, or none: give them one component"
        if EVENTS in content and not streams:
            yield (*place, EVENTS), "x-tensormesh says nothing of a stream: add `stream`, or take this out"
        others = [name for name in content if name not in streams]
        if len(others) != 1 or not (is_json(others[0]) or is_text(others[0])):
            advice = f"write {JSON}, or one kind of text"
            yield place, f"no client reads {' or '.join(others) or EVENTS + ' alone'}: {advice}"
        said = content[others[0]].get("schema")
        if is_json(others[0]) and said is None:
            yield (*place, others[0]), "it needs a schema"
        read = said and (types.kinds(said) != ["string"] or types.resolve(said).get("format") in READ)
        if read and is_text(others[0]):
            problem = "text is read as it comes: write `type: string` and no format to be read"
            yield (*place, others[0], "schema"), problem
    if streams and not (contents and contents[0].keys() == {JSON, EVENTS}):
        yield place_of(raw, document), f"an answer that streams is {JSON} and {EVENTS}"
    schema, facts = schema_of(raw, document), raw["x-tensormesh"]
    wants = [word for word in ("stream", "paging", "returns", "empty_ok") if facts.get(word)]
    if (wants or may_be_empty(raw, document)) and not types.is_named_object(schema):
        why = f"for `{wants[0]}`" if wants else "where another success has no body"
        yield place_of(raw, document), f"{why}, {NAMED_OBJECT}"


def _answers(raw: JsonObject, document: JsonObject) -> Problems:
    """Nothing is made of errors and headers; local hosts, the contract and other tools read them."""
    for status, other in raw["responses"].items():
        response = resolve(other, document)
        if not STATUS.fullmatch(status):
            advice = "write one such as 200, a group such as 4XX, or default"
            yield ("responses", status), f"{status!r} is no status: {advice}"
        if status in ("204", "205") and response.get("content"):
            yield ("responses", status, "content"), f"an answer with {status} has no body: write 200, or take this out"
        for section in ("content", "headers"):
            for name, item in response.get(section, {}).items():
                if name == EVENTS:  # whose schema is of its frames
                    continue
                for below, problem in schema_problems(resolve(item, document).get("schema", {})):
                    yield ("responses", status, section, name, "schema", *below), problem


def _facts(
    facts: JsonObject,
    parameters: Iterable[str],
    fields: Iterable[str],
    keys: Iterable[str],
    operations: Iterable[str],
) -> Problems:
    stream, paging, caller = facts.get("stream"), facts.get("paging"), facts.get("caller")
    wanted = [
        (("positional",), facts.get("positional", []), "parameter", parameters),
        (("rename",), facts.get("rename", {}), "parameter or field of the body", [*parameters, *fields]),
        (("returns",), [facts["returns"]] if "returns" in facts else [], "key of the answer", keys),
        (("caller", "field"), [caller["field"]] if caller else [], "field of the body", fields),
        (("caller", "profile"), [caller["profile"]] if caller else [], "operation", operations),
        (("stream", "field"), [stream["field"]] if stream else [], "field of the body", fields),
        (("paging", "items"), [paging["items"]] if paging else [], "key of the answer", keys),
        (("paging", "style"), PAGED[paging["style"]][0] if paging else [], "parameter", parameters),
        (("paging", "style"), PAGED[paging["style"]][1] if paging else [], "key of the answer", keys),
    ]
    for place, names, what, known in wanted:
        for name in names:
            if name not in known:
                yield ("x-tensormesh", *place), f"no {what} is called {name!r}"


def _arguments(path: str, facts: JsonObject, parameters: list[str], fields: JsonObject) -> Problems:
    rename = facts.get("rename", {})
    taken = ARGUMENTS_TAKEN | (INFERENCE_ARGUMENTS_TAKEN if path.startswith(INFERENCE) else set())
    taken |= UPSERT_TAKEN if "upsert" in facts else set()
    if stream := facts.get("stream"):
        # What it asks by is called so, whatever the field is.
        taken |= {"stream"}
        fields = {key: schema for key, schema in fields.items() if key != stream["field"]}
    names = [rename.get(key, python_name(key)) for key in parameters]
    for key, schema in fields.items():
        own = field_name(key, schema)
        names.append(own if key in parameters else rename.get(key, own))
    for index, (key, name) in enumerate(zip([*parameters, *fields], names, strict=True)):
        if key in parameters[:index] and index < len(parameters):
            yield ("parameters", index), f"{key!r} stands twice: take one out"
        mine = taken | PARAMETERS_TAKEN if index < len(parameters) else taken
        if name in mine or not name.isidentifier() or iskeyword(name) or name in names[:index]:
            place: Keys = ("x-tensormesh", "rename", key) if key in rename else ("parameters", index)
            if index >= len(parameters) and key not in rename:
                place = ("requestBody", "content", JSON, "schema", "properties", key)
            yield place, f"no argument can be called {name!r}, so {key!r} needs another name in x-tensormesh.rename"
