"""As much of a browser as the approval page needs: it reads one form and presses one of its buttons."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from tests.plain_http import NO_TLS


class Page(HTMLParser):
    """What a page shows: its form, the text of its heading, and everything it would load from elsewhere."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer = answer
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.buttons: list[str] = []
        self.accounts: list[str] = []
        self.heading = ""
        self.loaded: list[str] = []
        self._in_heading = False
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._in_heading = tag == "h1"
        self.loaded += [given[name] for name in ("src", "href") if name in given]
        if tag == "script":
            self.loaded.append("script")
        if tag == "form":
            self.action = urljoin(str(self.answer.url), given["action"])
        if tag == "input":
            if given["type"] == "radio":
                self.accounts.append(given["value"])
            if given["type"] == "hidden" or "checked" in given:
                self.fields[given["name"]] = given["value"]
        if tag == "button":
            self.buttons.append(given["value"])

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self.heading += data.strip()


def open_page(url: str) -> Page:
    return Page(httpx.get(url, trust_env=False, verify=NO_TLS))


def press(page: Page, button: str, **fields: str) -> Page:
    """Send the form of a page, with some of its fields changed, and give the page that comes next."""
    assert page.action is not None
    form = {**page.fields, **fields, "decision": button}
    return Page(httpx.post(page.action, data=form, trust_env=False, verify=NO_TLS, follow_redirects=True))


def approve(auth_url: str, user_id: str | None = None) -> Page:
    fields = {} if user_id is None else {"user_id": user_id}
    return press(open_page(auth_url), "approve", **fields)
