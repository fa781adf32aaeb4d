"""`tm auth`: the login, and the token it gives. `tm auth whoami` is made from the document."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import click

from tensormesh_cli.app import App, current
from tensormesh_cli.client import client_errors
from tensormesh_cli.command_line.confirmation import YES, confirm
from tensormesh_cli.command_line.groups import Command
from tensormesh_cli.doctor.facts import survey
from tensormesh_cli.doctor.readiness import control_plane, gateway, serverless
from tensormesh_cli.errors import CliError
from tensormesh_cli.login import browser
from tensormesh_cli.login.session import COME_ONCE, token_reply
from tensormesh_cli.login.tokens import LOG_IN, Tokens
from tensormesh_cli.settings.definitions import TOKEN_VARIABLE
from tensormesh_cli.values.numbers import Seconds
from tensormesh_cli.values.times import written

POLL_SECONDS = 2.0
"""The pause between two questions where the host does not name one."""

LONGEST_PAUSE_SECONDS = 30.0


@click.command(cls=Command)
@click.option("--no-open-browser", is_flag=True, help="Only print the address of the page.")
@click.option(
    "--max-wait-seconds",
    type=Seconds(min=0),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the approval.",
)
def login(no_open_browser: bool, max_wait_seconds: float) -> None:
    """
    Log in with the browser.

    Opens a page on which you approve the login, waits for that, and keeps the token in auth.json, for you only. Other
    commands take it from there and refresh it when it has ended.
    """
    app = current()
    base = str(app.settings["controlplane_base"].value).rstrip("/")
    cli_auth = app.connect(("controlplane_base",), **COME_ONCE).control_plane.cli_auth
    app.store.check()
    try:
        with client_errors():
            reply = _approved(app, cli_auth, open_browser=not no_open_browser, patience=max_wait_seconds)
    except KeyboardInterrupt as error:
        click.echo(err=True)  # the terminal shows ^C
        raise CliError("interrupted", "The login was cancelled; nothing was changed.") from error
    tokens = app.store.save(token_reply(reply), base)
    app.report(
        {"logged_in": True, "controlplane_base": base, "auth_path": str(app.store.path), **_expiry(tokens)},
        f"You are logged in at {base}.",
    )
    _warn_of_variable(app)


def _approved(app: App, cli_auth: Any, *, open_browser: bool, patience: float) -> Any:
    """Start a login and wait until it is approved in the browser: the answer with the tokens."""
    started = cli_auth.start()
    app.say(f"Open browser: {started.auth_url}")
    if open_browser:
        browser.open_page(started.auth_url)
    with app.progress("Waiting for you to approve the login"):
        return _wait(
            lambda: cli_auth.with_raw_response.exchange(cli_code=started.cli_code),
            _pause(started.interval),
            patience,
        )


def _pause(interval: Any) -> float:
    """The pause that a host wants, if it is one."""
    if isinstance(interval, bool) or not isinstance(interval, int | float):
        return POLL_SECONDS
    return min(interval, LONGEST_PAUSE_SECONDS) if interval > 0 else POLL_SECONDS


def _wait(ask: Callable[[], Any], pause: float, patience: float) -> Any:
    """
    Ask until the answer is there.

    Raises:
        CliError: it took too long.
        TensormeshError: the login was refused.
    """
    from tensormesh.errors import APIConnectionError, InternalServerError, ProtocolError, RateLimitError

    deadline = time.monotonic() + patience
    while True:
        longer = 0.0
        try:
            reply = ask()
        except ProtocolError as error:
            if error.status_code != 202:  # "not yet", whatever body comes with it
                raise
        except (APIConnectionError, RateLimitError, InternalServerError) as error:
            if time.monotonic() >= deadline:
                raise  # otherwise a hiccup of the network, or of the host, while you are on the page
            longer = getattr(error, "retry_after", None) or 0.0
        else:
            if reply.status_code != 202:
                return reply
        if time.monotonic() >= deadline:
            raise CliError(
                "timeout",
                f"The login was not approved within {patience:g} seconds.",
                "begin again with `tm auth login`; --max-wait-seconds allows more time",
            )
        time.sleep(min(max(pause, longer), max(0.0, deadline - time.monotonic())))


@click.command(cls=Command, params=[YES])
def logout(yes: bool) -> None:
    """
    Forget the login on this machine.

    Removes auth.json. The service is not told: the token ends when it ends.
    """
    app = current()
    if not yes and sys.stdin.isatty() and sys.stdout.isatty() and os.path.exists(app.store.path):
        confirm(f"This removes {app.store.path}.")
    there = app.store.remove()
    app.report(
        {"logged_out": True, "was_logged_in": there},
        "You are logged out." if there else "You were not logged in.",
    )
    _warn_of_variable(app)


@click.command(cls=Command)
def refresh() -> None:
    """Trade the login for a new one now. Other commands do so by themselves when it has ended."""
    app = current()
    tokens = app.control_plane.refresh()
    app.report({"refreshed": True, **_expiry(tokens)}, "The login is refreshed.")


@click.command("print-token", cls=Command)
@click.option("--yes-i-know", is_flag=True, help="Yes: whoever reads the token can act in your name.")
def print_token(yes_i_know: bool) -> None:
    """Print the control-plane token, for programs that take it from their environment."""
    app = current()
    if not yes_i_know:
        raise CliError(
            "declined", "Whoever reads the token can act in your name.", "--yes-i-know prints it all the same"
        )
    token = app.control_plane.token()
    app.emit({"access_token": token}, raw=token, words=token)


@click.command(cls=Command)
@click.option("--exit-status", is_flag=True, help="End with 1 if there is neither a login nor a key for inference.")
def status(exit_status: bool) -> None:
    """Tell what you are logged in to. Looks at this machine only."""
    app = current()
    facts = survey(app)
    login = control_plane(facts)
    shared, routed = serverless(facts), gateway(facts, logged_in=login["ready"])
    found = {
        "ready": login["ready"] or shared["ready"],
        "control_plane": login,
        "serverless": shared,
        "gateway": routed,
    }
    app.report(found, _status_words(login, shared, routed))
    if exit_status and not found["ready"]:
        click.get_current_context().exit(1)


def _status_words(login: dict[str, Any], shared: dict[str, Any], routed: dict[str, Any]) -> str:
    what = {
        "absent": f"not logged in ({LOG_IN})",
        "elsewhere": f"logged in at {login.get('logged_in_at')} only, not at {login['base']}",
        "expired": "logged in; the token has ended and is refreshed when it is needed"
        if login["ready"]
        else f"the login has ended ({LOG_IN})",
        "unreadable": f"{login.get('problem')} ({LOG_IN})",
    }.get(login["state"], f"a token for {login['base']}, from {login['source']}")
    if login["state"] == "fresh":
        what += f", until {login['expires_at']}"
    key = f"key {shared['api_key']}, from {shared['api_key_source']}" if shared["api_key"] else "no key"
    if shared["api_key_state"] == "deployment":
        key += f", which is the one of the deployment {shared['api_key_deployment']}: serverless takes API keys"
    elif shared["api_key_state"] == "token":
        key += ", which is the token of the control plane"
    elif shared["api_key_state"] == "elsewhere":
        key += f", which is for {shared['api_key_of']} and not for {shared['base']}"
    if routed["api_key"] not in (None, shared["api_key"]):
        key += f"; on demand {routed['api_key']}, from {routed['api_key_source']}"
    return (
        f"control plane: {what}\n"
        f"inference:     {key}\n"
        f"on-demand:     {'ready' if routed['ready'] else 'not set up'}, at {routed['base']}\n"
    )


def _expiry(tokens: Tokens) -> dict[str, Any]:
    moment = tokens.expires_at
    return {"expires_at": written(moment) if moment else None}


def _warn_of_variable(app: App) -> None:
    if app.environ.get(TOKEN_VARIABLE, "").strip():
        app.note(f"{TOKEN_VARIABLE} is set and wins over the login.")
