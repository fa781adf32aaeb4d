"""The audit trail and its filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from tensormesh_local import LocalHost
from tensormesh_local.control_plane.seed import ADMIN_ID, COLLEAGUE_ID
from tests.local_control_plane.conftest import Clock

type Got = Callable[..., dict[str, Any]]
type Refused = Callable[..., str]


def test_the_newest_comes_first(got: Got, owner: httpx.Client, clock: Clock) -> None:
    clock.advance(seconds=1)
    owner.post("/v1/users/accept-tos", json={})
    activities = got("/v1/activities")["activities"]
    times = [activity["occurredAt"] for activity in activities]

    assert activities[0]["resourceType"] == "terms_of_service"
    assert times == sorted(times, reverse=True)


def test_an_entry_says_who_did_what(host: LocalHost, owner: httpx.Client, got: Got) -> None:
    owner.put(f"/v1/users/{host.on_demand_user_id}", json={"company": "New Labs"})
    entry = got("/v1/activities", size=1)["activities"][0]

    assert entry == {
        "activityId": "act-10",
        "actorType": "user",
        "actorId": host.on_demand_user_id,
        "actorDisplay": "Ada Moreau",
        "userId": host.on_demand_user_id,
        "action": "update",
        "resourceType": "user",
        "resourceId": host.on_demand_user_id,
        "description": "Ada Moreau changed the profile of ada.moreau@example.com",
        "metadata": {"fields": ["company"]},
        "occurredAt": "2026-06-03T12:34:56Z",
        "recordedAt": "2026-06-03T12:34:56Z",
    }
    assert got("/v1/activities/act-10")["activity"] == entry


def test_filters_narrow_the_list_down(got: Got) -> None:
    def found(**query: str) -> list[tuple[str, str]]:
        return [(e["action"], e["resourceType"]) for e in got("/v1/activities", **query)["activities"]]

    assert found(action="accept") == [("accept", "terms_of_service")]
    assert found(resourceType="api_key") == [("create", "api_key")] * 3
    assert found(action="create", resourceType="ticket") == [("create", "ticket")] * 2
    assert found(resourceId="tkt-1") == [("create", "ticket")]
    assert found(resourceId="tkt-1", action="delete") == []


def test_a_time_range_includes_its_ends(got: Got) -> None:
    entry = got("/v1/activities", resourceId="tkt-2")["activities"][0]
    at = entry["occurredAt"]

    assert got("/v1/activities", startTime=at, endTime=at)["activities"] == [entry]
    assert got("/v1/activities", startTime=at, endTime=at)["total"] == 1
    assert got("/v1/activities", endTime="2020-01-01T00:00:00Z")["total"] == 0


def test_what_an_administrator_does_to_a_user_stands_in_the_users_feed(
    host: LocalHost, admin: httpx.Client, got: Got
) -> None:
    body = {"targetUserId": host.on_demand_user_id, "amount": {"currencyCode": "USD", "units": "3"}}
    admin.post("/v1/admin/billing/balances:add", json=body)
    entry = got("/v1/activities", action="add_balance")["activities"][0]

    assert (entry["userId"], entry["actorId"]) == (host.on_demand_user_id, ADMIN_ID)
    assert entry["description"] == "Ines Okafor credited ada.moreau@example.com with 3 USD"
    assert entry["metadata"] == {"amount": "3", "currencyCode": "USD"}


def test_the_feed_of_others_is_for_administrators(owner: httpx.Client, admin: httpx.Client, refused: Refused) -> None:
    admin.post("/v1/users/api-keys", json={"userId": COLLEAGUE_ID})
    query = {"userId": COLLEAGUE_ID}
    entry = admin.get("/v1/activities", params=query).json()["activities"][0]

    refused(owner.get("/v1/activities", params=query), 403, 7)
    refused(owner.get(f"/v1/activities/{entry['activityId']}"), 404, 5)
    assert admin.get(f"/v1/activities/{entry['activityId']}").json()["activity"] == entry


def test_an_unknown_entry_is_not_found(owner: httpx.Client, refused: Refused) -> None:
    refused(owner.get("/v1/activities/act-999"), 404, 5)
    refused(owner.get("/v1/activities/1"), 404, 5)


def test_a_refused_change_leaves_no_trace(owner: httpx.Client, got: Got) -> None:
    before = got("/v1/activities")
    owner.delete("/v1/users/api-keys", params={"apiKey": "none"})
    owner.put(f"/v1/users/{COLLEAGUE_ID}", json={"company": "Mine"})

    assert got("/v1/activities") == before
