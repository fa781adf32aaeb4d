"""Who may ask for what, and what a refusal says."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tests.cases import cases
from tests.plain_http import NO_TLS

POSTS = ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/tokenize", "/detokenize")
GETS = ("/v1/models", "/health", "/version")


@cases("path", GETS)
def test_serverless_gets_need_no_key(anonymous: httpx.Client, path: str) -> None:
    assert anonymous.get(f"/serverless{path}").status_code == 200


@cases("path", POSTS)
@cases("authorization", [None, "Bearer nope", "Basic c2stdGVzdA==", "Bearer", "nope"])
def test_serverless_posts_need_the_inference_key(anonymous: httpx.Client, path: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = anonymous.post(f"/serverless{path}", json={}, headers=headers)

    assert answer.status_code == 401
    assert answer.json() == {"error": "Unauthorized"}


@cases("path", POSTS + GETS)
def test_on_demand_needs_the_key_on_every_route(host: LocalHost, anonymous: httpx.Client, path: str) -> None:
    method = "POST" if path in POSTS else "GET"
    answer = anonymous.request(method, f"/on-demand{path}", headers={"X-User-Id": host.on_demand_user_id})

    assert answer.status_code == 401


def test_a_control_plane_token_is_told_what_it_is(host: LocalHost, anonymous: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {host.control_plane_token}"}
    answer = anonymous.post("/serverless/tokenize", json={}, headers=headers)

    assert answer.status_code == 401
    assert "control-plane token" in answer.json()["error"]
    assert "inference API key" in answer.json()["error"]


@cases("path", POSTS + GETS)
@cases("user_id", [None, "", "not-a-uuid"])
def test_on_demand_says_what_to_send_as_user_id(
    host: LocalHost, anonymous: httpx.Client, path: str, user_id: str | None
) -> None:
    headers = {"Authorization": f"Bearer {host.inference_api_key}"}
    headers |= {} if user_id is None else {"X-User-Id": user_id}
    answer = anonymous.request("POST" if path in POSTS else "GET", f"/on-demand{path}", headers=headers)

    assert answer.status_code == 400
    assert "X-User-Id" in answer.json()["error"]["message"]
    assert "UUID" in answer.json()["error"]["message"]
    assert answer.json()["error"]["type"] == "BadRequestError"


def test_an_unknown_user_is_not_found(on_demand: httpx.Client) -> None:
    answer = on_demand.get("/v1/models", headers={"X-User-Id": str(uuid4())})

    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "NotFoundError"


def test_a_user_id_may_be_written_in_any_form_of_a_uuid(host: LocalHost, on_demand: httpx.Client) -> None:
    spelt = "{" + host.on_demand_user_id.upper() + "}"

    assert on_demand.get("/v1/models", headers={"X-User-Id": spelt}).status_code == 200


def test_each_surface_serves_its_own_models(serverless: httpx.Client, on_demand: httpx.Client) -> None:
    ids = [{model["id"] for model in c.get("/v1/models").json()["data"]} for c in (serverless, on_demand)]

    assert "openai/gpt-oss-120b" in ids[0]
    assert ids[1] == {"openai-gpt-oss-120b-gpu-type-h200x1_8nic16"}
    body = {"model": "openai/gpt-oss-120b", "prompt": "x"}
    assert serverless.post("/tokenize", json=body).status_code == 200
    assert "serverless model" in on_demand.post("/tokenize", json=body).json()["error"]["message"]


@cases("path", POSTS)
def test_an_unknown_model_is_not_found(serverless: httpx.Client, path: str) -> None:
    body = {"model": "nope", "messages": [{"role": "user", "content": "x"}], "prompt": "x", "input": "x", "tokens": []}
    for other in {"/tokenize": ["messages"], "/v1/responses": ["prompt"]}.get(path, []):
        del body[other]
    answer = serverless.post(path, json=body)

    assert answer.status_code == 404
    error = answer.json()["error"]
    assert error["message"].startswith("The model `nope` does not exist. Valid aliases: ")
    assert (error["type"], error["param"], error["code"]) == ("NotFoundError", "model", 404)


def test_a_model_id_of_the_control_plane_is_told_what_it_is(serverless: httpx.Client) -> None:
    answer = serverless.post("/tokenize", json={"model": str(uuid4()), "prompt": "x"})

    assert "Control Plane modelId" in answer.json()["error"]["message"]


@pytest.fixture
def fixed() -> Iterator[LocalHost]:
    options = Options(
        inference_api_key="ak-mine", control_plane_token="cp-mine", user_id="3F1C2B9E-5D1A-4C57-9D0E-0A6D1F0C7B11"
    )
    with LocalHost(options) as host:
        yield host


def test_credentials_may_be_given(fixed: LocalHost) -> None:
    headers = {"Authorization": "Bearer ak-mine", "X-User-Id": "3f1c2b9e-5d1a-4c57-9d0e-0a6d1f0c7b11"}

    assert httpx.get(f"{fixed.on_demand_base_url}/health", headers=headers, trust_env=False, verify=NO_TLS).json() == {
        "status": "ok"
    }


def test_made_up_credentials_differ_from_host_to_host_and_are_not_shown(host: LocalHost) -> None:
    other = LocalHost()

    assert host.inference_api_key.startswith("ak-local-")
    assert other.inference_api_key != host.inference_api_key
    assert host.inference_api_key not in repr(host)
    assert host.inference_api_key not in repr(vars(host))
