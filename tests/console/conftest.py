"""A host for all tests of this folder, and one real browser; what was asked before is gone before each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tests.cli import chromium
from tests.cli.chromium import Session
from tests.plain_http import NO_TLS

MODEL = "openai/gpt-oss-20b"
ELSEWHERE = "box.example"
"""A name that leads the browser to this machine, and does not say so."""

RULES = "Follow the rules of the house, which are many and strict. " * 20

type Ask = Callable[..., httpx.Response]


def chat_body(question: str, system: str, **fields: Any) -> dict[str, Any]:
    """A question under rules so long that a cache is worth something."""
    messages = [{"role": "system", "content": f"{system} {RULES}"}, {"role": "user", "content": question}]
    return {"model": MODEL, "messages": messages, **fields}


@pytest.fixture(scope="session")
def running() -> Iterator[LocalHost]:
    with LocalHost() as host:
        yield host


@pytest.fixture
def host(running: LocalHost) -> LocalHost:
    running.reset()
    return running


@pytest.fixture
def client(host: LocalHost) -> Iterator[httpx.Client]:
    """A client with a key and a user, at the root of the host."""
    headers = {"Authorization": f"Bearer {host.inference_api_key}", "X-User-Id": host.on_demand_user_id}
    with httpx.Client(base_url=host.base_url, headers=headers, trust_env=False, verify=NO_TLS) as found:
        yield found


@pytest.fixture
def page(host: LocalHost) -> Iterator[httpx.Client]:
    """Whoever looks at the console: no credential at all."""
    with httpx.Client(base_url=f"{host.base_url}/_local/console/", trust_env=False, verify=NO_TLS) as found:
        yield found


@pytest.fixture
def ask(client: httpx.Client) -> Ask:
    """Ask one question in chat; more fields as keywords."""

    def ask(question: str = "Hello", system: str = "Be brief.", **fields: Any) -> httpx.Response:
        return client.post("/serverless/v1/chat/completions", json=chat_body(question, system, **fields))

    return ask


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    program, driver = chromium.needed()
    flags = (
        f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1, {chromium.NAMES}",
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    )
    with chromium.driver(driver) as client, chromium.browser(client, program, *flags) as session:
        yield session


@pytest.fixture
def window(browser: Session, host: LocalHost) -> Iterator[Session]:
    """The page, open and live. Nothing that a test does may make the browser complain."""
    browser.look(width=1200, height=800)
    browser.open(host.base_url)
    begun = browser.run("return performance.timeOrigin")
    chromium.until(lambda: browser.texts("#state") == ["Live"] or None)
    yield browser
    assert browser.complaints(begun) == []


def told(page: httpx.Client) -> dict[str, Any]:
    """The first that the list says."""
    with page.stream("GET", "requests") as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                found: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return found
    raise AssertionError("nothing was told")


def root(page: httpx.Client) -> str:
    """The address of the page itself."""
    return str(page.base_url.copy_with(path="/"))


def newest(page: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = told(page)["rows"][-1]
    return found


def full(page: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = page.get(f"requests/{newest(page)['number']}").json()
    return found


def lens(page: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = page.get(f"requests/{newest(page)['number']}/lens").json()
    return found
