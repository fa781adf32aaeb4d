"""Administrators: roles, other people's money, everybody's deployments, products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tensormesh_local.control_plane.seed import ADMIN_ID, COLLEAGUE_ID, SUPER_ADMIN_ID
from tests.cases import cases

type Got = Callable[..., dict[str, Any]]
type Refused = Callable[..., str]

CHANGE = "/v1/admin/users/change_role"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
USD_3 = {"currencyCode": "USD", "units": "3", "nanos": 0}


def change(client: httpx.Client, user_id: str, role: str) -> httpx.Response:
    return client.post(CHANGE, json={"targetUserId": user_id, "targetUserRole": f"USER_ROLE_{role}"})


def test_all_users_are_listed_with_their_roles(host: LocalHost, admin: httpx.Client) -> None:
    users = admin.get("/v1/admin/users").json()["users"]

    assert [(user["id"], user["userRole"]) for user in users] == [
        (host.on_demand_user_id, "USER_ROLE_USER"),
        (ADMIN_ID, "USER_ROLE_ADMIN"),
        (SUPER_ADMIN_ID, "USER_ROLE_SUPER_ADMIN"),
        (COLLEAGUE_ID, "USER_ROLE_USER"),
    ]


def test_a_new_role_holds_at_once(host: LocalHost, owner: httpx.Client, root: httpx.Client, refused: Refused) -> None:
    refused(owner.get("/v1/admin/users"), 403, 7)

    assert change(root, host.on_demand_user_id, "ADMIN").json()["user"]["userRole"] == "USER_ROLE_ADMIN"
    assert owner.get("/v1/admin/users").status_code == 200

    change(root, host.on_demand_user_id, "USER")
    refused(owner.get("/v1/admin/users"), 403, 7)


def test_only_super_administrators_change_roles(admin: httpx.Client, refused: Refused) -> None:
    assert "super administrator" in refused(change(admin, COLLEAGUE_ID, "ADMIN"), 403, 7)


def test_the_last_super_administrator_stays(root: httpx.Client, refused: Refused) -> None:
    assert "last" in refused(change(root, SUPER_ADMIN_ID, "USER"), 400, 9)
    change(root, ADMIN_ID, "SUPER_ADMIN")

    assert change(root, SUPER_ADMIN_ID, "USER").status_code == 200


@cases(
    ("user_id", "role", "status", "code"),
    [(UNKNOWN, "USER", 404, 5), ("me", "USER", 400, 3), (ADMIN_ID, "UNSPECIFIED", 400, 3), (ADMIN_ID, "KING", 400, 3)],
)
def test_a_change_that_cannot_be_is_refused(
    root: httpx.Client, refused: Refused, user_id: str, role: str, status: int, code: int
) -> None:
    refused(change(root, user_id, role), status, code)


def test_an_administrator_acts_as_nobody_else(admin: httpx.Client, refused: Refused) -> None:
    assert admin.get("/v1/admin/users", params={"userId": ADMIN_ID}).status_code == 200
    refused(admin.get("/v1/admin/users", params={"userId": SUPER_ADMIN_ID}), 403, 7)
    refused(admin.post("/v1/admin/billing/balances", json={"userId": COLLEAGUE_ID}), 403, 7)


def test_balances_are_looked_up_by_user(host: LocalHost, admin: httpx.Client, got: Got) -> None:
    body = {"targetUserIds": [COLLEAGUE_ID, UNKNOWN, host.on_demand_user_id, COLLEAGUE_ID]}
    balances = admin.post("/v1/admin/billing/balances", json=body).json()["balances"]

    assert [entry["userId"] for entry in balances] == [COLLEAGUE_ID, host.on_demand_user_id]
    assert balances[0]["balance"] == {"currencyCode": "USD", "units": "20", "nanos": 0}
    assert balances[1]["balance"] == got("/v1/billing/balance")["balance"]


@pytest.mark.parametrize(
    ("path", "key"), [("/v1/admin/billing/balances", "balances"), ("/v1/admin/billing/spending/summary", "summaries")]
)
def test_no_list_of_users_asks_for_all(admin: httpx.Client, refused: Refused, path: str, key: str) -> None:
    assert len(admin.post(path, json={}).json()[key]) == 4
    assert "targetUserIds[1]" in refused(admin.post(path, json={"targetUserIds": [ADMIN_ID, "me"]}), 400, 3)


def test_a_summary_is_that_of_the_user(host: LocalHost, admin: httpx.Client, got: Got) -> None:
    body = {"targetUserIds": [host.on_demand_user_id]}
    (summary,) = admin.post("/v1/admin/billing/spending/summary", json=body).json()["summaries"]

    assert summary == {"userId": host.on_demand_user_id, **got("/v1/billing/spending/summary")}


def test_a_credit_raises_the_balance_and_stands_in_the_ledger(admin: httpx.Client) -> None:
    body = {"targetUserId": COLLEAGUE_ID, "amount": USD_3}
    answer = admin.post("/v1/admin/billing/balances:add", json=body)
    entry = admin.get("/v1/billing/transactions", params={"userId": COLLEAGUE_ID}).json()["transactions"][0]

    assert answer.json() == {"balance": {"currencyCode": "USD", "units": "23", "nanos": 0}}
    assert (entry["amount"], entry["description"], entry["type"]) == (USD_3, "Credit", "TRANSACTION_TYPE_CREDIT")


def test_the_deployments_of_everybody_are_listed_and_can_be_torn_down(
    admin: httpx.Client, got: Got, on_demand: httpx.Client
) -> None:
    admin.post("/v1/models", json={"modelName": "m", "modelPath": "p", "userId": COLLEAGUE_ID})
    models = admin.get("/v1/admin/models").json()["models"]
    for model in models:
        assert admin.delete(f"/v1/admin/models/{model['modelId']}").json() == {"empty": {}}

    assert len({model["userId"] for model in models}) == 2
    assert got("/v1/models")["models"] == []
    assert on_demand.get("/v1/models").json()["data"] == []


def test_a_product_is_on_offer_as_long_as_it_is_active(admin: httpx.Client, got: Got) -> None:
    assert "prd-a100-1x" not in [product["id"] for product in got("/v1/products")["products"]]
    product = {"id": "prd-a100-1x", "name": "1 x A100", "requiredGpuNum": 1, "isActive": True, "spec": {"x": [1, None]}}
    stored = admin.post("/v1/admin/products", json={"product": product}).json()["product"]

    assert stored == {**product, "family": ""}
    assert stored in got("/v1/products")["products"]
    assert len(admin.get("/v1/admin/products").json()["products"]) == 4


def test_a_product_without_an_id_gets_one(admin: httpx.Client) -> None:
    ids = {admin.post("/v1/admin/products", json={"product": {"name": "n"}}).json()["product"]["id"] for _ in range(2)}

    assert len(ids) == 2


@pytest.mark.parametrize(
    ("product", "field"), [({}, "product.name"), ({"name": "n", "requiredGpuNum": -1}, "product.requiredGpuNum")]
)
def test_a_product_that_cannot_be_is_refused(
    admin: httpx.Client, refused: Refused, product: dict[str, Any], field: str
) -> None:
    assert field in refused(admin.post("/v1/admin/products", json={"product": product}), 400, 3)


def test_a_product_is_deleted_once(admin: httpx.Client) -> None:
    assert admin.delete("/v1/products/prd-h100-8x").json() == {"deleted": True}
    assert admin.delete("/v1/products/prd-h100-8x").json() == {"deleted": False}
