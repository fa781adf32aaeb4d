"""Keys: good for inference from the moment they exist until they are deleted or expire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tensormesh_local.control_plane.seed import COLLEAGUE_ID
from tests.local_control_plane.conftest import Clock, Connect

type Got = Callable[..., dict[str, Any]]
type Refused = Callable[..., str]

TOKENIZE = {"model": "openai/gpt-oss-20b", "prompt": "hello"}


@pytest.fixture
def create(host: LocalHost, owner: httpx.Client) -> Callable[..., dict[str, Any]]:
    def key(**fields: Any) -> dict[str, Any]:
        answer = owner.post("/v1/users/api-keys", json={"userId": host.on_demand_user_id, **fields})

        assert answer.status_code == 200, answer.text
        created: dict[str, Any] = answer.json()["apiKey"]
        return created

    return key


@pytest.fixture
def tokenize(host: LocalHost, connect: Connect) -> Callable[[str], httpx.Response]:
    """Use a key on serverless inference."""
    return lambda key: connect(key, host.serverless_base_url).post("/tokenize", json=TOKENIZE)


def test_a_new_key_works_at_once(create: Callable[..., dict[str, Any]], tokenize: Callable[..., Any]) -> None:
    assert tokenize(create()["id"]).status_code == 200


def test_a_new_key_works_on_demand(host: LocalHost, create: Callable[..., dict[str, Any]], connect: Connect) -> None:
    headers = {"X-User-Id": host.on_demand_user_id}

    assert connect(create()["id"], host.on_demand_base_url, **headers).get("/health").status_code == 200


def test_a_deleted_key_is_refused_at_once(
    owner: httpx.Client, create: Callable[..., dict[str, Any]], tokenize: Callable[..., Any], clock: Clock
) -> None:
    key = create()["id"]
    answer = owner.delete("/v1/users/api-keys", params={"apiKey": key})

    assert answer.json() == {"empty": {}}
    assert tokenize(key).status_code == 401
    assert tokenize(key).json() == {"error": "Unauthorized: this API key was deleted on 2026-06-03T12:34:56Z"}


def test_a_key_works_up_to_its_last_moment(
    create: Callable[..., dict[str, Any]], tokenize: Callable[..., Any], clock: Clock
) -> None:
    key = create(expiresAt="2026-06-03T14:00:00+01:00")["id"]
    clock.advance(minutes=25, seconds=3)
    assert tokenize(key).status_code == 200

    clock.advance(seconds=1)
    assert tokenize(key).json() == {"error": "Unauthorized: this API key expired on 2026-06-03T13:00:00Z"}


def test_a_key_is_listed_as_it_was_created(create: Callable[..., dict[str, Any]], got: Got) -> None:
    created = create(name="notebook", scopes=["chat", "éà"], expiresAt="2027-01-01T00:00:00Z")

    assert got("/v1/users/api-keys")["apiKeys"][0] == created
    assert {**created, "id": "*"} == {
        "id": "*",
        "name": "notebook",
        "scopes": ["chat", "éà"],
        "createdAt": "2026-06-03T12:34:56Z",
        "expiresAt": "2027-01-01T00:00:00Z",
        "deletedAt": None,
    }


def test_deleted_keys_are_listed_only_on_request(
    host: LocalHost, owner: httpx.Client, create: Callable[..., dict[str, Any]], got: Got
) -> None:
    key = create()["id"]
    owner.delete("/v1/users/api-keys", params={"apiKey": key})

    assert key not in [entry["id"] for entry in got("/v1/users/api-keys")["apiKeys"]]
    listed = {entry["id"]: entry for entry in got("/v1/users/api-keys", includeDeleted="true")["apiKeys"]}
    assert listed[key]["deletedAt"] == "2026-06-03T12:34:56Z"
    assert listed[host.inference_api_key]["deletedAt"] is None


def test_the_key_of_the_host_is_listed_and_can_be_deleted(
    host: LocalHost, owner: httpx.Client, got: Got, tokenize: Callable[..., Any]
) -> None:
    assert host.inference_api_key in [entry["id"] for entry in got("/v1/users/api-keys")["apiKeys"]]
    owner.delete("/v1/users/api-keys", params={"apiKey": host.inference_api_key})

    assert tokenize(host.inference_api_key).status_code == 401


def test_a_key_is_deleted_once_and_the_refusal_does_not_repeat_it(
    owner: httpx.Client, create: Callable[..., dict[str, Any]], refused: Refused
) -> None:
    key = create()["id"]
    owner.delete("/v1/users/api-keys", params={"apiKey": key})

    assert key not in refused(owner.delete("/v1/users/api-keys", params={"apiKey": key}), 404, 5)


def test_nobody_deletes_or_creates_keys_of_others(
    host: LocalHost, owner: httpx.Client, admin: httpx.Client, tokenize: Callable[..., Any], refused: Refused
) -> None:
    body = {"userId": COLLEAGUE_ID}
    key = admin.post("/v1/users/api-keys", json=body).json()["apiKey"]["id"]

    refused(owner.post("/v1/users/api-keys", json=body), 403, 7)
    refused(owner.delete("/v1/users/api-keys", params={"apiKey": key}), 404, 5)
    assert tokenize(key).status_code == 200


def test_a_key_of_one_user_does_not_open_the_deployments_of_another(
    host: LocalHost, admin: httpx.Client, connect: Connect
) -> None:
    key = admin.post("/v1/users/api-keys", json={"userId": COLLEAGUE_ID}).json()["apiKey"]["id"]
    others = connect(key, host.on_demand_base_url, **{"X-User-Id": host.on_demand_user_id}).get("/v1/models")
    own = connect(key, host.on_demand_base_url, **{"X-User-Id": COLLEAGUE_ID}).get("/v1/models")

    assert others.status_code == 404
    assert "not the owner" in others.json()["error"]["message"]
    assert own.json()["data"] == []


def test_a_control_plane_token_is_no_key(host: LocalHost, tokenize: Callable[..., Any]) -> None:
    assert "control-plane token" in tokenize(host.control_plane_token).json()["error"]


def test_the_feed_names_a_key_without_giving_it_away(
    owner: httpx.Client, create: Callable[..., dict[str, Any]], got: Got
) -> None:
    key = create(name="notebook")["id"]
    owner.delete("/v1/users/api-keys", params={"apiKey": key})
    deleted, created = got("/v1/activities", resourceType="api_key", size=2)["activities"]

    assert (created["action"], deleted["action"]) == ("create", "delete")
    assert created["resourceId"] == deleted["resourceId"] == "key-4"
    assert deleted["description"] == 'Ada Moreau deleted the API key "notebook"'
    assert key not in str((created, deleted))
