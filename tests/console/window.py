"""What tests see of the page in a window, and do there."""

from __future__ import annotations

import socket
from itertools import batched

from tensormesh_local import LocalHost
from tests.cli.chromium import Session, until

ENTER, ESCAPE, TAB, DOWN, UP, END, HOME = "\ue007", "\ue00c", "\ue004", "\ue015", "\ue013", "\ue010", "\ue011"


def shows(window: Session, selector: str, text: str) -> None:
    """Wait until what a CSS selector finds has a text in it."""
    until(lambda: any(text in found for found in window.texts(selector)) or None)


def rows(window: Session, count: int) -> list[str]:
    """Wait until so many rows are drawn, and read them."""

    def found() -> list[str] | None:
        texts = window.texts(".row")
        return texts if len(texts) == count else None

    return until(found)


def focused(window: Session) -> str:
    return str(window.run("const at = document.activeElement; return at.id || at.className || at.textContent"))


def asked(host: LocalHost, count: int) -> None:
    """Ask many small questions, all at once over one connection, and wait for the answers."""
    with socket.create_connection(("127.0.0.1", host.port)) as connection:
        for some in batched(range(count), 50):
            for number in some:
                head = f"GET /serverless/version?question={number} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                connection.sendall(head.encode())
            answers = 0
            while answers < len(some):
                answers += connection.recv(1 << 20).count(b"HTTP/1.1 200")
