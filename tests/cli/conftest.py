"""A private host for all tests of this folder, and `tm` run inside this process against it."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import click.testing
import httpx
import pytest

from tensormesh_cli.main import root
from tensormesh_local import LocalHost
from tensormesh_local.control_plane import chosen
from tests.cases import Each, has_cases
from tests.overlay.scripted_host import ScriptedHost

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

OUTSIDE = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM", "TM_CONFIG_HOME", "XDG_CONFIG_HOME")
"""Variables of the machine that would show in the output."""

OPEN_PAGE = "tensormesh_cli.login.browser.open_page"
"""What a test replaces to be the browser."""


@dataclass
class Outcome:
    """What a run left behind."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def error(self) -> dict[str, Any]:
        """The error of a run with JSON errors."""
        found: dict[str, Any] = json.loads(self.stderr)["error"]
        return found


@dataclass
class Tm:
    """
    Runs `tm` with an environment of its own.

    Attributes:
        encoding: that of the standard streams, which the language of a machine decides.
    """

    home: Path
    env: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"

    def __call__(self, *args: str, input: str | bytes | None = None, **env: str) -> Outcome:  # noqa: A002
        variables: dict[str, str | None] = dict.fromkeys(OUTSIDE)
        variables |= {"TM_CONFIG_HOME": str(self.home), **self.env, **env}
        result = click.testing.CliRunner(self.encoding).invoke(root, list(args), input=input, env=variables)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    @contextmanager
    def context(self) -> Iterator[Tm]:
        """For one of several cases: `tm` of somebody else, whose environment is the same."""
        yield replace(self, home=Path(tempfile.mkdtemp(dir=self.home.parent)) / "home")

    def ok(self, *args: str, input: str | bytes | None = None, **env: str) -> Any:  # noqa: A002
        """Run with `--output json`, and give what was printed."""
        outcome = self("--output", "json", *args, input=input, **env)
        assert outcome.code == 0, outcome.stderr
        return outcome.json


@pytest.fixture
def scripted() -> Iterator[ScriptedHost]:
    """A host that answers as a test says."""
    host = ScriptedHost().start()
    yield host
    host.stop()


@pytest.fixture(scope="session")
def running() -> Iterator[LocalHost]:
    with LocalHost() as host:
        yield host


@pytest.fixture
def host_as_new(running: LocalHost, monkeypatch: pytest.MonkeyPatch) -> LocalHost:
    monkeypatch.setattr(chosen, "POLL_SECONDS", 0.01)
    running.reset()
    return running


@pytest.fixture
def host(request: pytest.FixtureRequest, host_as_new: LocalHost) -> Any:
    """The host, put back before each test, and before each of several cases."""

    def put_back() -> LocalHost:
        host_as_new.reset()
        return host_as_new

    return Each(put_back) if has_cases(request) else host_as_new


@pytest.fixture
def addresses(host_as_new: LocalHost) -> dict[str, str]:
    """The variables that lead to the host, without any credential."""
    return {name: value for name, value in host_as_new.environment().items() if name.endswith("_BASE_URL")}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def tm(host_as_new: LocalHost, home: Path) -> Tm:
    """`tm` of somebody whose environment has all credentials."""
    return Tm(home, host_as_new.environment())


@pytest.fixture
def admin(host_as_new: LocalHost, home: Path) -> Tm:
    """`tm` of a super administrator."""
    token = host_as_new.new_control_plane_token("super-admin")
    return Tm(home, host_as_new.environment() | {"TENSORMESH_CONTROL_PLANE_TOKEN": token})


@pytest.fixture
def anonymous(home: Path, addresses: dict[str, str]) -> Tm:
    """`tm` of somebody who has just installed it."""
    return Tm(home, addresses)


@pytest.fixture
def offline(home: Path) -> Tm:
    """`tm` where nothing is set and nothing is to be called."""
    return Tm(home)


@pytest.fixture(scope="session")
def plain_client() -> Iterator[httpx.Client]:
    """One for all tests: making one takes longer than most of them."""
    with httpx.Client(trust_env=False, follow_redirects=True) as client:
        yield client


def reader(host: LocalHost, client: httpx.Client) -> Callable[[str], Any]:
    """Reads from the control plane without any of our code."""

    def get(path: str) -> Any:
        headers = {"Authorization": f"Bearer {host.control_plane_token}"}
        return client.get(f"{host.control_plane_base_url}{path}", headers=headers).json()

    return get


@pytest.fixture
def control_plane(host_as_new: LocalHost, plain_client: httpx.Client) -> Callable[[str], Any]:
    return reader(host_as_new, plain_client)


@pytest.fixture(scope="session")
def beginning(running: LocalHost, plain_client: httpx.Client) -> dict[str, Any]:
    """The first of each of the things that an account begins with, the same before every test."""
    running.reset()
    get = reader(running, plain_client)
    lists = {
        "model": ("/v1/models", "models"),
        "ticket": ("/v1/support/tickets", "tickets"),
        "activity": ("/v1/activities", "activities"),
        "product": ("/v1/products", "products"),
        "price": ("/v1/billing/serverless-pricing", "pricing"),
        "key": ("/v1/users/api-keys", "apiKeys"),
        "card": ("/v1/billing/stripe/customers/payment-methods", "paymentMethods"),
    }
    return {name: get(path)[key][0] for name, (path, key) in lists.items()}


def approve(client: httpx.Client, address: str, decision: str = "approve", account: int = 0) -> httpx.Response:
    """What somebody in front of a browser does: open the page, choose an account, press the button."""
    page = client.get(address).text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    accounts = re.findall(r'name="user_id" value="([^"]+)"', page)
    action = re.search(r'<form method="post" action="([^"]+)"', page)
    assert action is not None, page
    fields = hidden | {"user_id": accounts[account], "decision": decision}
    return client.post(httpx.URL(address).join(unescape(action[1])), data=fields)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch, plain_client: httpx.Client) -> list[str]:
    """A browser whose user approves everything; the pages it has opened."""
    opened: list[str] = []

    def open_page(address: str) -> None:
        opened.append(address)
        assert approve(plain_client, address).status_code == 200

    monkeypatch.setattr(OPEN_PAGE, open_page)
    return opened


@pytest.fixture
def logged_in(anonymous: Tm, browser: list[str]) -> Tm:
    """`tm` of somebody who has logged in with the browser."""
    outcome = anonymous("auth", "login")
    assert outcome.code == 0, outcome.stderr
    return anonymous


@pytest.fixture
def make_tm(home: Path) -> Callable[..., Tm]:
    return lambda **env: Tm(home, env)
