"""The routes under /_local, by which a test in another process scripts the host and reads what it was sent."""

import json
from collections.abc import Iterator

import httpx
import pytest

from tensormesh_local import LocalHost
from tests.plain_http import NO_TLS


@pytest.fixture
def admin(host: LocalHost) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {host.control_plane_token}"}
    with httpx.Client(base_url=f"{host.base_url}/_local", headers=headers, trust_env=False, verify=NO_TLS) as client:
        yield client


def test_a_fault_is_added_and_happens(admin: httpx.Client, serverless: httpx.Client) -> None:
    added = admin.post("/faults", json={"status": 429, "headers": {"Retry-After": "1"}})

    assert added.json() == {"faults": [{"status": 429, "headers": {"Retry-After": "1"}, "times": 1}]}
    assert [serverless.get("/health").status_code for _ in range(2)] == [429, 200]
    assert admin.get("/faults").json() == {"faults": []}


def test_a_whole_script_takes_the_place_of_the_last_one(admin: httpx.Client, serverless: httpx.Client) -> None:
    admin.post("/faults", json={"status": 500, "times": None})
    admin.put("/faults", json=[{"status": 502}, {"status": 503}])

    assert [serverless.get("/health").status_code for _ in range(3)] == [502, 503, 200]


def test_faults_are_cleared(admin: httpx.Client, serverless: httpx.Client) -> None:
    admin.post("/faults", json={"status": 500, "times": None})

    assert admin.delete("/faults").json() == {"faults": []}
    assert serverless.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("method", "body", "reason"),
    [
        ("POST", b'{"x": 1}', "unknown keys: x"),
        ("POST", b"[]", "a fault must be an object"),
        ("PUT", b"{}", "a script is a list of faults"),
        ("PUT", b'[{"status": 1}]', "fault 0: status must be a whole number"),
        ("POST", b"{", "the body is not JSON"),
        ("POST", b"[" * 100_000, "the body is not JSON"),
        ("POST", b"\xff", "the body is not JSON"),
    ],
)
def test_a_script_that_cannot_be_followed_is_refused(
    admin: httpx.Client, method: str, body: bytes, reason: str
) -> None:
    answer = admin.request(method, "/faults", content=body)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"This fault script cannot be followed: {reason}")
    assert admin.get("/faults").json() == {"faults": []}


@pytest.mark.parametrize("path", ["/faults", "/requests"])
def test_only_the_control_plane_token_opens_it(host: LocalHost, anonymous: httpx.Client, path: str) -> None:
    for headers in ({}, {"Authorization": f"Bearer {host.inference_api_key}"}, {"Authorization": "Bearer x"}):
        answer = anonymous.get(f"/_local{path}", headers=headers)

        assert answer.status_code == 401
        assert answer.json()["error"].endswith("It guards /_local as well.")


def test_requests_are_listed_and_forgotten(admin: httpx.Client, serverless: httpx.Client) -> None:
    serverless.post("/tokenize?a=1", json={"model": "openai/gpt-oss-20b", "prompt": "x"}, headers={"X-Request-Id": "r"})
    [entry] = admin.get("/requests").json()["requests"]

    assert {**entry, "headers": {}} == {
        "method": "POST", "path": "/serverless/tokenize", "query": "a=1", "headers": {},
        "body": {"model": "openai/gpt-oss-20b", "prompt": "x"}, "request_id": "r", "status": 200, "fault": False,
        "completed": True, "hung_up": False,
    }  # fmt: skip
    assert admin.delete("/requests").json() == {"requests": []}


def test_what_is_asked_of_local_is_neither_recorded_nor_broken(host: LocalHost, admin: httpx.Client) -> None:
    admin.post("/faults", json={"status": 500, "times": None})

    assert admin.get("/requests").json() == {"requests": []}
    assert list(host.requests) == []


def test_no_secret_is_listed(host: LocalHost, admin: httpx.Client, on_demand: httpx.Client) -> None:
    on_demand.get("/health", headers={"Cookie": "s3cret", "X-Api-Key": "s3cret"})
    listed = admin.get("/requests").text

    assert host.inference_api_key not in listed
    assert "s3cret" not in listed
    assert json.loads(listed)["requests"][0]["headers"]["authorization"] == "Bearer ***"
    assert json.loads(listed)["requests"][0]["headers"]["x-user-id"] == host.on_demand_user_id
