"""The fields of requests to a local host, and what it does besides answering them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from benchmarks.growth.cases.requests import Json, asked, chat, names, say
from benchmarks.growth.measurement import Case, Work
from tensormesh_local.accounts import Tokens
from tensormesh_local.control_plane.document import control_plane_document
from tensormesh_local.control_plane.proto_json import ProtoReader, read_body
from tensormesh_local.faults.event_damage import EventDamage
from tensormesh_local.faults.json_damage import damaged
from tensormesh_local.faults.script import read_fault
from tensormesh_local.inference.metering import StreamCount, WholeCount


def _completion(name: str, make: Callable[[int], Json], **limits: int) -> Case:
    return asked(f"{name} of a completion", "/v1/completions", make, **limits)


def _response(name: str, make: Callable[[int], Json], **limits: int) -> Case:
    return asked(f"{name} of a response", "/v1/responses", make, **limits)


def _tool(name: str, parameters: Json | None = None) -> Json:
    return {
        "type": "function",
        "function": {"name": name, "description": "Get the weather of a city", "parameters": parameters or {}},
    }


FULL = {"smallest": 512, "largest": 1 << 14}
"""Sizes at which a value is as large as it may become: up to there, some grow faster."""

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = "What is the weather in "


def _schema(properties: Json) -> Json:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": properties}}}


def _of(count: int, schema: Json) -> Json:
    return {"type": "object", "properties": {f"k{i}": schema for i in range(count)}}


def _fan(count: int) -> Json:
    """A schema whose parts are the whole."""
    return {"type": "object", "properties": {f"k{i}": {"$ref": "#"} for i in range(count)}}


TOOLS = [
    chat("tools", lambda n: say(WEATHER, tools=[_tool(f"get_weather_{i}") for i in range(n)])),
    chat("tools of one name", lambda n: say(WEATHER, tools=[_tool("get_weather")] * n)),
    chat("names for a tool", lambda n: say(WEATHER + names(n), tools=[_tool("get_weather", CITY)])),
    chat(
        "numbers for a tool",
        lambda n: say(
            WEATHER + "1 " * n,
            tools=[_tool("get_weather", _of(n, {"type": "integer"}))],
        ),
    ),
    chat(
        "letters for a tool",
        lambda n: say(WEATHER + "a-" * n, tools=[_tool("get_weather", _of(9, {"type": "string", "format": "email"}))]),
    ),
    chat(
        "quotation marks for a tool",
        lambda n: say(WEATHER + "“" * n, tools=[_tool("get_weather", _of(9, {"type": "string"}))]),
    ),
    chat("prepositions for a tool", lambda n: say(WEATHER + "in " * n, tools=[_tool("get_weather", CITY)])),
    chat(
        "results of tools",
        lambda n: {
            "messages": [{"role": "user", "content": "a"}, *[{"role": "tool", "content": "b", "tool_call_id": "c"}] * n]
        },
    ),
    chat(
        "calls of tools",
        lambda n: {
            "messages": [
                {
                    "role": "assistant",
                    "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}] * n,
                }
            ]
        },
    ),
]

SCHEMAS = [
    chat("properties", lambda n: say("a", **_schema(_of(n, {"type": "string"})))),
    chat(
        "required properties",
        lambda n: say("a", **_schema({**_of(n, {"type": "string"}), "required": [f"k{i}" for i in range(n)]})),
    ),
    chat("an enumeration", lambda n: say("word " * n, **_schema(_of(1, {"enum": [f"w{i}" for i in range(n)]})))),
    chat("optional enumerations", lambda n: say("word " * n, **_schema({**_of(n, {"enum": ["x"]}), "required": []}))),
    chat(
        "least items",
        lambda n: say("a", **_schema(_of(1, {"type": "array", "minItems": n, "items": {"type": "integer"}}))),
        largest=1 << 40,
    ),
    chat("least items of least items", lambda n: say("a", **_schema(_items(n, 3))), largest=1 << 20),
    chat("parts that are the whole", lambda n: say("a", **_schema(_fan(n))), **FULL),
    chat("numbers for a schema", lambda n: say("1 " * n, **_schema(_of(n, {"type": "integer"})))),
    chat(
        "numbers for a list",
        lambda n: say("1 " * n, **_schema(_of(1, {"type": "array", "items": {"type": "integer"}}))),
    ),
    chat(
        "names for lists",
        lambda n: say(names(n), **_schema(_of(n, {"type": "array", "items": {"type": "string"}}))),
        **FULL,
    ),
    chat("a long reference", lambda n: say("a", **_schema(_of(1, {"$ref": "#/" + "a/" * n})))),
    chat("alternatives", lambda n: say("a", **_schema(_of(1, {"anyOf": [{"type": "string"}] * n})))),
    chat("choices of an answer", lambda n: say("w " * n, structured_outputs={"choice": [f"w{i}" for i in range(n)]})),
    chat("keys in the question", lambda n: say("keys " + "a, " * n, response_format={"type": "json_object"})),
]


def _items(count: int, depth: int) -> Json:
    schema: Json = {"type": "integer"}
    for _ in range(depth):
        schema = {"type": "array", "minItems": count, "items": schema}
    return {"type": "object", "properties": {"a": schema}}


FIELDS = [
    chat("messages", lambda n: {"messages": [{"role": "user", "content": "a"}] * n}),
    chat(
        "parts of a message", lambda n: {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}] * n}]}
    ),
    chat("unreadable messages", lambda n: {"messages": [{"role": 1}] * n}),
    chat("keys that nobody knows", lambda n: say("a", **{f"k{i}": i for i in range(n)})),
    chat("stop tokens", lambda n: say("say " + "a " * n, stop_token_ids=list(range(100_000, 100_000 + n)))),
    chat("a long stop string", lambda n: say("say " + "ab" * n, stop="ab" * n + "c")),
    chat("a bias of tokens", lambda n: say("a", logit_bias={str(i): 1 for i in range(n)})),
    chat("least tokens", lambda n: say("a", min_tokens=n), largest=1 << 40),
    chat("most tokens", lambda n: say("a", max_tokens=n, ignore_eos=True), largest=1 << 40),
    chat("choices", lambda n: say("a", n=n), largest=16_384),
    chat("choices of many tokens", lambda n: say("a", n=n, min_tokens=100_000), largest=16_384, smallest=2),
    chat("probabilities", lambda n: say("say " + "a " * n, logprobs=True, top_logprobs=20)),
    chat("ids of tokens", lambda n: say("say " + "a " * n, return_token_ids=True)),
    chat("text to repeat", lambda n: say("say " + "word " * n)),
]


OTHERS = [
    _completion("prompts", lambda n: {"prompt": ["a"] * n}),
    _completion("a long prompt", lambda n: {"prompt": "a " * n}),
    _completion("tokens", lambda n: {"prompt": [97] * n}),
    _completion("an echo", lambda n: {"prompt": "a " * n, "echo": True, "logprobs": 5}),
    _completion("unreadable prompts", lambda n: {"prompt": [None] * n}),
    _completion("most tokens", lambda n: {"prompt": "a", "max_tokens": n, "ignore_eos": True}, largest=1 << 40),
    _completion("choices of prompts", lambda n: {"prompt": ["a"] * n, "n": n}, smallest=512, largest=1024),
    _response("items", lambda n: {"input": [{"role": "user", "content": "a"}] * n}),
    _response("items of no kind", lambda n: {"input": [{"type": "function_call"}] * n}),
    _response("text", lambda n: {"input": "say " + "word " * n}),
    _response(
        "calls",
        lambda n: {
            "input": WEATHER,
            "tools": [{"type": "function", **_tool(f"get_weather_{i}")["function"]} for i in range(n)],
        },
    ),
    _response(
        "names",
        lambda n: {
            "input": WEATHER + names(n),
            "tools": [{"type": "function", **_tool("get_weather", CITY)["function"]}],
        },
    ),
    asked("a text to tokenize", "/tokenize", lambda n: {"prompt": "ab-" * n, "return_token_strs": True}),
    asked("messages to tokenize", "/tokenize", lambda n: say("ab-" * n)),
    asked("tokens to decode", "/detokenize", lambda n: {"tokens": [300] * n}),
]


def _metered(size: int, *, whole: bool) -> Work:
    event = b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n'

    def work() -> None:
        count: Any = WholeCount() if whole else StreamCount(Tokens(1, 0, size))
        for _ in range(size):
            count.feed(event)
        count.tokens()

    return work


def _event_damage(size: int, *, pieces: bool, **fault: Any) -> Work:
    event = b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n'

    def work() -> None:
        damage = EventDamage(read_fault(fault))
        for data in [event] * size if pieces else [event * size]:
            damage.feed(data)
        damage.feed(b"", last=True)

    return work


def _long_event(size: int) -> Work:
    def work() -> None:
        damage = EventDamage(read_fault({"drop_done": True}))
        for _ in range(size):
            damage.feed(b"x" * 99)

    return work


def _json_damage(size: int) -> Work:
    body = json.dumps({"choices": [{"a": {"b": i}} for i in range(size)]}).encode()
    fault = read_fault({"omit": ["choices.*.a.b"], "set": {"choices.*.*.c": 1}})
    return lambda: damaged(body, fault)


def _proto(body: Callable[[int], Json], operation: str) -> Callable[[int], Work]:
    document = control_plane_document()
    (found,) = (one for one in document.operations if one.id == operation)

    def prepare(size: int) -> Work:
        raw = json.dumps(body(size)).encode()
        return lambda: ProtoReader(document).message(found.body or {}, read_body(raw))

    return prepare


INSIDE = [
    Case("local host: metering a whole answer", lambda n: _metered(n, whole=True)),
    Case("local host: metering a stream", lambda n: _metered(n, whole=False)),
    Case("local host: faults in events, one by one", lambda n: _event_damage(n, pieces=True, set={"x": 1})),
    Case("local host: faults in events in one piece", lambda n: _event_damage(n, pieces=False, drop_done=True)),
    Case("local host: faults in an event without end", _long_event),
    Case("local host: faults in JSON", _json_damage),
    Case(
        "local control plane: users that are none",
        _proto(lambda n: {"targetUserIds": [1] * n}, "admin_lookup_balances"),
    ),
    Case(
        "local control plane: a long text",
        _proto(lambda n: {"title": "a" * n, "description": "b" * n}, "create_ticket"),
    ),
]

CASES = [*TOOLS, *SCHEMAS, *FIELDS, *OTHERS, *INSIDE]
