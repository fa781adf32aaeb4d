"""The device-style login: start, poll for the tokens, trade an old pair for a new one."""

from dataclasses import replace

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.control_plane import chosen, logins, tokens
from tensormesh_local.control_plane.call import Call
from tensormesh_local.control_plane.failure import Code, Failure, denied, unready
from tensormesh_local.control_plane.login_page import address


def cli_login_start(call: Call) -> JsonObject:
    code, user_code = logins.start(call.db, call.now)
    return {
        "auth_url": call.base_url + address(user_code),
        "cli_code": code,
        "interval": chosen.POLL_SECONDS,
    }


def cli_login_exchange(call: Call) -> JsonObject | None:
    """Hand out the tokens, once; None while nobody has decided."""
    row = logins.by_code(call.db, call.arguments.text("cli_code"))
    if row is None:
        raise Failure(Code.NOT_FOUND, "This login is not known; start a new one.")
    if row["state"] == "denied":
        raise denied("The login was denied in the browser.")
    if row["state"] == "collected":
        raise unready("The tokens of this login were collected before; start a new one.")
    if logins.has_expired(row, call.now):
        raise unready("This login has expired; start a new one.")
    if row["state"] == "waiting":
        return None
    logins.collect(call.db, row)
    _recorded(call, row["user_id"], "log_in", "logged in")
    return tokens.issue(call.db, row["user_id"], call.now)


def cli_token_refresh(call: Call) -> JsonObject:
    user_id = tokens.spend_refresh_token(call.db, call.arguments.text("refresh_token"), call.now)
    _recorded(call, user_id, "refresh", "refreshed a session")
    return tokens.issue(call.db, user_id, call.now)


def _recorded(call: Call, user_id: str, action: str, words: str) -> None:
    user = call.any_user(user_id)
    replace(call, authenticated=user).record(action, ("session", user.id), words)


HANDLERS = (cli_login_start, cli_login_exchange, cli_token_refresh)
