"""The operations of the document: each is there, answers as documented, and takes the caller it should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tensormesh_local.catalogue import SERVERLESS
from tensormesh_local.control_plane.application import IncompleteError, check_complete
from tensormesh_local.control_plane.document import Document
from tensormesh_local.control_plane.handlers import HANDLERS
from tensormesh_local.control_plane.seed import COLLEAGUE_ID, DEPLOYMENT_ID, PAYMENT_METHOD
from tests.cases import cases
from tests.local_control_plane.browser import approve
from tests.local_control_plane.documented import document, operations

MODEL = "{modelId}"
ME = "{userId}"
PRICE = SERVERLESS[0].price_id
USD_5 = {"currencyCode": "USD", "units": "5", "nanos": 0}
GPU_PRICE = {"gpuType": "GPU_TYPE_A100", "cloudProvider": "CLOUD_PROVIDER_NEBIUS", "hourlyRate": USD_5}
NEW_PRICE = {"model": "example/new", "inputTokenPrice": USD_5, "isActive": True}

# A row for each operation: what to send so that it succeeds on a new host (values in the path, query and body), and how
# many activities that leaves in the feed of the user whom it is about. All tests that go through the operations
# go by it: those of the host, of the client and of the command line.
CALLS: dict[str, dict[str, Any]] = {
    "get_auth_profile": {},
    "accept_terms_of_service": {"body": {}, "activities": 1},
    "get_user": {"path": {"userId": ME}},
    "get_user_by_email": {"path": {"userEmail": "ada.moreau@example.com"}},
    "update_user": {"path": {"userId": ME}, "body": {"company": "New Labs"}, "activities": 1},
    "list_user_api_keys": {"query": {"includeDeleted": "true"}},
    "create_user_api_key": {"body": {"userId": ME, "name": "notebook", "scopes": ["inference"]}, "activities": 1},
    "delete_user_api_key": {"query": {"apiKey": "{apiKey}"}, "activities": 1},
    "get_balance": {},
    "get_billing_address": {},
    "update_billing_address": {"body": {"address": {"line1": "1 New Street", "country": "FR"}}, "activities": 1},
    "list_transactions": {},
    "get_spending_history": {},
    "get_spending_summary": {},
    "get_serverless_usage_history": {"query": {"bucket": "USAGE_BUCKET_WEEK"}},
    "get_or_create_stripe_customer": {},
    "list_stripe_payment_methods": {},
    "attach_stripe_payment_method": {"body": {"stripePaymentMethodId": "pm_card_mastercard"}, "activities": 1},
    "detach_stripe_payment_method": {"query": {"stripePaymentMethodId": PAYMENT_METHOD}, "activities": 1},
    "create_stripe_payment_intent": {"body": {"amount": USD_5}, "activities": 1},
    "confirm_stripe_payment_intent": {"body": {"stripePaymentIntentId": "{intent}"}, "activities": 2},
    "create_stripe_setup_intent": {"body": {}, "activities": 1},
    "list_gpu_pricing": {"query": {"gpuType": "GPU_TYPE_H100", "activeOnly": "true"}},
    "list_serverless_pricing": {},
    "list_deployed_models": {},
    "deploy_model": {"body": {"modelName": "qwen-chat", "modelPath": "Qwen/Qwen3.6-27B-FP8"}, "activities": 1},
    "get_model": {"path": {"modelId": MODEL}},
    "delete_model": {"path": {"modelId": MODEL}, "activities": 1},
    "chat_with_model": {"path": {"modelId": MODEL}, "body": {"body": "Say hello."}},
    "search_models_by_infra": {"body": {"infra": {"cloudProvider": "CLOUD_PROVIDER_NEBIUS"}}},
    "validate_model_name": {"body": {"modelName": "qwen-chat"}},
    "check_model": {"body": {"modelId": "Qwen/Qwen3.6-27B-FP8"}},
    "get_deployment_logs": {"path": {"deploymentId": DEPLOYMENT_ID}},
    "get_deployment_metrics": {"path": {"deploymentId": DEPLOYMENT_ID}},
    "get_user_metrics": {"query": {"stepSeconds": "60"}},
    "list_tickets": {},
    "create_ticket": {"body": {"subject": "Help", "message": "Please."}, "activities": 1},
    "get_ticket": {"path": {"ticketId": "tkt-2"}},
    "close_ticket": {"path": {"ticketId": "tkt-2"}, "activities": 1},
    "append_ticket_message": {
        "path": {"ticketId": "tkt-2"},
        "body": {"message": {"content": "Any news?"}},
        "activities": 1,
    },
    "submit_reserved_deployment_request": {
        "body": {"fullName": "Ada Moreau", "preferredGpu": "GPU_TYPE_H200"},
        "activities": 1,
    },
    "list_activities": {},
    "get_activity": {"path": {"activityId": "act-1"}},
    "list_products": {},
    "delete_product": {"path": {"id": "prd-h100-8x"}, "activities": 1},
    "admin_list_users": {},
    "admin_change_user_role": {"body": {"targetUserId": ME, "targetUserRole": "USER_ROLE_ADMIN"}, "activities": 1},
    "admin_lookup_balances": {"body": {"targetUserIds": [COLLEAGUE_ID]}},
    "admin_add_balance": {"body": {"targetUserId": COLLEAGUE_ID, "amount": USD_5}, "activities": 1},
    "admin_spending_summary": {"body": {"targetUserIds": [ME]}},
    "admin_create_gpu_pricing": {"body": {"pricing": GPU_PRICE}, "activities": 1},
    "admin_update_gpu_pricing": {"body": {"pricing": {**GPU_PRICE, "gpuType": "GPU_TYPE_H100"}}, "activities": 1},
    "admin_delete_gpu_pricing": {
        "path": {"gpuType": "GPU_TYPE_H100", "cloudProvider": "CLOUD_PROVIDER_NEBIUS"},
        "activities": 1,
    },
    "admin_list_serverless_pricing": {},
    "admin_create_serverless_pricing": {"body": {"pricing": NEW_PRICE}, "activities": 1},
    "admin_update_serverless_pricing": {
        "body": {"pricing": {"id": PRICE, "model": "openai/gpt-oss-20b"}},
        "activities": 1,
    },
    "admin_delete_serverless_pricing": {"query": {"id": PRICE}, "activities": 1},
    "admin_list_products": {},
    "admin_upsert_product": {"body": {"product": {"name": "1 x B200", "spec": {"memoryGib": 180}}}, "activities": 1},
    "admin_list_models": {},
    "admin_delete_model": {"path": {"modelId": MODEL}, "activities": 1},
    "cli_login_start": {},
    "cli_login_exchange": {"body": {"cli_code": "{cliCode}"}, "activities": 1},
    "cli_token_refresh": {"body": {"refresh_token": "{refreshToken}"}, "activities": 2},
}

PUBLIC = {name for name, (_, _, operation) in operations().items() if operation.get("security") == []}
ADMINISTRATIVE = sorted(
    name for name, (_, path, _) in operations().items() if path.startswith("/v1/admin/") or name == "delete_product"
)


@pytest.fixture
def known(host: LocalHost, owner: httpx.Client, login: Callable[[], dict[str, Any]]) -> Callable[[str], str]:
    """The values that are only known once a host runs, by the placeholder that stands for them."""

    def code() -> str:
        started = owner.post("/auth/cli/start").json()
        approve(started["auth_url"])
        return str(started["cli_code"])

    def intent() -> str:
        return str(
            owner.post("/v1/billing/stripe/payment-intents", json={"amount": USD_5}).json()["stripePaymentIntentId"]
        )

    makers: dict[str, Callable[[], str]] = {
        ME: lambda: host.on_demand_user_id,
        MODEL: lambda: str(owner.get("/v1/models").json()["models"][0]["modelId"]),
        "{apiKey}": lambda: host.inference_api_key,
        "{intent}": intent,
        "{cliCode}": code,
        "{refreshToken}": lambda: str(login()["refresh_token"]),
    }
    return lambda value: makers[value]() if value in makers else value


@pytest.fixture
def send(known: Callable[[str], str]) -> Callable[..., httpx.Response]:
    """Send the call of an operation, as any client."""

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [filled(item) for item in value]
        return known(value) if isinstance(value, str) else value

    def call(name: str, client: httpx.Client) -> httpx.Response:
        method, path, _ = operations()[name]
        given = filled(CALLS[name])
        for key, value in given.get("path", {}).items():
            path = path.replace("{" + key + "}", value)
        return client.request(method, path, params=given.get("query"), json=given.get("body"))

    return call


def test_each_operation_of_the_document_has_a_row_here() -> None:
    assert set(CALLS) == set(operations())


def test_every_operation_has_a_handler_and_no_handler_is_left_over() -> None:
    assert set(HANDLERS) == set(operations())


def test_an_operation_without_a_handler_is_found_when_the_host_starts() -> None:
    paths = {**document()["paths"], "/v1/new": {"get": {"operationId": "get_new", "tags": ["users"]}}}

    with pytest.raises(IncompleteError, match="get_new"):
        check_complete(Document({**document(), "paths": paths}))


def test_a_handler_without_an_operation_is_found_when_the_host_starts() -> None:
    paths = {path: item for path, item in document()["paths"].items() if path != "/auth/profile"}

    with pytest.raises(IncompleteError, match="get_auth_profile"):
        check_complete(Document({**document(), "paths": paths}))


@pytest.mark.parametrize("name", CALLS)
def test_an_operation_answers_200_as_documented(
    name: str, send: Callable[..., httpx.Response], owner: httpx.Client, root: httpx.Client
) -> None:
    answer = send(name, root if name in ADMINISTRATIVE else owner)

    # Its body is checked against the document by the client.
    assert answer.status_code == 200, answer.text


@cases("name", sorted(set(CALLS) - PUBLIC))
def test_an_operation_needs_a_token(
    name: str, send: Callable[..., httpx.Response], anonymous: httpx.Client, refused: Callable[..., str]
) -> None:
    assert "Authorization" in refused(send(name, anonymous), 401, 16)


@cases("name", sorted(PUBLIC))
def test_the_login_needs_no_token(name: str, send: Callable[..., httpx.Response], anonymous: httpx.Client) -> None:
    assert send(name, anonymous).status_code == 200


@cases("name", ADMINISTRATIVE)
def test_an_administrative_operation_refuses_a_plain_user(
    name: str, send: Callable[..., httpx.Response], owner: httpx.Client, refused: Callable[..., str]
) -> None:
    assert "administrators" in refused(send(name, owner), 403, 7)


@pytest.mark.parametrize("name", ADMINISTRATIVE)
def test_an_administrative_operation_takes_an_administrator(
    name: str, send: Callable[..., httpx.Response], admin: httpx.Client
) -> None:
    wanted = 403 if name == "admin_change_user_role" else 200

    assert send(name, admin).status_code == wanted


@pytest.mark.parametrize("name", CALLS)
def test_a_change_leaves_activities_and_a_look_leaves_none(
    name: str, send: Callable[..., httpx.Response], owner: httpx.Client, root: httpx.Client
) -> None:
    def activities() -> set[str]:
        users = [user["id"] for user in root.get("/v1/admin/users").json()["users"]]
        query = {"size": 100}
        answers = [root.get("/v1/activities", params={**query, "userId": user}).json() for user in users]
        return {activity["activityId"] for answer in answers for activity in answer["activities"]}

    before = activities()
    answer = send(name, root if name in ADMINISTRATIVE else owner)
    added = activities() - before

    assert answer.status_code == 200
    assert len(added) == CALLS[name].get("activities", 0)
