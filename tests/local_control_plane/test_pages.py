"""Lists a page at a time: numbered pages, and pages that hand on a token."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tensormesh_local.control_plane.seed import COLLEAGUE_ID
from tests.cases import cases
from tests.local_control_plane.conftest import Clock

type Got = Callable[..., dict[str, Any]]
type Refused = Callable[..., str]

TRANSACTIONS = "/v1/billing/transactions"
NUMBERED = {
    "/v1/activities": ("activities", "activityId"),
    "/v1/support/tickets": ("tickets", "ticketId"),
    "/v1/admin/users": ("users", "id"),
    "/v1/admin/models": ("models", "modelId"),
}


@pytest.fixture
def models(root: httpx.Client) -> None:
    """Some more deployments, as a new host has only one."""
    for number in range(4):
        root.post("/v1/models", json={"modelName": f"m{number}", "modelPath": "org/weights"})


@pytest.fixture
def listed(root: httpx.Client, host: Any, models: None) -> Callable[..., dict[str, Any]]:
    """A page of one of the four numbered lists, about the owner where it is about anybody."""

    def page(path: str, **query: Any) -> dict[str, Any]:
        scope = {} if path.startswith("/v1/admin") else {"userId": host.on_demand_user_id}
        answer = root.get(path, params={**scope, **query})

        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return page


@pytest.mark.parametrize("path", NUMBERED)
def test_the_pages_together_are_the_whole_list(listed: Callable[..., dict[str, Any]], path: str) -> None:
    key, name = NUMBERED[path]
    whole = listed(path, size=100)
    total = int(whole["total"])
    pages = [listed(path, page=number, size=2) for number in range(1, total // 2 + total % 2 + 1)]

    assert total > 1
    assert [entry[name] for page in pages for entry in page[key]] == [entry[name] for entry in whole[key]]
    assert {int(page["total"]) for page in pages} == {total}
    assert len({entry[name] for entry in whole[key]}) == total


@pytest.mark.parametrize("path", NUMBERED)
def test_a_page_beyond_the_last_is_empty(listed: Callable[..., dict[str, Any]], path: str) -> None:
    page = listed(path, page=2_147_483_647, size=100)

    assert page[NUMBERED[path][0]] == []
    assert (page["page"], page["size"]) == (2_147_483_647, 100)
    assert int(page["total"]) > 0


@pytest.mark.parametrize("path", NUMBERED)
def test_pages_start_with_the_first_of_twenty(listed: Callable[..., dict[str, Any]], path: str) -> None:
    for query in ({}, {"page": 0, "size": 0}):
        page = listed(path, **query)

        assert (page["page"], page["size"]) == (1, 20)


@pytest.mark.parametrize("path", NUMBERED)
def test_too_large_a_page_is_made_smaller(listed: Callable[..., dict[str, Any]], path: str) -> None:
    assert listed(path, size=1_000)["size"] == 100


def test_tokens_lead_through_the_whole_ledger(got: Got) -> None:
    whole = got(TRANSACTIONS, pageSize=100)["transactions"]
    found: list[dict[str, Any]] = []
    token = ""
    for _ in range(100):
        page = got(TRANSACTIONS, pageSize=7, pageToken=token)
        found += page["transactions"]
        token = page["nextPageToken"]
        if not token:
            break

    assert len(whole) > 50
    assert found == whole


def test_the_last_page_has_no_token_even_when_it_is_full(got: Got) -> None:
    total = len(got(TRANSACTIONS, pageSize=100)["transactions"])

    assert got(TRANSACTIONS, pageSize=total)["nextPageToken"] == ""
    assert got(TRANSACTIONS, pageSize=total - 1)["nextPageToken"] != ""


def test_what_is_added_meanwhile_neither_repeats_nor_hides_anything(
    admin: httpx.Client, host: Any, got: Got, clock: Clock
) -> None:
    whole = got(TRANSACTIONS, pageSize=10)["transactions"]
    first = got(TRANSACTIONS, pageSize=5)
    clock.advance(seconds=1)
    body = {"targetUserId": host.on_demand_user_id, "amount": {"currencyCode": "USD", "units": "1"}}
    admin.post("/v1/admin/billing/balances:add", json=body)
    second = got(TRANSACTIONS, pageSize=5, pageToken=first["nextPageToken"])

    assert first["transactions"] + second["transactions"] == whole


def test_entries_of_one_moment_are_not_lost_between_pages(admin: httpx.Client, host: Any, got: Got) -> None:
    body = {"targetUserId": host.on_demand_user_id, "amount": {"currencyCode": "USD", "units": "1"}}
    for _ in range(4):
        admin.post("/v1/admin/billing/balances:add", json=body)
    first = got(TRANSACTIONS, pageSize=2)
    second = got(TRANSACTIONS, pageSize=2, pageToken=first["nextPageToken"])

    assert first["transactions"] + second["transactions"] == got(TRANSACTIONS, pageSize=4)["transactions"]
    assert {entry["createdAt"] for entry in second["transactions"]} == {"2026-06-03T12:34:56Z"}


def token(*place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


@cases(
    "bad",
    ["nonsense", "===", "é", "a", token(), token(1, 2), token("1", "2", "3"), token(1, 2, "x"), token(10**30, 1, "x")],
)
def test_a_token_from_elsewhere_is_refused(owner: httpx.Client, refused: Refused, bad: str) -> None:
    assert "pageToken" in refused(owner.get(TRANSACTIONS, params={"pageToken": bad}), 400, 3)


def test_a_token_of_another_list_is_refused(admin: httpx.Client, got: Got, refused: Refused) -> None:
    query = {"userId": COLLEAGUE_ID, "pageToken": got(TRANSACTIONS, pageSize=1)["nextPageToken"]}

    assert "pageToken" in refused(admin.get(TRANSACTIONS, params=query), 400, 3)


def test_too_large_a_token_page_is_made_smaller(got: Got) -> None:
    assert len(got(TRANSACTIONS)["transactions"]) == 20
    assert got(TRANSACTIONS, pageSize=1_000)["transactions"] == got(TRANSACTIONS, pageSize=100)["transactions"]
