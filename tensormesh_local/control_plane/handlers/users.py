"""The signed-in account, look-ups of single users, and changes to a profile."""

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.control_plane.arguments import read_user_id
from tensormesh_local.control_plane.call import EMPTY, Call
from tensormesh_local.control_plane.failure import denied, not_found
from tensormesh_local.control_plane.users import find_user_by_email

_COLUMNS = {"firstName": "first_name", "lastName": "last_name", "displayName": "display_name", "company": "company"}


def get_auth_profile(call: Call) -> JsonObject:
    return {"user": call.caller.entry()}


def accept_terms_of_service(call: Call) -> JsonObject:
    user = call.subject()
    call.db.execute("UPDATE users SET tos_accepted_at = ? WHERE id = ?", (call.now, user.id))
    call.record("accept", ("terms_of_service", user.id), "accepted the terms of service", user_id=user.id)
    return {"user": call.any_user(user.id).entry()}


def get_user(call: Call) -> JsonObject:
    user = call.user(read_user_id(call.arguments.text("userId"), "userId"))
    email = call.arguments.text("userEmail")
    if email and email.casefold() != user.email.casefold():
        raise not_found(f"A user {user.id} with the address {email}")
    return {"user": user.entry()}


def get_user_by_email(call: Call) -> JsonObject:
    email = call.arguments.text("userEmail")
    if not call.caller.is_admin and email.casefold() != call.caller.email.casefold():
        raise denied("You may look up your own address only; administrators may look up any.")
    user = find_user_by_email(call.db, email)
    if user is None or call.arguments.user_id("userId") not in (None, user.id):
        raise not_found(f"The user with the address {email}")
    return {"user": user.entry()}


def update_user(call: Call) -> JsonObject:
    user = call.user(read_user_id(call.arguments.text("userId"), "userId"))
    changed = [name for name in _COLUMNS if name in call.arguments]
    for name in changed:
        value = call.arguments.text(name)
        call.db.execute(f"UPDATE users SET {_COLUMNS[name]} = ? WHERE id = ?", (value, user.id))  # noqa: S608
    if changed:
        description = f"changed the profile of {user.email}"
        call.record("update", ("user", user.id), description, user_id=user.id, metadata={"fields": [*changed]})
    return EMPTY


HANDLERS = (get_auth_profile, accept_terms_of_service, get_user, get_user_by_email, update_user)
