"""Tickets: opened, talked over, closed; and the form for reserved GPUs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tensormesh_local.control_plane.seed import ADMIN_ID, COLLEAGUE_ID
from tests.cases import cases
from tests.local_control_plane.conftest import Clock

type Got = Callable[..., dict[str, Any]]
type Refused = Callable[..., str]

TICKETS = "/v1/support/tickets"


@pytest.fixture
def ticket(owner: httpx.Client) -> dict[str, Any]:
    answer = owner.post(
        TICKETS, json={"subject": "Top-up is missing", "message": "It is not there.", "type": "BILLING"}
    )

    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["ticket"]
    return found


def test_a_ticket_begins_with_its_message(ticket: dict[str, Any], host: Any, got: Got) -> None:
    assert ticket == {
        "ticketId": "tkt-3",
        "subject": "Top-up is missing",
        "requesterUserId": host.on_demand_user_id,
        "status": "TICKET_STATUS_OPEN",
        "type": "BILLING",
        "conversations": [
            {
                "userId": host.on_demand_user_id,
                "userName": "Ada Moreau",
                "userRole": "USER_ROLE_USER",
                "content": "It is not there.",
                "createdAt": "2026-06-03T12:34:56Z",
            }
        ],
        "createdAt": "2026-06-03T12:34:56Z",
        "updatedAt": "2026-06-03T12:34:56Z",
    }
    assert got(f"{TICKETS}/tkt-3")["ticket"] == ticket


def test_requester_and_staff_talk_in_turns(
    ticket: dict[str, Any], owner: httpx.Client, admin: httpx.Client, clock: Clock
) -> None:
    path = f"{TICKETS}/{ticket['ticketId']}/messages"
    clock.advance(minutes=5)
    admin.post(path, json={"message": {"content": "Which top-up?"}})
    clock.advance(minutes=5)
    answer = owner.post(path, json={"message": {"content": "That of today.", "userName": "made up"}})
    last = answer.json()["ticket"]

    assert [m["userRole"] for m in last["conversations"]] == ["USER_ROLE_USER", "USER_ROLE_ADMIN", "USER_ROLE_USER"]
    assert last["conversations"][1]["userId"] == ADMIN_ID
    assert last["conversations"][2]["userName"] == "Ada Moreau"
    assert last["updatedAt"] == last["conversations"][2]["createdAt"] == "2026-06-03T12:44:56Z"


@pytest.mark.parametrize("message", [{}, {"content": ""}, {"userName": "x"}])
def test_a_message_without_content_is_refused(
    ticket: dict[str, Any], owner: httpx.Client, refused: Refused, message: dict[str, str]
) -> None:
    path = f"{TICKETS}/{ticket['ticketId']}/messages"

    assert "message.content" in refused(owner.post(path, json={"message": message}), 400, 3)
    assert refused(owner.post(path, json={"message": "text"}), 400, 3) == "message: must be an object"


def test_a_closed_ticket_stays_closed(
    ticket: dict[str, Any], owner: httpx.Client, refused: Refused, clock: Clock
) -> None:
    path = f"{TICKETS}/{ticket['ticketId']}"
    closed = owner.delete(path).json()["ticket"]
    clock.advance(hours=1)

    assert closed["status"] == "TICKET_STATUS_CLOSED"
    assert owner.delete(path).json()["ticket"] == closed
    refused(owner.post(f"{path}/messages", json={"message": {"content": "Wait!"}}), 400, 9)


def test_tickets_can_be_listed_by_state(ticket: dict[str, Any], got: Got) -> None:
    def ids(**query: str) -> list[str]:
        return [entry["ticketId"] for entry in got(TICKETS, **query)["tickets"]]

    assert ids() == ["tkt-3", "tkt-2", "tkt-1"]
    assert ids(status="TICKET_STATUS_UNSPECIFIED") == ["tkt-3", "tkt-2", "tkt-1"]
    assert ids(status="TICKET_STATUS_OPEN") == ["tkt-3", "tkt-2"]
    assert ids(status="TICKET_STATUS_CLOSED") == ["tkt-1"]
    assert ids(status="TICKET_STATUS_LOST") == []


def test_the_total_of_tickets_is_text(got: Got) -> None:
    page = got(TICKETS, page=2, size=1)

    assert (page["page"], page["size"], page["total"], page["nextPageToken"]) == (2, 1, "2", "")


def test_the_tickets_of_others_are_not_found(owner: httpx.Client, admin: httpx.Client, refused: Refused) -> None:
    body = {"subject": "s", "message": "m", "userId": COLLEAGUE_ID}
    path = f"{TICKETS}/{admin.post(TICKETS, json=body).json()['ticket']['ticketId']}"

    refused(owner.get(path), 404, 5)
    refused(owner.delete(path), 404, 5)
    refused(owner.post(f"{path}/messages", json={"message": {"content": "x"}}), 404, 5)
    assert admin.get(path).json()["ticket"]["requesterUserId"] == COLLEAGUE_ID


@cases("ticket_id", ["tkt-99", "1", "TKT-1", "tkt-01", "tkt-1 "])
def test_only_the_exact_id_finds_a_ticket(owner: httpx.Client, refused: Refused, ticket_id: str) -> None:
    refused(owner.get(f"{TICKETS}/{ticket_id}"), 404, 5)


@pytest.mark.parametrize(
    ("body", "field"), [({"message": "m"}, "subject"), ({"subject": "s"}, "message"), ({"subject": 1}, "subject")]
)
def test_a_ticket_has_a_subject_and_a_message(
    owner: httpx.Client, refused: Refused, body: dict[str, Any], field: str
) -> None:
    assert f"{field}: " in refused(owner.post(TICKETS, json=body), 400, 3)


def test_enquiries_are_numbered_by_the_day(owner: httpx.Client) -> None:
    answers = [owner.post("/v1/support/reserved-deployments", json={}).json() for _ in range(2)]

    assert answers == [{"requestId": "rdr-20260603-1"}, {"requestId": "rdr-20260603-2"}]
