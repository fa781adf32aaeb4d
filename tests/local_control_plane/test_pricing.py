"""Prices: what everybody reads, what administrators keep, and what inference serves because of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from tensormesh_local.catalogue import SERVERLESS

type Got = Callable[..., dict[str, Any]]
type Refused = Callable[..., str]

GPU = "/v1/admin/billing/gpu-pricing"
SERVERLESS_PRICES = "/v1/admin/billing/serverless-pricing"
USD_4 = {"currencyCode": "USD", "units": "4", "nanos": 0}
H100 = {"gpuType": "GPU_TYPE_H100", "cloudProvider": "CLOUD_PROVIDER_NEBIUS"}
A100 = {"gpuType": "GPU_TYPE_A100", "cloudProvider": "CLOUD_PROVIDER_NEBIUS"}


def served(client: httpx.Client) -> list[str]:
    return [model["id"] for model in client.get("/v1/models").json()["data"]]


def test_every_serverless_model_has_its_published_price(got: Got, serverless: httpx.Client) -> None:
    prices = {entry["model"]: entry for entry in got("/v1/billing/serverless-pricing")["pricing"]}

    assert set(served(serverless)) == set(prices)
    expensive = prices["lukealonso/GLM-5.1-NVFP4-MTP"]
    assert expensive["inputTokenPrice"] == {"currencyCode": "USD", "units": "1", "nanos": 400_000_000}
    assert expensive["outputTokenPrice"] == {"currencyCode": "USD", "units": "4", "nanos": 400_000_000}
    assert expensive["cachedTokenPrice"] == {"currencyCode": "USD", "units": "0", "nanos": 0}


def test_prices_can_be_asked_for_one_model(got: Got) -> None:
    assert [e["model"] for e in got("/v1/billing/serverless-pricing", model="openai/gpt-oss-120b")["pricing"]] == [
        "openai/gpt-oss-120b"
    ]
    assert got("/v1/billing/serverless-pricing", model="nobody/nothing")["pricing"] == []


def test_gpu_rates_can_be_narrowed_down(got: Got) -> None:
    def rates(**query: str) -> list[tuple[str, str]]:
        return [(e["gpuType"], e["cloudProvider"]) for e in got("/v1/billing/gpu-pricing", **query)["pricing"]]

    assert len(rates()) == 6
    assert len(rates(gpuType="GPU_TYPE_UNSPECIFIED")) == 6
    assert len(rates(activeOnly="true")) == 5
    assert rates(**H100) == [("GPU_TYPE_H100", "CLOUD_PROVIDER_NEBIUS")]


def test_a_gpu_rate_is_created_once_and_changed_when_it_is_there(
    admin: httpx.Client, got: Got, refused: Refused
) -> None:
    refused(admin.put(GPU, json={"pricing": {**A100, "hourlyRate": USD_4}}), 404, 5)
    created = admin.post(GPU, json={"pricing": {**A100, "hourlyRate": USD_4, "isActive": True}})
    assert created.json()["pricing"] == {**A100, "hourlyRate": USD_4, "isActive": True}

    refused(admin.post(GPU, json={"pricing": {**A100, "hourlyRate": USD_4}}), 409, 6)
    admin.put(GPU, json={"pricing": A100})
    assert got("/v1/billing/gpu-pricing", **A100)["pricing"] == [
        {**A100, "hourlyRate": {"currencyCode": "USD", "units": "0", "nanos": 0}, "isActive": False}
    ]


def test_a_gpu_rate_is_deleted_by_its_path(admin: httpx.Client, got: Got, refused: Refused) -> None:
    path = f"{GPU}/GPU_TYPE_H100/CLOUD_PROVIDER_NEBIUS"

    assert admin.delete(path).json() == {"empty": {}}
    assert got("/v1/billing/gpu-pricing", **H100)["pricing"] == []
    refused(admin.delete(path), 404, 5)
    refused(admin.delete(f"{GPU}/GPU_TYPE_H900/CLOUD_PROVIDER_NEBIUS"), 400, 3)


def test_a_rate_names_gpu_and_provider(admin: httpx.Client, refused: Refused) -> None:
    pricing = {"gpuType": "GPU_TYPE_UNSPECIFIED", "cloudProvider": "CLOUD_PROVIDER_NEBIUS"}

    assert "pricing.gpuType" in refused(admin.post(GPU, json={"pricing": pricing}), 400, 3)


def test_a_model_with_a_new_price_is_served(admin: httpx.Client, serverless: httpx.Client, got: Got) -> None:
    pricing = {"model": "example/new-model", "inputTokenPrice": USD_4, "isActive": True}
    record = admin.post(SERVERLESS_PRICES, json={"pricing": pricing}).json()["pricing"]

    assert record["name"] == "new-model"
    assert record in got("/v1/billing/serverless-pricing")["pricing"]
    assert served(serverless)[-1] == "example/new-model"
    assert serverless.post("/v1/completions", json={"model": "example/new-model", "prompt": "x"}).status_code == 200


def test_a_model_whose_price_goes_is_served_no_more(admin: httpx.Client, serverless: httpx.Client) -> None:
    first, second = SERVERLESS[0], SERVERLESS[1]
    admin.delete(SERVERLESS_PRICES, params={"id": first.price_id})
    admin.put(SERVERLESS_PRICES, json={"pricing": {"id": second.price_id, "model": second.name}})

    assert not {first.name, second.name} & set(served(serverless))
    answer = serverless.post("/tokenize", json={"model": first.name, "prompt": "x"})
    assert answer.status_code == 404
    assert "this is the on-demand host" not in answer.json()["error"]["message"]


def test_a_price_out_of_force_is_listed_unless_only_active_ones_are_asked_for(admin: httpx.Client) -> None:
    model = SERVERLESS[0]
    admin.put(SERVERLESS_PRICES, json={"pricing": {"id": model.price_id, "model": model.name}})

    def ids(**query: str) -> list[str]:
        return [entry["id"] for entry in admin.get(SERVERLESS_PRICES, params=query).json()["pricing"]]

    assert ids(model=model.name) == [model.price_id]
    assert ids(model=model.name, activeOnly="true") == []


def test_one_model_has_one_price_in_force(admin: httpx.Client, refused: Refused) -> None:
    pricing = {"model": SERVERLESS[0].name, "inputTokenPrice": USD_4}

    refused(admin.post(SERVERLESS_PRICES, json={"pricing": {**pricing, "isActive": True}}), 409, 6)
    assert admin.post(SERVERLESS_PRICES, json={"pricing": pricing}).status_code == 200


def test_prices_that_cannot_be_are_refused(admin: httpx.Client, refused: Refused) -> None:
    minus = {"currencyCode": "USD", "units": "-1"}

    def post(**pricing: Any) -> httpx.Response:
        return admin.post(SERVERLESS_PRICES, json={"pricing": pricing})

    assert "pricing.model" in refused(post(inputTokenPrice=USD_4), 400, 3)
    assert "pricing.id" in refused(post(id="mine", model="m"), 400, 3)
    assert "pricing.outputTokenPrice" in refused(post(model="m", outputTokenPrice=minus), 400, 3)
    refused(admin.put(SERVERLESS_PRICES, json={"pricing": {"id": "none", "model": "m"}}), 404, 5)
    assert "pricing.id" in refused(admin.put(SERVERLESS_PRICES, json={"pricing": {"model": "m"}}), 400, 3)
    refused(admin.delete(SERVERLESS_PRICES, params={"id": "none"}), 404, 5)
