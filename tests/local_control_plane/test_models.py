"""Deployments: asked for, deploying, up, served by on-demand inference, torn down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tensormesh_local.catalogue import ON_DEMAND_NAME
from tensormesh_local.control_plane.seed import COLLEAGUE_ID, DEPLOYMENT_ID
from tests.cases import cases
from tests.local_control_plane.conftest import DEPLOY_SECONDS, Clock, Connect

type Got = Callable[..., dict[str, Any]]
type Refused = Callable[..., str]

QWEN = {"modelName": "qwen-chat", "modelPath": "Qwen/Qwen3.6-27B-FP8"}


def served(client: httpx.Client) -> list[str]:
    return [model["id"] for model in client.get("/v1/models").json()["data"]]


@pytest.fixture
def deploy(owner: httpx.Client) -> Callable[..., dict[str, Any]]:
    def start(**fields: Any) -> dict[str, Any]:
        answer = owner.post("/v1/models", json={**QWEN, **fields})

        assert answer.status_code == 200, answer.text
        model: dict[str, Any] = answer.json()["model"]
        return model

    return start


def test_a_new_host_has_one_deployment_up(host: LocalHost, got: Got, on_demand: httpx.Client) -> None:
    (model,) = got("/v1/models")["models"]

    assert (model["status"], model["deploymentId"]) == ("MODEL_STATUS_UP", DEPLOYMENT_ID)
    assert model["modelName"] == ON_DEMAND_NAME
    assert model["endpoint"] == host.on_demand_base_url
    assert model["apiKey"] == host.inference_api_key
    assert served(on_demand) == [ON_DEMAND_NAME]


def test_a_deployment_comes_up_in_its_time(
    deploy: Callable[..., dict[str, Any]], got: Got, on_demand: httpx.Client, clock: Clock
) -> None:
    model = deploy()
    path = f"/v1/models/{model['modelId']}"
    assert model["status"] == "MODEL_STATUS_DEPLOYING"

    clock.advance(seconds=DEPLOY_SECONDS - 1)
    assert got(path)["model"]["status"] == "MODEL_STATUS_DEPLOYING"
    assert "qwen-chat" not in served(on_demand)

    clock.advance(seconds=1)
    assert got(path)["model"]["status"] == "MODEL_STATUS_UP"
    assert got(path)["model"]["updatedAt"] == "2026-06-03T12:35:56Z"
    assert served(on_demand)[-1] == "qwen-chat"


def test_events_come_as_time_goes_on(deploy: Callable[..., dict[str, Any]], got: Got, clock: Clock) -> None:
    model = deploy()
    path, seen = f"/v1/models/{model['modelId']}", [len(model["events"])]
    for _ in range(3):
        clock.advance(seconds=DEPLOY_SECONDS / 2)
        seen.append(len(got(path)["model"]["events"]))

    assert seen == [1, 2, 4, 4]
    assert got(path)["model"]["events"][-1]["log"] == "Application startup complete."


def test_inference_answers_once_a_deployment_is_up(
    deploy: Callable[..., dict[str, Any]], on_demand: httpx.Client, clock: Clock
) -> None:
    deploy()
    body = {"model": "qwen-chat", "messages": [{"role": "user", "content": "Hello"}]}
    early = on_demand.post("/v1/chat/completions", json=body)
    assert early.status_code == 404
    assert "still starting" in early.json()["error"]["message"]

    clock.advance(seconds=DEPLOY_SECONDS)
    assert on_demand.post("/v1/chat/completions", json=body).json()["model"] == "qwen-chat"


def test_a_deployment_has_what_was_asked_for(deploy: Callable[..., dict[str, Any]], host: LocalHost) -> None:
    model = deploy(
        description="Chat",
        infra={"cloudProvider": "CLOUD_PROVIDER_LAMBDA", "lambdaRegion": "LAMBDA_REGION_SOMEWHERE"},
        gpuCount=2,
        gpuType="GPU_TYPE_B200",
        modelSpec={"maxModelLen": 4_096, "nested": {"free": ["form"]}},
        hfToken="hf_not_kept",
    )

    assert model["userId"] == host.on_demand_user_id
    assert (model["description"], model["gpuCount"], model["gpuType"]) == ("Chat", 2, "GPU_TYPE_B200")
    assert model["infra"] == {"cloudProvider": "CLOUD_PROVIDER_LAMBDA", "lambdaRegion": "LAMBDA_REGION_SOMEWHERE"}
    assert model["modelSpec"] == {"maxModelLen": 4_096, "nested": {"free": ["form"]}}
    assert "hf_not_kept" not in str(model)


def test_the_context_is_that_of_the_settings_or_of_the_weights(
    deploy: Callable[..., dict[str, Any]], on_demand: httpx.Client, clock: Clock
) -> None:
    deploy()
    deploy(modelName="short", modelSpec={"maxModelLen": 4_096})
    clock.advance(seconds=DEPLOY_SECONDS)
    lengths = {model["id"]: model["max_model_len"] for model in on_demand.get("/v1/models").json()["data"]}

    assert (lengths["qwen-chat"], lengths["short"]) == (262_144, 4_096)


def test_a_deployment_is_answered_with_its_own_key(
    host: LocalHost, deploy: Callable[..., dict[str, Any]], connect: Connect, clock: Clock
) -> None:
    key = deploy()["apiKey"]
    assert key != host.inference_api_key

    on_demand = connect(key, host.on_demand_base_url, **{"X-User-Id": host.on_demand_user_id})
    assert on_demand.get("/health").status_code == 200
    answer = connect(key, host.serverless_base_url).post("/tokenize", json={})
    assert answer.status_code == 401
    assert "the deployment qwen-chat" in answer.json()["error"]


def test_a_deployment_takes_the_key_it_is_given(
    host: LocalHost, deploy: Callable[..., dict[str, Any]], connect: Connect
) -> None:
    assert deploy(apiKey="my-own-key")["apiKey"] == "my-own-key"

    headers = {"X-User-Id": host.on_demand_user_id}
    assert connect("my-own-key", host.on_demand_base_url, **headers).get("/health").status_code == 200


def test_a_deleted_deployment_is_gone_everywhere(
    host: LocalHost,
    owner: httpx.Client,
    got: Got,
    on_demand: httpx.Client,
    connect: Connect,
    deploy: Callable[..., dict[str, Any]],
    refused: Refused,
    clock: Clock,
) -> None:
    model = deploy()
    clock.advance(seconds=DEPLOY_SECONDS)
    path = f"/v1/models/{model['modelId']}"

    assert owner.delete(path).json() == {"empty": {}}
    refused(owner.get(path), 404, 5)
    refused(owner.delete(path), 404, 5)
    refused(owner.post(f"{path}:chat", json={"body": "x"}), 404, 5)
    refused(owner.get(f"/v1/observability/deployments/{model['deploymentId']}/logs"), 404, 5)
    assert [one["modelName"] for one in got("/v1/models")["models"]] == [ON_DEMAND_NAME]
    assert served(on_demand) == [ON_DEMAND_NAME]
    own = connect(model["apiKey"], host.on_demand_base_url, **{"X-User-Id": host.on_demand_user_id})
    assert "torn down" in own.get("/health").json()["error"]


def test_a_name_is_free_again_after_deletion(owner: httpx.Client, deploy: Callable[..., dict[str, Any]]) -> None:
    owner.delete(f"/v1/models/{deploy()['modelId']}")

    assert deploy()["modelName"] == "qwen-chat"


@cases(
    ("fields", "field"),
    [
        ({"modelName": ""}, "modelName"),
        ({"modelPath": ""}, "modelPath"),
        ({"modelName": "two words"}, "modelName"),
        ({"gpuCount": -1}, "gpuCount"),
        ({"gpuCount": 1_000}, "gpuCount"),
        ({"gpuType": "GPU_TYPE_POTATO"}, "gpuType"),
        ({"userId": "me"}, "userId"),
    ],
)
def test_a_deployment_that_cannot_be_is_refused(
    owner: httpx.Client, refused: Refused, fields: dict[str, Any], field: str
) -> None:
    assert refused(owner.post("/v1/models", json={**QWEN, **fields}), 400, 3).startswith(f"{field}: ")


def test_a_taken_name_is_refused(owner: httpx.Client, refused: Refused) -> None:
    assert "already" in refused(owner.post("/v1/models", json={**QWEN, "modelName": ON_DEMAND_NAME}), 409, 6)


def test_a_used_up_balance_allows_no_deployment(
    owner: httpx.Client, serverless: httpx.Client, root: httpx.Client, refused: Refused
) -> None:
    model = "openai/gpt-oss-20b"
    (record,) = root.get("/v1/admin/billing/serverless-pricing", params={"model": model}).json()["pricing"]
    record["inputTokenPrice"]["units"] = "1000000000"
    root.put("/v1/admin/billing/serverless-pricing", json={"pricing": record})
    serverless.post("/v1/completions", json={"model": model, "prompt": "Hello"})

    assert "balance" in refused(owner.post("/v1/models", json=QWEN), 400, 9)


@cases(("name", "valid"), [("qwen-chat", True), (ON_DEMAND_NAME, False), ("two words", False), ("-x", False)])
def test_a_name_is_valid_when_it_is_well_formed_and_free(owner: httpx.Client, name: str, valid: bool) -> None:
    assert owner.post("/v1/models:validate", json={"modelName": name}).json() == {"isValid": valid}


def test_a_deployment_can_be_tried_out(
    owner: httpx.Client, deploy: Callable[..., dict[str, Any]], refused: Refused, clock: Clock
) -> None:
    path = f"/v1/models/{deploy()['modelId']}:chat"
    assert "starting" in refused(owner.post(path, json={"body": "Hello"}), 400, 9)

    clock.advance(seconds=DEPLOY_SECONDS)
    answer = owner.post(path, json={"body": "Say hello."})
    assert answer.status_code == 200
    assert answer.json()["response"].strip()


def test_trying_out_says_what_on_demand_says(owner: httpx.Client, on_demand: httpx.Client, got: Got) -> None:
    (model,) = got("/v1/models")["models"]
    messages = [{"role": "user", "content": "What is 17 * 23?"}]
    said = on_demand.post("/v1/chat/completions", json={"model": ON_DEMAND_NAME, "messages": messages}).json()
    tried = owner.post(f"/v1/models/{model['modelId']}:chat", json={"body": "What is 17 * 23?"}).json()

    assert tried == {"response": said["choices"][0]["message"]["content"]}


def test_trying_out_needs_no_key(host: LocalHost, owner: httpx.Client, got: Got) -> None:
    owner.delete("/v1/users/api-keys", params={"apiKey": host.inference_api_key})
    (model,) = got("/v1/models")["models"]

    assert owner.post(f"/v1/models/{model['modelId']}:chat", json={"body": "Hello"}).status_code == 200


def test_trying_out_is_no_request_of_its_own(host: LocalHost, owner: httpx.Client, got: Got) -> None:
    (model,) = got("/v1/models")["models"]
    owner.post(f"/v1/models/{model['modelId']}:chat", json={"body": "Hello"})

    assert host.requests[-1].path == f"/control-plane/v1/models/{model['modelId']}:chat"


def test_what_inference_refuses_is_refused(
    owner: httpx.Client, deploy: Callable[..., dict[str, Any]], refused: Refused, clock: Clock
) -> None:
    model = deploy(modelSpec={"maxModelLen": 16})
    clock.advance(seconds=DEPLOY_SECONDS)

    answer = owner.post(f"/v1/models/{model['modelId']}:chat", json={"body": "word " * 50})
    assert "context" in refused(answer, 400, 3)


def test_deployments_are_found_by_place(owner: httpx.Client, deploy: Callable[..., dict[str, Any]]) -> None:
    deploy(infra={"cloudProvider": "CLOUD_PROVIDER_LAMBDA", "lambdaRegion": "LAMBDA_REGION_EAST"})

    def names(**infra: str) -> list[str]:
        answer = owner.post("/v1/models:search-by-infra", json={"infra": infra})
        return [model["modelName"] for model in answer.json()["models"]]

    assert names() == [ON_DEMAND_NAME, "qwen-chat"]
    assert names(cloudProvider="CLOUD_PROVIDER_UNSPECIFIED") == [ON_DEMAND_NAME, "qwen-chat"]
    assert names(cloudProvider="CLOUD_PROVIDER_NEBIUS") == [ON_DEMAND_NAME]
    assert names(cloudProvider="CLOUD_PROVIDER_LAMBDA", lambdaRegion="LAMBDA_REGION_EAST") == ["qwen-chat"]
    assert names(cloudProvider="CLOUD_PROVIDER_LAMBDA", lambdaRegion="LAMBDA_REGION_WEST") == []


@pytest.mark.parametrize(
    ("model", "least", "most"),
    [("Qwen/Qwen3.6-27B-FP8", 27, 32), ("openai/gpt-oss-120b", 60, 80), ("meta-llama/Llama-3.1-8B-Instruct", 15, 19)],
)
def test_memory_follows_from_size_and_format(owner: httpx.Client, model: str, least: float, most: float) -> None:
    found = owner.post("/v1/models/check", json={"modelId": model}).json()

    assert least < found["requiredGpuMemoryGib"] < most
    assert 0 < found["requiredLmCacheMemoryGib"] < found["requiredGpuMemoryGib"]


def test_a_model_of_unknown_size_is_not_found(owner: httpx.Client, refused: Refused) -> None:
    assert "mystery" in refused(owner.post("/v1/models/check", json={"modelId": "org/mystery"}), 404, 5)


def test_the_deployments_of_others_are_not_found(owner: httpx.Client, admin: httpx.Client, refused: Refused) -> None:
    body = {**QWEN, "userId": COLLEAGUE_ID}
    refused(owner.post("/v1/models", json=body), 403, 7)
    model = admin.post("/v1/models", json=body).json()["model"]

    refused(owner.get(f"/v1/models/{model['modelId']}"), 404, 5)
    refused(owner.get(f"/v1/observability/deployments/{model['deploymentId']}/logs"), 404, 5)
    assert admin.get(f"/v1/models/{model['modelId']}").json()["model"]["userId"] == COLLEAGUE_ID
