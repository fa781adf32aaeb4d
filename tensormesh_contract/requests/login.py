"""
The device login of the control plane, with a form in place of the person who approves it.

Only a local host can be logged in to like this: its page asks for no password.
The login takes somebody at a browser, so no link of the document leads through it.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from tensormesh_contract.documents.operations import Surface
from tensormesh_contract.exchanges.exchange import Exchange
from tensormesh_contract.requests.sender import Sender
from tensormesh_documents.json_types import Json

SOURCE = "login"


class _Form(HTMLParser):
    """The one form of a page: where it goes, and what it says when nobody changes anything."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self._url = str(page.url)
        self.action = self._url
        self.fields: dict[str, str] = {}
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = urljoin(self._url, given.get("action", ""))
        elif tag == "input" and (given.get("type") == "hidden" or "checked" in given):
            self.fields[given["name"]] = given["value"]


def logged_in(surface: Surface, sender: Sender) -> Iterator[Exchange]:
    """Start a login, approve it, collect its tokens and renew them, if all of it may be asked; give the exchanges."""
    start, exchange, refresh = (
        surface.by_id(f"cli_{name}") for name in ("login_start", "login_exchange", "token_refresh")
    )
    if {start, exchange, refresh} & {*surface.left_out}:
        return
    started = sender.call(start, {}, None, SOURCE)
    yield started
    _approve(_text(started, "auth_url"))
    code: Json = {"cli_code": _text(started, "cli_code")}
    collected = sender.call(exchange, {}, code, SOURCE)
    yield collected
    token: Json = {"refresh_token": _text(collected, "refresh_token")}
    yield sender.call(refresh, {}, token, SOURCE)


def _approve(url: str) -> None:
    with httpx.Client(trust_env=False) as browser:
        form = _Form(browser.get(url).raise_for_status())
        browser.post(form.action, data={**form.fields, "decision": "approve"}, follow_redirects=True).raise_for_status()


def _text(exchange: Exchange, name: str) -> str:
    """Read one field of an answer; empty where it is not there, so that the next step fails in sight."""
    value = exchange.answer.json if exchange.answer is not None else None
    return str(value.get(name, "")) if isinstance(value, dict) else ""
