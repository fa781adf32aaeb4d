"""Every answer is one that the documents declare: status, media type, body, and each event of a stream."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tensormesh_documents.library import Document, Library, Node
from tensormesh_documents.operations import operations
from tensormesh_local import LocalHost
from tests.cases import cases

SURFACES = {"serverless": "serverless", "on-demand": "on_demand"}
MODELS = {"serverless": "openai/gpt-oss-20b", "on-demand": "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"}

ASK = [{"role": "user", "content": "What is the weather in Paris and Tokyo?"}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION = {"name": "get_weather", "description": "Get the current weather for a city.", "parameters": PARAMETERS}
TOOLS = {"tools": [{"type": "function", "function": FUNCTION}]}
FLAT_TOOLS = {"tools": [{"type": "function", **FUNCTION}]}
USAGE = {"stream_options": {"include_usage": True, "continuous_usage_stats": True}}
LOGPROBS = {"logprobs": True, "top_logprobs": 2, "return_token_ids": True, "return_prompt_text": True}

# The bodies to send, by path; each is sent whole and, where that is possible, streamed.
BODIES: dict[str, list[dict[str, Any]]] = {
    "/v1/chat/completions": [
        {"messages": ASK},
        {"messages": ASK, "max_tokens": 3, "n": 2},
        {"messages": ASK, **LOGPROBS, "reasoning_effort": "none"},
        {"messages": ASK, "stop": "city", "response_format": {"type": "json_object"}},
        {"messages": ASK, **TOOLS},
        {"messages": ASK, **TOOLS, "tool_choice": "required", "parallel_tool_calls": False},
        {"messages": ASK, **TOOLS, "tool_choice": {"type": "function", "function": {"name": "get_weather"}}},
        {"messages": []},
        {"messages": ASK, "model": "nope"},
        {"messages": ASK, "n": 2, "temperature": 0},
        {},
    ],
    "/v1/completions": [
        {"prompt": "Roses are"},
        {"prompt": ["One,", "Uno,"], "n": 2, "logprobs": 2, "return_token_ids": True, "echo": True},
        {"prompt": [[300, 301], [302]], "max_tokens": 0, "echo": True},
        {"prompt": ""},
        {"prompt": "x", "model": "nope"},
    ],
    "/v1/responses": [
        {"input": "Hello"},
        {"input": "Hello", "max_output_tokens": 3, "instructions": "Be brief.", "metadata": {"a": "b"}},
        {"input": "Hello", "include": ["message.output_text.logprobs"], "top_logprobs": 2},
        {"input": ASK, "reasoning": {"effort": "none"}, "user": "u", "text": {"format": {"type": "json_object"}}},
        {"input": ASK, **FLAT_TOOLS},
        {"input": ASK, **FLAT_TOOLS, "tool_choice": {"type": "function", "name": "get_weather"}},
        {"input": ASK, "previous_response_id": "resp_1"},
        {"input": 5},
    ],
    "/tokenize": [
        {"prompt": "Hello", "return_token_strs": True},
        {"prompt": ""},
        {"messages": ASK, **TOOLS, "add_generation_prompt": False},
        {"prompt": ["a", "b"]},
        {},
    ],
    "/detokenize": [{"tokens": [300, 301]}, {"tokens": []}, {"tokens": [-1]}, {}],
}
STREAMS = ("/v1/chat/completions", "/v1/completions", "/v1/responses")
WHOLE_AND_STREAMED: list[dict[str, Any]] = [{}, {"stream": True}, {"stream": True, **USAGE}]
CASES = [
    (path, {**body, **more})
    for path, bodies in BODIES.items()
    for body in bodies
    for more in (WHOLE_AND_STREAMED if path in STREAMS else WHOLE_AND_STREAMED[:1])
]


LIBRARY = Library()


@cache
def _document(name: str) -> Document:
    """A document; an object that does not say so takes no key that it does not name."""
    found = LIBRARY.document(name)
    components: Any = found.value.get("components", {})
    for schema in components.get("schemas", {}).values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return found


def _retrieve(uri: str) -> Resource[Any]:
    return Resource.from_contents(_document(Path(uri).stem).value, DRAFT202012)


REGISTRY: Registry[Any] = Registry(retrieve=_retrieve)  # type: ignore[call-arg]  # attrs hides the alias


def _problems(schema: Node, value: Any) -> list[str]:
    place = schema.place
    validator = Draft202012Validator({"$ref": f"{place.file}#{place.pointer}"}, registry=REGISTRY)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def _component(name: str) -> Node:
    return _document("inference").at(("components", "schemas", name))


class Operation:
    """An operation of one surface, as its document has it."""

    def __init__(self, surface: str, method: str, path: str) -> None:
        self._node = _document(SURFACES[surface]).root["paths"][path][method]

    def problems(self, answer: httpx.Response) -> list[str]:
        """Tell everything about an answer that is not declared."""
        response = self._node["responses"].get(str(answer.status_code))
        if response is None:
            return [f"status {answer.status_code} is not declared"]
        content, kind = response["content"], answer.headers["content-type"].partition(";")[0]
        if kind not in content:
            return [f"{kind} is not declared for {answer.status_code}"]
        missing = [] if "x-request-id" in answer.headers else ["there is no X-Request-Id"]
        if kind == "text/event-stream":
            return [*missing, *self._stream_problems(answer.text)]
        return [*missing, *_problems(content[kind]["schema"], answer.json())]

    def _stream_problems(self, text: str) -> list[str]:
        facts = self._node["x-tensormesh"]["stream"]
        schema, end = _component(facts.text("event")), facts.text("end")
        events = [_event(block) for block in text.removesuffix("\n\n").split("\n\n")]
        found: list[str] = []
        if end == "[DONE]":
            if events.pop()[1] != "[DONE]":
                found.append("the stream does not end with [DONE]")
        elif f"type:{events[-1][0]}" != end:
            found.append(f"the last event is {events[-1][0]}")
        for name, data in events:
            event = json.loads(data)
            if isinstance(event, dict) and "error" in event and "type" not in event:
                found += _problems(_component("ErrorResponse"), event)
                continue
            found += _problems(schema, event)
            if name is not None and name != event["type"]:
                found.append(f"an event named {name} is of type {event['type']}")
        return found


def _event(block: str) -> tuple[str | None, str]:
    fields = dict(line.split(": ", 1) for line in block.split("\n"))
    return fields.get("event"), fields["data"]


@pytest.fixture
def client(host: LocalHost, clients: dict[str, httpx.Client], surface: str) -> httpx.Client:
    return clients[surface]


def _named(case: tuple[str, dict[str, Any]]) -> str:
    path, body = case
    return f"{path} {' '.join(key for key in body if key != 'messages')}".strip()


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("case", CASES, ids=_named)
def test_an_answer_is_a_declared_one(client: httpx.Client, surface: str, case: tuple[str, dict[str, Any]]) -> None:
    path, body = case
    answer = client.post(path, json={"model": MODELS[surface], **body})

    assert Operation(surface, "post", path).problems(answer) == []


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("path", ["/v1/models", "/health", "/version"])
def test_a_read_is_a_declared_one(client: httpx.Client, surface: str, path: str) -> None:
    assert Operation(surface, "get", path).problems(client.get(path)) == []


@cases("surface", SURFACES)
@cases("path", [*BODIES, "/v1/models", "/health", "/version"])
def test_a_refusal_without_a_key_is_a_declared_one(anonymous: httpx.Client, surface: str, path: str) -> None:
    method = "post" if path in BODIES else "get"
    answer = anonymous.request(method, f"/{surface}{path}", json={} if method == "post" else None)

    assert Operation(surface, method, path).problems(answer) == []


@cases("headers", [{"X-User-Id": ""}, {"X-User-Id": "3f1c2b9e-5d1a-4c57-9d0e-0a6d1f0c7b11"}])
@cases("path", BODIES)
def test_a_refusal_of_unknown_users_is_a_declared_one(
    on_demand: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    answer = on_demand.post(path, json={}, headers=headers)

    assert answer.status_code in (400, 404)
    assert Operation("on-demand", "post", path).problems(answer) == []


@cases("path", STREAMS)
def test_an_error_inside_a_stream_is_a_declared_event(host: LocalHost, serverless: httpx.Client, path: str) -> None:
    host.faults.add(error_event_after=2)
    body = {"messages": ASK, "prompt": "x"} if path != "/v1/responses" else {"input": "x"}
    answer = serverless.post(path, json={"model": MODELS["serverless"], "stream": True, **body})
    expected = ["the last event is error"] if path == "/v1/responses" else []

    assert Operation("serverless", "post", path).problems(answer) == expected


@cases("status", [400, 401, 403, 404, 422, 429, 500, 501, 503])
def test_a_scripted_status_is_a_declared_one(host: LocalHost, serverless: httpx.Client, status: int) -> None:
    host.faults.add(status=status)
    answer = serverless.post("/v1/chat/completions", json={})

    assert Operation("serverless", "post", "/v1/chat/completions").problems(answer) == []


@cases(
    ("script", "problem"),
    [
        ({"set": {"choices.*.novel": 1}}, "Additional properties are not allowed ('novel' was unexpected)"),
        ({"set": {"created": "now"}}, "$.created: 'now' is not of type 'integer'"),
        ({"omit": ["id"]}, "'id' is a required property"),
        ({"status": 418}, "status 418 is not declared"),
        ({"headers": {"Content-Type": "text/plain"}}, "text/plain is not declared for 200"),
    ],
)
def test_an_answer_that_is_not_declared_would_be_noticed(
    host: LocalHost, serverless: httpx.Client, script: dict[str, Any], problem: str
) -> None:
    host.faults.add(script)
    body = {"model": MODELS["serverless"], "messages": ASK}
    answer = serverless.post("/v1/chat/completions", json=body)
    problems = Operation("serverless", "post", "/v1/chat/completions").problems(answer)

    assert [problem in found for found in problems] == [True]


def _examples() -> list[tuple[str, str, Any]]:
    """The request examples of the documents: path, name, body."""
    found: list[tuple[str, str, Any]] = []
    for operation in operations(_document("serverless")):
        body = operation.node.get("requestBody")
        examples = body["content"]["application/json"].get("examples") if body else None
        for name, example in examples.items() if examples else ():
            found.append((operation.path, name, example["value"].value))
    return found


@cases(("path", "name", "body"), _examples(), ids=[name for _, name, _ in _examples()])
def test_every_example_of_the_documents_is_answered(
    serverless: httpx.Client, path: str, name: str, body: dict[str, Any]
) -> None:
    answer = serverless.post(path, json={**body, "model": MODELS["serverless"]})

    assert answer.status_code == 200, (name, answer.text)
    assert Operation("serverless", "post", path).problems(answer) == []
