"""One request in full: without secrets, to be copied, to be sent again. And the account."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from functools import partial

import httpx
import pytest

from tensormesh_local import LocalHost
from tensormesh_local.console.one_request import events
from tensormesh_local.request_log import Answer, Piece, Record
from tests.cli.chromium import until
from tests.cli.processes import TM
from tests.console.conftest import MODEL, Ask, full, told
from tests.plain_http import NO_TLS


def test_a_request_is_told_in_full_and_without_secrets(host: LocalHost, page: httpx.Client, ask: Ask) -> None:
    told(page)
    ask("Hello", stream=True)
    found = full(page)

    assert found["headers"]["authorization"] == "Bearer ***"
    assert found["body"]["messages"][1]["content"] == "Hello"
    assert found["answer"]["events"][-1]["data"] == "data: [DONE]"
    moments = [event["at"] for event in found["answer"]["events"]]
    assert moments == sorted(moments)
    assert host.inference_api_key not in json.dumps(found)


def test_the_control_plane_keeps_its_secrets(host: LocalHost, page: httpx.Client) -> None:
    """Keys in answers, queries, bodies and paths."""
    told(page)
    headers = {"Authorization": f"Bearer {host.control_plane_token}"}
    with httpx.Client(base_url=host.control_plane_base_url, headers=headers, trust_env=False, verify=NO_TLS) as client:
        made = client.post("/v1/users/api-keys", json={"userId": host.on_demand_user_id, "name": "k"}).json()
        key = made["apiKey"]["id"]
        client.delete("/v1/users/api-keys", params={"apiKey": key})
        client.post("/v1/models", json={"modelName": "x", "hfToken": "hf_abcdefghijklmnop", "apiKey": key})
        client.get(f"/v1/nowhere/{key}")
    rows = told(page)["rows"]
    shown = json.dumps([rows, *(page.get(f"requests/{row['number']}").json() for row in rows)])

    assert len(rows) == 4
    for secret in (key, "hf_abcdefghijklmnop", host.control_plane_token):
        assert secret not in shown


def test_the_account_is_told_without_its_keys(host: LocalHost, page: httpx.Client) -> None:
    found = page.get("account").json()

    assert found["balance"]["answer"]["balance"]["units"] == "108"
    assert found["spending"]["answer"]["buckets"]
    assert found["prices"]["answer"]["pricing"][0]["model"] == MODEL
    assert found["keys"]["answer"]["apiKeys"][0]["id"] == "ak-loc***"
    assert found["deployments"]["answer"]["models"][0]["apiKey"] == "***"
    assert host.inference_api_key not in json.dumps(found)
    assert host.requests == []


BODIES = {
    "chat": (
        "serverless",
        "/v1/chat/completions",
        {"messages": [{"role": "user", "content": 'It\'s "so" $HOME \u00e9 `x` \\ \n!'}], "novel": 1},
    ),
    "stream": (
        "serverless",
        "/v1/chat/completions",
        {"messages": [{"role": "user", "content": "Hello"}], "stream": True},
    ),
    "text": ("serverless", "/v1/completions", {"prompt": "Once upon a time", "max_tokens": 3, "stop": ["x"]}),
    "responses": ("serverless", "/v1/responses", {"input": "Hello " * 60}),
    "tokenize": ("serverless", "/tokenize", {"prompt": "Hello"}),
    "on-demand": ("on-demand", "/v1/chat/completions", {"messages": [{"role": "user", "content": "Hello"}]}),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("language", ["Python", "curl", "tm"])
def test_what_is_to_be_copied_sends_the_same(
    host: LocalHost, page: httpx.Client, client: httpx.Client, name: str, language: str
) -> None:
    surface, operation, fields = BODIES[name]
    model = MODEL if surface == "serverless" else "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"
    client.post(f"/{surface}{operation}", json={"model": model, **fields})
    code = full(page)["snippets"][language]
    assert host.inference_api_key not in code
    done = ran(host, language, code)
    first, second = host.requests

    assert done.returncode == 0, done.stderr
    assert (second.path, second.body, second.status) == (first.path, first.body, 200)
    assert done.stdout


def ran(host: LocalHost, language: str, code: str) -> subprocess.CompletedProcess[str]:
    if language == "curl" and not shutil.which("curl"):
        pytest.skip("there is no curl")
    script = code.replace("tm api", " ".join(TM) + " api", 1) if language == "tm" else code
    command = [sys.executable, "-c", script] if language == "Python" else ["bash", "-e", "-c", script]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ".", "HOME": "/nonexistent", **host.environment()}
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)


SCHEMA = b"""{"model": "m", "messages": [{"role": "user", "content": "Hello"}], "response_format":
    {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}}"""
UNDESCRIBED = b"""{"model": "m", "messages": [{"role": "user", "content": "Hello"}], "tools":
    [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]}"""


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("GET", "/serverless/v1/models?limit=2&of=a%20b", None),
        ("DELETE", "/serverless/v1/models", None),
        ("PUT", "/serverless/v1/completions", b'{"a": 1}'),
        ("POST", "/serverless/v1/`touch $PWNED`/$(touch $PWNED)/'\"; touch $PWNED #", b'{"a": "it\'s $PWNED"}'),
        ("POST", "/serverless/v1/\u00e9\u202e/%25", b"[1]"),
        ("POST", "/serverless/v1/chat/completions", b"{'no': json} $HOME `x`\n"),
        ("POST", "/serverless/v1/chat/completions", b'{"messages": []}'),
        ("POST", "/serverless/v1/completions", b'{"model": "m", "prompt": "x", "temperature": NaN, "top_p": [-1e999]}'),
        # What the client refuses unless somebody insists.
        ("POST", "/serverless/v1/chat/completions", SCHEMA),
        ("POST", "/serverless/v1/chat/completions", UNDESCRIBED),
    ],
    ids=["query", "delete", "put", "commands", "letters", "no json", "no model", "no numbers", "schema", "undescribed"],
)
def test_what_no_client_would_send_can_be_copied_too(
    host: LocalHost, page: httpx.Client, client: httpx.Client, method: str, path: str, content: bytes | None
) -> None:
    """Method, path, query and body come again, and a shell reads nothing of it as its own."""
    client.request(method, path, content=content)
    found = full(page)["snippets"]
    assert "curl" in found
    first = host.requests[0]
    for sent, language in enumerate(sorted(found, key="curl".__eq__), 1):  # what may not be installed comes last
        ran(host, language, found[language])
        again = host.requests[-1]
        assert len(host.requests) == 1 + sent, language
        assert (again.method, again.path, again.query, repr(again.body)) == (
            first.method,
            first.path,
            first.query,
            repr(first.body),
        )


@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e999"])
def test_numbers_that_json_has_no_word_for_do_not_break_the_page(
    page: httpx.Client, client: httpx.Client, number: bytes
) -> None:
    def strict(text: str) -> None:
        json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))

    client.post("/serverless/v1/chat/completions", content=b'{"model": "m", "messages": [], "x": [%s]}' % number)
    number_of_row = told(page)["rows"][-1]["number"]
    for path in (f"requests/{number_of_row}", f"requests/{number_of_row}/lens", "lens", "ledger.jsonl"):
        strict(page.get(path).text)


def test_a_key_that_somebody_took_for_the_name_of_a_header_is_not_shown(
    page: httpx.Client, client: httpx.Client
) -> None:
    client.post("/serverless/v1/chat/completions", json={}, headers={"ak-local-abcdefghijklmnop": "x"})
    assert "abcdefghijklmnop" not in json.dumps(full(page))


def test_each_part_of_the_account_is_linked_without_its_keys(host: LocalHost, page: httpx.Client) -> None:
    found = page.get("account").json()
    for name, part in found.items():
        assert part["command"].startswith("tm ")
        linked = page.get(part["link"])
        assert linked.json() == part["answer"], name
        assert host.inference_api_key not in linked.text
    assert page.get("account/secrets").status_code == 404
    assert host.requests == []


def test_an_event_of_many_pieces_is_put_together_once() -> None:
    """And an end that comes in two pieces is one."""
    pieces = [Piece(number / 1e6, b"x") for number in range(200_000)]
    pieces += [Piece(1.0, b"\r\n"), Piece(2.0, b"\r\ny")]
    answer = Answer(pieces=pieces)
    began = time.process_time()
    assert [(found["at"], len(found["data"])) for found in map(dict, events(answer))] == [(2.0, 200_000), (2.0, 1)]
    assert time.process_time() - began < 2.0


def named(host: LocalHost, request_id: str) -> Record | None:
    return next((record for record in host.requests if record.request_id == request_id), None)


def test_a_request_is_sent_again_with_changes(host: LocalHost, page: httpx.Client, ask: Ask) -> None:
    """By the host itself, with a key of its own; as any request it can be struck by a fault."""
    ask("Hello")
    host.faults.add(reset=True)
    path, body = host.requests[0].path, {"model": MODEL, "messages": [{"role": "user", "content": "Changed"}]}
    for _ in range(2):
        answer = page.post("requests", json={"path": path, "body": body})
        assert answer.status_code == 202
        record = until(partial(named, host, answer.json()["id"]))
        record.wait()
        assert record.body == body
    assert [record.status for record in host.requests] == [200, None, 200]


@pytest.mark.parametrize(
    "path", ["/control-plane/v1/users", "http://elsewhere.example/", "/", "", "/serverless/../_local/faults"]
)
def test_nothing_else_is_sent(page: httpx.Client, path: str) -> None:
    assert page.post("requests", json={"path": path, "body": {}}).status_code == 400


@pytest.mark.parametrize(
    "sent",
    [
        {"path": "/serverless/v1/x\n", "body": {}},
        {"path": "/serverless/v1/\0", "body": {}},
        {"path": f"/serverless/{'x' * 100_000}", "body": {}},
        {"path": "/serverless/v1/\ud83d", "body": {}},
        {"path": "/serverless/v1/completions", "body": {"temperature": float("nan")}},
    ],
    ids=["two lines", "nothing", "long", "half a character", "no number"],
)
def test_an_edit_that_cannot_be_sent_is_refused_at_once(page: httpx.Client, sent: dict[str, object]) -> None:
    answer = page.post("requests", content=json.dumps(sent))
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("This cannot be done: its ")


@pytest.mark.parametrize("body", [b"{", b"[]", b""])
def test_what_is_no_request_is_refused_in_words(page: httpx.Client, body: bytes) -> None:
    for path in ("requests", "faults"):
        answer = page.post(path, content=body)
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("This cannot be done: what was sent is no")


def test_a_request_that_is_gone_is_said_to_be(page: httpx.Client) -> None:
    for path in ("requests/999999", "requests/999999/lens"):
        assert (page.get(path).status_code, page.get(path).json()) == (
            404,
            {"error": "This request is not known any more: the newest are kept."},
        )
