"""
A real Chromium, driven over the W3C WebDriver protocol.

It runs without a window, with a profile of its own, and resolves no name: 127.0.0.1 is all it can reach.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

NEEDED = "a page in a real browser needs Chromium and its driver: apt-get install chromium chromium-driver"
SECONDS = 60.0
"""How long anything may take: a Chromium on a busy machine is slow to start."""

NAMES = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
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
    f"--host-resolver-rules={NAMES}",
)
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which the protocol names an element."""


def installed() -> tuple[str, str] | None:
    """Chromium and its driver; None where one of them is missing."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


def needed() -> tuple[str, str]:
    """Chromium and its driver; the test is skipped where one of them is missing."""
    found = installed()
    if found is None:
        pytest.skip(NEEDED)
    return found


def until[T](found: Callable[[], T | None], what: str = "it") -> T:
    """What `found` finds in the end; an error says that `what` did not happen."""
    deadline = time.monotonic() + SECONDS
    while (value := found()) is None:
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.02)
    return value


class Session:
    """One browser, as its driver sees it."""

    def __init__(self, driver: httpx.Client, options: dict[str, Any]) -> None:
        self._driver = driver
        capabilities = {"alwaysMatch": {"goog:chromeOptions": options}}
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
        return list(self.run(script, selector))

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script within the page returns."""
        return self._ask("POST", "execute/sync", script=script, args=[*arguments])

    def press(self, *keys: str) -> None:
        """Press keys one after another, as on a keyboard."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask("POST", "actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def complaints(self, begun: float = 0) -> list[str]:
        """
        What the browser has to say against the page since it was last asked.

        Args:
            begun: what was said before, in milliseconds since 1970, was said against another page.
        """
        said = self._ask("POST", "se/log", type="browser")
        return [entry["message"] for entry in said if entry["timestamp"] >= begun]

    def screenshot(self) -> bytes:
        """A picture of the window, as PNG."""
        return base64.b64decode(self._ask("GET", "screenshot"))

    def settle(self) -> None:
        """Wait until the page has been drawn as it is now."""
        script = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(null)));"
        self._ask("POST", "execute/async", script=script, args=[])

    def look(self, *, width: int, height: int, scheme: str = "light") -> None:
        """Show pages in so many pixels, and in a colour scheme, light or dark."""
        self._tell("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self._tell("Emulation.setEmulatedMedia", features=features)

    def _tell(self, command: str, **parameters: Any) -> None:
        self._ask("POST", "goog/cdp/execute", cmd=command, params=parameters)

    def await_heading(self, text: str) -> None:
        until(lambda: self.texts("h1") == [text] or None)

    def click(self, selector: str) -> None:
        """Press what a CSS selector finds, as a mouse does."""
        found = self._ask("POST", "element", using="css selector", value=selector)
        self._ask("POST", f"element/{found[ELEMENT]}/click")

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


@contextmanager
def browser(driver: httpx.Client, program: str, *flags: str) -> Iterator[Session]:
    """A Chromium that a driver starts; of flags for the same, the last one counts."""
    session = Session(driver, {"binary": program, "args": [*FLAGS, *flags]})
    try:
        yield session
    finally:
        session.close()


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
