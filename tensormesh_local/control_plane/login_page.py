"""
The page on which a login is approved: plain HTML, no script, nothing from elsewhere.

On this host everybody at the browser may be any of its users, so the page asks
which. The form carries a token that only the page shows, so that no other site
can press its buttons.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from html import escape
from secrets import compare_digest
from urllib.parse import parse_qs, quote

from starlette.responses import HTMLResponse, RedirectResponse, Response

from tensormesh_local.control_plane import logins
from tensormesh_local.control_plane.moments import Moment
from tensormesh_local.control_plane.users import User, find_user

PATH = "/auth/cli/approve"
METHODS = ("GET", "POST")

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    # Without any referrer, the buttons of the page itself would come from the origin "null".
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - Tensormesh, local</title>
<style>
:root {{ color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }}
body {{ display: grid; min-height: 100vh; margin: 0; place-items: center; }}
main {{ box-sizing: border-box; width: min(26rem, 100%); padding: 1.5rem; }}
h1 {{ margin: 0 0 .5rem; font-size: 1.4rem; }}
code {{ font-size: 1.4rem; letter-spacing: .1em; }}
fieldset {{ margin: 1.25rem 0; padding: .5rem 1rem; border: 1px solid GrayText; border-radius: .5rem; }}
label {{ display: block; padding: .25rem 0; }}
small {{ color: GrayText; }}
button {{ margin-right: .5rem; padding: .5rem 1.25rem; border-radius: .5rem; font: inherit; cursor: pointer; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""

_FORM = """<p>A command line asks to be logged in, with the code</p>
<p><code>{code}</code></p>
<p>Approve only if you have just started it yourself.</p>
<form method="post" action="{action}">
<input type="hidden" name="form_token" value="{form_token}">
<fieldset>
<legend>Log in as</legend>
{accounts}
</fieldset>
<button name="decision" value="approve">Approve</button>
<button name="decision" value="deny">Deny</button>
</form>"""

_ACCOUNT = """<label><input type="radio" name="user_id" value="{id}"{checked}> {name} <small>{role}</small></label>"""

_OUTCOMES = {
    "approved": ("Login approved", "Go back to the command line; it goes on by itself. You may close this page."),
    "collected": ("Login approved", "The command line is logged in. You may close this page."),
    "denied": ("Login denied", "Nobody was logged in. You may close this page."),
}


def address(user_code: str) -> str:
    """Give path and query of the page for one login."""
    return f"{PATH}?code={quote(user_code)}"


def show(db: sqlite3.Connection, now: Moment, query: Mapping[str, str]) -> Response:
    """Show the form, or how the login went."""
    row = logins.by_user_code(db, query.get("code", ""))
    if row is None:
        return _page("Unknown login", "<p>No login has this code. Start a new one on the command line.</p>", 404)
    if row["state"] in _OUTCOMES:
        title, text = _OUTCOMES[row["state"]]
        return _page(title, f"<p>{text}</p>")
    if logins.has_expired(row, now):
        return _page("Login expired", "<p>This login took too long. Start a new one on the command line.</p>", 410)
    users = [User.of(found) for found in db.execute("SELECT * FROM users ORDER BY number")]
    content = _FORM.format(
        code=escape(row["user_code"]),
        action=escape(f"?code={quote(row['user_code'])}"),
        form_token=escape(row["form_token"]),
        accounts=_accounts(users),
    )
    return _page("Approve this login?", content)


def _accounts(users: Sequence[User]) -> str:
    return "\n".join(
        _ACCOUNT.format(
            id=escape(user.id),
            checked="" if position else " checked",
            name=escape(f"{user.display_name} ({user.email})"),
            role=escape(user.role.removeprefix("USER_ROLE_").replace("_", " ").lower()),
        )
        for position, user in enumerate(users)
    )


def decide(db: sqlite3.Connection, now: Moment, query: Mapping[str, str], body: bytes) -> Response:
    """Take the pressed button; the page then shows how the login went."""
    row = logins.by_user_code(db, query.get("code", ""))
    if row is None or row["state"] != "waiting" or logins.has_expired(row, now):
        return show(db, now, query)
    form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    if not compare_digest(form.get("form_token", "").encode(), row["form_token"].encode()):
        return _page("Not approved", "<p>This form is not from this page. Open the address again.</p>", 403)
    user = find_user(db, form.get("user_id", ""))
    decision = form.get("decision")
    if decision not in ("approve", "deny") or (decision == "approve" and user is None):
        return _page("Not approved", "<p>This form is incomplete. Open the address again.</p>", 400)
    logins.decide(db, row, user.id if user is not None and decision == "approve" else None)
    return RedirectResponse(f"?code={quote(row['user_code'])}", 303, _HEADERS)


def _page(title: str, content: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(title=title, content=content), status, _HEADERS)
