"""One request in full: without secrets, to be copied, to be sent again. And the account."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial

import httpx
import pytest

from tensormesh_local import LocalHost
from tensormesh_local.request_log import Record
from tests.cli.chromium import until
from tests.cli.conftest import OUTSIDE
from tests.cli.processes import TM
from tests.console.conftest import MODEL, Ask, full, told


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
    with httpx.Client(base_url=host.control_plane_base_url, headers=headers, trust_env=False) as client:
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
    script = code.replace("tm api", " ".join(TM) + " api", 1) if language == "tm" else code
    command = [sys.executable, "-c", script] if language == "Python" else ["bash", "-e", "-c", script]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ".", "HOME": "/nonexistent", **host.environment()}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    first, second = host.requests

    assert done.returncode == 0, done.stderr
    assert (second.path, second.body, second.status) == (first.path, first.body, 200)
    assert done.stdout
    assert not set(OUTSIDE) & set(environment)


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
