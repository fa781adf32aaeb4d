"""Support tickets with their conversations, and the enquiry form for reserved GPUs."""

import json
import sqlite3

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.control_plane import chosen
from tensormesh_local.control_plane.call import Call
from tensormesh_local.control_plane.failure import invalid, not_found, unready
from tensormesh_local.control_plane.moments import calendar, stamp
from tensormesh_local.control_plane.pages import numbered_page

OPEN = "TICKET_STATUS_OPEN"
ANY_TYPE = "TICKET_TYPE_UNSPECIFIED"
_PREFIX = "tkt-"


def _entry(call: Call, row: sqlite3.Row) -> JsonObject:
    messages = call.db.execute(
        "SELECT m.*, u.display_name, u.role FROM ticket_messages AS m JOIN users AS u ON u.id = m.user_id"
        " WHERE ticket = ? ORDER BY m.number",
        (row["number"],),
    )
    conversations: list[Json] = [
        {
            "userId": message["user_id"],
            "userName": message["display_name"],
            "userRole": message["role"],
            "content": message["content"],
            "createdAt": stamp(message["created_at"]),
        }
        for message in messages
    ]
    return {
        "ticketId": f"{_PREFIX}{row['number']}",
        "subject": row["subject"],
        "requesterUserId": row["user_id"],
        "status": row["status"],
        "type": row["type"],
        "conversations": conversations,
        "createdAt": stamp(row["created_at"]),
        "updatedAt": stamp(row["updated_at"]),
    }


def _ticket(call: Call) -> sqlite3.Row:
    ticket_id = call.arguments.text("ticketId")
    row: sqlite3.Row | None = call.db.execute(
        "SELECT * FROM tickets WHERE 'tkt-' || number = ?", (ticket_id,)
    ).fetchone()
    if row is None or not call.sees(row["user_id"]):
        raise not_found(f"The ticket {ticket_id}")
    return row


def list_tickets(call: Call) -> JsonObject:
    """List the newest first. `total` is text here; `nextPageToken` is declared, and unused."""
    status, values = call.arguments.text("status"), [call.subject().id]
    query = "SELECT * FROM tickets WHERE user_id = ?"
    if status and not status.endswith("_UNSPECIFIED"):
        query += " AND status = ?"
        values.append(status)
    page = numbered_page(call.db, call.arguments, f"{query} ORDER BY created_at DESC, number DESC", values)
    return {
        "tickets": [_entry(call, row) for row in page.rows],
        "page": page.number,
        "size": page.size,
        "total": str(page.total),
        "nextPageToken": "",
    }


def create_ticket(call: Call) -> JsonObject:
    requester, subject = call.subject(), call.arguments.text("subject")
    number = call.db.execute(
        "INSERT INTO tickets (user_id, subject, status, type, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
        (
            requester.id,
            subject,
            OPEN,
            call.arguments.text("type") or ANY_TYPE,
            call.now,
            call.now,
        ),
    ).lastrowid
    _add_message(call, number or 0, requester.id, call.arguments.text("message"))
    call.record("create", ("ticket", f"{_PREFIX}{number}"), f'opened the ticket "{subject}"', user_id=requester.id)
    return {"ticket": _reread(call, number or 0)}


def _add_message(call: Call, ticket: int, author: str, content: str) -> None:
    call.db.execute(
        "INSERT INTO ticket_messages (ticket, user_id, content, created_at) VALUES (?, ?, ?, ?)",
        (ticket, author, content, call.now),
    )


def _reread(call: Call, number: int) -> JsonObject:
    return _entry(call, call.db.execute("SELECT * FROM tickets WHERE number = ?", (number,)).fetchone())


def get_ticket(call: Call) -> JsonObject:
    return {"ticket": _entry(call, _ticket(call))}


def append_ticket_message(call: Call) -> JsonObject:
    author, row = call.subject(), _ticket(call)
    content = call.arguments.object("message").get("content")
    if not content:
        raise invalid("message.content", "is required")
    if row["status"] == chosen.TICKET_CLOSED:
        raise unready("The ticket is closed; open a new one.")
    _add_message(call, row["number"], author.id, str(content))
    call.db.execute("UPDATE tickets SET updated_at = ? WHERE number = ?", (call.now, row["number"]))
    _recorded(call, "message", row, "wrote to the ticket")
    return {"ticket": _reread(call, row["number"])}


def close_ticket(call: Call) -> JsonObject:
    """Close a ticket; one that is closed stays as it is, so that the call may be repeated."""
    call.subject()
    row = _ticket(call)
    if row["status"] != chosen.TICKET_CLOSED:
        call.db.execute(
            "UPDATE tickets SET status = ?, updated_at = ? WHERE number = ?",
            (chosen.TICKET_CLOSED, call.now, row["number"]),
        )
        _recorded(call, "close", row, "closed the ticket")
    return {"ticket": _reread(call, row["number"])}


def _recorded(call: Call, action: str, row: sqlite3.Row, words: str) -> None:
    resource = ("ticket", f"{_PREFIX}{row['number']}")
    call.record(action, resource, f'{words} "{row["subject"]}"', user_id=row["user_id"])


def submit_reserved_deployment_request(call: Call) -> JsonObject:
    number = call.db.execute(
        "INSERT INTO enquiries (user_id, form, created_at) VALUES (?, ?, ?)",
        (call.caller.id, json.dumps(call.arguments.all()), call.now),
    ).lastrowid
    request_id = f"rdr-{calendar(call.now):%Y%m%d}-{number}"
    call.record("submit", ("reserved_deployment_request", request_id), "asked for reserved GPUs")
    return {"requestId": request_id}


HANDLERS = (
    list_tickets,
    create_ticket,
    get_ticket,
    close_ticket,
    append_ticket_message,
    submit_reserved_deployment_request,
)
