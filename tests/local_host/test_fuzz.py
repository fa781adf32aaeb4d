"""Whatever is sent, the host answers: never with a failure of its own."""

import json
import logging
import socket
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tensormesh_documents.library import Library
from tensormesh_local import LocalHost
from tests.fuzz.spoiling import any_json, scribbled

MODEL = "openai/gpt-oss-20b"
MESSAGES = [{"role": "user", "content": "What is the weather in Paris?"}]
TOOL = {"type": "function", "function": {"name": "get_weather", "description": "Get the weather.", "parameters": {}}}
# A body of each operation that is fine, to put other fields into.
GOOD: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": MODEL, "messages": MESSAGES},
    "/v1/completions": {"model": MODEL, "prompt": "Roses are"},
    "/v1/responses": {"model": MODEL, "input": "Hello"},
    "/tokenize": {"model": MODEL, "messages": MESSAGES},
    "/detokenize": {"model": MODEL, "tokens": [300]},
}
WORDS = ["auto", "none", "required", "function", "user", "json_object", "json_schema", "message", "1", "#", "#/$defs/a"]
# Fields that make long answers, which no example needs.
SMALL = {"n": 3, "max_tokens": 60, "max_completion_tokens": 60, "max_output_tokens": 60, "min_tokens": 60}

# One host for all examples is what is wanted: a failure has to be found, not to be kept apart.
patient = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def _keys(value: Any) -> set[str]:
    """Every property name below a schema, and the keywords that tool parameters are made of."""
    if isinstance(value, list):
        return {key for item in value for key in _keys(item)}
    if not isinstance(value, dict):
        return set()
    own = set(value["properties"]) if isinstance(value.get("properties"), dict) else set()
    return own.union(*(_keys(item) for item in value.values()))


KEYS = sorted(
    _keys(Library().document("inference").value)
    | {"properties", "required", "items", "enum", "const", "$ref", "$defs", "anyOf"}
)

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-3, 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(codec=None), max_size=20)
    | st.sampled_from(WORDS)
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=10,
)


def _kept_small(body: dict[str, Any]) -> dict[str, Any]:
    return {key: min(value, SMALL[key]) if _is_large(key, value) else value for key, value in body.items()}


def _is_large(key: str, value: Any) -> bool:
    return key in SMALL and isinstance(value, int | float) and value > SMALL[key]


bodies = st.dictionaries(st.sampled_from(KEYS), anything, max_size=4).map(_kept_small)
visible = st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")


@pytest.mark.parametrize("path", GOOD)
@patient
@given(more=bodies, tools=st.booleans())
def test_any_json_is_answered_or_refused(
    serverless: httpx.Client, path: str, more: dict[str, Any], tools: bool
) -> None:
    body = {**GOOD[path], **({"tools": [TOOL]} if tools else {}), **more}
    # Escaped, since half a surrogate pair has no other form.
    answer = serverless.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})

    assert answer.status_code in (200, 400, 404), answer.text
    assert answer.headers["content-type"] in ("application/json", "text/event-stream; charset=utf-8")


@pytest.mark.parametrize("path", GOOD)
@patient
@given(content=st.binary(max_size=60), kind=st.sampled_from(["application/json", "text/plain", "x", ""]))
def test_any_bytes_are_refused(serverless: httpx.Client, path: str, content: bytes, kind: str) -> None:
    answer = serverless.post(path, content=content, headers={"Content-Type": kind})

    assert answer.status_code == 400
    assert set(answer.json()) <= {"error", "detail"}


@patient
@given(path=st.binary(max_size=30).map(quote), method=st.sampled_from(["GET", "POST", "DELETE", "HEAD", "OPTIONS"]))
def test_any_path_is_answered(anonymous: httpx.Client, path: str, method: str) -> None:
    answer = anonymous.request(method, f"{anonymous.base_url}/{path}")

    assert answer.status_code < 500


@patient
@given(value=st.text(alphabet=visible, max_size=30))
def test_any_header_is_taken(serverless: httpx.Client, value: str) -> None:
    sent = value.strip().encode("latin-1")
    answer = serverless.post(
        "/tokenize",
        json={"model": MODEL, "prompt": "x"},
        headers=[(b"x-request-id", sent), (b"x-user-id", sent), (b"accept", sent)],
    )

    assert answer.status_code == 200


