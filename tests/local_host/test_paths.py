"""What every answer carries, and what a wrong path is told."""

import re

import httpx
import pytest

from tensormesh import NotFoundError, Tensormesh
from tensormesh_local import LocalHost
from tests.cases import cases


@cases(
    ("path", "hint"),
    [
        ("/serverless/v1/nope", None),
        ("/serverless/v1/v1/models", "stands twice"),
        ("/on-demand/v1/v1/chat/completions", "stands twice"),
        ("/serverless/models", "/serverless/v1/models"),
        ("/on-demand/chat/completions", "/on-demand/v1/chat/completions"),
        ("/serverless/v1/tokenize", "/serverless/tokenize"),
        ("/serverless/v1/models/", "/serverless/v1/models"),
        ("/v1/models", "/serverless/v1/models"),
        ("/nowhere", None),
    ],
)
def test_an_unknown_path_is_not_found_and_the_usual_slips_get_a_hint(
    anonymous: httpx.Client, path: str, hint: str | None
) -> None:
    answer = anonymous.get(path)

    assert answer.status_code == 404
    assert answer.json()["detail"] == "Not Found"
    assert (hint is None) == ("hint" not in answer.json())
    assert (hint or "") in answer.json().get("hint", "")
    assert answer.json().get("error", {}).get("message", "") == (f"Not Found. {answer.json()['hint']}" if hint else "")


@pytest.mark.parametrize("path", ["/serverless/models", "/serverless/v1/v1/models", "/v1/models"])
def test_a_client_shows_the_hint(host: LocalHost, path: str) -> None:
    with Tensormesh(serverless_base_url=f"http://127.0.0.1:{host.port}", inference_api_key="k") as client:
        hint = httpx.get(f"http://127.0.0.1:{host.port}{path}").json()["hint"]

        with pytest.raises(NotFoundError, match=re.escape(hint)):
            client.inference.serverless.request("GET", path)


def test_a_wrong_verb_is_told_the_right_one(serverless: httpx.Client) -> None:
    answer = serverless.get("/v1/chat/completions")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.json() == {"detail": "Method Not Allowed"}


@cases("path", ["/serverless/health", "/nope", "/on-demand/health", "/control-plane/x", "/_local/x"])
def test_every_answer_has_a_request_id(anonymous: httpx.Client, path: str) -> None:
    first, second = anonymous.get(path), anonymous.get(path)

    assert first.headers["x-request-id"]
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert anonymous.get(path, headers={"X-Request-Id": "mine-1"}).headers["x-request-id"] == "mine-1"


def test_an_answer_is_named_after_the_request_id(serverless: httpx.Client) -> None:
    body = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}]}
    answer = serverless.post("/v1/chat/completions", json=body, headers={"X-Request-Id": "my-req-1"})

    assert answer.json()["id"] == "chatcmpl-my-req-1"


@cases("accept", ["text/plain", "application/xml", "text/event-stream", "*/*"])
def test_accept_is_not_negotiated(serverless: httpx.Client, accept: str) -> None:
    answer = serverless.get("/v1/models", headers={"Accept": accept})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


def test_the_three_gets_have_the_shapes_of_the_engine(serverless: httpx.Client) -> None:
    models = serverless.get("/v1/models").json()

    assert models["object"] == "list"
    keys = ["id", "object", "created", "owned_by", "root", "parent", "max_model_len"]
    assert all(list(model) == keys for model in models["data"])
    assert all(model["object"] == "model" for model in models["data"])
    assert serverless.get("/health").json() == {"status": "ok"}
    assert isinstance(serverless.get("/version").json()["version"], str)


def test_a_stored_response_is_not_found_in_json(serverless: httpx.Client) -> None:
    answer = serverless.get("/v1/responses/resp_1")

    assert answer.status_code == 404
    assert answer.json()["error"]["param"] == "response_id"


def test_a_host_leads_clients_to_itself(host: LocalHost) -> None:
    names = [
        "TENSORMESH_SERVERLESS_BASE_URL",
        "TENSORMESH_ON_DEMAND_BASE_URL",
        "TENSORMESH_ON_DEMAND_USER_ID",
        "TENSORMESH_INFERENCE_API_KEY",
        "TENSORMESH_CONTROL_PLANE_BASE_URL",
        "TENSORMESH_CONTROL_PLANE_TOKEN",
    ]

    assert names == list(host.environment())
    assert host.serverless_base_url == f"http://127.0.0.1:{host.port}/serverless"
