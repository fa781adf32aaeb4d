"""How requests are read: against the document, with the leniency of Protocol Buffers' JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tests.cases import cases

type Refused = Callable[..., str]


def fields(answer: httpx.Response) -> list[str]:
    """The fields an answer complains of, out of its details."""
    (detail,) = answer.json()["details"]
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    return [violation["field"] for violation in detail["fieldViolations"]]


@cases(
    ("path", "query", "field"),
    [
        ("/v1/activities", {"page": "one"}, "page"),
        ("/v1/activities", {"page": "1.5"}, "page"),
        ("/v1/activities", {"page": "-1"}, "page"),
        ("/v1/activities", {"size": "2147483648"}, "size"),
        ("/v1/activities", {"startTime": "yesterday"}, "startTime"),
        ("/v1/activities", {"startTime": "2026-06-01"}, "startTime"),
        ("/v1/activities", {"endTime": "2026-02-30T00:00:00Z"}, "endTime"),
        ("/v1/activities", {"startTime": "2026-06-02T00:00:00Z", "endTime": "2026-06-01T00:00:00Z"}, "startTime"),
        ("/v1/users/api-keys", {"includeDeleted": "perhaps"}, "includeDeleted"),
        ("/v1/billing/gpu-pricing", {"gpuType": "GPU_TYPE_H900"}, "gpuType"),
        ("/v1/billing/serverless-usage/history", {"bucket": "USAGE_BUCKET_CENTURY"}, "bucket"),
        ("/v1/billing/transactions", {"pageSize": "-5"}, "pageSize"),
        ("/v1/observability/users/metrics", {"stepSeconds": "-60"}, "stepSeconds"),
        ("/v1/billing/balance", {"userId": "me"}, "userId"),
    ],
)
def test_a_wrong_query_value_is_named(
    owner: httpx.Client, refused: Refused, path: str, query: dict[str, str], field: str
) -> None:
    answer = owner.get(path, params=query)

    assert refused(answer, 400, 3).startswith(f"{field}: ")
    assert fields(answer) == [field]


def test_a_missing_query_parameter_is_named(owner: httpx.Client, refused: Refused) -> None:
    assert refused(owner.delete("/v1/users/api-keys"), 400, 3) == "apiKey: is required"


def test_a_parameter_given_twice_is_refused(owner: httpx.Client, refused: Refused) -> None:
    answer = owner.get("/v1/activities", params=[("page", "1"), ("page", "2")])

    assert "more than once" in refused(answer, 400, 3)


@cases(("spelt", "deleted"), [("true", 1), ("True", 1), ("1", 1), ("t", 1), ("false", 0), ("False", 0), ("0", 0)])
def test_booleans_in_the_query_are_read_as_the_gateway_reads_them(
    got: Callable[..., dict[str, Any]], spelt: str, deleted: int
) -> None:
    keys = got("/v1/users/api-keys", includeDeleted=spelt)["apiKeys"]

    assert sum(key["deletedAt"] is not None for key in keys) == deleted


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x"}, "userId"),
        ({"userId": ""}, "userId"),
        ({"userId": None}, "userId"),
        ({"userId": 7}, "userId"),
        ({"userId": "not-a-uuid"}, "userId"),
        ({"userId": "{me}", "name": ["x"]}, "name"),
        ({"userId": "{me}", "scopes": "all"}, "scopes"),
        ({"userId": "{me}", "scopes": ["a", 1]}, "scopes[1]"),
        ({"userId": "{me}", "expiresAt": "soon"}, "expiresAt"),
        ({"userId": "{me}", "expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
    ],
)
def test_a_wrong_body_value_is_named(
    host: LocalHost, owner: httpx.Client, refused: Refused, body: dict[str, Any], field: str
) -> None:
    if body.get("userId") == "{me}":
        body = {**body, "userId": host.on_demand_user_id}
    answer = owner.post("/v1/users/api-keys", json=body)

    assert refused(answer, 400, 3).startswith(f"{field}: ")
    assert fields(answer) == [field]


def test_everything_that_is_wrong_is_told_at_once(owner: httpx.Client) -> None:
    body = {"infra": {"cloudProvider": "CLOUD_PROVIDER_MOON"}, "gpuCount": 1.5, "kvCacheEnabled": "yes"}

    assert fields(owner.post("/v1/models", json=body)) == ["infra.cloudProvider", "gpuCount", "kvCacheEnabled"]


@cases("body", [b"{", b"[]", b'"text"', b"null", b"\xff", b"[" * 100_000, b'{"x": NaN}'])
def test_a_body_that_is_no_json_object_is_refused(owner: httpx.Client, refused: Refused, body: bytes) -> None:
    assert "JSON" in refused(owner.post("/v1/support/tickets", content=body), 400, 3)


def test_a_lone_surrogate_is_refused(owner: httpx.Client, refused: Refused) -> None:
    body = rb'{"subject": "\ud800", "message": "x"}'

    assert refused(owner.post("/v1/support/tickets", content=body), 400, 3) == "subject: must be valid Unicode"


def test_a_plain_user_is_refused_before_the_body_is_read(owner: httpx.Client, refused: Refused) -> None:
    refused(owner.post("/v1/admin/billing/balances:add", content=b"{"), 403, 7)


def test_no_body_is_an_empty_one(owner: httpx.Client) -> None:
    assert owner.post("/v1/users/accept-tos").status_code == 200


def test_unknown_fields_and_parameters_are_ignored(owner: httpx.Client) -> None:
    body = {"subject": "s", "message": "m", "priority": "high"}
    answer = owner.post("/v1/support/tickets", json=body, params={"verbose": "1"})

    assert answer.status_code == 200
    assert "priority" not in answer.json()["ticket"]


def test_null_is_a_field_left_out(owner: httpx.Client, host: LocalHost, got: Callable[..., dict[str, Any]]) -> None:
    owner.put(f"/v1/users/{host.on_demand_user_id}", json={"company": None, "lastName": "Curie"})
    user = got("/auth/profile")["user"]

    assert (user["company"], user["lastName"]) == ("Example Labs", "Curie")


@pytest.mark.parametrize("units", ["7", 7, 7.0])
def test_a_64_bit_integer_may_be_text_or_a_number(root: httpx.Client, host: LocalHost, units: Any) -> None:
    body = {"targetUserId": host.on_demand_user_id, "amount": {"currencyCode": "USD", "units": units}}
    before = root.post("/v1/admin/billing/balances", json={"targetUserIds": [host.on_demand_user_id]}).json()
    after = root.post("/v1/admin/billing/balances:add", json=body).json()

    assert int(after["balance"]["units"]) - int(before["balances"][0]["balance"]["units"]) == 7


@pytest.mark.parametrize("count", ["2", 2, 2.0])
def test_a_32_bit_integer_may_be_text_or_a_number(owner: httpx.Client, count: Any) -> None:
    body = {"modelName": "m", "modelPath": "p", "gpuCount": count}

    assert owner.post("/v1/models", json=body).json()["model"]["gpuCount"] == 2


def test_money_that_is_a_bare_number_is_refused(root: httpx.Client, host: LocalHost, refused: Refused) -> None:
    body = {"targetUserId": host.on_demand_user_id, "amount": 5}

    assert refused(root.post("/v1/admin/billing/balances:add", json=body), 400, 3) == "amount: must be an object"


@cases(
    ("amount", "field"),
    [
        ({"currencyCode": "EUR", "units": "1"}, "amount.currencyCode"),
        ({"units": "1", "nanos": -1}, "amount.nanos"),
        ({"nanos": 1_000_000_000}, "amount.nanos"),
        ({"units": "0"}, "amount"),
        ({"units": "-1"}, "amount"),
        ({"units": "9223372036854775808"}, "amount.units"),
        ({"units": "one"}, "amount.units"),
    ],
)
def test_money_that_is_none_is_refused(
    owner: httpx.Client, refused: Refused, amount: dict[str, Any], field: str
) -> None:
    answer = owner.post("/v1/billing/stripe/payment-intents", json={"amount": amount})

    assert refused(answer, 400, 3).startswith(f"{field}: ")


def test_a_path_value_is_decoded_after_the_path_is_split(owner: httpx.Client, refused: Refused) -> None:
    assert "tkt/1" in refused(owner.get("/v1/support/tickets/tkt%2F1"), 404, 5)


def test_a_path_value_may_hold_a_line_break(owner: httpx.Client, refused: Refused) -> None:
    assert "does not exist" in refused(owner.get("/v1/activities/a%0Ab"), 404, 5)


def test_a_fixed_path_wins_over_one_with_a_parameter(owner: httpx.Client) -> None:
    assert list(owner.get("/v1/users/api-keys").json()) == ["apiKeys"]


@cases("path", ["/", "/v1", "/v1/nope", "/v1/models/", "/v1/models/a/b", "/v1/models/a:fly"])
def test_an_unknown_path_is_not_found(owner: httpx.Client, refused: Refused, path: str) -> None:
    assert refused(owner.get(path), 404, 5) == "Not Found"


def test_a_path_asked_with_the_wrong_method_names_the_right_ones(owner: httpx.Client, refused: Refused) -> None:
    answer = owner.post("/v1/models/some-id")

    assert refused(answer, 405, 12) == "Method Not Allowed"
    assert answer.headers["allow"] == "DELETE, GET"


def test_an_answer_carries_the_request_id_it_was_given(owner: httpx.Client) -> None:
    assert owner.get("/auth/profile", headers={"X-Request-Id": "mine"}).headers["x-request-id"] == "mine"
