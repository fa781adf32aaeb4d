"""
A real Chromium, driven over the W3C WebDriver protocol.

It runs without a window, with a profile of its own, and resolves no name: 127.0.0.1 is all it can reach.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

NEEDED = "a login in a real browser needs Chromium and its driver: apt-get install chromium chromium-driver"
SECONDS = 60.0
"""How long anything may take: a Chromium on a busy machine is slow to start."""

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which the protocol names an element."""


def installed() -> tuple[str, str] | None:
    """Chromium and its driver; None where one of them is missing."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


def until[T](found: Callable[[], T | None]) -> T:
    """What `found` finds in the end."""
    deadline = time.monotonic() + SECONDS
    while (value := found()) is None:
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
    return value


class Session:
    """One browser, as its driver sees it."""

    def __init__(self, driver: httpx.Client, options: dict[str, Any]) -> None:
        self._driver = driver
        match = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        capabilities = {"alwaysMatch": match}
        self._path = (
            f"/session/{self._value(driver.post('/session', json={'capabilities': capabilities}))['sessionId']}"
        )

    @property
    def url(self) -> str:
        return str(self._ask("GET", "url"))

    def open(self, address: str) -> None:
        self._ask("POST", "url", url=address)

    def switch_to(self, prefix: str) -> bool:
        """Turn to the window whose address begins with `prefix`; whether there is one."""
        for handle in self._ask("GET", "window/handles"):
            self._ask("POST", "window", handle=handle)
            if self.url.startswith(prefix):
                return True
        return False

    def texts(self, selector: str) -> list[str]:
        """What is to be read in the elements of a CSS selector, all at one moment: pages come and go."""
        script = "return [...document.querySelectorAll(arguments[0])].map(element => element.innerText)"
        return list(self._ask("POST", "execute/sync", script=script, args=[selector]))

    def await_heading(self, text: str) -> None:
        until(lambda: self.texts("h1") == [text] or None)

    def click(self, selector: str) -> None:
        """Press what a CSS selector finds, as a mouse does."""
        found = self._ask("POST", "element", using="css selector", value=selector)
        self._ask("POST", f"element/{found[ELEMENT]}/click")

    def type(self, text: str) -> None:
        """Type on the keyboard, into whatever has the focus."""
        keys = [{"type": kind, "value": sign} for sign in text for kind in ("keyDown", "keyUp")]
        self._ask("POST", "actions", actions=[{"type": "key", "id": "keyboard", "actions": keys}])

    def resize(self, width: int, height: int) -> None:
        """Make the window, and so the screen of a page, of another size."""
        self._ask("POST", "window/rect", width=width, height=height)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript on the page."""
        return self._ask("POST", "execute/sync", script=f"return {expression}", args=[])

    def complaints(self) -> list[str]:
        """What the console was told since this was last asked, warnings and errors, with where they come from."""
        entries = self._ask("POST", "se/log", type="browser")
        return [entry["message"] for entry in entries if entry["level"] in ("WARNING", "SEVERE")]

    def close(self) -> None:
        """Let go of the browser; one that its driver has started ends."""
        self._value(self._driver.delete(self._path))

    def _ask(self, method: str, path: str, **body: Any) -> Any:
        return self._value(
            self._driver.request(method, f"{self._path}/{path}", json=body if method == "POST" else None)
        )

    @staticmethod
    def _value(answer: httpx.Response) -> Any:
        value = answer.json()["value"]
        assert answer.status_code == 200, value
        return value


@contextmanager
def driver(program: str) -> Iterator[httpx.Client]:
    """A running chromedriver; browsers that it has started end with it."""
    running, port = _started(program)
    with running:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=SECONDS) as client:
                yield client
        finally:
            running.terminate()


def _started(program: str) -> tuple[subprocess.Popen[str], int]:
    """A chromedriver and its port; one gives up where the port that it found on one address is taken on the other."""
    for _ in range(5):
        running = subprocess.Popen([program, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert running.stdout is not None
        for line in running.stdout:
            if found := re.search(r"started .*on port (\d+)", line):
                return running, int(found[1])
        running.communicate()
    raise AssertionError("no chromedriver could be started")


def launcher(file: Path, program: str, profile: Path) -> Path:
    """A program as BROWSER may name it: opens an address in a Chromium that can be attached to, and stays with it."""
    flags = [*FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}"]
    words = " ".join(f"'{flag}'" for flag in flags)
    file.write_text(f'#!/bin/sh\nexec "{program}" {words} "$1" >"{profile}.log" 2>&1\n')
    file.chmod(0o755)
    return file


def debugger(profile: Path) -> str | None:
    """Where a Chromium with this profile can be attached to, once it can."""
    file = profile / "DevToolsActivePort"
    lines = file.read_text().splitlines() if file.exists() else []
    return f"127.0.0.1:{lines[0]}" if len(lines) > 1 else None
