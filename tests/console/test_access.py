"""Who may look at the console, and that looking changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tensormesh_local.app import HostState, build_app
from tensormesh_local.console.account import OPERATIONS
from tensormesh_local.control_plane import Account
from tests.console.conftest import root, told

CONSOLE = (
    *("requests", "requests/1", "requests/1/lens", "lens", "ledger.jsonl", "faults", "account"),
    *(f"account/{name}" for name in OPERATIONS),
)


@pytest.mark.parametrize("path", ["", *CONSOLE])
def test_the_console_has_the_rules_of_the_host(host: LocalHost, page: httpx.Client, path: str) -> None:
    path = path or root(page)
    rebound = page.get(path, headers={"Host": f"rebound.example:{host.port}"})
    foreign = page.get(path, headers={"Origin": "http://evil.example"})
    picture = page.get(path, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})

    assert (rebound.status_code, foreign.status_code, picture.status_code) == (421, 403, 403)


@pytest.mark.parametrize("path", CONSOLE)
def test_every_answer_is_kept_to_the_rules_of_the_page(page: httpx.Client, path: str) -> None:
    """And to look at its head alone comes to an end, also of a list that goes on and on."""
    answer = page.head(path)

    assert answer.status_code in (200, 404)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cache-control"] in ("no-cache", "no-store")


@pytest.fixture
def anywhere() -> Iterator[Any]:
    """Ask a host from an address, by a name; without a socket, so that it can be any."""
    options = Options(allowed_hosts=("box.example", "203.0.113.7"))
    state = HostState.of(options)
    account = Account(options, state.credentials)
    app = build_app(state, account)

    def ask(caller: str, name: str, path: str, token: bool = False) -> int:
        async def asked() -> int:
            transport = httpx.ASGITransport(app, client=(caller, 1))
            headers = {"Authorization": f"Bearer {state.credentials.control_plane_token}"} if token else {}
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{name}:80", headers=headers) as client:
                return (await client.get(path)).status_code

        return asyncio.run(asked())

    yield ask
    account.close()


@pytest.mark.parametrize(
    ("caller", "name", "token", "status"),
    [
        ("127.0.0.1", "127.0.0.1", False, 200),
        ("127.0.0.1", "localhost", False, 200),
        ("::1", "localhost", False, 200),
        ("203.0.113.9", "203.0.113.7", False, 401),
        ("203.0.113.9", "203.0.113.7", True, 200),
        ("127.0.0.1", "box.example", False, 401),  # as through a proxy
        ("127.0.0.1", "box.example", True, 200),
    ],
)
def test_who_is_at_another_machine_shows_the_token(
    anywhere: Any, caller: str, name: str, token: bool, status: int
) -> None:
    for path in ("lens", "faults", "account", "ledger.jsonl"):
        assert anywhere(caller, name, f"/_local/console/{path}", token) == status
    assert anywhere(caller, name, "/") == 200


def test_looking_is_no_request_of_a_program(host: LocalHost, page: httpx.Client) -> None:
    """So a fault that waits for the next request still waits."""
    host.faults.add(status=503)
    for path in (root(page), "style.css", "lens", "faults"):
        assert page.get(path).status_code == 200
    told(page)

    assert host.requests == []
    assert len(host.faults.pending()) == 1
