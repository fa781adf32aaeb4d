"""Profiles: one's own, and what others may see of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tensormesh_local.control_plane.seed import COLLEAGUE_ID
from tests.cases import cases

type Got = Callable[..., dict[str, Any]]
type Refused = Callable[..., str]


def test_the_profile_is_that_of_the_on_demand_user(host: LocalHost, got: Got) -> None:
    user = got("/auth/profile")["user"]

    assert user["id"] == host.on_demand_user_id
    assert (user["userRole"], user["userEmail"]) == ("USER_ROLE_USER", "ada.moreau@example.com")
    assert user["tosAcceptedAt"] == "2026-04-04T12:34:00Z"


def test_a_profile_gives_no_key_away(host: LocalHost, owner: httpx.Client) -> None:
    assert host.inference_api_key not in owner.get("/auth/profile").text


def test_accepting_the_terms_notes_the_time(owner: httpx.Client) -> None:
    assert owner.post("/v1/users/accept-tos", json={}).json()["user"]["tosAcceptedAt"] == "2026-06-03T12:34:56Z"


def test_an_update_changes_what_it_names_and_nothing_else(host: LocalHost, owner: httpx.Client, got: Got) -> None:
    before = got("/auth/profile")["user"]
    answer = owner.put(f"/v1/users/{host.on_demand_user_id}", json={"displayName": "Ada M.", "company": ""})

    assert answer.json() == {"empty": {}}
    assert got("/auth/profile")["user"] == {**before, "displayName": "Ada M.", "company": ""}


def test_an_update_of_nothing_is_no_change(host: LocalHost, owner: httpx.Client, got: Got) -> None:
    before = got("/v1/activities")

    assert owner.put(f"/v1/users/{host.on_demand_user_id}", json={}).json() == {"empty": {}}
    assert got("/v1/activities") == before


def test_one_finds_oneself_by_id_and_by_address(host: LocalHost, got: Got) -> None:
    profile = got("/auth/profile")

    assert got(f"/v1/users/{host.on_demand_user_id.upper()}") == profile
    assert got("/v1/users/by-email/Ada.Moreau%40example.com", userId=host.on_demand_user_id) == profile


def test_a_second_criterion_has_to_fit_as_well(host: LocalHost, admin: httpx.Client, refused: Refused) -> None:
    query = {"userEmail": "tomas.reyes@example.com"}

    refused(admin.get(f"/v1/users/{host.on_demand_user_id}", params=query), 404, 5)
    assert admin.get(f"/v1/users/{COLLEAGUE_ID}", params=query).status_code == 200


@pytest.mark.parametrize("path", [f"/v1/users/{COLLEAGUE_ID}", "/v1/users/by-email/tomas.reyes@example.com"])
def test_others_are_for_administrators(owner: httpx.Client, admin: httpx.Client, refused: Refused, path: str) -> None:
    refused(owner.get(path), 403, 7)
    assert admin.get(path).json()["user"]["id"] == COLLEAGUE_ID


def test_nobody_changes_another_user(owner: httpx.Client, admin: httpx.Client, refused: Refused) -> None:
    refused(owner.put(f"/v1/users/{COLLEAGUE_ID}", json={"company": "Mine"}), 403, 7)
    assert admin.get(f"/v1/users/{COLLEAGUE_ID}").json()["user"]["company"] == "Example Labs"


@cases(
    "path",
    ["/v1/billing/balance", "/v1/billing/transactions", "/v1/users/api-keys", "/v1/models", "/v1/activities"],
)
def test_what_belongs_to_others_is_for_administrators(
    owner: httpx.Client, admin: httpx.Client, refused: Refused, path: str
) -> None:
    assert COLLEAGUE_ID in refused(owner.get(path, params={"userId": COLLEAGUE_ID}), 403, 7)
    assert admin.get(path, params={"userId": COLLEAGUE_ID}).status_code == 200


def test_nobody_has_an_unknown_id(admin: httpx.Client, refused: Refused) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"

    assert unknown in refused(admin.get("/v1/billing/balance", params={"userId": unknown}), 404, 5)


def test_an_inference_key_is_told_that_it_is_none_for_here(
    host: LocalHost, connect: Callable[..., httpx.Client], refused: Refused
) -> None:
    message = refused(connect(host.inference_api_key).get("/auth/profile"), 401, 16)

    assert message == "This is an inference API key; the control plane needs a control-plane token."


def test_an_unknown_token_is_refused(connect: Callable[..., httpx.Client], refused: Refused) -> None:
    assert "not known" in refused(connect("cp-local-wrong").get("/auth/profile"), 401, 16)


def test_the_user_of_a_host_can_be_an_administrator() -> None:
    with LocalHost(Options(role="super-admin")) as host:
        headers = {"Authorization": f"Bearer {host.control_plane_token}"}
        answer = httpx.get(f"{host.control_plane_base_url}/v1/admin/users", headers=headers, trust_env=False)

    assert answer.status_code == 200
    assert answer.json()["users"][0]["userRole"] == "USER_ROLE_SUPER_ADMIN"