NOISE = (
    b"\r\n", b"\n", b"\r", b"\x00", b"\xff", b" ", b":", b"%00", b"%ff", b"//", b"..", b"?", b"#", b"{", b"[",
    b"9" * 20, b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n", b"Expect: 100-continue\r\n", b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
    b"HTTP/1.0", b"HTTP/2.0", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"OPTIONS * HTTP/1.1\r\n",
    b"CONNECT x:1 HTTP/1.1\r\n", b"http://x/", b"Authorization:\r\n", b"Authorization: Basic x\r\n",
    b"X-Request-Id: \xff\r\n", b"Content-Encoding: gzip\r\n", b"x" * 70_000,
)  # fmt: skip


def raw_request(method: str, path: str, credential: str, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {credential}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def whole(host: LocalHost, content: bytes) -> bytes:
    """Everything that the host says to these bytes, until it closes the connection, as it does at the end of them."""
    with socket.create_connection(("127.0.0.1", host.port), timeout=10) as connection:
        said = b""
        try:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65_536):
                said += piece
        except OSError:
            return said  # it had heard enough
        return said


@patient
@given(data=st.data())
def test_any_bytes_on_a_connection_are_answered_or_refused(
    host: LocalHost, caplog: pytest.LogCaptureFixture, data: st.DataObject
) -> None:
    key, token = host.inference_api_key, host.control_plane_token
    chat = json.dumps({**GOOD["/v1/chat/completions"], "max_tokens": 5}).encode()
    requests = [
        raw_request("POST", "/serverless/v1/chat/completions", key, chat),
        raw_request("GET", "/serverless/v1/models", key),
        raw_request("GET", "/control-plane/v1/support/tickets?page=1&size=2", token),
        raw_request("POST", "/_local/faults", token, b"{}"),
    ]
    content = data.draw(st.sampled_from(requests).flatmap(lambda one: scribbled(one, NOISE)) | st.binary(max_size=100))

    said = whole(host, content)

    assert not said.startswith(b"HTTP/1.1 5"), said
    assert whole(host, requests[1]).startswith(b"HTTP/1.1 200 OK\r\n")
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


COUNTS = st.integers(0, 300)
PAUSE = st.floats(0, 0.002)
HEADERS = st.dictionaries(
    st.sampled_from(["x-a", "retry-after", "content-type", "x-request-id"]) | st.text(), st.text()
)
ANSWERS = st.fixed_dictionaries(
    {"status": st.integers(200, 599)},
    optional={"body": any_json(KEYS, leaves=4), "headers": HEADERS, "delay_seconds": PAUSE},
)
BREAKS = st.sampled_from(["cut_after_bytes", "cut_after_events", "stall_after_bytes", "stall_after_events"]).flatmap(
    lambda key: st.fixed_dictionaries({key: COUNTS, **({"stall_seconds": PAUSE} if key.startswith("stall") else {})})
)
DAMAGE = st.fixed_dictionaries(
    {"delay_seconds": PAUSE},
    optional={
        **dict.fromkeys(["error_event_after", "invalid_json_event_after", "big_event_after"], COUNTS),
        **dict.fromkeys(["drop_done", "leak_think"], st.booleans()),
        "headers": HEADERS,
        "reasoning_field": st.sampled_from(["reasoning", "reasoning_content"]),
        "omit": st.lists(st.lists(st.sampled_from([*KEYS, "*", "0"]), max_size=3).map(".".join), max_size=2),
        "set": st.dictionaries(st.sampled_from(["id", "choices.0.index", "choices.*.x"]), any_json(KEYS), max_size=2),
    },
)
FAULTS = ANSWERS | st.just({"reset": True}) | DAMAGE | st.builds(lambda one, more: one | more, BREAKS, DAMAGE)
BREAKING = {"reset", "status", "headers", "cut_after_bytes", "cut_after_events"}
"""With these, what comes need not be HTTP that a client is content with."""


@patient
@given(fault=FAULTS, path=st.sampled_from(sorted(GOOD)), stream=st.booleans())
def test_any_fault_that_is_accepted_strikes_and_passes(
    host: LocalHost,
    serverless: httpx.Client,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, Any],
    path: str,
    stream: bool,
) -> None:
    admin = {"Authorization": f"Bearer {host.control_plane_token}", "Content-Type": "application/json"}
    scripted = serverless.put(f"{host.base_url}/_local/faults", content=json.dumps([fault]), headers=admin)
    body = {**GOOD[path], **({"stream": True} if stream and path.startswith("/v1") else {})}
    assert scripted.status_code in (200, 400), scripted.text

    if scripted.status_code == 200:
        try:
            serverless.post(path, json=body)
        except httpx.HTTPError:
            assert fault.keys() & BREAKING, fault

    assert host.faults.pending() == []
    assert serverless.post(path, json=body).status_code == 200
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
