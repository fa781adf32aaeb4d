"""The three control-plane routes, their token and their error shape."""

from collections.abc import Iterator

import httpx
import pytest

from tensormesh_local import LocalHost
from tests.cases import cases
from tests.plain_http import NO_TLS

PATHS = ("/auth/profile", "/v1/billing/balance", "/v1/billing/serverless-pricing")


@pytest.fixture
def control_plane(host: LocalHost) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {host.control_plane_token}"}
    with httpx.Client(base_url=host.control_plane_base_url, headers=headers, trust_env=False, verify=NO_TLS) as client:
        yield client


def test_the_profile_is_that_of_the_on_demand_user(host: LocalHost, control_plane: httpx.Client) -> None:
    user = control_plane.get("/auth/profile").json()["user"]

    assert user["id"] == host.on_demand_user_id
    assert user["userRole"] == "USER_ROLE_USER"


def test_the_balance_is_money(control_plane: httpx.Client) -> None:
    balance = control_plane.get("/v1/billing/balance").json()["balance"]

    assert set(balance) == {"currencyCode", "units", "nanos"}
    assert (balance["currencyCode"], type(balance["units"]), type(balance["nanos"])) == ("USD", str, int)


def test_every_serverless_model_has_its_published_price(control_plane: httpx.Client, serverless: httpx.Client) -> None:
    pricing = control_plane.get("/v1/billing/serverless-pricing").json()["pricing"]
    models = {model["id"] for model in serverless.get("/v1/models").json()["data"]}
    prices = {entry["model"]: entry for entry in pricing}

    assert models == set(prices)
    expensive = prices["lukealonso/GLM-5.1-NVFP4-MTP"]
    assert expensive["inputTokenPrice"] == {"currencyCode": "USD", "units": "1", "nanos": 400_000_000}
    assert expensive["outputTokenPrice"] == {"currencyCode": "USD", "units": "4", "nanos": 400_000_000}
    assert expensive["cachedTokenPrice"] == {"currencyCode": "USD", "units": "0", "nanos": 0}
    assert expensive["isActive"] is True


def test_prices_can_be_asked_for_one_model(control_plane: httpx.Client) -> None:
    query = {"model": "openai/gpt-oss-120b", "activeOnly": "true"}
    pricing = control_plane.get("/v1/billing/serverless-pricing", params=query).json()["pricing"]

    assert [entry["model"] for entry in pricing] == ["openai/gpt-oss-120b"]


@cases("path", PATHS)
def test_every_route_needs_the_token(host: LocalHost, anonymous: httpx.Client, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer no"}, {"Authorization": f"Bearer {host.inference_api_key}"}):
        answer = anonymous.get(f"/control-plane{path}", headers=headers)

        assert answer.status_code == 401
        assert list(answer.json()) == ["code", "message", "details"]
        assert answer.json()["code"] == 16
        assert answer.json()["details"] == []
    assert "inference API key" in answer.json()["message"]


def test_errors_have_the_shape_of_the_control_plane(control_plane: httpx.Client) -> None:
    lost = control_plane.get("/v1/nope")
    wrong = control_plane.post("/auth/profile")
    odd = control_plane.get("/v1/billing/serverless-pricing", params={"activeOnly": "perhaps"})

    assert [(a.status_code, a.json()["code"]) for a in (lost, wrong, odd)] == [(404, 5), (405, 12), (400, 3)]
